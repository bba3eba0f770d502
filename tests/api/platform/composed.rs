//! Letters and their marks: a Mac sends A and a ring, and so did many rows that are older than this. Two texts that are equal in
//! NFC are equal.

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use diesel::prelude::*;
use diesel::sql_query;
use samverkan::identity::people::{self, PersonRow};
use samverkan::platform::auth::password;
use samverkan::platform::auth::password::PasswordCost;
use samverkan::platform::ids::{Id, Ids};
use samverkan::platform::tx::Tx;
use samverkan::team::participants::ParticipantRow;
use samverkan::time::time_entries::EntryRow;
use serde_json::{Value, json};

use crate::both;
use crate::programmes::offer;
use crate::support::TestApp;
use crate::team::{BODEN, each, patch, running, with};
use crate::time::{Member, entered, member};

const APART: &str = "A\u{30a}sa O\u{308}berg";
const TOGETHER: &str = "Åsa Öberg";

/// The same text in a query, apart.
const APART_IN_QUERY: &str = "A%CC%8Asa%20O%CC%88berg";
const TOGETHER_IN_QUERY: &str = "%C3%85sa%20%C3%96berg";

both!(letters_that_stand_apart_are_stored_and_found_together, |t| {
    let admin = t.admin();
    let new = admin.post("/programmes", with(offer(), json!({"name": APART}))).is(201);
    assert_eq!(new["name"], TOGETHER);
    let manager = t.manager(new["id"].as_str().unwrap().parse().unwrap());
    for text in [APART_IN_QUERY, TOGETHER_IN_QUERY] {
        assert_eq!(each(&manager.get(&format!("/programmes?q={text}")).is(200), "name"), [TOGETHER]);
    }
    let path = format!("/programmes/{}", new["id"].as_str().unwrap());
    assert_eq!(patch(&manager, &path, json!({"description": APART})).is(200)["description"], TOGETHER);
    let found = t.anonymous().get("/kommuner?q=o%CC%88ckero%CC%88").is(200);
    assert_eq!(each(&found, "name"), ["Öckerö"]);
});

both!(a_login_tries_the_password_as_sent_and_then_composed, |t| {
    let (apart, together) = ("en mening med A\u{30a} och o\u{308}", "en mening med Å och ö");
    let log_in = |email: &str, password: &str| {
        let form = [("grant_type", "password"), ("username", email), ("password", password)];
        t.anonymous().form("/oauth/token", &form).status
    };
    let set = |client: &crate::support::Client, hash: String| {
        let id = client.id();
        t.write(move |tx| {
            let person = people::unscoped_by_id(tx.db, id)?;
            people::set_password(tx, person, hash.clone()).map(|person| person.email)
        })
    };
    let new = password::hash(apart, &Ids::system(), PasswordCost::CHEAP).unwrap();
    let email = set(&t.person(TOGETHER, &[]), new);
    assert_eq!((log_in(&email, apart), log_in(&email, together), log_in(&email, "fel")), (200, 200, 400));
    // A hash from before passwords were composed: of the bytes that were sent.
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    let old = hasher.hash_password_with_salt(apart.as_bytes(), &[7; 16]).unwrap().to_string();
    let email = set(&t.person(TOGETHER, &[]), old);
    assert_eq!((log_in(&email, apart), log_in(&email, together)), (200, 400));
});

/// Changes a row as older programs stored it.
fn store<R: samverkan::platform::stored::Stored>(
    t: &TestApp,
    id: Id,
    action: &'static str,
    change: impl Fn(&mut R),
) {
    t.write(|tx: &mut Tx<'_>| {
        let before = tx.locked::<R>(id)?;
        let mut after = before.clone();
        change(&mut after);
        tx.update(action, &before, after).map(drop)
    });
}

fn description(member: &Member, entry: Id) -> Value {
    member.client.get(&format!("/time-entries/{entry}")).is(200)["description"].clone()
}

both!(older_texts_are_composed_once_with_an_event_each, |t| {
    let programme = running(t);
    let asa = member(t, programme, BODEN, 1);
    t.at("2021-02-02T08:00:00+01:00");
    let (signed, free) = (entered(&asa, "2021-01-12", 60), entered(&asa, "2021-02-01", 60));
    let apart = |row: &mut EntryRow| row.description = Some(APART.to_owned());
    store(t, signed, "changed", apart);
    store(t, free, "changed", apart);
    let report = asa.client.get("/time-reports?month=2021-01").is(200)["items"][0]["id"].clone();
    asa.client.change(&format!("/time-reports/{}", report.as_str().unwrap()), "signed").is(200);
    store(t, asa.client.id(), "changed", |row: &mut PersonRow| {
        row.name = APART.to_owned();
        row.set_sort_and_search();
    });
    store(t, asa.id, "changed", |row: &mut ParticipantRow| {
        row.function = APART.to_owned();
        row.sort_name = "a sa o berg".to_owned();
        row.search_text = APART.to_lowercase();
    });
    t.db(|db| sql_query("DELETE FROM installation_facts WHERE name = 'composedTexts'").execute(db).unwrap());
    assert_eq!(t.trail_faults(), Vec::<String>::new());

    assert_eq!(samverkan::app::compose_texts(&t.services).unwrap(), 3);
    assert_eq!(samverkan::app::compose_texts(&t.services).unwrap(), 0);
    // What stands under a signature keeps its bytes; everything still proves itself.
    assert_eq!((description(&asa, signed), description(&asa, free)), (json!(APART), json!(TOGETHER)));
    assert_eq!(t.trail_faults(), Vec::<String>::new());
    let manager = t.manager(programme);
    for text in [APART_IN_QUERY, TOGETHER_IN_QUERY] {
        let found = manager.get(&format!("/participants?q={text}")).is(200);
        assert_eq!(each(&found, "id"), [json!(asa.id)]);
        assert_eq!(
            (&found["items"][0]["name"], &found["items"][0]["function"]),
            (&json!(TOGETHER), &json!(TOGETHER))
        );
    }
    let key: String = t.db(|db| {
        use samverkan::schema::participants;
        participants::table.find(asa.id).select(participants::sort_name).get_result(db).unwrap()
    });
    assert_eq!(key, "z1sa z3berg");
    let auditor = t.in_programme(samverkan::identity::policy::Role::Auditor, programme);
    for (action, id) in [("participant.migrated", asa.id), ("timeEntry.migrated", free)] {
        let events = auditor.get(&format!("/audit-events?action={action}")).is(200);
        assert_eq!(each(&events, "resourceId"), [json!(id)], "{action}");
        assert_eq!(events["items"][0]["actorKind"], "system");
    }
});
