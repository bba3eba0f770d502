//! `/invitations`, `/password-resets` and `/me/password-changes`.

use samverkan::identity::invitations::InvitationRow;
use serde_json::json;

use super::*;
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish};

/// The member of Boden's team in the world of the contract tests.
const MAJA: &str = "medarbetare1@kommun2582.example";

/// Below both paths, links are used by anyone who has the secret of a mailed link: any id works there.
pub const OFFERS: &[Offer] = &[
    Offer {
        parameter: "invitationId",
        owner: Owner::Kommun,
        make: |_, world| {
            let sent = json!({"name": "Registrator", "email": "registrator@boden.example"});
            json!(world.coordinator.post("/people", sent).id())
        },
        wishes: |world| vec![Wish::post("/invitations", json!({"personId": world.maja.client.id()}))],
        rows: Some(Rows::by_keys::<InvitationRow>()),
    },
    Offer {
        parameter: "passwordResetId",
        owner: Owner::Anyone,
        make: |t, _| {
            t.anonymous().post("/password-resets", json!({"email": MAJA})).is(202);
            json!(t.link_for(MAJA).0)
        },
        ..Offer::NONE
    },
];

const ASA: &str = "asa@boden.example";

/// The id of Åsa, whom the administrator sees.
fn person_of(admin: &Client) -> Value {
    admin.get("/people?q=asa%40boden").is(200)["items"][0]["id"].clone()
}

fn accept(t: &TestApp, link: &(String, String), password: &str) -> Response {
    t.anonymous()
        .post(&format!("/invitations/{}/acceptance", link.0), json!({"token": link.1, "password": password}))
}

fn complete(t: &TestApp, link: &(String, String), password: &str) -> Response {
    let path = format!("/password-resets/{}/completion", link.0);
    t.anonymous().post(&path, json!({"token": link.1, "password": password}))
}

both!(an_invited_person_chooses_a_password_and_logs_in, |t| {
    let admin = t.admin();
    admin.post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let made = person_of(&admin);
    let link = t.link_for(ASA);
    log_in(t, ASA, PASSWORD).refused(400, "invalidGrant");
    let weak = accept(t, &link, "losenord");
    weak.refused(422, "invalidInput");
    assert_eq!(weak.faults(), [("/password".into(), "tooShort".into())]);
    assert_eq!(accept(t, &link, PASSWORD).is(200)["username"], ASA);
    accept(t, &link, PASSWORD).refused(410, "linkInvalid");
    let (access, _) = tokens(&log_in(t, ASA, PASSWORD));
    assert_eq!(with_token(t, &access).get("/me").is(200)["status"], "active");
    let again = admin.post("/invitations", json!({"personId": made}));
    again.refused(409, "stateConflict");
});

both!(a_new_invitation_ends_the_previous_one, |t| {
    let admin = t.admin();
    admin.post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let first = t.link_for(ASA);
    t.clock.advance(1000);
    let sent = admin.post("/invitations", json!({"personId": person_of(&admin)}));
    sent.is(202);
    let second = t.link_for(ASA);
    assert_eq!(second.0, sent.id().to_string());
    assert!(!sent.text.contains(&second.1), "only the mail contains the secret");
    accept(t, &first, PASSWORD).refused(410, "linkInvalid");
    accept(t, &(second.0.clone(), first.1.clone()), PASSWORD).refused(410, "linkInvalid");
    accept(t, &(first.0, second.1.clone()), PASSWORD).refused(410, "linkInvalid");
    accept(t, &("nothing".into(), second.1.clone()), PASSWORD).refused(410, "linkInvalid");
    complete(t, &second, PASSWORD).refused(410, "linkInvalid");
    t.clock.advance(15 * 24 * 3600 * 1000);
    accept(t, &second, PASSWORD).refused(410, "linkInvalid");
});

both!(a_link_is_used_once_by_concurrent_requests, |t| {
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let link = t.link_for(ASA);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let each: Vec<_> = (0..4).map(|_| scope.spawn(|| accept(t, &link, PASSWORD).status)).collect();
        each.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 410).count(), 3, "{statuses:?}");
});

both!(an_acceptance_with_the_same_key_gets_the_same_response, |t| {
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let (id, token) = t.link_for(ASA);
    let body = json!({"token": token, "password": PASSWORD});
    let once = || {
        t.anonymous()
            .header("Idempotency-Key", "k1")
            .post(&format!("/invitations/{id}/acceptance"), body.clone())
    };
    once().is(200);
    let again = once();
    again.is(200);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
});

both!(a_forgotten_password_is_replaced_and_every_session_ends, |t| {
    with_password(t, "Åsa", ASA);
    let (access, refresh) = tokens(&log_in(t, ASA, PASSWORD));
    for _ in 0..5 {
        log_in(t, ASA, "glömt och borta nu").refused(400, "invalidGrant");
    }
    let asked = t.anonymous().post("/password-resets", json!({"email": ASA}));
    let known = asked.is(202);
    let link = t.link_for(ASA);
    assert_eq!(complete(t, &link, ASA).faults(), [("/password".into(), "sameAsEmail".into())]);
    complete(t, &link, "röd cykel och snö").is(200);
    complete(t, &link, "röd cykel och snö").refused(410, "linkInvalid");
    with_token(t, &access).get("/me").refused(401, "unauthenticated");
    renew(t, &refresh).refused(400, "invalidGrant");
    log_in(t, ASA, "röd cykel och snö").is(200);
    log_in(t, ASA, PASSWORD).refused(400, "invalidGrant");

    let mails = t.mails().len();
    let unknown = t.anonymous().post("/password-resets", json!({"email": "nobody@boden.example"})).is(202);
    assert_eq!((unknown, t.mails().len()), (known, mails));
});

