//! Failures below the database during a write: a full disk, a lost connection, a stopped server. Nothing is partly written,
//! no internals are shown, and the program keeps running.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use samverkan::platform::db::Location;
use serde_json::{Value, json};

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

const EMAIL: &str = "admin@example.org";
const PASSWORD: &str = "en lång mening som ingen gissar";

/// Whether this machine allows a private mount, which needs root or a user namespace. Without one, only the test in
/// `problems.rs` with `max_page_count` covers a full disk.
fn is_mountable(folder: &str) -> bool {
    let mount = format!("mount -t tmpfs -o size=1m tmpfs '{folder}'");
    let mut tried = Command::new("unshare");
    tried.args(["-r", "-m", "sh", "-c", &mount]).stdout(Stdio::null()).stderr(Stdio::null());
    tried.status().is_ok_and(|status| status.success())
}

/// The program on a disk of 8 MB, in a mount namespace that ends with it.
#[test]
#[expect(clippy::print_stderr, reason = "a run without a small disk says so")]
fn a_full_sqlite_disk_leaves_nothing_partly_written() {
    let folder = std::env::temp_dir().join(format!("samverkan-full-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (disk, address) = (folder.display(), TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    if !is_mountable(&disk.to_string()) {
        eprintln!("no mount namespace here: the small disk is not tried");
        return;
    }
    let program = env!("CARGO_BIN_EXE_samverkan");
    // The operator makes room by removing the ballast.
    let script = format!(
        "mount -t tmpfs -o size=8m tmpfs '{disk}' && cd '{disk}' && head -c 2000000 /dev/zero > ballast && \
         printf '%s' '{PASSWORD}' > password && \
         '{program}' create-admin --email {EMAIL} --name Admin --password-file password && exec '{program}' serve"
    );
    let mut child = Command::new("unshare")
        .args(["-r", "-m", "sh", "-c", &script])
        .env("DATA_DIR", &folder)
        .env("BIND", address.to_string())
        .env("PUBLIC_URL", format!("http://{address}"))
        .env("REQUESTS_PER_MINUTE", "0")
        .env("ANONYMOUS_REQUESTS_PER_MINUTE", "0")
        .env("LOG_LEVEL", "error")
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let walked =
        std::panic::catch_unwind(|| fill(&format!("http://{address}"), child.id(), &disk.to_string()));
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    if let Err(panic) = walked {
        std::panic::resume_unwind(panic);
    }
}

fn fill(base: &str, process: u32, disk: &str) {
    let up = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        TcpStream::connect(base.trim_start_matches("http://")).is_ok()
    });
    assert!(up, "the program does not answer on {base}");
    let nobody = Client::new(base, None, None);
    let fields = [("grant_type", "password"), ("username", EMAIL), ("password", PASSWORD)];
    let token = nobody.form("/oauth/token", &fields).is(200)["access_token"].clone();
    let admin = nobody.with_token(token.as_str().unwrap());
    let mut large: Value = offer();
    large["description"] = json!("å".repeat(2000));
    let refused = (0..3000).find_map(|number| {
        let keyed = admin.header("Idempotency-Key", &format!("k{number}"));
        let answer = keyed.post("/programmes", large.clone());
        (answer.status != 201).then_some((number, answer))
    });
    let (made, answer) = refused.expect("a disk of 8 MB that is never full");
    let problem = answer.refused(507, "storageFull");
    assert!(!problem.to_string().to_lowercase().contains("sqlite"), "{problem}");
    assert_eq!(count(&admin), made, "nothing is partly written");
    assert_eq!(nobody.get("//health/live").status, 200);
    nobody.get("/kommuner/2582").is(200);
    // With room again, the program works without a restart.
    std::fs::remove_file(format!("/proc/{process}/root{disk}/ballast")).unwrap();
    admin.header("Idempotency-Key", &format!("k{made}")).post("/programmes", large).is(201);
    assert_eq!(count(&admin), made + 1);
    let verified = admin.get("/audit-events/verification").is(200);
    assert_eq!(verified["isIntact"], true, "{verified}");
}
