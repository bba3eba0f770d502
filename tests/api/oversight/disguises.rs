//! Somebody who can write to the database disguises what they change: the verification is to see other rows than everybody
//! else, values read as they were but are found by no condition, a row has an id that nobody asks for, or nothing tells of the
//! row at all.

use std::cell::RefCell;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use samverkan::platform::audit::erasure::erase;
use samverkan::platform::audit::outside;
use samverkan::platform::audit::verification::{StoredEvent, event_hash};
use samverkan::platform::db::intact::{self, DatabaseFault};
use samverkan::platform::db::schema::{audit_chains, audit_events};
use samverkan::platform::ids::Id;
use samverkan::platform::problem::Problem;
use samverkan::platform::tx::Tx;
use serde_json::json;

use super::tampering::{after, told, unlock};
use crate::both;
use crate::goals::{BODEN, Network};
use crate::support::{Kind, TestApp};

/// What a look at the database finds after an edit, which is taken back.
fn seen<T>(t: &TestApp, edit: &str, look: impl Fn(&mut Tx<'_>) -> T) -> T {
    let found = RefCell::new(None);
    let taken_back = t.services.database.write_blocking(&t.services.system(), |tx| -> Result<(), Problem> {
        tx.db.batch_execute(edit).unwrap_or_else(|error| panic!("{edit}: {error}"));
        *found.borrow_mut() = Some(look(tx));
        Err(Problem::not_found())
    });
    assert!(taken_back.is_err());
    found.into_inner().unwrap()
}

fn shape(t: &TestApp, edit: &str) -> Vec<DatabaseFault> {
    seen(t, edit, |tx| intact::shape(tx.db).unwrap())
}

/// Edits of what is not the program's business, and others with the table and the fault that are to be found.
fn edits(kind: Kind) -> (Vec<&'static str>, Vec<(&'static str, &'static str, &'static str)>) {
    match kind {
        Kind::Sqlite => (
            vec![
                "SELECT 1",
                "ANALYZE",
                "CREATE TABLE _copied (id INTEGER); CREATE VIEW seen AS SELECT * FROM people",
            ],
            vec![
                ("DROP TRIGGER signatures_kept", "signatures", "missing"),
                (
                    "CREATE TRIGGER own AFTER INSERT ON Audit_Verifications BEGIN SELECT 1; END",
                    "Audit_Verifications",
                    "unknown",
                ),
                ("CREATE TRIGGER people AFTER UPDATE ON lan BEGIN SELECT 1; END", "lan", "unknown"),
                (
                    "ALTER TABLE month_exceptions RENAME TO hidden; \
                     CREATE VIEW month_exceptions AS SELECT * FROM hidden",
                    "month_exceptions",
                    "changed",
                ),
                ("ALTER TABLE people ADD COLUMN shown GENERATED ALWAYS AS ('x')", "people", "changed"),
                ("DROP INDEX signatures_valid_key", "signatures", "missing"),
            ],
        ),
        Kind::Postgres => (
            vec![
                "SELECT 1",
                "ANALYZE",
                "CREATE TABLE _copied (id integer); CREATE VIEW seen AS SELECT * FROM people",
            ],
            vec![
                ("DROP TRIGGER signatures_kept ON signatures", "signatures", "missing"),
                ("ALTER TABLE signatures DISABLE TRIGGER signatures_kept", "signatures", "changed"),
                (
                    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
                     'BEGIN RETURN NEW; END'",
                    "signatures",
                    "changed",
                ),
                (
                    "CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
                     CREATE TRIGGER own AFTER INSERT ON audit_verifications FOR EACH ROW EXECUTE FUNCTION own()",
                    "audit_verifications",
                    "unknown",
                ),
                (
                    "ALTER TABLE month_exceptions RENAME TO hidden; \
                     CREATE VIEW month_exceptions AS SELECT * FROM hidden",
                    "month_exceptions",
                    "changed",
                ),
                ("ALTER TABLE people ENABLE ROW LEVEL SECURITY", "people", "changed"),
                ("CREATE RULE own AS ON DELETE TO people DO INSTEAD NOTHING", "people", "changed"),
                ("CREATE TABLE heir () INHERITS (people)", "people", "changed"),
                (
                    "ALTER TABLE people ADD COLUMN shown text GENERATED ALWAYS AS ('x') STORED",
                    "people",
                    "changed",
                ),
                (
                    "ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey",
                    "idempotency_keys",
                    "changed",
                ),
                ("DROP INDEX signatures_valid_key", "signatures", "missing"),
                (
                    "ALTER TABLE milestones ADD CONSTRAINT own FOREIGN KEY (reason) REFERENCES audit_verifications \
                     ON DELETE SET DEFAULT",
                    "milestones",
                    "changed",
                ),
                ("SET LOCAL search_path = public, pg_catalog", "*", "changed"),
            ],
        ),
    }
}

