//! `demo`: it uses only an empty database, all its printed users can log in, and it has data in every status.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use samverkan::platform::config::DatabaseUrl;
use serde_json::Value;

use samverkan::demonstration::PASSWORD;

use super::installation::{Installation, access, logged_in, people};
use super::{Folder, Running, asked, get, program, run, text, token};
use crate::both;
use crate::support::Kind;

/// Fails unless the demonstration refuses the database.
#[track_caller]
fn left_alone(command: &mut Command) {
    let output = run(command);
    let told = text(&output.stderr);
    assert!(!output.status.success() && told.contains("left alone"), "{told}");
}

both!(another_database_is_left_alone, |t| {
    let folder = Folder::new();
    let url = match t.services.config.database() {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url,
    };
    let (settings, secret) = (folder.file("samverkan.toml"), folder.file("url"));
    std::fs::write(&settings, format!("database_url = '{url}'")).unwrap();
    std::fs::write(&secret, &url).unwrap();
    for arguments in [vec!["demo", "--port", "0"], vec!["demo", "--port", "0", "--reset"]] {
        left_alone(program(&folder.0, &arguments).env("DATABASE_URL", &url));
        left_alone(program(&folder.0, &arguments).env("DATABASE_URL_FILE", &secret));
        left_alone(program(&folder.0, &arguments).env("SAMVERKAN_CONFIG", &settings));
    }
    assert_eq!(t.anonymous().get("/kommuner/2582").status, 200);
});

fn served_by_another(kind: Kind) {
    let at = Installation::new(kind);
    at.made_admin();
    let (mut server, base) = at.served();
    let tokens = logged_in(&base);
    // As if it were a demonstration, which a reset may remove.
    at.sql("INSERT INTO installation_facts (name, fact, number) VALUES ('demonstration', '', 1)");
    let url = match kind {
        Kind::Sqlite => format!("sqlite://{}", at.data().join("samverkan.db").display()),
        Kind::Postgres => at.url().to_owned(),
    };
    let own = Folder::new();
    let refused = run(program(&own.0, &["demo", "--port", "0", "--reset"]).env("DATABASE_URL", &url));
    let told = text(&refused.stderr);
    assert!(!refused.status.success() && told.contains("another process serves"), "{told}");
    assert_eq!(people(&base, access(&tokens)), 1);
    assert!(server.stopped().success());
}

on_both!(a_database_that_another_process_serves_is_not_reset, served_by_another);

#[test]
fn a_refused_database_is_not_migrated() {
    let folder = Folder::new();
    let file = folder.file("other.db");
    let mut other = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    other
        .batch_execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY); INSERT INTO accounts VALUES (1)")
        .unwrap();
    drop(other);
    let before = std::fs::read(&file).unwrap();
    let url = format!("sqlite://{}", file.display());
    left_alone(program(&folder.0, &["demo", "--port", "0"]).env("DATABASE_URL", &url));
    left_alone(program(&folder.0, &["demo", "--port", "0", "--reset"]).env("DATABASE_URL", &url));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn an_empty_variable_selects_no_database() {
    let folder = Folder::new();
    assert!(run(&mut program(&folder.0, &["migrate"])).status.success());
    let usual = std::fs::read(folder.file("samverkan.db")).unwrap();
    for command in
        ["demo --port 0 --reset", "migrate", "serve", "verify-audit", "restore --in-place", "release-mail"]
    {
        let arguments: Vec<&str> = command.split(' ').collect();
        for setting in ["DATABASE_URL", "DATABASE_URL_FILE"] {
            let refused = run(program(&folder.0, &arguments).env("BIND", "127.0.0.1:0").env(setting, ""));
            let told = text(&refused.stderr);
            assert!(!refused.status.success() && told.contains(&format!("{setting}: is empty")), "{told}");
        }
    }
    assert!(!folder.file("demo").exists());
    assert_eq!(std::fs::read(folder.file("samverkan.db")).unwrap(), usual);
}

