//! The audit trail over HTTP: its events, its readers, and how tampering is found.

use diesel::prelude::*;
use samverkan::calls::applications::{ApplicationRow, ApplicationState};
use samverkan::identity::policy::Role;
use samverkan::platform::audit::Audited as _;
use samverkan::platform::audit::verification::StoredEvent;
use samverkan::platform::auth::scope::{Place, Scope};
use samverkan::platform::db::Db;
use samverkan::platform::db::schema::{audit_chains, audit_checkpoints, audit_events};
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::both;
use crate::calls::applications::put_in;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner, World};
use crate::goals::{BODEN, Network};
use crate::oversight::tampering::unlock;
use crate::programmes::{draft, offer, open};
use crate::support::{Client, TestApp};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "auditEventId",
    owner: Owner::Kommun,
    make: |_, world| {
        World::first(&world.manager, &format!("/audit-events?resourceId={}", world.id("timeEntryId")))
    },
    rows: Some(Rows::by_rule_in::<StoredEvent>("audit_events", || "StoredEvent")),
    ..Offer::NONE
}];

/// Staff see the events of their programme, the operator those of the installation. Nobody else sees events. An event that is
/// reserved for a role is seen by others when they see another event of the same object.
impl Rule for StoredEvent {
    fn is_visible(&self, db: &mut Db, scope: &Scope) -> bool {
        let of_object: Vec<Option<String>> = audit_events::table
            .filter(audit_events::resource_id.eq(&self.resource_id))
            .filter(audit_events::resource_type.eq(&self.resource_type))
            .select(audit_events::reserved_for)
            .load(db)
            .unwrap();
        scope.grants.iter().any(|grant| match &grant.place {
            Place::Everywhere => grant.role != "systemAdmin" || self.chain == "installation",
            Place::Programme(programme) => {
                let is_open =
                    |reserved: &Option<String>| reserved.as_deref().is_none_or(|role| role == grant.role);
                self.programme_id == Some(*programme) && of_object.iter().any(is_open)
            }
            _ => false,
        })
    }
}

/// The ids of the events of an application, as this caller sees them, and whether its text is in any event that they see.
fn of_application(reader: &Client, id: &str, text: &str) -> (Vec<Value>, bool) {
    let seen = reader.get(&format!("/audit-events?resourceId={id}&sort=sequence")).is(200);
    let all = reader.get("/audit-events?limit=1000").text;
    (crate::team::each(&seen, "action"), all.contains(text))
}

both!(an_event_is_seen_as_far_as_its_object_is_or_was, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let readers = [t.economist(programme), t.in_programme(Role::Auditor, programme)];
    let interest = |email: &str, text: &str| {
        express_as(t, programme, email, text);
        t.link_for(email)
    };
    let (id, token) = interest("strateg@example.org", "HEMLIGT-A");
    let (never, _) = interest("annan@example.org", "HEMLIGT-B");
    let first = |id: &str| {
        let list = manager.get(&format!("/audit-events?resourceId={id}")).is(200);
        format!("/audit-events/{}", list["items"][0]["id"].as_str().unwrap())
    };
    for (id, text) in [(&id, "HEMLIGT-A"), (&never, "HEMLIGT-B")] {
        assert_eq!(of_application(&manager, id, text), (vec![json!("application.created")], true));
        assert_eq!(manager.get(&first(id)).is(200)["reservedFor"], "programmeManager");
        for reader in &readers {
            assert_eq!(of_application(reader, id, text), (vec![], false));
            reader.get(&first(id)).refused(404, "notFound");
            assert_eq!(reader.get("/audit-events?resourceType=application").is(200)["items"], json!([]));
        }
    }
    // The address is proved: everyone sees the application, and its whole story.
    let proof = json!({"token": token, "password": "ett långt lösenord 2020"});
    t.anonymous().post(&format!("/applications/{id}/verification"), proof).is(200);
    let whole = vec![json!("application.created"), json!("application.submitted")];
    for reader in &readers {
        reader.get(&format!("/applications/{id}")).is(200);
        assert_eq!(of_application(reader, &id, "HEMLIGT-A"), (whole.clone(), true));
        reader.get(&first(&id)).is(200);
    }
    // The other expires, and stays the manager's.
    t.at("2020-10-25");
    let expired = vec![json!("application.created"), json!("application.expired")];
    assert_eq!(of_application(&manager, &never, "HEMLIGT-B"), (expired, true));
    for reader in &readers {
        assert_eq!(of_application(reader, &never, "HEMLIGT-B"), (vec![], false));
        reader.get(&format!("/applications/{never}")).refused(404, "notFound");
        assert_eq!(reader.get("/audit-events/verification").is(200)["isIntact"], true);
    }
});

