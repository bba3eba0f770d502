//! The outbox: every mail is sent once and then cleared.

use std::os::unix::fs::PermissionsExt as _;

use diesel::prelude::*;
use samverkan::identity::policy::Role;
use samverkan::platform::db::kept::Keep as _;
use samverkan::platform::db::schema::outbox_mails;
use samverkan::platform::ids::Id;
use serde_json::json;

use crate::both;
use crate::calls::applications::interest;
use crate::programmes::{draft, open};
use crate::support::{Client, Kind, Response, TestApp};
use crate::team::{BODEN, LULEA, maja, running, with};

const ASA: &str = "asa@boden.example";

type Mail = (Id, String, i32, bool, bool);

/// Of each mail: id, text, number of tries, whether it is sent, whether the last try failed.
fn mails(t: &TestApp) -> Vec<Mail> {
    use outbox_mails as mails;
    let failed = mails::last_error.is_not_null();
    t.db(|db| {
        let rows = mails::table.order(mails::id);
        rows.select((mails::id, mails::body, mails::attempts, mails::sent_at.is_not_null(), failed))
            .load(db)
            .unwrap()
    })
}

both!(a_sent_mail_leaves_no_link_in_the_database, |t| {
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let link = t.link_for(ASA);
    t.run_jobs();
    for (id, body, attempts, is_sent, has_failed) in mails(t) {
        assert_eq!((body.as_str(), attempts, is_sent, has_failed), ("", 1, true, false));
        let file = std::fs::metadata(t.mail_file(id)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
    let folder = std::fs::metadata(t.services.config.mail_dir.clone().unwrap()).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    assert_eq!(t.link_for(ASA), link, "the mail itself still has the link");
    t.clock.advance(29 * 24 * 3_600_000);
    t.run_jobs();
    assert!(!mails(t).is_empty());
    t.clock.advance(2 * 24 * 3_600_000);
    t.run_jobs();
    assert_eq!(mails(t), []);
});

#[test]
fn a_failed_mail_is_retried_and_given_up() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let t = TestApp::with(kind, &[("MAIL_FROM", "nobody at all@example.org")]);
        t.admin();
        t.run_jobs();
        assert!(mails(&t).iter().all(|(_, body, tries, is_sent, has_failed)| {
            !body.is_empty() && *tries == 1 && !is_sent && *has_failed
        }));
        t.run_jobs();
        assert_eq!(mails(&t)[0].2, 1, "the next try is after a minute");
        t.clock.advance(60_000);
        t.run_jobs();
        assert_eq!(mails(&t)[0].2, 2);
        t.clock.advance(15 * 24 * 3_600_000);
        t.run_jobs();
        assert_eq!(mails(&t), []);
    }
}

both!(concurrent_runners_send_a_mail_once, |t| {
    for number in 0..20 {
        let person = json!({"name": "Åsa", "email": format!("asa{number}@boden.example")});
        t.admin().post("/people", person).is(201);
    }
    let other = samverkan::app::jobs(&t.another_process());
    std::thread::scope(|scope| {
        for runner in [&t.runner, &other, &t.runner, &other] {
            scope.spawn(|| runner.run_all());
        }
    });
    let mails = mails(t);
    assert!(mails.len() >= 40);
    // Each mail was claimed by one runner: one try and one file.
    assert!(
        mails
            .iter()
            .all(|(id, _, tries, is_sent, _)| { *tries == 1 && *is_sent && t.mail_file(*id).exists() })
    );
});

both!(links_are_sealed_in_the_outbox, |t| {
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let (id, token) = t.link_for(ASA);
    for (_, body, ..) in mails(t) {
        assert!(
            !body.is_empty() && !body.contains(&token) && !body.contains(&id) && !body.contains('#'),
            "{body}"
        );
    }
    t.run_jobs();
    assert_eq!(t.link_for(ASA), (id, token), "what is sent has the link");
});

#[test]
fn mail_that_an_older_version_left_in_clear_is_sealed_and_sent() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        for mail_dir in ["", "/nowhere-in-the-test"] {
            let t = match mail_dir {
                "" => TestApp::with(kind, &[("MAIL_DIR", "")]),
                _ => TestApp::new(kind),
            };
            t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
            let text = t.mails().into_iter().find(|(to, _)| to == ASA).unwrap().1;
            t.write(|tx| {
                let theirs = outbox_mails::table.filter(outbox_mails::recipient.eq(ASA));
                let clear = (outbox_mails::body.eq(&text), outbox_mails::is_sealed.eq(false));
                Ok(diesel::update(theirs).set(clear).kept().execute(tx.db)?)
            });
            assert!(mails(&t).iter().any(|(_, body, ..)| body.contains('#')));
            t.run_jobs();
            assert!(mails(&t).iter().all(|(_, body, ..)| !body.contains('#')));
            assert_eq!(t.mails().into_iter().find(|(to, _)| to == ASA).unwrap().1, text);
        }
    }
}

fn mailed(t: &TestApp, is_to: impl Fn(&str) -> bool) -> usize {
    t.mails().iter().filter(|(to, _)| is_to(to)).count()
}

