//! What people read about a selection: the sentences of a proposal, and what is said of it after the announcement.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::applications::PASSWORD;
use super::selection_proposals::{KOMMUNER, Pool, waited};
use crate::both;

fn index_of(code: &str) -> usize {
    KOMMUNER.iter().position(|other| *other == code).unwrap()
}

/// The sentences of some explanations, by kommunkod.
fn text_of<'s>(list: &'s Value, kommunkod: &str) -> &'s str {
    let found = list.as_array().unwrap().iter().find(|one| one["kommunkod"] == kommunkod);
    found.unwrap_or_else(|| panic!("{kommunkod}: {list:#}"))["text"].as_str().unwrap()
}

both!(a_decision_that_keeps_a_kommun_out_is_named, |t| {
    // Luleå would be in; the decision for Boden, of the same län, keeps it out.
    let p = Pool::of(t, 4, &KOMMUNER);
    let free = p.propose(json!({"isWhatIf": true, "seed": "0".repeat(32)}));
    let chosen = p.compute(&free)["selected"].clone();
    let north = ["2580", "2582", "2518"];
    let is_chosen = |code: &&&str| chosen.as_array().unwrap().iter().any(|one| one == **code);
    let kept_out = north.iter().find(is_chosen).expect("one of Norrbotten");
    let pinned = north.iter().find(|code| !is_chosen(code)).unwrap();
    let pins = json!([{"kommunkod": pinned, "in": true, "reason": "Värd."}]);
    let path = p.propose(json!({"isWhatIf": true, "seed": "0".repeat(32), "pins": pins}));
    p.compute(&path);
    let told = p.manager.get(&format!("{path}/explanations")).is(200);
    let name = |code: &str| {
        let all = told["leftOut"].as_array().unwrap().iter().chain(told["chosen"].as_array().unwrap());
        let one = all.into_iter().find(|one| one["kommunkod"] == code).unwrap();
        one["kommunName"].as_str().unwrap().to_owned()
    };
    let text = text_of(&told["leftOut"], kept_out);
    let (decided, left_out) = (name(pinned), name(kept_out));
    let otherwise = format!(
        "Utan beslutet att {decided} ska vara med skulle {left_out} ha fått plats i det bästa urvalet."
    );
    assert!(text.ends_with(&otherwise), "{text}");
    let pin = told["pins"][0]["text"].as_str().unwrap();
    assert!(pin.contains(&left_out) && pin.contains("skulle då få plats i stället för"), "{pin}");
    assert!(pin.ends_with(" Beslutet avviker från utlysningen."), "{pin}");
    let english = p.manager.header("Accept-Language", "en").get(&format!("{path}/explanations")).is(200);
    let text = text_of(&english["leftOut"], kept_out);
    assert!(text.ends_with(&format!("{left_out} would have had a place in the best selection.")), "{text}");
});

both!(why_there_is_no_selection_is_said_in_words, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let quotas = json!([
        {"dimension": "nuts2", "category": "SE33", "min": 3},
        {"dimension": "lan", "category": "25", "max": 1}
    ]);
    let path = p.propose(json!({"quotas": quotas, "deviationReason": "Prövas."}));
    p.manager.change(&path, "computed").is(202);
    let seen = waited(&p.manager, &path, |seen| seen["computation"]["state"] == "infeasible");
    let text = seen["infeasible"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("Inget urval kan uppfylla alla krav, men det räcker att ge efter med"),
        "{text}"
    );
    assert_eq!(seen["computation"]["reason"], text);
    let english = p.manager.header("Accept-Language", "en").get(&path).is(200);
    let text = english["infeasible"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("No selection can meet all requirements, but it is enough to give way by"),
        "{text}"
    );
    p.manager.get(&format!("{path}/map")).refused(404, "notFound");
});

both!(a_limit_that_is_reached_is_not_called_impossible, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let quotas = json!([
        {"dimension": "nuts2", "category": "SE33", "min": 3},
        {"dimension": "lan", "category": "25", "max": 1}
    ]);
    let path = p.propose(json!({"quotas": quotas, "deviationReason": "Prövas."}));
    p.manager.change(&path, "computed").is(202);
    waited(&p.manager, &path, |seen| seen["computation"]["state"] == "infeasible");
    // No pool of a test is so hard that the search for a first choice reaches its limit.
    t.write(|tx| {
        diesel::sql_query("UPDATE selection_proposals SET answer = NULL").execute(tx.db)?;
        Ok(diesel::sql_query("UPDATE selection_computations SET state = 'budgetSpent'").execute(tx.db)?)
    });
    let seen = p.manager.get(&path).is(200);
    let text = "sökningen nådde sin gräns innan något urval hittades";
    assert_eq!((&seen["infeasible"], &seen["computation"]["reason"]), (&Value::Null, &json!(text)));
    let all = p.manager.get(&format!("{path}/computations")).is(200);
    assert_eq!(all["computations"][0]["reason"], text);
});