both!(events_from_before_reservations_are_seen_by_the_same_rule, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let auditor = t.in_programme(Role::Auditor, programme);
    express_as(t, programme, "strateg@example.org", "HEMLIGT-A");
    express_as(t, programme, "annan@example.org", "HEMLIGT-B");
    let (id, token) = t.link_for("strateg@example.org");
    let (never, _) = t.link_for("annan@example.org");
    let proof = json!({"token": token, "password": "ett långt lösenord 2020"});
    t.anonymous().post(&format!("/applications/{id}/verification"), proof).is(200);
    t.at("2020-10-25");
    t.write(|tx| {
        unlock(tx);
        let old = (audit_events::formula.eq(2), audit_events::reserved_for.eq(None::<String>));
        diesel::update(audit_events::table).set(old).execute(tx.db)?;
        Ok(())
    });
    assert_eq!(of_application(&manager, &never, "HEMLIGT-B").0.len(), 2);
    assert_eq!(of_application(&auditor, &never, "HEMLIGT-B"), (vec![], false));
    let whole = vec![json!("application.created"), json!("application.submitted")];
    assert_eq!(of_application(&auditor, &id, "HEMLIGT-A"), (whole, true));
});

fn express_as(t: &TestApp, programme: Id, email: &str, text: &str) {
    let interest = json!({
        "kommunkod": BODEN, "contactName": "Strateg", "contactEmail": email, "motivation": text, "maturity": 2,
        "departments": ["Socialförvaltningen"],
    });
    t.anonymous().post(&format!("/programmes/{programme}/applications"), interest).is(202);
}

both!(no_event_shows_an_application_that_its_reader_does_not_see, |t| {
    let world = World::new(t);
    let list = format!("/applications?kommunkod={}", crate::goals::VASBY);
    let hidden = World::first(&world.manager, &list).as_str().unwrap().to_owned();
    for state in [ApplicationState::Unverified, ApplicationState::Expired] {
        put_in(t, &format!("/applications/{hidden}"), state);
        let row: ApplicationRow = t.db(|db| {
            use samverkan::platform::auth::scoped::Scoped as _;
            ApplicationRow::find(db, &Scope::everything(), hidden.parse().unwrap()).unwrap().unwrap()
        });
        assert_eq!(row.reserved_for(), Some("programmeManager"));
    }
    // What the economist sees in the trail, and where a single object of the type can be read.
    let economist = t.economist(world.programme);
    let seen = economist.get("/audit-events?limit=1000&resourceType=application").is(200);
    let mut walked = 0;
    for event in seen["items"].as_array().unwrap() {
        let id = event["resourceId"].as_str().unwrap();
        if id != hidden {
            economist.get(&format!("/applications/{id}")).is(200);
            walked += 1;
        }
    }
    assert!(1 < walked);
});

both!(a_change_is_in_the_chain_of_its_resource, |t| {
    let n = Network::new(t);
    let path = n.submitted("policyDocument");
    n.supporter.change(&path, "approved").is(200);
    let id = path.rsplit('/').next().unwrap();
    let list = format!("/audit-events?resourceId={id}&sort=sequence");
    let events = t.in_programme(Role::Auditor, n.programme).get(&list).is(200);
    let items = events["items"].as_array().unwrap();
    let actions: Vec<&str> = items.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        ["milestone.created", "milestone.inProgress", "milestone.submitted", "milestone.approved"]
    );
    let approved = items.last().unwrap();
    assert_eq!(approved["chain"], format!("programme:{}:kommun:{BODEN}", n.programme));
    assert_eq!(
        (&approved["actorRole"], &approved["actorKind"]),
        (&json!("processSupporter"), &json!("person"))
    );
    assert_eq!(approved["actorId"], json!(n.supporter.id()));
    assert_eq!(
        (&approved["before"]["status"], &approved["after"]["status"]),
        (&json!("submitted"), &json!("approved"))
    );
    assert_eq!(approved["previousHash"].as_str().map(str::len), Some(64));
    let one = format!("/audit-events/{}", approved["id"].as_str().unwrap());
    assert_eq!(n.manager.get(&one).is(200)["hash"], approved["hash"]);
    let filtered =
        format!("/audit-events?programmeId={}&kommunkod={BODEN}&action=milestone.approved", n.programme);
    assert_eq!(n.manager.get(&filtered).is(200)["_meta"]["totalRecords"], 1);
    let none = "/audit-events?action=milestone.approved&atTo=2020-12-31T00:00:00Z";
    assert_eq!(n.manager.get(none).is(200)["_meta"]["totalRecords"], 0);
    n.manager.get("/audit-events?colour=blue").refused(400, "invalidQuery");
});

