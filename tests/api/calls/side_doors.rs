//! Ways around "nobody decides their own case" in a call: each was open once.

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::applications::{express, interest, path_of, submitted, tokens};
use crate::both;
use crate::programmes::open;
use crate::support::{Client, Response, TestApp};
use crate::team::{BODEN, patch};

fn address(who: &Client) -> String {
    who.get("/me").is(200)["email"].as_str().unwrap().to_owned()
}

/// Proves the address of an interest, as somebody who has an account.
fn prove(t: &TestApp, who: &Client, taken: &Response) {
    let path = path_of(taken);
    let token = tokens(t, &path).pop().unwrap();
    who.post(&format!("{path}/verification"), json!({"token": token})).is(200);
}

fn register(by: &Client, programme: Id, changes: &Value) -> Response {
    let mut paper = interest(BODEN, "forsta@example.org");
    paper["receivedAt"] = json!("2020-10-05T07:00:00Z");
    paper["reason"] = json!("Kom med post.");
    paper.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    by.post(&format!("/programmes/{programme}/applications"), paper)
}

both!(no_manager_is_the_coordinator_whose_kommun_they_give_a_place, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let named = json!({"coordinator": {"name": "Jag", "email": address(&manager)}});
    register(&manager, programme, &named).refused(403, "ownWork");
    let path = format!("/applications/{}", register(&manager, programme, &json!({})).id());
    patch(&manager, &path, named.clone()).refused(403, "ownWork");
    // The kommun may name whom it wants, and that person decides nothing about it.
    patch(&t.login_as("forsta@example.org"), &path, named).is(200);
    manager.change(&path, "invited").refused(403, "ownWork");
    t.manager(programme).change(&path, "invited").is(200);
});

both!(no_manager_decides_about_a_later_interest_of_their_own, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let (path, _) = submitted(t, programme, BODEN);
    let taken = express(t, programme, BODEN, &address(&manager));
    // What nobody has proved bars nobody.
    patch(&manager, &path, json!({"attendedInfoMeeting": true})).is(200);
    prove(t, &manager, &taken);
    let interest = t.manager(programme).get(&path).is(200)["notes"][0]["applicationId"].clone();
    let kept = json!({"decision": "kept", "interestId": interest, "reason": "Jag känner dem."});
    manager.post(&format!("{path}/contact-decisions"), kept.clone()).refused(403, "ownWork");
    manager.change(&path, "invited").refused(403, "ownWork");
    t.manager(programme).post(&format!("{path}/contact-decisions"), kept).is(200);
});

both!(handing_over_to_somebody_who_still_applies_counts_for_the_day, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let (path, first) = submitted(t, programme, BODEN);
    let email = address(&first);
    patch(&first, &path, json!({"contactName": "Ny", "contactEmail": "ny@example.org"})).is(200);
    let back = json!({"name": "Den första", "email": email});
    let decision = json!({"decision": "handedOver", "contact": back, "reason": "Bytte tillbaka."});
    manager.post(&format!("{path}/contact-decisions"), decision).is(200);
    manager.change(&path, "invited").refused(403, "ownWork");
    t.clock.advance(24 * 60 * 60 * 1000);
    t.login(manager.id()).change(&path, "invited").is(200);
});

both!(registering_a_second_paper_of_a_kommun_makes_nobody_partial, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let (path, first) = submitted(t, programme, BODEN);
    first.change(&path, "withdrawn").is(200);
    let second = format!("/applications/{}", register(&manager, programme, &json!({})).id());
    manager.change(&second, "invited").is(200);
});

both!(no_manager_signs_the_letter_that_they_write_for_a_kommun, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let (path, applicant) = submitted(t, programme, BODEN);
    manager.change(&path, "invited").is(200);
    let id = path.rsplit('/').next().unwrap();
    let signer = |role: &str, email: &str| json!({"signerRole": role, "name": "Kommunchef", "title": "Titel", "email": email});
    let letter = |email: &str| {
        let signers =
            json!([signer("municipalDirector", email), signer("executiveBoardChair", "ordf@example.org")]);
        json!({"applicationId": id, "signers": signers})
    };
    manager.post("/avsiktsforklaringar", letter(&address(&manager))).refused(403, "ownWork");
    // The kommun names whom it wants to sign, also before it sends the letter.
    let letter = applicant.post("/avsiktsforklaringar", letter(&address(&manager)));
    let letter = format!("/avsiktsforklaringar/{}", letter.id());
    let paper = json!({"to": "received", "data": {"receivedAt": "2020-10-05T08:00:00Z", "signers": [
        {"signerRole": "municipalDirector", "name": "Kommunchef", "signedOn": "2020-10-05"},
        {"signerRole": "executiveBoardChair", "name": "Ordförande", "signedOn": "2020-10-05"},
    ]}});
    manager.post(&format!("{letter}/status-changes"), paper).refused(403, "ownWork");
});

both!(a_kommun_is_the_same_in_every_programme, |t| {
    let (programme, earlier) = (open(t), open(t));
    let (path, _) = submitted(t, programme, BODEN);
    let manager = t.manager(programme);
    t.grant(&manager, Role::Coordinator, earlier, Some(BODEN));
    t.login(manager.id()).change(&path, "invited").refused(403, "ownWork");
});

both!(nobody_moves_the_last_day_of_their_own_role, |t| {
    let programme = open(t);
    let (own, other) = (t.manager(programme), t.manager(programme));
    let list = format!("/people/{}/role-assignments", own.id());
    let held = own.get(&list).is(200)["items"][0].clone();
    let one = format!("{list}/{}", held["id"].as_str().unwrap());
    patch(&own, &one, json!({"validTo": "2020-12-31"})).refused(403, "ownWork");
    patch(&other, &one, json!({"validTo": "2020-10-31"})).is(200);
    patch(&own, &one, json!({"validTo": null})).refused(403, "ownWork");
    let seen = own.get(&one).is(200);
    assert!(seen["_links"].as_array().unwrap().iter().all(|link| link["rel"] != "end"));
});
