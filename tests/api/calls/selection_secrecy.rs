//! What the kommuner learn of a selection before it is announced: nothing (guide §3), but that their received letter can no longer
//! be revoked or changed while something is adopted, which the guide requires.

use serde_json::{Value, json};

use super::applications::mails_to;
use super::selection_proposals::{KOMMUNER, Pool};
use crate::both;
use crate::contract::operations::operations;
use crate::support::{Client, TestApp};

/// Removes the steps of letters, and the links to them.
fn without_steps_of_letters(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key("textSha256") {
                members.remove("allowedTransitions");
                members.remove("_links");
            }
            members.values_mut().for_each(without_steps_of_letters);
        }
        Value::Array(items) => items.iter_mut().for_each(without_steps_of_letters),
        _ => {}
    }
}

/// Everything that somebody reads without naming a resource, and the programme, the application and its letter by their ids.
fn everything(who: &Client, p: &Pool, application: &str, letter: &str) -> Vec<(String, String)> {
    let lists = operations().into_iter().filter(|operation| operation.method == "GET");
    let mut paths: Vec<String> = lists
        .filter(|operation| {
            !operation.path.contains("selection-proposals") && !operation.path.starts_with("/docs")
        })
        .map(|operation| operation.path.replace("{programmeId}", &p.programme.to_string()))
        .filter(|path| !path.contains('{'))
        .collect();
    paths.extend([application.to_owned(), p.call.clone(), format!("{application}/status-changes")]);
    paths.extend(["", "/status-changes", "/signatures"].map(|below| format!("{letter}{below}")));
    paths.sort();
    let read = |path: String| {
        let answer = who.unchecked().get(&path);
        let mut tag = answer.header("etag").unwrap_or_default();
        let mut text = answer.text.clone();
        // The trace id of a refusal is new each time.
        if answer.status != 200 {
            text.clear();
        } else if path.starts_with("/avsiktsforklaringar") && text.starts_with('{') {
            let mut seen = answer.json();
            without_steps_of_letters(&mut seen);
            (tag, text) = ("", seen.to_string());
        }
        (path, format!("{} {tag} {text}", answer.status))
    };
    paths.into_iter().map(read).collect()
}

both!(nothing_that_a_kommun_reads_changes_before_the_announcement, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let letters: Vec<String> = (0..KOMMUNER.len()).map(|index| p.letter(index)).collect();
    let mails = |t: &TestApp| -> usize {
        KOMMUNER.iter().map(|kommun| mails_to(t, &format!("strateg.{kommun}@example.org")).len()).sum()
    };
    let read = || -> Vec<Vec<(String, String)>> {
        let theirs = p.applicants.iter().zip(&p.applications).zip(&letters);
        theirs.map(|((who, path), letter)| everything(who, &p, path, letter)).collect()
    };
    let (before, mails_before) = (read(), mails(t));
    assert!(
        before[0].len() > 30 && before[0].iter().filter(|(_, seen)| seen.starts_with("200")).count() > 15
    );
    let path = p.propose(json!({}));
    p.compute(&path);
    let same = |step: &str| {
        for (who, (then, now)) in before.iter().zip(read()).enumerate() {
            for (then, now) in then.iter().zip(&now) {
                assert_eq!(then, now, "{step}: {}", KOMMUNER[who]);
            }
        }
        assert_eq!(mails(t), mails_before, "{step}");
    };
    same("computed");
    p.manager.change(&path, "proposed").is(200);
    same("proposed");
    p.adopt(&path).is(200);
    same("adopted");
    p.manager.change(&path, "announced").is(200);
    assert_ne!(before[0], read()[0]);
    assert_eq!(mails(t), mails_before + KOMMUNER.len());
});