both!(kommuner_see_no_events_and_staff_see_their_programmes, |t| {
    let n = Network::new(t);
    t.anonymous().get("/audit-events").refused(401, "unauthenticated");
    let kommun = [Role::Coordinator, Role::Participant, Role::Attester, Role::KommunReader, Role::Applicant];
    for role in kommun.into_iter().chain([Role::ProcessSupporter]) {
        let reader = t.in_kommun(role, n.programme, BODEN);
        reader.get("/audit-events").refused(403, "forbidden");
        reader.get("/audit-events/verification").refused(403, "forbidden");
    }
    let other = t.manager(t.admin().post("/programmes", offer()).id());
    let events = n.manager.get("/audit-events?limit=1000").is(200);
    let one = format!("/audit-events/{}", events["items"][0]["id"].as_str().unwrap());
    other.get(&one).refused(404, "notFound");
    let seen = other.get("/audit-events?limit=1000").is(200);
    let foreign = |event: &Value| event["programmeId"] == json!(n.programme);
    assert!(!seen["items"].as_array().unwrap().iter().any(foreign));
});

both!(the_operator_reads_only_the_installations_chain, |t| {
    let programme = draft(t);
    let admin = t.admin();
    let seen = admin.get("/audit-events?limit=1000").is(200);
    let items = seen["items"].as_array().unwrap();
    assert!(!items.is_empty());
    assert!(items.iter().all(|event| event["chain"] == "installation"));
    assert!(!seen.to_string().contains("passwordHash"));
    let chains = admin.get("/audit-events/verification").is(200);
    assert_eq!(chains["chains"].as_array().unwrap().len(), 1);
    let asked = format!("/audit-events/verification?chain=programme:{programme}");
    assert_eq!(admin.get(&asked).is(200)["chains"], json!([]));
    admin.get("/audit-events/verification?colour=blue").refused(400, "invalidQuery");
});

