//! The outbox: every mail is sent once and then cleared.

use std::os::unix::fs::PermissionsExt as _;

use diesel::prelude::*;
use samverkan::platform::db::schema::outbox_mails;
use samverkan::platform::ids::Id;
use serde_json::json;

use crate::both;
use crate::support::{Kind, TestApp};

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
