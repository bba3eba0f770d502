//! `demo`: it uses only an empty database, all its printed users can log in, and it has data in every status.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use samverkan::platform::config::DatabaseUrl;
use serde_json::Value;

use super::{Folder, Running, get, program, run, text, token};
use crate::both;

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
fn an_empty_variable_does_not_select_the_default_database() {
    let folder = Folder::new();
    assert!(run(&mut program(&folder.0, &["migrate"])).status.success());
    let usual = std::fs::read(folder.file("samverkan.db")).unwrap();
    let mut command = program(&folder.0, &["demo", "--port", "0", "--reset"]);
    command.env("DATABASE_URL", "").stdout(Stdio::null()).stderr(Stdio::null());
    let mut demo = Running(command.spawn().unwrap());
    for _ in 0..500 {
        assert!(demo.0.try_wait().unwrap().is_none(), "the demonstration does not start");
        if folder.file("demo/demo.db").exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(folder.file("demo/demo.db").exists());
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
    assert!(log().lines().count() < 20, "the requests that make the data are not logged: {}", log());
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
    for state in ["participating", "expired", "merged", "rejected", "declined", "withdrawn", "notQualified"] {
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
    let (_demo, again) = demonstration(&folder.0);
    assert_eq!((&again["users"], &again["clients"]), (&printed["users"], &printed["clients"]));
}