both!(who_left_and_who_came_is_told_after_the_announcement, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.announced();
    let announced = p.manager.get(&path).is(200);
    assert_eq!(announced["sinceAnnouncement"], Value::Null);
    let gone = announced["selected"][1].as_str().unwrap().to_owned();
    p.applicants[index_of(&gone)].change(&p.applications[index_of(&gone)], "declined").is(200);
    let best = p.manager.get(&format!("{path}/replacements")).is(200)["best"][0]["kommunkod"].clone();
    let best = best.as_str().unwrap();
    p.manager.change(&p.applications[index_of(best)], "selected").is(200);

    // Also for a kommun that has no place.
    let reader = KOMMUNER.iter().position(|code| p.status(index_of(code)) == "notSelected");
    let reader = &p.applicants[reader.unwrap()];
    let seen = reader.get(&path).is(200);
    assert_eq!(seen["selected"], announced["selected"], "the decision stays as it was");
    let since = &seen["sinceAnnouncement"];
    assert_eq!(
        (&since["left"][0]["kommunkod"], &since["came"][0]["kommunkod"]),
        (&json!(gone), &json!(best)),
        "{since:#}"
    );
    let name = |side: &str| since[side][0]["kommunName"].as_str().unwrap();
    let text =
        format!("Sedan urvalet meddelades har {} lämnat och {} fått plats.", name("left"), name("came"));
    assert_eq!(since["text"], text);
    for (what, member) in [("explanations", "sinceAnnouncement"), ("distribution", "sinceAnnouncement")] {
        assert_eq!(reader.get(&format!("{path}/{what}")).is(200)[member], *since, "{what}");
    }
    for (drawing, says) in
        [("map", "med det som har ändrats sedan"), ("distribution?format=svg", "som det beslutades")]
    {
        let drawn = reader.get(&format!("{path}/{drawing}")).text;
        assert!(drawn.contains(&text) && drawn.contains(says), "{drawing}: {drawn}");
    }
    // Why this one.
    let given = &seen["givenPlaces"][0];
    assert_eq!((&given["reason"], given["goalValues"].as_array().unwrap().len()), (&Value::Null, 6));
    let why = given["text"].as_str().unwrap();
    let begins = format!("{} var den bästa ersättaren när platsen gavs. ", name("came"));
    assert!(why.starts_with(&begins) && begins.len() + 20 < why.len(), "{why}");

    // The next one is another than the best: the manager's reason is told.
    p.applicants[index_of(best)].change(&p.applications[index_of(best)], "declined").is(200);
    let best = p.manager.get(&format!("{path}/replacements")).is(200)["best"][0].clone();
    let waits = |code: &str| matches!(p.status(index_of(code)).as_str(), Some("reserve" | "notSelected"));
    let other = KOMMUNER.iter().find(|code| best["kommunkod"] != **code && waits(code)).unwrap();
    let because = json!({"to": "selected", "data": {"publicReason": "Den bästa har inget team."}});
    p.manager.post(&format!("{}/status-changes", p.applications[index_of(other)]), because).is(200);
    let seen = reader.get(&path).is(200);
    let why = seen["givenPlaces"][1]["text"].as_str().unwrap();
    let best = best["kommunName"].as_str().unwrap();
    assert!(
        why.ends_with(&format!(
            " fick en ledig plats, fast {best} var den bästa ersättaren: ”Den bästa har inget team”."
        )),
        "{why}"
    );
    assert_eq!(seen["sinceAnnouncement"]["left"].as_array().unwrap().len(), 2);
});