both!(what_shows_the_verification_other_rows_is_found, |t| {
    let (harmless, disguises) = edits(t.kind());
    for edit in harmless {
        assert_eq!(shape(t, edit), Vec::new(), "{edit}");
    }
    for (edit, table, fault) in disguises {
        let found = shape(t, edit);
        let is_told = |told: &DatabaseFault| told.table == table && told.fault == fault;
        assert!(found.iter().any(is_told), "not found: {edit}: {found:?}");
    }
});

#[test]
fn a_value_of_another_type_that_reads_as_the_same_is_found() {
    let t = &TestApp::new(Kind::Sqlite);
    told(t);
    let values = |edit: &str| {
        seen(t, &format!("PRAGMA defer_foreign_keys = ON; {edit}"), |tx| {
            unlock(tx);
            intact::values(tx.db).unwrap()
        })
    };
    assert_eq!(values("SELECT 1"), Vec::new());
    for (edit, column) in [
        ("UPDATE milestones SET kommunkod = CAST(kommunkod AS BLOB)", "kommunkod"),
        ("UPDATE milestones SET programme_id = CAST(programme_id AS TEXT)", "programme_id"),
        ("UPDATE milestones SET position = position + 0.5", "position"),
        ("UPDATE milestones SET version = version + 4294967296", "version"),
        ("UPDATE milestones SET updated_at = updated_at + 0.5", "updated_at"),
        ("UPDATE signatures SET is_void = 2", "is_void"),
    ] {
        let found = values(edit);
        assert!(
            found.iter().any(|fault| fault.name.as_deref() == Some(column)),
            "not found: {edit}: {found:?}"
        );
    }
    let orphan = "UPDATE milestones SET submitted_by = randomblob(16)";
    assert!(values(orphan).iter().any(|fault| fault.fault == "references"));
    // An event in a chain that is no text is in no chain, but told of the row.
    let columns = "programme_id, kommunkod, at, actor_id, actor_kind, actor_role, action, resource_type, resource_id, \
                   before_values, after_values, salt, values_hash, request_id, previous_hash, hash, formula, reserved_for";
    let told_beside = format!(
        "INSERT INTO audit_events (id, chain, sequence, {columns}) SELECT randomblob(16), CAST(chain AS BLOB), 999999, \
         {columns} FROM audit_events WHERE resource_type = 'milestone' ORDER BY sequence DESC LIMIT 1"
    );
    assert!(!after(t, &told_beside).is_empty());
}

both!(what_cannot_be_read_is_told_and_keeps_nothing_else_from_being_verified, |t| {
    told(t);
    let edits = match t.kind() {
        Kind::Sqlite => vec![
            "UPDATE audit_events SET actor_id = x'00' WHERE resource_type = 'milestone'",
            "UPDATE status_changes SET by_id = x'00' WHERE resource_type = 'milestone'",
            "UPDATE status_changes SET resource_id = x'00' WHERE resource_type = 'milestone'",
            "UPDATE milestones SET submitted_by = x'00'",
            "UPDATE milestones SET id = x'00' WHERE submitted_by IS NOT NULL",
            "UPDATE audit_checkpoints SET id = x'00' WHERE number = 2",
        ],
        Kind::Postgres => vec![
            "UPDATE audit_events SET at = at + interval '1 microsecond' WHERE resource_type = 'milestone'",
            "UPDATE status_changes SET at = at + interval '1 microsecond' WHERE resource_type = 'milestone'",
            "UPDATE milestones SET updated_at = updated_at + interval '1 microsecond'",
            "UPDATE audit_checkpoints SET at = at + interval '1 microsecond' WHERE number = 2",
        ],
    };
    for edit in edits {
        let both = format!("{edit}; UPDATE people SET name = 'Somebody Else'");
        let found = after(t, &both);
        assert!(found.iter().any(|found| found.contains("\"person\"")), "{edit}: {found:?}");
        assert!(
            found.iter().any(|found| found.contains("unreadable") || found.contains("history")),
            "{edit}: {found:?}"
        );
    }
});

