//! Checkpoints: numbered, chained, copied outside the database, and what they find.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use samverkan::identity::policy::Role;
use samverkan::platform::audit::checkpoints::CheckpointRow;
use samverkan::platform::audit::outside;
use samverkan::platform::auth::scope::{Place, Scope};
use samverkan::platform::db::Db;
use serde_json::{Value, json};

use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner, World};
use crate::goals::Network;
use crate::oversight::tampering::unlock;
use crate::support::TestApp;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "checkpointId",
    owner: Owner::Anyone,
    make: |_, world| World::first(&world.manager, "/audit-events/checkpoints"),
    rows: Some(Rows::by_rule_in::<CheckpointRow>("audit_checkpoints", || "CheckpointRow")),
    ..Offer::NONE
}];

/// Whoever reads events of some chain reads the checkpoints.
impl Rule for CheckpointRow {
    fn is_visible(&self, _: &mut Db, scope: &Scope) -> bool {
        scope.grants.iter().any(|grant| matches!(grant.place, Place::Everywhere | Place::Programme(_)))
    }
}

fn a_day_later(t: &TestApp) {
    t.clock.advance(24 * 3_600_000);
    t.run_jobs();
}

fn run(t: &TestApp, sql: &str) {
    t.write(|tx| {
        unlock(tx);
        tx.db.batch_execute(sql)?;
        Ok(())
    });
}

fn verified(n: &Network) -> Value {
    n.manager.get("/audit-events/verification?full=true").is(200)
}

both!(checkpoints_are_numbered_chained_and_show_what_the_reader_may_see, |t| {
    let n = Network::new(t);
    n.submitted("policyDocument");
    a_day_later(t);
    let auditor = t.in_programme(Role::Auditor, n.programme);
    let list = auditor.get("/audit-events/checkpoints?sort=at").is(200);
    let items = list["items"].as_array().unwrap();
    assert!(items.len() >= 2);
    assert_eq!(items[0]["previous"], "0".repeat(64));
    for (number, pair) in items.windows(2).enumerate() {
        assert_eq!(pair[0]["number"], number + 1);
        assert_eq!(pair[1]["previous"], pair[0]["digest"]);
    }
    let newest = &items[items.len() - 1];
    let heads: Vec<&String> = newest["heads"].as_object().unwrap().keys().collect();
    assert!(
        heads.len() >= 3 && heads.iter().all(|name| name.contains(&n.programme.to_string())),
        "{heads:?}"
    );
    let seen = t.admin().get(newest["_links"][0]["href"].as_str().unwrap()).is(200);
    assert_eq!(seen["heads"].as_object().unwrap().keys().collect::<Vec<_>>(), ["installation"]);
    assert_eq!((&seen["headsSha256"], &seen["digest"]), (&newest["headsSha256"], &newest["digest"]));
    n.coordinator.get("/audit-events/checkpoints").refused(403, "forbidden");

    // The file has the same ones.
    let copies = outside::read_own(&t.services.config.checkpoints()).copies;
    assert_eq!(copies.len(), items.len());
    assert!(copies.iter().zip(items).all(|(copy, item)| item["digest"] == copy.digest()));
    let found = verified(&n);
    assert_eq!((&found["isIntact"], &found["checkpoints"]["compared"]), (&json!(true), &json!(items.len())));

    // Somebody keeps what the API answers, in the file's form too: one line for each.
    let lines: Vec<String> = items.iter().map(Value::to_string).collect();
    for kept in [list.to_string(), lines.join("\n")] {
        assert_eq!(outside::read(&kept).unwrap(), outside::read(&list.to_string()).unwrap());
    }
    // The digest covers each member that the signature covers, and the signature itself.
    for member in ["number", "id", "at", "previous", "headsSha256", "kid", "signature", "digest"] {
        let mut kept = newest.clone();
        kept[member] = match &newest[member] {
            Value::Number(number) => json!(number.as_i64().unwrap() + 1),
            text => items[0][member]
                .as_str()
                .filter(|other| text != other)
                .map_or(json!("x"), |other| json!(other)),
        };
        let told = outside::read(&kept.to_string()).unwrap_err();
        assert!(told.contains("its digest is not that of its members"), "{member}: {told}");
    }
});

// A line of the file in `CHECKPOINT_DIR` that has a digest must have the right one. The program writes none: it is a member
// of what the API answers, which somebody may have put there.
both!(a_digest_in_the_kept_file_is_held_against_its_line, |t| {
    let n = Network::new(t);
    a_day_later(t);
    let auditor = t.in_programme(Role::Auditor, n.programme);
    let list = auditor.get("/audit-events/checkpoints?sort=at").is(200);
    let folder = t.services.config.checkpoints();
    let own = std::fs::read_to_string(outside::file_in(&folder)).unwrap();
    let lines: Vec<Value> = own.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let with = |digest: &dyn Fn(&Value) -> Value| {
        let told = lines.iter().zip(list["items"].as_array().unwrap()).map(|(line, item)| {
            let mut line = line.clone();
            line["digest"] = digest(item);
            format!("{line}\n")
        });
        std::fs::write(outside::file_in(&folder), told.collect::<String>()).unwrap();
    };
    with(&|item| item["digest"].clone());
    assert_eq!(outside::read_own(&folder).copies.len(), lines.len());
    assert_eq!(verified(&n)["isIntact"], true);
    with(&|item| item["previous"].clone());
    let told = outside::read_own(&folder).unreadable;
    assert!(told[0].why.contains("its digest is not that of its members"), "{told:?}");
});