both!(the_mails_lead_to_a_page_that_tells_why, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.announced();
    let told = p.manager.get(&format!("{path}/explanations")).is(200);
    for (index, kommun) in KOMMUNER.iter().enumerate() {
        let status = p.status(index);
        let says = match status.as_str().unwrap() {
            "reserve" => "listan över reserver är ingen kö",
            "notSelected" => "Tyvärr fick kommunen ingen plats",
            "selected" => "Kommunen har fått en plats. Arbetet börjar",
            _ => continue,
        };
        let contact = format!("strateg.{kommun}@example.org");
        let mail = t.mails().into_iter().rfind(|(to, _)| *to == contact).unwrap().1;
        let id = p.applications[index].rsplit('/').next().unwrap();
        let link = format!("https://app.example.org/applications/{id}\n");
        assert!(mail.contains(says) && mail.contains(&link), "{mail}");
        assert!(mail.contains(&format!("Intresseanmälans nummer: {id}")), "{mail}");
    }
    let out = &told["leftOut"][0];
    let kommun = out["kommunkod"].as_str().unwrap();
    let address = format!("/{}", p.applications[index_of(kommun)]);
    let fields = [("email", &*format!("strateg.{kommun}@example.org")), ("password", PASSWORD)];
    let page = t.anonymous().form(&address, &fields);
    let why = out["text"].as_str().unwrap();
    page.shows(200, &[out["kommunName"].as_str().unwrap(), why]);
    // Another kommun's contact reads nothing there.
    let other = told["leftOut"][1]["kommunkod"].as_str().unwrap();
    let fields = [("email", &*format!("strateg.{other}@example.org")), ("password", PASSWORD)];
    let refused = t.anonymous().form(&address, &fields);
    assert!(refused.status == 404 && !refused.text.contains(why), "{}", refused.text);
});

both!(the_page_of_an_application_tells_what_was_decided_and_what_followed, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let pins = json!([{"kommunkod": "0126", "in": false, "reason": "Deltar redan i ett annat nätverk."}]);
    let path =
        p.proposed(json!({"pins": pins, "deviationReason": "Kommunen meddelade det efter sista dagen."}));
    p.adopt(&path).is(200);
    p.manager.change(&path, "announced").is(200);
    let page = |code: &str| {
        let address = format!("/{}", p.applications[index_of(code)]);
        let fields = [("email", &*format!("strateg.{code}@example.org")), ("password", PASSWORD)];
        t.anonymous().form(&address, &fields)
    };
    // Who decided, by which goals, and what the call did not say.
    let departs = "Sedan utlysningen öppnade har lagts till att Huddinge inte är med. Skälet är: ”Kommunen meddelade det efter \
                   sista dagen”.";
    page("0126").shows(
        200,
        &[
            "Utvecklingsnätverk för samverkan med sociala företag",
            "SKR:s styrgrupp, 2020-11-16, diarienummer SKR 20/01234",
            "Det är beslutat att Huddinge inte ska vara med, vilket avviker från utlysningen: ”Deltar redan i ett annat nätverk”.",
            "1. ",
            "6. De valdas lottnummer är tillsammans",
            departs,
        ],
    );
    let announced = p.manager.get(&path).is(200);
    let reserve = announced["reserves"][1].as_str().unwrap();
    page(reserve).shows(200, &[" är reserv nummer 2: ", "också en som inte är reserv."]);

    let gone = announced["selected"][1].as_str().unwrap();
    page(gone).shows(200, &["Utan "]);
    p.applicants[index_of(gone)].change(&p.applications[index_of(gone)], "declined").is(200);
    let left = page(gone);
    assert!(left.status == 200 && !left.text.contains("Utan "), "{}", left.text);

    let best = p.manager.get(&format!("{path}/replacements")).is(200)["best"][0]["kommunkod"].clone();
    let best = best.as_str().unwrap();
    p.manager.change(&p.applications[index_of(best)], "selected").is(200);
    let given = p.manager.get(&path).is(200)["givenPlaces"][0]["text"].clone();
    let given = given.as_str().unwrap();
    let came = page(best);
    came.shows(200, &[given]);
    assert!(
        !came.text.contains(" fick plats skulle") && !came.text.contains(" fick plats och "),
        "{}",
        came.text
    );
    // Everyone reads it.
    page(gone).shows(200, &["Platser som har getts sedan", given]);
});

both!(the_order_of_the_reserves_is_explained, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    p.compute(&path);
    let reserves = p.manager.get(&format!("{path}/reserves")).is(200);
    assert_eq!(
        reserves["text"],
        "Reserver, i den ordning de skulle få plats om det fanns fler platser. Vem som ersätter en kommun som lämnar räknas fram \
         på nytt."
    );
});
