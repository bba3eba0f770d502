//! When what the database stands on fails in the middle of a write: a disk that is full, a connection that is cut, a
//! server that goes away. Nothing is half written, nothing internal is shown, and the program goes on.

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

/// How many audit events tell of programmes.
fn told(t: &TestApp) -> i64 {
    use diesel::prelude::*;
    use samverkan::platform::db::schema::audit_events as events;
    t.db(|db| events::table.filter(events::resource_type.eq("programme")).count().get_result(db).unwrap())
}

/// What a client reads when PostgreSQL's disk is full: its own words for that, at the last of what the transaction writes.
pub fn refused_by_a_full_server() -> Response {
    let t = TestApp::new(Kind::Postgres);
    let (mut db, _) = postgres(&t);
    let admin = t.admin();
    admin.post("/programmes", offer()).is(201);
    let before = (count(&admin), told(&t));
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
    assert_eq!((count(&admin), told(&t)), before);
    db.batch_execute("DROP TRIGGER is_full ON audit_events").unwrap();
    keyed.post("/programmes", offer()).is(201);
    assert_eq!((count(&admin), told(&t)), (before.0 + 1, before.1 + 1));
    refused
}

#[test]
fn a_full_disk_of_postgresql_takes_nothing_half() {
    refused_by_a_full_server();
}

/// A connection beside the application's database.
fn beside(t: &TestApp) -> PgConnection {
    let Location::Postgres(url) = samverkan::app::location(&t.services.config) else { panic!("PostgreSQL") };
    let (server, _) = url.rsplit_once('/').unwrap();
    PgConnection::establish(&format!("{server}/postgres")).unwrap()
}

/// Cuts the connection that waits for a lock, once there is one. A transaction would see the same waiters all the time.
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
fn a_connection_cut_in_the_middle_of_a_write_loses_nothing() {
    let t = TestApp::new(Kind::Postgres);
    let ((mut db, name), mut beside) = (postgres(&t), beside(&t));
    let admin = t.admin();
    admin.post("/programmes", offer()).is(201);
    let before = (count(&admin), told(&t));
    // The programme is inserted, its audit event is not: the transaction stands in the middle.
    db.batch_execute("BEGIN; LOCK TABLE audit_events IN EXCLUSIVE MODE").unwrap();
    let keyed = admin.header("Idempotency-Key", "cut-in-the-middle");
    let answer = std::thread::scope(|scope| {
        let writing = scope.spawn(|| keyed.post("/programmes", offer()));
        cut(&mut beside, &name);
        db.batch_execute("ROLLBACK").unwrap();
        writing.join().unwrap()
    });
    // It was run again on another connection, so that the caller did not notice.
    let made = answer.is(201);
    assert_eq!((count(&admin), told(&t)), (before.0 + 1, before.1 + 1));
    let again = keyed.post("/programmes", offer());
    assert_eq!(again.is(201)["id"], made["id"]);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let verified = t.admin().get("/audit-events/verification").is(200);
    assert_eq!(verified["isIntact"], true, "{verified}");
}

#[test]
fn a_database_that_goes_away_in_the_middle_of_a_write_leaves_nothing() {
    let t = TestApp::with(Kind::Postgres, &[("DATABASE_WAIT_MS", "300")]);
    let ((mut db, name), mut beside) = (postgres(&t), beside(&t));
    let admin = t.admin();
    admin.post("/programmes", offer()).is(201);
    let before = (count(&admin), told(&t));
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
    assert_eq!((count(&admin), told(&t)), before);
    keyed.post("/programmes", offer()).is(201);
    assert_eq!((count(&admin), told(&t)), (before.0 + 1, before.1 + 1));
}

const EMAIL: &str = "admin@example.org";
const PASSWORD: &str = "en lång mening som ingen gissar";

/// A mount of one's own needs root or a user namespace; where neither is to be had, the test in `problems.rs` with
/// `max_page_count`, which runs everywhere, has to do.
fn is_mountable(folder: &str) -> bool {
    let mount = format!("mount -t tmpfs -o size=1m tmpfs '{folder}'");
    let mut tried = Command::new("unshare");
    tried.args(["-r", "-m", "sh", "-c", &mount]).stdout(Stdio::null()).stderr(Stdio::null());
    tried.status().is_ok_and(|status| status.success())
}

/// The program itself on a disk of 8 MB, in a mount namespace that goes with it.
#[test]
#[expect(clippy::print_stderr, reason = "a run that cannot have a small disk says so")]
fn a_full_disk_of_sqlite_takes_nothing_half() {
    let folder = std::env::temp_dir().join(format!("samverkan-full-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (disk, address) = (folder.display(), TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    if !is_mountable(&disk.to_string()) {
        eprintln!("no mount namespace to be had here: a small disk is not tried");
        return;
    }
    let program = env!("CARGO_BIN_EXE_samverkan");
    // The ballast is what an operator makes room with.
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
    assert_eq!(count(&admin), made, "nothing is half written");
    assert_eq!(nobody.get("//health/live").status, 200);
    nobody.get("/kommuner/2582").is(200);
    // Room is made, and the program goes on without being started again.
    std::fs::remove_file(format!("/proc/{process}/root{disk}/ballast")).unwrap();
    admin.header("Idempotency-Key", &format!("k{made}")).post("/programmes", large).is(201);
    assert_eq!(count(&admin), made + 1);
    let verified = admin.get("/audit-events/verification").is(200);
    assert_eq!(verified["isIntact"], true, "{verified}");
}