both!(resets_are_limited_and_do_not_end_the_owners_link, |t| {
    with_password(t, "Åsa", ASA);
    let ask = || t.anonymous().post("/password-resets", json!({"email": ASA})).is(202);
    let first = ask();
    let mails = t.mails().len();
    assert_eq!((ask(), t.mails().len()), (first, mails), "one is already sent");
    let owners = t.link_for(ASA);
    let mut sent = 1;
    for _ in 0..10 {
        t.clock.advance(5 * 60_000);
        let before = t.mails().len();
        ask();
        sent += t.mails().len() - before;
    }
    assert_eq!(sent, 5, "in an hour");
    complete(t, &owners, "röd cykel och snö").is(200);
    log_in(t, ASA, "röd cykel och snö").is(200);
    // The first link that is used ends all others.
    complete(t, &t.link_for(ASA), "grön cykel och sol").refused(410, "linkInvalid");
});

both!(an_invited_person_gets_a_new_link, |t| {
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let ask = || t.anonymous().post("/password-resets", json!({"email": ASA})).is(202);
    let invited = t.link_for(ASA);
    ask();
    assert_eq!(t.link_for(ASA), invited, "one is already sent");
    t.clock.advance(6 * 60_000);
    ask();
    assert_ne!(t.link_for(ASA), invited);
    accept(t, &invited, PASSWORD).is(200);
});

both!(an_invitation_explains_the_processing_of_personal_data, |t| {
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let (_, mail) = t.mails().into_iter().rfind(|(to, _)| to == ASA).unwrap();
    for words in [
        "version 2020-10-01",
        "Rättslig grund",
        "Lagring",
        "Dina rättigheter",
        "dataskyddsombudet",
        "Legal basis",
        "Retention",
        "Your rights",
        "data protection officer",
    ] {
        assert!(mail.contains(words), "{words}: {mail}");
    }
});

both!(a_disabled_person_gets_no_link_and_uses_none, |t| {
    let id = with_password(t, "Åsa", ASA);
    t.anonymous().post("/password-resets", json!({"email": ASA})).is(202);
    let link = t.link_for(ASA);
    t.admin().change_because(&format!("/people/{id}"), "disabled", "Har slutat.").is(200);
    complete(t, &link, "röd cykel och snö").refused(410, "linkInvalid");
    let mails = t.mails().len();
    t.anonymous().post("/password-resets", json!({"email": ASA})).is(202);
    assert_eq!(t.mails().len(), mails);
});

both!(a_password_is_changed_with_the_current_one, |t| {
    with_password(t, "Åsa", ASA);
    let (here, _) = tokens(&log_in(t, ASA, PASSWORD));
    t.anonymous().post("/password-resets", json!({"email": ASA})).is(202);
    let waiting = t.link_for(ASA);
    let (elsewhere, _) = tokens(&log_in(t, ASA, PASSWORD));
    let change = |current: &str, new: &str| {
        let body = json!({"currentPassword": current, "newPassword": new});
        with_token(t, &here).post("/me/password-changes", body)
    };
    let wrong = change("inte det lösenordet", "röd cykel och snö");
    assert_eq!(wrong.faults(), [("/currentPassword".into(), "wrongPassword".into())]);
    assert_eq!(change(PASSWORD, "kort").faults(), [("/newPassword".into(), "tooShort".into())]);
    let body = json!({"currentPassword": PASSWORD, "newPassword": "röd cykel och snö"});
    let once =
        || with_token(t, &here).header("Idempotency-Key", "p1").post("/me/password-changes", body.clone());
    once().is(204);
    complete(t, &waiting, "grön cykel och sol").refused(410, "linkInvalid");
    assert_eq!(once().header("idempotency-replayed"), Some("true"));
    with_token(t, &here).get("/me").is(200);
    with_token(t, &elsewhere).get("/me").refused(401, "unauthenticated");
    log_in(t, ASA, "röd cykel och snö").is(200);
    for _ in 0..5 {
        change("fel lösenord igen", "grön cykel och sol").refused(422, "invalidInput");
    }
    change("röd cykel och snö", "grön cykel och sol").refused(429, "loginLocked");
});

both!(the_first_administrator_is_added_by_a_command, |t| {
    use samverkan::identity::admin::{self, Done};
    let made = admin::run(&t.services, "Rot", "rot@skr.example", None).unwrap();
    let Done::Link { address, .. } = made else { panic!("no link") };
    let (id, token) = address.split_once('#').unwrap().1.split_once('.').unwrap();
    accept(t, &(id.to_owned(), token.to_owned()), PASSWORD).is(200);
    let answer = log_in(t, "rot@skr.example", PASSWORD);
    assert_eq!(answer.is(200)["scope"], "systemAdmin");
    assert!(matches!(admin::run(&t.services, "Rot", "rot@skr.example", None), Ok(Done::Nothing)));
    assert!(admin::run(&t.services, "Två", "tva@skr.example", Some(("kort", false))).is_err());
    assert!(matches!(
        admin::run(&t.services, "Två", "tva@skr.example", Some((PASSWORD, false))),
        Ok(Done::Password { had_one: false, sessions: 0 })
    ));
    log_in(t, "tva@skr.example", PASSWORD).is(200);
});
