//! What the kommuner learn of a selection before it is announced: nothing (guide §3).

use serde_json::json;

use super::applications::mails_to;
use super::selection_proposals::{KOMMUNER, Pool};
use crate::both;
use crate::contract::operations::operations;
use crate::support::{Client, TestApp};

/// Everything that somebody reads without naming a resource, and the programme and application by their ids.
fn everything(who: &Client, p: &Pool, application: &str) -> Vec<(String, String)> {
    let lists = operations().into_iter().filter(|operation| operation.method == "GET");
    let mut paths: Vec<String> = lists
        .filter(|operation| {
            !operation.path.contains("selection-proposals") && !operation.path.starts_with("/docs")
        })
        .map(|operation| operation.path.replace("{programmeId}", &p.programme.to_string()))
        .filter(|path| !path.contains('{'))
        .collect();
    paths.extend([application.to_owned(), p.call.clone(), format!("{application}/status-changes")]);
    paths.sort();
    let read = |path: String| {
        let answer = who.unchecked().get(&path);
        let tag = answer.header("etag").unwrap_or_default().to_owned();
        // The trace id of a refusal is new each time.
        let text = if answer.status == 200 { answer.text.clone() } else { answer.status.to_string() };
        (path, format!("{} {tag} {text}", answer.status))
    };
    paths.into_iter().map(read).collect()
}

both!(nothing_that_a_kommun_reads_changes_before_the_announcement, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let mails = |t: &TestApp| -> usize {
        KOMMUNER.iter().map(|kommun| mails_to(t, &format!("strateg.{kommun}@example.org")).len()).sum()
    };
    let read = || -> Vec<Vec<(String, String)>> {
        p.applicants.iter().zip(&p.applications).map(|(who, path)| everything(who, &p, path)).collect()
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