// What cannot be read of the kept file is told, and keeps nothing else from being verified.
both!(a_damaged_file_of_checkpoints_is_a_fault_and_the_rest_is_compared, |t| {
    let n = Network::new(t);
    a_day_later(t);
    let folder = t.services.config.checkpoints();
    let file = outside::file_in(&folder);
    let whole = std::fs::read(&file).unwrap();
    let lines = whole.split_inclusive(|byte| *byte == b'\n').count();
    assert!(lines > 1);
    let first_line = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for damage in [&b"{\"number\":"[..], b"\xff\xfe", b"{}"] {
        std::fs::write(&file, [damage, &whole[first_line..]].concat()).unwrap();
        let found = verified(&n);
        let verdict = &found["checkpoints"];
        assert_eq!((&found["isIntact"], &verdict["fault"]), (&json!(false), &json!("file")), "{found}");
        assert_eq!(verdict["unreadableFiles"], json!(["audit-checkpoints.jsonl"]));
        assert_eq!((&verdict["firstFault"], &verdict["compared"]), (&Value::Null, &json!(lines - 1)));
        assert!(found["chains"].as_array().unwrap().iter().all(|chain| chain["isIntact"] == true));
    }
    std::fs::write(&file, &whole).unwrap();
    let found = verified(&n);
    assert_eq!((&found["isIntact"], &found["checkpoints"]["unreadableFiles"]), (&json!(true), &json!([])));
    // A fault of a checkpoint is told first.
    std::fs::write(&file, [b"{}", &whole[first_line..]].concat()).unwrap();
    run(t, "UPDATE audit_checkpoints SET signature = 'x' || signature WHERE number = 2");
    let verdict = &verified(&n)["checkpoints"];
    assert_eq!((&verdict["firstFault"], &verdict["fault"]), (&json!(2), &json!("signature")));
    assert_eq!(verdict["unreadableFiles"], json!(["audit-checkpoints.jsonl"]));
});

both!(a_database_that_was_cut_back_differs_from_the_copies, |t| {
    let n = Network::new(t);
    a_day_later(t);
    let heads = t.db(heads);
    let path = n.submitted("policyDocument");
    n.supporter.change(&path, "approved").is(200);
    a_day_later(t);
    let kept = n.manager.get("/audit-events/checkpoints").is(200);
    assert_eq!(verified(&n)["isIntact"], true);
    // Back to what it was before the milestone, with every trace of it.
    let mut back = String::from(
        "DELETE FROM audit_checkpoints WHERE number = (SELECT MAX(number) FROM audit_checkpoints); \
         DELETE FROM status_changes WHERE resource_type = 'milestone'; DELETE FROM milestones;",
    );
    for (name, sequence, hash) in heads {
        back.push_str(&format!(
            "DELETE FROM audit_events WHERE chain = '{name}' AND sequence > {sequence}; \
             UPDATE audit_chains SET head_sequence = {sequence}, head_hash = '{hash}' WHERE name = '{name}';"
        ));
    }
    run(t, &back);
    let found = verified(&n);
    assert_eq!(
        (&found["isIntact"], &found["checkpoints"]["fault"]),
        (&json!(false), &json!("copy")),
        "{found}"
    );
    // Without the file nothing shows it, but what the auditor kept does.
    let file = outside::file_in(&t.services.config.checkpoints());
    std::fs::remove_file(&file).unwrap();
    let unseen = verified(&n);
    let chains: Vec<&Value> =
        unseen["chains"].as_array().unwrap().iter().filter(|chain| chain["isIntact"] == false).collect();
    assert_eq!(unseen["checkpoints"]["fault"], Value::Null, "{chains:?}");
    std::fs::write(&file, format!("{kept}\n")).unwrap();
    assert_eq!(verified(&n)["checkpoints"]["fault"], "copy");
    // The job writes nothing beside what belongs to another state.
    a_day_later(t);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{kept}\n"));
});

fn heads(db: &mut Db) -> Vec<(String, i64, String)> {
    use diesel::prelude::*;
    use samverkan::platform::db::schema::audit_chains::dsl::{audit_chains, head_hash, head_sequence, name};
    audit_chains.select((name, head_sequence, head_hash)).load(db).unwrap()
}

