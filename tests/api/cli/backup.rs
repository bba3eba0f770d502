//! The drill of the README: a backup while people write, its restoration, and what verification says of it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use samverkan::platform::db::Location;
use samverkan::platform::db::migrations;
use serde_json::{Value, json};

use super::{Folder, asked, get, program, run, served, served_with, text, token};
use crate::support::in_rounds;

const PASSWORD: &str = "en lång mening som ingen gissar";

fn made_admin(data: &Path, folder: &Folder) {
    let file = folder.file("password");
    std::fs::write(&file, PASSWORD).unwrap();
    let who = ["create-admin", "--email", "eva@example.org", "--name", "Eva Lind", "--password-file"];
    let made = run(program(data, &who).arg(&file));
    assert!(made.status.success(), "{}", text(&made.stderr));
}

fn logged_in(base: &str) -> Value {
    let form =
        format!("grant_type=password&username=eva@example.org&password={}", PASSWORD.replace(' ', "+"));
    let (status, tokens) = token(base, &form);
    assert_eq!(status, 200, "{tokens}");
    tokens
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

/// Adds a person, whom a mail with a link invites.
fn add_person(base: &str, access: &str, number: usize) {
    let body = json!({"name": format!("Person Nummer {}", "I".repeat(number % 40 + 1)),
        "email": format!("person{number}@example.org")});
    let request = ureq::http::Request::post(format!("{base}/api/v1/people"))
        .header("Authorization", format!("Bearer {access}"))
        .header("Content-Type", "application/json");
    let added = asked(request.body(body.to_string()).unwrap());
    assert_eq!(added.0, 201, "{added:?}");
}

fn people(base: &str, access: &str) -> i64 {
    let (status, list) = get(&format!("{base}/api/v1/people?limit=1"), access);
    assert_eq!(status, 200, "{list}");
    list["_meta"]["totalRecords"].as_i64().unwrap_or_else(|| panic!("{list}"))
}

fn command(data: &Path, arguments: &[&str]) -> String {
    let done = run(&mut program(data, arguments));
    assert!(done.status.success(), "{arguments:?}: {}{}", text(&done.stdout), text(&done.stderr));
    text(&done.stdout)
}

#[track_caller]
fn refused(data: &Path, arguments: &[&str], why: &str) {
    let done = run(&mut program(data, arguments));
    let told = text(&done.stderr);
    assert!(!done.status.success() && told.contains(why), "{arguments:?}: {told}");
}

#[test]
fn a_backup_is_restored_and_verification_says_what_was_lost() {
    in_rounds(drill);
}

fn drill() {
    let folder = Folder::new();
    let (data, file) = (folder.file("data"), folder.file("backup.db"));
    let backup = file.to_str().unwrap();
    made_admin(&data, &folder);
    let unlimited = [("MAILS_PER_HOUR", "0"), ("REQUESTS_PER_MINUTE", "0")];
    let (mut server, base) = served_with(&data, Stdio::null(), &unlimited);
    let tokens = logged_in(&base);
    let (written, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    // The backup is made while people write.
    let (before, after) = std::thread::scope(|scope| {
        for writer in 0..2 {
            let (written, stop, base, access) = (&written, &stop, &base, access(&tokens));
            scope.spawn(move || {
                for number in (writer..2_000).step_by(2).take_while(|_| !stop.load(Ordering::SeqCst)) {
                    add_person(base, access, number);
                    written.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let wait_for = |count: usize| {
            while written.load(Ordering::SeqCst) < count {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        };
        wait_for(10);
        let before = written.load(Ordering::SeqCst);
        let told = command(&data, &["backup", backup]);
        let after = written.load(Ordering::SeqCst) + 2;
        assert!(told.contains("record-key.pem") && told.contains("secrets.key"), "{told}");
        wait_for(after + 10);
        stop.store(true, Ordering::SeqCst);
        (before, after)
    });
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    refused(&data, &["backup", backup], "is there already");
    refused(&data, &["restore", backup], "--replace keeps it");
    refused(&data, &["restore", backup, "--replace"], "stop the program first");
    assert!(server.stopped().success());
    // A start writes a checkpoint, which is kept outside and covers what the backup lacks.
    let (mut server, _) = served(&data, Stdio::null());
    assert!(server.stopped().success());
    let all = command(&data, &["verify-audit", "--full"]);
    assert!(all.contains("\nINTACT: ") && !all.contains("restored on"), "{all}");

    let told = command(&data, &["restore", backup, "--replace"]);
    assert!(
        told.contains(".replaced-") && told.contains("sessions") && told.contains("mails are held"),
        "{told}"
    );
    for _ in 0..2 {
        let verified = command(&data, &["verify-audit", "--full"]);
        let lost = verified.lines().find(|line| line.starts_with("restored on ")).unwrap().to_owned();
        let words = lost.split(" events lost").next().unwrap();
        let count: i64 = words.rsplit(' ').next().unwrap().parse().unwrap();
        assert!(count >= 10, "{lost}");
        assert!(verified.contains("\nINTACT: "), "{verified}");
        // The start makes checkpoints of its own, whose numbers the lost ones had.
        let log = folder.file("log");
        let (mut server, base) = served(&data, std::fs::File::create(&log).unwrap().into());
        // Who had logged in logs in again; the password is as it was.
        assert_eq!(get(&format!("{base}/api/v1/me"), access(&tokens)).0, 401);
        let refresh =
            format!("grant_type=refresh_token&refresh_token={}", tokens["refresh_token"].as_str().unwrap());
        assert_eq!(token(&base, &refresh).0, 400);
        let again = logged_in(&base);
        let there = people(&base, access(&again)) - 1;
        assert!((before as i64..=after as i64).contains(&there), "{before} {there} {after}");
        assert!(server.stopped().success());
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.contains("samverkan release-mail") && !log.contains("ERROR"), "{log}");
    }
    // Held mail is sent only when somebody releases it.
    let mail = folder.file("mail");
    let sent = |data: &Path| {
        let settings = [("MAIL_DIR", mail.to_str().unwrap()), ("JOB_INTERVAL_SECONDS", "1")];
        let (mut server, _) = served_with(data, Stdio::null(), &settings);
        std::thread::sleep(std::time::Duration::from_millis(2_500));
        assert!(server.stopped().success());
        std::fs::read_dir(&mail).unwrap().count()
    };
    assert_eq!(sent(&data), 0);
    let released = command(&data, &["release-mail"]);
    assert!(released.ends_with("mails are released\n") && !released.starts_with("0 "), "{released}");
    assert!(sent(&data) > 0);
    assert!(command(&data, &["verify-audit", "--full"]).contains("\nINTACT: "));
}

#[test]
fn what_is_no_whole_backup_is_refused() {
    let folder = Folder::new();
    let (data, file) = (folder.file("data"), folder.file("backup.db"));
    let backup = file.to_str().unwrap();
    refused(&data, &["backup", backup], "there is no database yet");
    refused(&data, &["restore", backup], "there is no backup in it");
    made_admin(&data, &folder);
    command(&data, &["backup", backup]);
    let whole = std::fs::read(&file).unwrap();
    for (content, why) in [
        (b"a diary".to_vec(), "is left alone"),
        (whole[..whole.len() / 2].to_vec(), "backup.db"),
        (Vec::new(), "there is no backup in it"),
    ] {
        std::fs::write(&file, content).unwrap();
        refused(&data, &["restore", backup, "--replace"], why);
        assert!(data.join("samverkan.db").exists(), "the database stays");
    }
    // Without a database nothing is replaced, and an older schema is brought up to date.
    std::fs::write(&file, &whole).unwrap();
    let new = folder.file("new");
    let told = command(&new, &["restore", backup]);
    assert!(!told.contains("replaced") && told.contains("is restored"), "{told}");
    assert!(migrations::run(&Location::Sqlite(new.join("samverkan.db"))).unwrap().is_empty());
}

#[test]
fn a_database_that_was_cut_back_without_saying_so_is_a_fault() {
    let folder = Folder::new();
    let (data, file) = (folder.file("data"), folder.file("backup.db"));
    made_admin(&data, &folder);
    command(&data, &["backup", file.to_str().unwrap()]);
    let start = || {
        let (mut server, base) = served(&data, Stdio::null());
        let tokens = logged_in(&base);
        add_person(&base, access(&tokens), 1);
        assert!(server.stopped().success());
        let (mut server, _) = served(&data, Stdio::null());
        assert!(server.stopped().success());
    };
    start();
    std::fs::copy(&file, data.join("samverkan.db")).unwrap();
    let verified = run(&mut program(&data, &["verify-audit", "--full"]));
    assert!(
        !verified.status.success() && text(&verified.stdout).contains("NOT INTACT"),
        "{}",
        text(&verified.stdout)
    );
    // The operator says what happened.
    command(&data, &["restore", "--in-place"]);
    let verified = command(&data, &["verify-audit", "--full"]);
    assert!(verified.contains("restored on ") && verified.contains("\nINTACT: "), "{verified}");
}