both!(a_row_changed_in_the_database_is_found, |t| {
    let n = Network::new(t);
    let path = n.submitted("policyDocument");
    let whole = n.manager.get("/audit-events/verification").is(200);
    assert_eq!(whole["isIntact"], true);
    assert!(whole["chains"].as_array().unwrap().len() >= 3);
    let id: Id = path.rsplit('/').next().unwrap().parse().unwrap();
    let before: (Id, i64) = t.db(|db| {
        let events = audit_events::table.filter(audit_events::resource_id.eq(id.to_string()));
        let last = events.order(audit_events::sequence.desc());
        last.select((audit_events::id, audit_events::sequence)).first(db).unwrap()
    });
    t.write(|tx| {
        unlock(tx);
        diesel::update(audit_events::table.find(before.0))
            .set(audit_events::after_values.eq(Some(r#"{"status":"approved"}"#)))
            .execute(tx.db)?;
        Ok(())
    });
    let broken = n.manager.get("/audit-events/verification").is(200);
    assert_eq!(broken["isIntact"], false);
    let chain = format!("programme:{}:kommun:{BODEN}", n.programme);
    let verdicts = broken["chains"].as_array().unwrap();
    let faulty: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["isIntact"] == false).collect();
    assert_eq!(faulty.len(), 1);
    assert_eq!((&faulty[0]["chain"], &faulty[0]["fault"]), (&json!(chain), &json!("values")));
    assert_eq!(faulty[0]["firstFault"], before.1);
    t.write(|tx| {
        unlock(tx);
        diesel::delete(audit_events::table.find(before.0)).execute(tx.db)?;
        Ok(())
    });
    let cut = n.manager.get(&format!("/audit-events/verification?chain={chain}")).is(200);
    assert_eq!(cut["isIntact"], false);
});

both!(a_truncated_chain_is_found_by_its_checkpoint, |t| {
    let n = Network::new(t);
    let path = n.submitted("policyDocument");
    let count = || -> i64 { t.db(|db| audit_checkpoints::table.count().get_result(db).unwrap()) };
    let before = count();
    t.clock.advance(24 * 3_600_000);
    t.run_jobs();
    t.run_jobs();
    assert_eq!(count(), before + 1, "one a day");
    n.supporter.change(&path, "approved").is(200);
    let whole = n.manager.get("/audit-events/verification").is(200);
    assert_eq!((whole["isIntact"].clone(), whole["checkpointAt"].is_string()), (json!(true), true));

    let chain = format!("programme:{}:kommun:{BODEN}", n.programme);
    let asked = format!("/audit-events/verification?full=true&chain={chain}");
    let last = whole["chains"].as_array().unwrap().iter().find(|verdict| verdict["chain"] == chain).unwrap();
    let last = last["events"].as_i64().unwrap();
    let cut_after = |sequence: i64| {
        let (name, of_chain) =
            (chain.clone(), audit_events::table.filter(audit_events::chain.eq(chain.clone())));
        let hash: String = t.db(|db| {
            let there = of_chain.clone().filter(audit_events::sequence.eq(sequence));
            there.select(audit_events::hash).first(db).unwrap()
        });
        t.write(|tx| {
            unlock(tx);
            let tail = audit_events::table.filter(audit_events::chain.eq(name.clone()));
            diesel::delete(tail.filter(audit_events::sequence.gt(sequence))).execute(tx.db)?;
            diesel::update(audit_chains::table.find(name.clone()))
                .set((audit_chains::head_sequence.eq(sequence), audit_chains::head_hash.eq(hash.clone())))
                .execute(tx.db)?;
            Ok(())
        });
    };
    // The checkpoint does not cover later events, but the row tells of what is missing.
    cut_after(last - 1);
    let verdict = &n.manager.get(&asked).is(200)["chains"][0];
    assert_eq!((&verdict["fault"], &verdict["rowFaults"][0]["member"]), (&json!("rows"), &json!("status")));
    cut_after(last - 2);
    let cut = n.manager.get(&asked).is(200);
    let verdict = &cut["chains"][0];
    assert_eq!((&cut["isIntact"], &verdict["fault"]), (&json!(false), &json!("checkpoint")));
    assert_eq!(verdict["firstFault"], last - 1);
    t.write(|tx| {
        unlock(tx);
        let events = audit_events::table.filter(audit_events::chain.eq(chain.clone()));
        diesel::delete(events).execute(tx.db)?;
        diesel::delete(audit_chains::table.find(chain.clone())).execute(tx.db)?;
        Ok(())
    });
    let gone = n.manager.get(&asked).is(200);
    assert_eq!(
        (&gone["chains"][0]["fault"], &gone["chains"][0]["events"]),
        (&json!("checkpoint"), &json!(0))
    );
    // A forged checkpoint is found, whoever asks.
    t.write(|tx| {
        unlock(tx);
        let heads = r#"{"installation":{"sequence":1,"hash":"x"}}"#;
        diesel::update(audit_checkpoints::table).set(audit_checkpoints::heads.eq(heads)).execute(tx.db)?;
        Ok(())
    });
    let forged = n.manager.get("/audit-events/verification").is(200);
    assert_eq!((&forged["isIntact"], &forged["checkpoints"]["firstFault"]), (&json!(false), &json!(1)));
});

#[test]
fn verifying_a_missing_database_fails_and_makes_none() {
    let folder = std::env::temp_dir().join(format!("samverkan-nothing-{}", std::process::id()));
    let told = std::process::Command::new(env!("CARGO_BIN_EXE_samverkan"))
        .arg("verify-audit")
        .env("DATA_DIR", &folder)
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert!(!told.status.success() && !folder.exists());
    assert!(String::from_utf8(told.stderr).unwrap().contains("there is no database"));
}
