//! Failures below PostgreSQL during a write: a full disk, a lost connection, a stopped server. Nothing is partly written, no
//! internals are shown, and the program keeps running. `full_disk` is the same for SQLite.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use samverkan::platform::db::Location;

use crate::programmes::offer;
use crate::support::{Client, Kind, Response, TestApp};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn postgres(t: &TestApp) -> (PgConnection, String) {
    let Location::Postgres(url) = samverkan::app::location(&t.services.config) else { panic!("PostgreSQL") };
    let (_, name) = url.rsplit_once('/').unwrap();
    (PgConnection::establish(&url).unwrap(), name.to_owned())
}

fn count(client: &Client) -> u64 {
    client.get("/programmes?limit=1").is(200)["_meta"]["totalRecords"].as_u64().unwrap()
}

/// The number of audit events of programmes.
fn audited(t: &TestApp) -> i64 {
    use diesel::prelude::*;
    use samverkan::platform::db::schema::audit_events as events;
    t.db(|db| events::table.filter(events::resource_type.eq("programme")).count().get_result(db).unwrap())
}

/// The response when PostgreSQL's disk is full: a trigger raises PostgreSQL's own error at the last write of the transaction.
pub fn refused_by_a_full_server() -> Response {
    let t = TestApp::new(Kind::Postgres);
    let (mut db, _) = postgres(&t);
    let admin = t.admin();
    admin.post("/programmes", offer()).is(201);
    let before = (count(&admin), audited(&t));
    db.batch_execute(
        "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION USING ERRCODE = '53100', \
                 MESSAGE = 'could not extend file \"base/16384/16402\": No space left on device', \
                 HINT = 'Check free disk space.'; END $$; \
         CREATE TRIGGER is_full BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION is_full()",
    )
    .unwrap();
    let keyed = admin.header("Idempotency-Key", "when-it-is-full");
    let refused = keyed.post("/programmes", offer());
    let problem = refused.refused(507, "storageFull");
    for word in ["extend", "base/16384", "device", "is_full"] {
        assert!(!problem.to_string().contains(word), "{problem}");
    }
    assert_eq!((count(&admin), audited(&t)), before);
    db.batch_execute("DROP TRIGGER is_full ON audit_events").unwrap();
    keyed.post("/programmes", offer()).is(201);
    assert_eq!((count(&admin), audited(&t)), (before.0 + 1, before.1 + 1));
    refused
}

#[test]
fn a_full_postgresql_disk_leaves_nothing_partly_written() {
    refused_by_a_full_server();
}

/// A connection to the server's maintenance database.
fn maintenance(t: &TestApp) -> PgConnection {
    let Location::Postgres(url) = samverkan::app::location(&t.services.config) else { panic!("PostgreSQL") };
    let (server, _) = url.rsplit_once('/').unwrap();
    PgConnection::establish(&format!("{server}/postgres")).unwrap()
}

/// Terminates the connection that waits for a lock, once there is one. Must run outside a transaction, which would see the
/// same waiters all the time.
fn cut(beside: &mut PgConnection, name: &str) {
    for _ in 0..500 {
        let query = sql_query(format!(
            "SELECT count(pg_terminate_backend(pid)) AS count FROM pg_stat_activity \
             WHERE datname = '{name}' AND wait_event_type = 'Lock'"
        ));
        let found: Count = query.get_result(beside).unwrap();
        if found.count > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("nobody waits for the lock");
}

#[test]
fn a_connection_lost_during_a_write_loses_nothing() {
    let t = TestApp::new(Kind::Postgres);
    let ((mut db, name), mut beside) = (postgres(&t), maintenance(&t));
    let admin = t.admin();
    admin.post("/programmes", offer()).is(201);
    let before = (count(&admin), audited(&t));
    // The transaction stops between the insert of the programme and the insert of its audit event.
    db.batch_execute("BEGIN; LOCK TABLE audit_events IN EXCLUSIVE MODE").unwrap();
    let keyed = admin.header("Idempotency-Key", "cut-in-the-middle");
    let answer = std::thread::scope(|scope| {
        let writing = scope.spawn(|| keyed.post("/programmes", offer()));
        cut(&mut beside, &name);
        db.batch_execute("ROLLBACK").unwrap();
        writing.join().unwrap()
    });
    // The transaction ran again on another connection; the caller did not notice.
    let made = answer.is(201);
    assert_eq!((count(&admin), audited(&t)), (before.0 + 1, before.1 + 1));
    let again = keyed.post("/programmes", offer());
    assert_eq!(again.is(201)["id"], made["id"]);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let verified = t.admin().get("/audit-events/verification").is(200);
    assert_eq!(verified["isIntact"], true, "{verified}");
}

#[test]
fn a_database_that_stops_during_a_write_leaves_nothing_behind() {
    let t = TestApp::with(Kind::Postgres, &[("DATABASE_WAIT_MS", "300")]);
    let ((mut db, name), mut beside) = (postgres(&t), maintenance(&t));
    let admin = t.admin();
    admin.post("/programmes", offer()).is(201);
    let before = (count(&admin), audited(&t));
    db.batch_execute("BEGIN; LOCK TABLE audit_events IN EXCLUSIVE MODE").unwrap();
    let keyed = admin.header("Idempotency-Key", "gone-in-the-middle");
    let answer = std::thread::scope(|scope| {
        let writing = scope.spawn(|| keyed.post("/programmes", offer()));
        beside.batch_execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")).unwrap();
        cut(&mut beside, &name);
        writing.join().unwrap()
    });
    answer.refused(503, "databaseUnavailable");
    assert!(answer.header("retry-after").is_some());
    beside.batch_execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")).unwrap();
    db.batch_execute("ROLLBACK").unwrap();
    assert_eq!((count(&admin), audited(&t)), before);
    keyed.post("/programmes", offer()).is(201);
    assert_eq!((count(&admin), audited(&t)), (before.0 + 1, before.1 + 1));
}