/// A running demonstration and its printed JSON.
fn demonstration(data: &Path) -> (Running, Value) {
    let mut command = program(data, &["demo", "--port", "0", "--json"]);
    command.stderr(std::fs::File::create(data.join("log")).unwrap());
    let mut demo = Running(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(demo.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (demo, serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
}

struct Visitor<'d> {
    base: &'d str,
    token: String,
}

impl<'d> Visitor<'d> {
    fn new(base: &'d str, email: &str, password: &str) -> Self {
        let (status, body) =
            token(base, &format!("grant_type=password&username={email}&password={password}"));
        assert_eq!(status, 200, "{email}: {body}");
        Self { base, token: body["access_token"].as_str().unwrap().to_owned() }
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = get(&format!("{}/api/v1{path}", self.base), &self.token);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn has(&self, path: &str) {
        assert_ne!(self.get(path)["items"].as_array().unwrap().len(), 0, "{path}");
    }
}

fn roles(value: &Value) -> BTreeSet<String> {
    let role = |one: &Value| one.as_str().or_else(|| one["role"].as_str()).unwrap().to_owned();
    value.as_array().unwrap().iter().map(role).collect()
}

#[test]
fn every_user_can_log_in_and_every_status_has_data() {
    let folder = Folder::new();
    let (mut demo, printed) = demonstration(&folder.0);
    let base = printed["baseUrl"].as_str().unwrap();
    let log = || std::fs::read_to_string(folder.0.join("log")).unwrap();
    assert!(log().lines().count() < 25, "the requests that make the data are not logged: {}", log());
    assert!(log().contains("Making the demonstration in") && log().contains("13 of 13: whole"), "{}", log());
    assert!(log().contains("the SQLite database") && log().contains("mails_waiting="), "{}", log());
    let mut all_roles = BTreeSet::new();
    for user in printed["users"].as_array().unwrap() {
        let (email, password) = (user["username"].as_str().unwrap(), user["password"].as_str().unwrap());
        let me = Visitor::new(base, email, password).get("/me");
        assert_eq!(roles(&me["roles"]), roles(&user["roles"]), "{email}");
        all_roles.extend(roles(&user["roles"]));
    }
    assert!(log().contains("route=\"/api/v1/me\""), "requests of visitors are logged");
    let expected = [
        "systemAdmin",
        "programmeManager",
        "economist",
        "processSupporter",
        "methodDeveloper",
        "auditor",
        "applicant",
        "coordinator",
        "attester",
        "participant",
        "signatory",
        "kommunReader",
        "registrar",
    ];
    assert_eq!(all_roles, expected.into_iter().map(str::to_owned).collect());

    let client = &printed["clients"][0];
    let (id, secret) = (client["clientId"].as_str().unwrap(), client["clientSecret"].as_str().unwrap());
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    assert_eq!(token(base, &form).0, 200);

    let password = printed["users"][0]["password"].as_str().unwrap();
    let manager = Visitor::new(base, "projektledare@example.org", password);
    let ended = ["expired", "merged", "rejected", "declined", "withdrawn", "notQualified"];
    for state in ended.into_iter().chain(["participating", "reserve", "notSelected"]) {
        manager.has(&format!("/applications?status={state}&limit=1"));
    }
    for state in ["received", "expired", "revoked"] {
        manager.has(&format!("/avsiktsforklaringar?status={state}&limit=1"));
    }
    for state in
        ["open", "signed", "attested", "reported", "returned", "approved", "locked", "empty", "unsigned"]
    {
        manager.has(&format!("/time-reports?status={state}&limit=1"));
    }
    for state in ["proposed", "recorded", "voided"] {
        manager.has(&format!("/time-entries?status={state}&limit=1"));
    }
    manager.has("/time-entries?source=coordinator&status=recorded&limit=1");
    for state in ["planned", "inProgress", "submitted", "returned", "approved"] {
        manager.has(&format!("/milestones?status={state}&limit=1"));
    }
    // In the running month, whatever day it is: they can be confirmed.
    let member = Visitor::new(base, "medarbetare1.0114@example.org", password);
    let proposed = member.get("/time-entries?status=proposed&limit=1")["items"][0].clone();
    let path = format!("{base}/api/v1/time-entries/{}/status-changes", proposed["id"].as_str().unwrap());
    let confirm = ureq::http::Request::post(path)
        .header("Authorization", format!("Bearer {}", member.token))
        .header("Content-Type", "application/json");
    let confirmed = asked(confirm.body("{\"to\": \"recorded\"}".to_owned()).unwrap());
    assert_eq!((confirmed.0, &confirmed.1["status"]), (200, &Value::from("recorded")), "{confirmed:?}");
    let team = manager.get("/participants?kommunkod=0114&limit=20");
    let departments: BTreeSet<_> =
        team["items"].as_array().unwrap().iter().map(|one| one["department"].as_str().unwrap()).collect();
    assert_eq!((team["items"].as_array().unwrap().len(), departments.len()), (8, 8));

    assert!(demo.stopped().success());
    let left: Vec<_> =
        std::fs::read_dir(folder.file("demo")).unwrap().map(|file| file.unwrap().path()).collect();
    let has_log =
        |file: &PathBuf| file.to_string_lossy().ends_with("-wal") && file.metadata().unwrap().len() > 0;
    assert!(left.iter().any(|file| file.extension().is_some_and(|kind| kind == "db")), "{left:?}");
    assert!(!left.iter().any(has_log), "the database is whole without its log: {left:?}");
    // All that it did is in the trail, and nothing that it stores differs from the trail.
    let url = format!("sqlite://{}", folder.file("demo/demo.db").display());
    let verified = run(program(&folder.0, &["verify-audit", "--full"]).env("DATABASE_URL", &url));
    let told = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success() && told.contains("copies equal"), "{told}");
    assert!(told.contains("\nINTACT: "), "{told}");
    let (_demo, again) = demonstration(&folder.0);
    assert_eq!((&again["users"], &again["clients"]), (&printed["users"], &printed["clients"]));
}

/// A free port.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn nobody_disturbs_a_demonstration_that_is_not_whole() {
    let folder = Folder::new();
    let (log, bind) = (folder.file("log"), format!("127.0.0.1:{}", free_port()));
    let mut command = program(&folder.0, &["demo", "--json"]);
    command.env("BIND", &bind).env("LOG_FORMAT", "json").stderr(std::fs::File::create(&log).unwrap());
    let mut demo = Running(command.spawn().unwrap());
    let base = format!("http://{bind}");
    let mut waited = (0..1000).map(|_| std::thread::sleep(Duration::from_millis(20)));
    assert!(waited.any(|()| TcpStream::connect(&bind).is_ok()), "BIND is where it listens");
    // More connections than one address may have, held open.
    let held: Vec<_> = (0..200).filter_map(|_| TcpStream::connect(&bind).ok()).collect();
    assert!(held.len() > 100);
    drop(held);
    // The server needs a moment to find that they have gone.
    std::thread::sleep(Duration::from_secs(2));
    let mut shut = 0;
    while folder.file("demo/demo.db").exists() && demo.0.try_wait().unwrap().is_none() {
        if get(&format!("{base}/health/ready"), "none").0 == 200 {
            break;
        }
        shut += 1;
        for path in ["/", "/api/v1/kommuner", "/docs/", "/api/v1/demo/clock-advances", "/problems/overloaded"]
        {
            let mut stream = TcpStream::connect(&bind).unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nHost: {bind}\r\nConnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            let head = answer.to_ascii_lowercase();
            assert!(
                head.starts_with("http/1.1 503") && head.contains("\r\nretry-after: 2\r\n"),
                "{path}: {answer}"
            );
        }
        let login = format!("grant_type=password&username=admin@example.org&password={PASSWORD}");
        assert_eq!(token(&base, &login).0, 503);
        assert_eq!(get(&format!("{base}/health/live"), "none").0, 200);
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(shut > 0, "it was asked before it was whole");
    let mut line = String::new();
    BufReader::new(demo.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let printed: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(printed["baseUrl"], Value::from(base.as_str()));
    assert_eq!(
        token(&base, &format!("grant_type=password&username=admin@example.org&password={PASSWORD}")).0,
        200
    );
    assert!(demo.stopped().success());
    for line in std::fs::read_to_string(log).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["timestamp"].is_string() && event["level"].is_string(), "{line}");
    }
}

#[test]
fn a_demonstration_that_was_not_whole_is_made_anew() {
    let folder = Folder::new();
    let mut command = program(&folder.0, &["demo", "--port", "0"]);
    let mut demo = Running(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let mut told = BufReader::new(demo.0.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("1 of 13")));
    demo.0.kill().unwrap();
    demo.0.wait().unwrap();
    let mut again = program(&folder.0, &["demo", "--port", "0"]);
    let mut again = Running(again.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let mut told = BufReader::new(again.0.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("1 of 13")), "nothing was lost, so nobody is asked");
}