both!(a_row_with_the_lowest_of_all_ids_is_found, |t| {
    told(t);
    let lowest = match t.kind() {
        Kind::Sqlite => "zeroblob(16)",
        Kind::Postgres => "'00000000-0000-0000-0000-000000000000'",
    };
    for (table, columns) in [
        (
            "role_assignments",
            "person_id, role, signer_role, programme_id, kommunkod, subject_id, valid_from, valid_to, \
                              granted_by, created_at, updated_at, version, acknowledged_at",
        ),
        (
            "sessions",
            "person_id, client_id, created_at, last_used_at, expires_at, ended_at, ended_reason, updated_at, version",
        ),
    ] {
        let copied = format!(
            "INSERT INTO {table} (id, {columns}) SELECT {lowest}, {columns} FROM {table} ORDER BY id LIMIT 1"
        );
        assert!(after(t, &copied).iter().any(|found| found.contains("unknown")), "{table}");
    }
    let signature = "subject_type, subject_id, signer_role, person_id, name, title, method, sha256, statement_version, \
                     delegation_ref, evidence_file_id, signed_at, received_at, is_void, checked_by";
    let given = format!(
        "INSERT INTO signatures (id, subject_version, {signature}) SELECT {lowest}, subject_version + 5, {signature} \
         FROM signatures LIMIT 1"
    );
    assert!(after(t, &given).iter().any(|found| found.contains("unknown")));
});

both!(a_change_of_state_of_another_type_is_found, |t| {
    told(t);
    let new_id = if t.kind() == Kind::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    let rest =
        "from_status, to_status, by_id, role, at, comment, resource_version + 7 FROM status_changes LIMIT 1";
    let into = "INSERT INTO status_changes (id, resource_type, resource_id, from_status, to_status, by_id, role, at, \
                comment, resource_version)";
    for (of, id) in [
        // Whoever asks for the history of a milestone asks for its id.
        ("'x'", "resource_id"),
        // A row without states has no history.
        ("'roleAssignment'", "(SELECT id FROM role_assignments LIMIT 1)"),
    ] {
        let edit = format!("{into} SELECT {new_id}, {of}, {id}, {rest}");
        assert!(after(t, &edit).iter().any(|found| found.contains("history")), "not found: {edit}");
    }
});

both!(what_no_event_tells_of_is_found_where_it_decides, |t| {
    told(t);
    for edit in [
        "UPDATE kommuner SET population = population + 1 WHERE kommunkod = '2582'",
        "UPDATE kommuner SET name = 'Luleå' WHERE kommunkod = '2582'",
        "UPDATE kommuner SET search_text = '' WHERE kommunkod = '2582'",
        "UPDATE lan SET nuts2 = 'SE11'",
        "UPDATE programmes SET seed = '00000000000000000000000000000000'",
        "UPDATE people SET earlier_name = 'Somebody Else'",
    ] {
        assert!(!after(t, edit).is_empty(), "not found: {edit}");
    }
    let lowered = "UPDATE kommuner SET population = population - 1 WHERE kommunkod = '2582'";
    t.write(|tx| Ok(tx.db.batch_execute(lowered)?));
    let admin = t.admin();
    for path in ["/audit-events/verification", "/audit-events/verification?full=true"] {
        let found = admin.get(path).is(200);
        assert_eq!(found["isIntact"], false);
        assert_eq!(
            found["databaseFaults"],
            json!([{"table": "kommuner", "fault": "register", "name": "2582"}])
        );
    }
});

/// The newest event of a milestone, as the next one of a chain.
fn next(tx: &mut Tx<'_>, chain: &str) -> StoredEvent {
    let of_milestones = audit_events::table.filter(audit_events::resource_type.eq("milestone"));
    let newest = of_milestones.order(audit_events::sequence.desc()).select(StoredEvent::as_select());
    let event: StoredEvent = newest.first(tx.db).unwrap();
    let head = audit_chains::table.find(chain).select((audit_chains::head_sequence, audit_chains::head_hash));
    let (sequence, previous_hash): (i64, String) = head.first(tx.db).unwrap();
    StoredEvent {
        id: tx.ctx.new_id(),
        chain: chain.to_owned(),
        sequence: sequence + 1,
        previous_hash,
        ..event
    }
}

