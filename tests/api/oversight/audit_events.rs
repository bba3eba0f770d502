//! The audit trail over HTTP: its events, its readers, and how tampering is found.

use diesel::prelude::*;
use samverkan::identity::policy::Role;
use samverkan::platform::audit::verification::StoredEvent;
use samverkan::platform::auth::scope::{Place, Scope};
use samverkan::platform::db::Db;
use samverkan::platform::db::schema::{audit_chains, audit_checkpoints, audit_events};
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner, World};
use crate::goals::{BODEN, Network};
use crate::oversight::tampering::unlock;
use crate::programmes::{draft, offer};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "auditEventId",
    owner: Owner::Kommun,
    make: |_, world| {
        World::first(&world.manager, &format!("/audit-events?resourceId={}", world.id("timeEntryId")))
    },
    rows: Some(Rows::by_rule_in::<StoredEvent>("audit_events", || "StoredEvent")),
    ..Offer::NONE
}];

/// Staff see the events of their programme, the operator those of the installation. Nobody else sees events.
impl Rule for StoredEvent {
    fn is_visible(&self, _: &mut Db, scope: &Scope) -> bool {
        scope.grants.iter().any(|grant| match &grant.place {
            Place::Everywhere => grant.role != "systemAdmin" || self.chain == "installation",
            Place::Programme(programme) => self.programme_id == Some(*programme),
            _ => false,
        })
    }
}

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
