//! Somebody who can write to the database changes the audit trail. The database refuses it, and where its triggers are taken
//! away first, the verification finds it.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use samverkan::platform::audit::erasure::erase;
use samverkan::platform::db::Db;
use samverkan::platform::db::schema::audit_events;
use samverkan::platform::ids::Id;
use samverkan::platform::problem::Problem;
use samverkan::platform::tx::Tx;

use crate::both;
use crate::goals::Network;
use crate::support::{Kind, TestApp, trail};

const KEPT: [&str; 4] = ["audit_events", "audit_checkpoints", "status_changes", "signatures"];

/// What SQL writes differently on the two databases.
struct Words {
    new_id: &'static str,
    a_moment: &'static str,
}

fn words(t: &TestApp) -> Words {
    match t.kind() {
        Kind::Sqlite => Words { new_id: "randomblob(16)", a_moment: "1" },
        Kind::Postgres => Words { new_id: "gen_random_uuid()", a_moment: "interval '1 millisecond'" },
    }
}

/// Takes away what keeps the tables from being changed, in this transaction.
pub fn unlock(tx: &mut Tx<'_>) {
    for table in KEPT {
        let unlock = match tx.db {
            Db::Sqlite(_) => format!(
                "PRAGMA defer_foreign_keys = ON; DROP TRIGGER IF EXISTS {table}_kept; \
                 DROP TRIGGER IF EXISTS {table}_not_deleted; \
                 DROP TRIGGER IF EXISTS audit_events_reservation_kept; \
                 DROP TRIGGER IF EXISTS signatures_checker_kept"
            ),
            Db::Postgres(_) => format!("ALTER TABLE {table} DISABLE TRIGGER USER"),
        };
        tx.db.batch_execute(&unlock).unwrap();
    }
    if matches!(tx.db, Db::Postgres(_)) {
        tx.db
            .batch_execute("ALTER TABLE audit_events DROP CONSTRAINT IF EXISTS audit_events_chain_fkey")
            .unwrap();
    }
}

/// The faults after an edit, which is taken back.
pub fn after(t: &TestApp, edit: &str) -> Vec<String> {
    let found = std::cell::RefCell::new(Vec::new());
    let taken_back = t.services.database.write_blocking(&t.services.system(), |tx| -> Result<(), Problem> {
        unlock(tx);
        tx.db.batch_execute(edit).unwrap_or_else(|error| panic!("{edit}: {error}"));
        *found.borrow_mut() = trail::faults(&t.services, &mut tx.as_read()).unwrap();
        Err(Problem::not_found())
    });
    assert!(taken_back.is_err());
    found.into_inner()
}

/// A network with a milestone in its trail, and a checkpoint of all of it.
pub fn told(t: &TestApp) -> Network {
    let n = Network::new(t);
    n.submitted("policyDocument");
    t.clock.advance(24 * 3_600_000);
    t.run_jobs();
    n
}