/// Appends a forged event with the right hash to the end of its chain.
fn append(tx: &mut Tx<'_>, event: StoredEvent) {
    let event = StoredEvent { hash: event_hash(&event).unwrap(), ..event };
    let head =
        (audit_chains::head_sequence.eq(event.sequence), audit_chains::head_hash.eq(event.hash.clone()));
    diesel::update(audit_chains::table.find(event.chain.clone())).set(head).execute(tx.db).unwrap();
    diesel::insert_into(audit_events::table).values(&event).execute(tx.db).unwrap();
}

both!(an_event_in_a_chain_that_the_readers_of_the_row_do_not_read_is_found, |t| {
    let n = told(t);
    let chain = "installation";
    t.write(|tx| {
        let event = next(tx, chain);
        append(tx, StoredEvent { programme_id: None, kommunkod: None, ..event });
        Ok(())
    });
    let found = t.trail_faults();
    assert!(found.iter().any(|found| found.contains("fault: \"chain\"")), "{found:?}");
    // Those who read the row are told.
    let told = n.manager.get("/audit-events/verification?full=true").is(200);
    assert_eq!(told["isIntact"], false, "{told}");
});

both!(an_old_event_behind_a_new_one_is_not_covered_either, |t| {
    let n = told(t);
    t.clock.advance(23 * 3_600_000);
    n.submitted("actionPlan");
    assert_eq!(t.trail_faults(), Vec::<String>::new());
    let chain = format!("programme:{}:kommun:{}", n.programme, BODEN);
    t.write(|tx| {
        let event = next(tx, &chain);
        append(tx, StoredEvent { at: tx.ctx.now.plus_days(-90), ..event });
        Ok(())
    });
    assert!(t.trail_faults().contains(&format!("{chain} uncovered")));
});

both!(an_erased_step_excuses_no_other_one, |t| {
    told(t);
    let step: Id = t.db(|db| {
        let steps = audit_events::table.filter(audit_events::action.eq("milestone.submitted"));
        steps.select(audit_events::id).first(db).unwrap()
    });
    t.write(|tx| erase(tx, step));
    assert_eq!(after(t, "SELECT 1"), Vec::<String>::new());
    let new_id = if t.kind() == Kind::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    let columns = "resource_type, resource_id, from_status, by_id, role, at, comment";
    let copied = |to: &str| {
        format!(
            "INSERT INTO status_changes (id, {columns}, to_status, resource_version) SELECT {new_id}, {columns}, {to}, \
             resource_version + 7 FROM status_changes WHERE to_status = 'submitted' AND resource_type = 'milestone'"
        )
    };
    for edit in
        [copied("'approved'"), copied("to_status"), "UPDATE status_changes SET by_id = NULL".to_owned()]
    {
        assert!(!after(t, &edit).is_empty(), "not found: {edit}");
    }
    let chains = t.admin().get("/audit-events/verification").is(200)["chains"].clone();
    assert!(chains.as_array().unwrap().iter().all(|chain| chain["erased"] == 0), "not the operator's chain");
});

both!(nobody_was_heard_of_in_the_future, |t| {
    let n = Network::new(t);
    n.manager.get("/audit-events/verification").is(200);
    let running = match t.kind() {
        Kind::Sqlite => "heard_at + 3600000",
        Kind::Postgres => "heard_at + interval '1 hour'",
    };
    let edit = format!("UPDATE audit_verifications SET is_running = TRUE, heard_at = {running}");
    t.write(|tx| Ok(tx.db.batch_execute(&edit)?));
    n.manager.get("/audit-events/verification").is(200);
});

#[test]
fn a_file_without_checkpoints_proves_nothing_and_is_refused() {
    let file = std::env::temp_dir().join(format!("samverkan-empty-{}", std::process::id()));
    for empty in ["", "[]", "{\"items\":[]}"] {
        std::fs::write(&file, empty).unwrap();
        assert!(outside::read_file(&file).unwrap_err().contains("there is no checkpoint in it"), "{empty}");
    }
    std::fs::remove_file(file).unwrap();
}