both!(events_that_no_checkpoint_covers_are_told_and_become_a_fault, |t| {
    let n = Network::new(t);
    a_day_later(t);
    n.submitted("policyDocument");
    let uncovered = |found: &Value| -> i64 {
        let chains = found["chains"].as_array().unwrap();
        chains.iter().map(|chain| chain["uncovered"].as_i64().unwrap()).sum()
    };
    let found = verified(&n);
    assert_eq!(found["isIntact"], true);
    assert!(uncovered(&found) > 0);
    // Somebody keeps the job from covering what they want to change.
    t.clock.advance(24 * 3_600_000 + 60_000);
    assert_eq!(verified(&n)["isIntact"], true, "a server that was off is no fault");
    n.submitted("actionPlan");
    let found = verified(&n);
    let faults: Vec<&Value> =
        found["chains"].as_array().unwrap().iter().map(|chain| &chain["fault"]).collect();
    assert!(faults.contains(&&json!("uncovered")), "{found}");
    // A start covers what was written before it.
    samverkan::app::prepare(&t.services).unwrap();
    let found = verified(&n);
    assert_eq!((&found["isIntact"], uncovered(&found)), (&json!(true), 0));
});

both!(a_verification_continues_where_the_last_one_ended, |t| {
    let n = Network::new(t);
    n.submitted("policyDocument");
    a_day_later(t);
    let path = "/audit-events/verification";
    let first = n.manager.get(path).is(200);
    assert_eq!((&first["isIntact"], &first["continuedFrom"]), (&json!(true), &Value::Null));
    let next = n.manager.get(path).is(200);
    assert_eq!(next["continuedFrom"], first["checkpoints"]["newest"]);
    assert_eq!(next["events"], first["events"]);
    assert_eq!(next["rows"], 0, "nothing has changed since");
    let milestone = n.submitted("actionPlan");
    let later = n.manager.get(path).is(200);
    assert_eq!((&later["isIntact"], later["rows"].as_i64().unwrap() > 0), (&json!(true), true));
    assert_eq!(verified(&n)["continuedFrom"], Value::Null);
    // Another caller has verified nothing yet.
    let auditor = t.in_programme(Role::Auditor, n.programme);
    assert_eq!(auditor.get(path).is(200)["continuedFrom"], Value::Null);

    // A row that was named since is compared; others are when everything is.
    let id = milestone.rsplit('/').next().unwrap().replace('-', "");
    run(t, &format!("UPDATE milestones SET due_on = '2031-01-01' WHERE {} = '{id}'", id_column(t)));
    let found = n.manager.get(path).is(200);
    assert_eq!(found["isIntact"], false, "{found}");
    a_day_later(t);
    assert_eq!(verified(&n)["isIntact"], false);
    // What was forged to have been verified is not believed.
    run(t, "UPDATE audit_verifications SET verified_number = verified_number + 1");
    assert_eq!(auditor.get(path).is(200)["continuedFrom"], Value::Null);
});

/// The SQL of a row's id as lower-case hexadecimal digits.
fn id_column(t: &TestApp) -> &'static str {
    match t.kind() {
        crate::support::Kind::Sqlite => "lower(hex(id))",
        crate::support::Kind::Postgres => "replace(id::text, '-', '')",
    }
}

both!(one_verification_of_a_caller_runs_at_a_time, |t| {
    let n = Network::new(t);
    assert_eq!(
        n.manager.get("/audit-events/verification/progress").is(200),
        json!({"isRunning": false, "done": 0, "total": 0})
    );
    n.manager.get("/audit-events/verification").is(200);
    let after = n.manager.get("/audit-events/verification/progress").is(200);
    assert_eq!((&after["isRunning"], after["startedAt"].is_string()), (&json!(false), true));
    run(t, "UPDATE audit_verifications SET is_running = TRUE, done = 17, total = 20");
    let running = n.manager.get("/audit-events/verification/progress").is(200);
    assert_eq!(
        (&running["isRunning"], &running["done"], &running["total"]),
        (&json!(true), &json!(17), &json!(20))
    );
    n.manager.get("/audit-events/verification").refused(409, "verificationRunning");
    t.in_programme(Role::Auditor, n.programme).get("/audit-events/verification").is(200);
    // A run whose process has ended is not waited for.
    t.clock.advance(6 * 60_000);
    n.manager.get("/audit-events/verification").is(200);
    n.coordinator.get("/audit-events/verification/progress").refused(403, "forbidden");
});

#[test]
fn a_line_that_was_not_finished_is_left_out() {
    let folder = std::env::temp_dir().join(format!("samverkan-outside-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let nowhere = outside::read_own(Path::new("/nowhere"));
    assert!(nowhere.copies.is_empty() && nowhere.unreadable.is_empty());
    std::fs::write(outside::file_in(&folder), "{\"number\":1,\"at\"").unwrap();
    let unfinished = outside::read_own(&folder);
    assert!(unfinished.copies.is_empty() && unfinished.unreadable.is_empty());
    std::fs::write(outside::file_in(&folder), "{\"number\":1}\n").unwrap();
    assert!(outside::read_own(&folder).unreadable[0].why.contains("not a checkpoint"));
    assert!(outside::read_file(Path::new("/nowhere")).is_err());
    std::fs::remove_dir_all(folder).unwrap();
}