both!(every_column_of_an_event_is_protected, |t| {
    told(t);
    assert_eq!(after(t, "SELECT 1"), Vec::<String>::new(), "nothing was changed");
    let Words { new_id, a_moment } = words(t);
    let appended = [
        "chain",
        "kommunkod",
        "actor_role",
        "action",
        "resource_type",
        "resource_id",
        "before_values",
        "after_values",
        "salt",
        "values_hash",
        "request_id",
        "previous_hash",
        "hash",
    ];
    let mut changes: Vec<String> =
        appended.iter().map(|column| format!("{column} = COALESCE({column}, '') || 'x'")).collect();
    changes.extend([
        format!("id = {new_id}"),
        format!("programme_id = {new_id}"),
        "programme_id = NULL".to_owned(),
        "programme_id = NULL, kommunkod = NULL".to_owned(),
        "kommunkod = NULL".to_owned(),
        "sequence = sequence + 100000".to_owned(),
        "sequence = -sequence".to_owned(),
        format!("at = at + {a_moment}"),
        "actor_id = NULL".to_owned(),
        format!("actor_id = {new_id}"),
        "actor_kind = CASE actor_kind WHEN 'person' THEN 'client' ELSE 'person' END".to_owned(),
        "formula = 1".to_owned(),
        "formula = 2".to_owned(),
        "formula = 4".to_owned(),
        "reserved_for = 'auditor'".to_owned(),
        "before_values = NULL, after_values = NULL, salt = NULL".to_owned(),
    ]);
    // An event of a kommun by a person, which has a value in every column.
    let events: Vec<Id> = t.db(|db| {
        let of_kommun = audit_events::table
            .filter(audit_events::kommunkod.is_not_null())
            .filter(audit_events::actor_id.is_not_null())
            .filter(audit_events::before_values.is_not_null());
        of_kommun.order(audit_events::sequence).select(audit_events::id).load(db).unwrap()
    });
    for (number, change) in changes.iter().enumerate() {
        let event = events[number * 7 % events.len()].to_string().replace('-', "");
        let this = match t.kind() {
            Kind::Sqlite => format!("hex(id) = upper('{event}')"),
            Kind::Postgres => format!("replace(id::text, '-', '') = '{event}'"),
        };
        let found = after(t, &format!("UPDATE audit_events SET {change} WHERE {this}"));
        assert!(!found.is_empty(), "not found: {change}");
    }
});

both!(a_reservation_is_protected_in_new_and_old_events, |t| {
    told(t);
    // An event of another formula cannot be made: the hashes of the earlier ones do not cover the reservation.
    let reserved =
        "UPDATE audit_events SET reserved_for = 'programmeManager' WHERE action = 'programme.created'";
    assert_eq!(after(t, reserved).len(), 1);
    let freed = "UPDATE audit_events SET reserved_for = NULL WHERE reserved_for IS NOT NULL";
    assert!(!after(t, freed).is_empty());
    assert!(is_refused(t, reserved) && is_refused(t, freed));
});

both!(an_event_too_many_or_too_few_is_found, |t| {
    let n = told(t);
    let new_id = words(t).new_id;
    let columns = "programme_id, kommunkod, at, actor_id, actor_kind, actor_role, action, resource_type, resource_id, \
                   before_values, after_values, salt, values_hash, request_id, previous_hash, hash, formula, reserved_for";
    let chain = format!("programme:{}", n.programme);
    let copied = |chain: &str, sequence: &str| {
        format!(
            "INSERT INTO audit_events (id, chain, sequence, {columns}) SELECT {new_id}, {chain}, {sequence}, {columns} \
             FROM audit_events WHERE chain = 'installation' AND sequence = 1"
        )
    };
    let last = format!("(SELECT MAX(sequence) FROM audit_events WHERE chain = '{chain}')");
    for edit in [
        "UPDATE audit_events SET before_values = NULL, after_values = NULL, salt = NULL".to_owned(),
        copied("chain", "1000000"),
        copied("chain", "0"),
        copied("chain", "-5"),
        copied("'programme:0175a2e1-7c00-7000-8000-000000000001'", "1"),
        format!("DELETE FROM audit_events WHERE chain = '{chain}'"),
        format!("DELETE FROM audit_chains WHERE name = '{chain}'"),
        format!(
            "DELETE FROM audit_events WHERE chain = '{chain}'; DELETE FROM audit_chains WHERE name = '{chain}'"
        ),
        format!("DELETE FROM audit_events WHERE chain = '{chain}' AND sequence = {last}"),
        format!("DELETE FROM audit_events WHERE chain = '{chain}' AND sequence = 2"),
        format!("UPDATE audit_chains SET head_sequence = head_sequence + 1 WHERE name = '{chain}'"),
        format!("UPDATE audit_chains SET head_hash = 'x' WHERE name = '{chain}'"),
    ] {
        let found = after(t, &edit);
        assert!(!found.is_empty(), "not found: {edit}");
    }
});

