//! What an operator reads at the start, and what is refused there.

use std::process::Stdio;

use serde_json::Value;

use super::installation::Installation;
use super::{Folder, get, program, run, served_with, text};
use crate::support::Kind;

#[test]
fn the_log_says_what_is_served() {
    let folder = Folder::new();
    let log = folder.file("log");
    let mail = folder.file("mail");
    let settings = [("PUBLIC_URL", "https://api.example.org/s"), ("MAIL_DIR", mail.to_str().unwrap())];
    let (mut server, _) = served_with(&folder.0, std::fs::File::create(&log).unwrap().into(), &settings);
    assert!(server.stopped().success());
    let text = std::fs::read_to_string(log).unwrap();
    let database =
        format!("the SQLite database {}", folder.file("samverkan.db").canonicalize().unwrap().display());
    for told in
        [env!("CARGO_PKG_VERSION"), &database, "https://api.example.org/s", "goes to ", "mails_waiting=0"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_found_at_the_start() {
    let folder = Folder::new();
    let file = folder.file("a file");
    std::fs::write(&file, "x").unwrap();
    let below = file.join("below");
    let below = below.to_str().unwrap();
    for (setting, value) in [("MAIL_DIR", below), ("DATA_DIR", below), ("SECRETS_KEY_FILE", below)] {
        for command in ["serve", "demo --port 0"] {
            let arguments: Vec<&str> = command.split(' ').collect();
            let output = run(program(&folder.0, &arguments).env("BIND", "127.0.0.1:0").env(setting, value));
            let told = text(&output.stderr);
            assert!(!output.status.success() && told.contains(below), "{setting} {command}: {told}");
            assert!(told.contains(setting), "{setting} {command}: {told}");
            for none in ["500", "503", "internalError", "databaseUnavailable"] {
                assert!(!told.contains(none), "{setting} {command}: {told}");
            }
        }
    }
}

fn missing_copies(kind: Kind) {
    const WARNING: &str = "has none of the checkpoints that the database has";
    let mut at = Installation::new(kind);
    at.made_admin();
    for _ in 0..2 {
        assert!(!at.started_once(&[]).contains(WARNING), "{}", at.log());
    }
    let elsewhere = at.folder.file("elsewhere");
    at.set("CHECKPOINT_DIR", elsewhere.to_str().unwrap());
    let told = at.started_once(&[]);
    let line = told.lines().find(|line| line.contains(WARNING)).unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains("WARN") && line.contains(elsewhere.to_str().unwrap()), "{line}");
    assert!(!at.started_once(&[]).contains(WARNING), "{}", at.log());
    std::fs::write(elsewhere.join("audit-checkpoints.jsonl"), "").unwrap();
    assert!(at.started_once(&[]).contains(WARNING));
}

on_both!(a_folder_without_the_copies_of_checkpoints_is_told_of, missing_copies);

fn migrated(kind: Kind) {
    let at = Installation::new(kind);
    // The tests' databases of PostgreSQL are copies of a migrated one.
    let (place, first) = match kind {
        Kind::Sqlite => ("the SQLite database ", "migrations run"),
        Kind::Postgres => ("the PostgreSQL database ", "is up to date"),
    };
    for end in [first, "is up to date"] {
        let told = at.done(&["migrate"]);
        assert!(told.starts_with(place) && told.contains(end), "{told}");
    }
}

on_both!(migrate_names_the_database, migrated);

#[test]
fn a_json_log_is_only_json() {
    let folder = Folder::new();
    let only_json = |text: &str| {
        for line in text.lines() {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(event["message"].is_string(), "{line}");
        }
        assert!(text.contains("timestamp"), "{text}");
    };
    let log = folder.file("log");
    let (mut server, base) =
        served_with(&folder.0, std::fs::File::create(&log).unwrap().into(), &[("LOG_FORMAT", "json")]);
    assert_eq!(get(&format!("{base}/health/ready"), "none").0, 200);
    assert!(server.stopped().success());
    let served = std::fs::read_to_string(log).unwrap();
    assert!(served.contains("Make an administrator"), "{served}");
    only_json(&served);
    // Errors of the settings, and of the start.
    for (setting, value) in [("WORKERS", "many"), ("DATABASE_URL", "sqlite:///dev/null/x.db")] {
        let mut command = program(&folder.0, &["serve"]);
        let output = run(command.env("LOG_FORMAT", "json").env(setting, value));
        assert!(!output.status.success());
        only_json(&text(&output.stderr));
    }
}

#[test]
fn help_lists_the_settings_and_health_asks_another_address() {
    let folder = Folder::new();
    let help = text(&run(&mut program(&folder.0, &["--help"])).stdout);
    for setting in samverkan::platform::config::SETTINGS {
        assert!(help.contains(&format!("\n  {}", setting.name)), "{}: {help}", setting.name);
    }
    let (_server, base) = served_with(&folder.0, Stdio::null(), &[]);
    let asked = |url: &str| run(&mut program(&folder.0, &["health", "--url", url]));
    assert!(asked(&base).status.success() && asked(&format!("{base}/")).status.success());
    for wrong in [format!("{base}/prefix"), "https://example.org".to_owned(), "http://127.0.0.1:1".to_owned()]
    {
        let refused = asked(&wrong);
        assert!(
            !refused.status.success() && text(&refused.stderr).contains(wrong.trim_start_matches("http")),
            "{wrong}"
        );
    }
}

#[test]
fn create_admin_says_where_it_wrote() {
    let folder = Folder::new();
    let made = run(&mut program(&folder.0, &["create-admin", "--email", "eva@example.org", "--name", "Eva"]));
    let place = folder.file("samverkan.db").canonicalize().unwrap();
    assert!(
        text(&made.stdout).contains(&format!("in the SQLite database {}", place.display())),
        "{}",
        text(&made.stdout)
    );
}

#[test]
fn who_asks_for_a_link_without_mail_is_told_of_in_the_log() {
    let folder = Folder::new();
    let log = folder.file("log");
    let (mut server, base) = served_with(&folder.0, std::fs::File::create(&log).unwrap().into(), &[]);
    let asked = super::post(
        &format!("{base}/api/v1/password-resets"),
        "application/json",
        r#"{"email": "eva@example.org"}"#,
    );
    assert_eq!(asked.0, 202);
    assert!(server.stopped().success());
    let text = std::fs::read_to_string(log).unwrap();
    for told in ["though pages and answers promise it", "somebody asked for a link"] {
        assert!(text.contains(told), "{told}: {text}");
    }
}