both!(anonymous_callers_cannot_fill_a_mailbox, |t| {
    let path = format!("/programmes/{}/applications", open(t));
    let express = |number: usize| {
        let email = format!("Vic+{number}@example.org");
        t.anonymous().post(&path, interest(BODEN, &email)).is(202)
    };
    for number in 0..30 {
        express(number);
    }
    let victims = |to: &str| to.to_lowercase().starts_with("vic");
    assert_eq!(mailed(t, victims), 10, "in an hour, and the answers do not tell");
    // The domain clock has no say.
    t.at("2020-10-20");
    express(30);
    assert_eq!(mailed(t, victims), 10);
    t.clock.advance(61 * 60_000);
    express(31);
    assert_eq!(mailed(t, victims), 11);
});

fn invite(programme: Id, by: &Client, kommun: &str, email: &str) -> Response {
    let role = json!({"role": "attester", "programmeId": programme, "kommunkod": kommun});
    by.post("/people", json!({"name": "Ny chef", "email": email, "role": role}))
}

both!(a_kommun_cannot_fill_a_strangers_mailbox, |t| {
    let programme = running(t);
    let boden = t.in_kommun(Role::Coordinator, programme, BODEN);
    for number in 0..10 {
        invite(programme, &boden, BODEN, &format!("offer+{number}@example.org")).is(201);
    }
    let people = || boden.get("/people").is(200)["_meta"]["totalRecords"].clone();
    let before = people();
    let refused = invite(programme, &boden, BODEN, "offer@example.org");
    refused.refused(429, "tooMuchMail");
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((3590..=3601).contains(&wait), "{wait}");
    assert_eq!(people(), before, "nothing is saved");
    t.clock.advance(wait * 1000);
    invite(programme, &boden, BODEN, "offer@example.org").is(201);
    // Somebody who reads their mail is protected in the same way: else the limit would tell who has an account.
    let (id, token) = t.link_for("offer@example.org");
    let chosen = json!({"token": token, "password": "blå cykel och regn"});
    t.anonymous().post(&format!("/invitations/{id}/acceptance"), chosen).is(200);
    t.clock.advance(3_600_000);
    for number in 0..12 {
        let role = if number % 2 == 0 { "kommunReader" } else { "attester" };
        let role = json!({"role": role, "programmeId": programme, "kommunkod": BODEN});
        let answer =
            boden.post("/people", json!({"name": "Ny chef", "email": "offer@example.org", "role": role}));
        assert_eq!(answer.status, if number < 10 { 201 } else { 429 }, "{number}");
    }
});

#[test]
fn a_sender_and_a_kommun_have_limits() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let t = TestApp::with(kind, &[("MAILS_PER_HOUR", "3")]);
        let programme = running(&t);
        let mut number = 0;
        let mut invited = |by: &Client, kommun: &str| {
            number += 1;
            invite(programme, by, kommun, &format!("ny{number}@example.org"))
        };
        for _ in 0..3 {
            let coordinator = t.in_kommun(Role::Coordinator, programme, BODEN);
            for _ in 0..3 {
                invited(&coordinator, BODEN).is(201);
            }
            invited(&coordinator, BODEN).refused(429, "tooMuchMail");
        }
        let fourth = t.in_kommun(Role::Coordinator, programme, BODEN);
        invited(&fourth, BODEN).refused(429, "tooMuchMail");
        invited(&t.in_kommun(Role::Coordinator, programme, LULEA), LULEA).is(201);
        let participant = with(maja(programme), json!({"email": "maja@example.org"}));
        fourth.post("/participants", participant.clone()).refused(429, "tooMuchMail");
        t.clock.advance(61 * 60_000);
        fourth.post("/participants", participant).is(201);
    }
}

both!(mail_of_skr_is_sent_later_and_never_dropped, |t| {
    let programme = draft(t);
    let manager = t.manager(programme);
    for number in 0..25 {
        let role = json!({"role": "economist", "programmeId": programme});
        let email = format!("offer+{number}@example.org");
        manager.post("/people", json!({"name": "Ny ekonom", "email": email, "role": role})).is(201);
    }
    let sent = |t: &TestApp| {
        t.run_jobs();
        let to = outbox_mails::recipient.like("offer%").and(outbox_mails::sent_at.is_not_null());
        t.db(|db| outbox_mails::table.filter(to).count().get_result::<i64>(db).unwrap())
    };
    assert_eq!(sent(t), 10);
    t.clock.advance(59 * 60_000);
    assert_eq!(sent(t), 10);
    t.clock.advance(60_000);
    assert_eq!(sent(t), 20);
    t.clock.advance(60 * 60_000);
    assert_eq!(sent(t), 25);
});

both!(an_address_that_cannot_be_mailed_is_refused_where_it_is_entered, |t| {
    for email in [
        "\"a b\"@boden.example",
        "åsa@boden.example",
        "asa@[127.0.0.1]",
        "asa@boden",
        "Åsa <asa@boden.example>",
    ] {
        let refused = t.admin().post("/people", json!({"name": "Åsa", "email": email}));
        refused.refused(422, "invalidInput");
        assert_eq!(refused.faults(), [("/email".to_owned(), "wrongFormat".to_owned())], "{email}");
    }
});