both!(the_database_refuses_to_change_what_is_only_appended_to, |t| {
    told(t);
    let edits = KEPT.iter().flat_map(|table| {
        let changed = if *table == "signatures" { "name = 'x'" } else { "id = id" };
        [format!("UPDATE {table} SET {changed}"), format!("DELETE FROM {table}")]
    });
    for edit in edits {
        let table = edit.split(' ').find(|word| KEPT.contains(word)).unwrap().to_owned();
        // A trigger of a row needs a row.
        let rows: i64 = t.db(|db| count(db, &table));
        assert!(rows > 0, "{table} is empty");
        assert!(is_refused(t, &edit), "{edit}");
    }
    assert!(is_refused(t, "UPDATE audit_events SET before_values = NULL, after_values = NULL, salt = NULL"));
    assert!(!is_refused(t, "UPDATE signatures SET is_void = TRUE"), "a signature can become void");
    assert!(is_refused(t, "UPDATE signatures SET is_void = TRUE, name = 'x'"), "and nothing else");
    assert!(is_refused(t, "UPDATE signatures SET is_void = TRUE, checked_by = 'x'"), "and nothing else");
    assert!(is_refused(t, "UPDATE signatures SET is_void = TRUE; UPDATE signatures SET is_void = FALSE"));
});

both!(an_erasure_names_the_event_and_leaves_the_chain_whole, |t| {
    let n = told(t);
    let (id, sequence): (Id, i64) = t.db(|db| {
        let valued = audit_events::table.filter(audit_events::after_values.is_not_null());
        let of_kommun = valued.filter(audit_events::kommunkod.is_not_null()).order(audit_events::sequence);
        of_kommun.select((audit_events::id, audit_events::sequence)).first(db).unwrap()
    });
    t.write(|tx| erase(tx, id));
    let event = n.manager.get(&format!("/audit-events/{id}")).is(200);
    assert!(event["before"].is_null() && event["after"].is_null() && event["salt"].is_null(), "{event}");
    let named = n.manager.get(&format!("/audit-events?resourceId={id}")).is(200);
    assert_eq!(
        (&named["items"][0]["action"], &named["items"][0]["chain"]),
        (&"auditEvent.erased".into(), &event["chain"])
    );
    assert_eq!(n.manager.get("/audit-events/verification").is(200)["isIntact"], true);
    // The event that is named can lose its values, and nothing else. Others cannot.
    let empty = "UPDATE audit_events SET before_values = NULL, after_values = NULL, salt = NULL";
    let this = format!("WHERE chain = '{}' AND sequence = {sequence}", event["chain"].as_str().unwrap());
    assert!(!is_refused(t, &format!("{empty} {this}")));
    assert!(is_refused(t, &format!("{empty}, action = 'x' {this}")));
    assert!(is_refused(t, empty));
    // The values of another event are missing without an erasure.
    let other = format!(
        "UPDATE audit_events SET before_values = NULL, after_values = NULL, salt = NULL \
         WHERE chain = '{}' AND sequence = {}",
        event["chain"].as_str().unwrap(),
        sequence + 1
    );
    assert_eq!(after(t, &other).len(), 1);
});

/// Whether the database refuses an edit because of what is only appended to. The edit is taken back.
fn is_refused(t: &TestApp, edit: &str) -> bool {
    let result = std::cell::RefCell::new(Ok(()));
    let taken_back = t.services.database.write_blocking(&t.services.system(), |tx| -> Result<(), Problem> {
        *result.borrow_mut() = tx.db.batch_execute(edit).map_err(|error| error.to_string());
        Err(Problem::not_found())
    });
    assert!(taken_back.is_err());
    result.into_inner().is_err_and(|error| error.contains("is only appended to"))
}

fn count(db: &mut Db, table: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let query = diesel::sql_query(format!("SELECT COUNT(*) AS count FROM {table}"));
    let counted: Count = match db {
        Db::Sqlite(db) => query.get_result(db).unwrap(),
        Db::Postgres(db) => query.get_result(db).unwrap(),
    };
    counted.count
}
