//! The keys beside the database: one that is not there, one that is another, one that is lost.

use std::path::Path;

use super::installation::{Installation, access, add_person, logged_in};
use crate::support::Kind;

const RECORD: &str = "RECORD_KEY_FILE must name the key that signed the checkpoints";
const SECRETS: &str = "SECRETS_KEY_FILE must name the key that sealed mail";

/// An installation that has signed a checkpoint and sealed a mail that waits.
fn used(kind: Kind) -> Installation {
    let used = Installation::new(kind);
    used.made_admin();
    let (mut server, base) = used.served();
    add_person(&base, access(&logged_in(&base)), 1);
    assert!(server.stopped().success());
    used
}

/// The newest checkpoint's number, as verification tells it of a trail that must be whole.
fn verified(at: &Installation) -> String {
    let told = at.done(&["verify-audit", "--full"]);
    assert!(told.contains("\nINTACT: "), "{told}");
    told
}

fn name(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn wrong_keys(kind: Kind) {
    let mut used = used(kind);
    let elsewhere = used.folder.file("a folder/that is not there");
    let (no_record, no_secrets) = (elsewhere.join("record-key.pem"), elsewhere.join("secrets.key"));
    let (other_record, other_secrets) = (used.folder.file("other.pem"), used.folder.file("other.key"));
    used.done(&["create-record-key", "--out", name(&other_record)]);
    std::fs::write(&other_secrets, "7".repeat(64)).unwrap();
    for (setting, paths, why, right) in [
        ("RECORD_KEY_FILE", [&no_record, &other_record], RECORD, used.record_key()),
        ("SECRETS_KEY_FILE", [&no_secrets, &other_secrets], SECRETS, used.secrets_key()),
    ] {
        for path in paths {
            used.set(setting, name(path));
            let told = used.refused(&["serve"], why);
            assert!(told.contains(name(path)) && told.contains("OPERATION.md"), "{told}");
        }
        used.set(setting, name(&right));
    }
    used.set("RECORD_KEY_FILE", name(&no_record));
    used.refused(&["verify-audit"], RECORD);
    used.set("RECORD_KEY_FILE", name(&other_record));
    let told = super::run(&mut used.program(&["verify-audit", "--full"]));
    assert!(!told.status.success() && super::text(&told.stdout).contains("RECORD_KEY_FILE"));
    used.set("RECORD_KEY_FILE", name(&used.record_key()));
    assert!(!elsewhere.exists(), "a folder was made for a key");
    used.started_once(&[]);
    verified(&used);
}

on_both!(a_wrong_or_missing_key_is_refused, wrong_keys);

#[test]
fn a_first_start_says_which_keys_it_made_and_makes_no_folder_for_a_mistyped_path() {
    let mut new = Installation::new(Kind::Sqlite);
    let elsewhere = new.folder.file("elsewhere/key");
    for setting in ["RECORD_KEY_FILE", "SECRETS_KEY_FILE"] {
        let mut mistyped = Installation::new(Kind::Sqlite);
        mistyped.set(setting, name(&elsewhere));
        assert!(mistyped.refused(&["serve"], setting).contains(name(elsewhere.parent().unwrap())));
        assert!(!elsewhere.parent().unwrap().exists());
    }
    new.set("LOG_FORMAT", "text");
    let told = new.started_once(&[]);
    for key in [new.record_key(), new.secrets_key()] {
        let line = told.lines().find(|line| line.contains(name(&key)) && line.contains("a key was made"));
        assert!(line.is_some_and(|line| line.contains("keep a copy apart from the backup")), "{told}");
    }
    assert!(!new.started_once(&[]).contains("a key was made"));
}

fn lost_record_key(kind: Kind) {
    let used = used(kind);
    let (key, kept) = (used.record_key(), used.folder.file("kept.pem"));
    used.started_once(&[]);
    let new = used.folder.file("new.pem");
    let told = used.refused(&["create-record-key", "--out", name(&new), "--lost"], "name it with --keep");
    assert!(told.contains(name(&key)) && !new.exists(), "{told}");
    std::fs::rename(&key, &kept).unwrap();
    used.refused(&["serve"], "is not there");
    // Who has it still is told so; who has lost it says so, and reads what is lost.
    used.refused(
        &["create-record-key", "--out", name(&key), "--keep", name(&kept), "--lost"],
        "nothing is lost",
    );
    let told = used.done(&["create-record-key", "--out", name(&key), "--lost"]);
    assert!(told.contains("checkpoints 1 to 2") && told.contains("can no longer be verified by"), "{told}");
    assert!(verified(&used).contains("vouches for checkpoints 1 to 2"));
    used.started_once(&[]);
    let (mut server, base) = used.served();
    add_person(&base, access(&logged_in(&base)), 2);
    assert!(server.stopped().success());
    used.started_once(&[]);
    verified(&used);
    // The new key's file vouches for them as they were: a change of them is found.
    if kind == Kind::Sqlite {
        used.sql(
            "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE type = 'trigger'; PRAGMA writable_schema = OFF",
        );
    } else {
        used.sql("ALTER TABLE audit_checkpoints DISABLE TRIGGER USER");
    }
    used.sql("UPDATE audit_checkpoints SET signature = 'x' || signature WHERE number = 2");
    broken(&used, "checkpoints: BROKEN at 2");
}

on_both!(a_lost_record_key_is_gone_on_from_deliberately, lost_record_key);

fn restored_from_before_a_loss(kind: Kind) {
    let used = used(kind);
    let (key, backup) = (used.record_key(), used.folder.file("backup"));
    used.started_once(&[]);
    used.back_up(&backup);
    let add = |number| {
        let (mut server, base) = used.served();
        add_person(&base, access(&logged_in(&base)), number);
        assert!(server.stopped().success());
        used.started_once(&[]);
    };
    add(2);
    std::fs::remove_file(&key).unwrap();
    used.done(&["create-record-key", "--out", name(&key), "--lost"]);
    add(3);
    let lost_in = |told: &str| !told.contains(" 0 events lost") && told.contains("restored on ");
    used.restore(&backup);
    assert!(lost_in(&verified(&used)));
    // What the new key signs continues the backup.
    add(4);
    assert!(lost_in(&verified(&used)));
    // A copy of the lost key that the file does not vouch for was not lost by the restoration.
    let folder = used.data().join("checkpoints");
    let aside = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let aside = aside.into_iter().find(|path| name(path).contains("until")).unwrap();
    let text = std::fs::read_to_string(&aside).unwrap();
    let vouched = std::fs::read_to_string(&key).unwrap();
    let number = vouched.lines().next().unwrap().split(' ').nth(2).unwrap().to_owned();
    let line = text.lines().find(|line| line.contains(&format!("\"number\":{number},"))).unwrap();
    let forged = line.replace("\"signature\":\"", "\"signature\":\"x");
    std::fs::write(&aside, text.replace(line, &forged)).unwrap();
    broken(&used, &format!("checkpoints: BROKEN at {number}: copy"));
    std::fs::write(&aside, &text).unwrap();
    verified(&used);
    // A damaged file is told, and is no reason to verify nothing.
    std::fs::write(&aside, format!("[\n{text}")).unwrap();
    let told = broken(&used, "checkpoints: BROKEN: file audit-checkpoints.until");
    assert!(told.contains(name(&aside)) && told.contains("0 of "), "{told}");
    std::fs::write(&aside, text).unwrap();
    // Without the event of the restoration it is a database that was cut back.
    used.copy_back(&backup);
    broken(&used, "checkpoints: BROKEN at ");
}

on_both!(a_backup_from_before_the_loss_of_a_key_verifies, restored_from_before_a_loss);

/// What verification tells of a trail that is not whole.
#[track_caller]
fn broken(at: &Installation, why: &str) -> String {
    let verified = super::run(&mut at.program(&["verify-audit", "--full"]));
    let told = super::text(&verified.stdout);
    assert!(!verified.status.success() && told.contains(why), "{told}");
    told
}

fn rotated_twice(kind: Kind) {
    let mut used = used(kind);
    let [first, second, third, fourth] = ["1", "2", "3", "4"].map(|name| used.folder.file(name));
    std::fs::rename(used.record_key(), &first).unwrap();
    for (new, kept) in [(&second, vec![&first]), (&third, vec![&first]), (&fourth, vec![&third, &second])] {
        let keep = kept.iter().flat_map(|kept| ["--keep", name(kept)]);
        let arguments: Vec<&str> =
            ["create-record-key", "--out", name(new)].into_iter().chain(keep).collect();
        used.done(&arguments);
        used.set("RECORD_KEY_FILE", name(new));
        if *new == third {
            // It lacks the second one, which has signed.
            assert!(used.refused(&["serve"], RECORD).contains("--keep"));
            continue;
        }
        let (mut server, base) = used.served();
        let number = if *new == second { 2 } else { 3 };
        add_person(&base, access(&logged_in(&base)), number);
        assert!(server.stopped().success());
        used.started_once(&[]);
    }
    verified(&used);
}

on_both!(an_operator_who_rotates_twice_keeps_both_keys, rotated_twice);

fn lost_secrets_key(kind: Kind) {
    let mut used = used(kind);
    used.refused(&["forget-secrets-key"], "nothing is lost");
    std::fs::remove_file(used.secrets_key()).unwrap();
    if kind == Kind::Postgres {
        std::fs::write(used.secrets_key(), "9".repeat(64)).unwrap();
    }
    let path = used.secrets_key();
    used.refused(&["serve"], SECRETS);
    // Twice: saying what would be lost loses nothing.
    for _ in 0..2 {
        let told = used.refused(&["forget-secrets-key"], "Nothing is deleted");
        let what = if kind == Kind::Sqlite { "is not there" } else { "is another key" };
        assert!(told.contains(&format!("{} {what}", name(&path))), "{told}");
        assert!(told.contains("--delete-mail") && told.contains("deletes 1 mail that nobody"), "{told}");
    }
    if kind == Kind::Postgres {
        let mut unset = used.program(&["forget-secrets-key", "--delete-mail"]);
        let told = super::run(unset.env_remove("SECRETS_KEY_FILE"));
        assert!(!told.status.success() && super::text(&told.stderr).contains("is not set"));
    }
    let told = used.done(&["forget-secrets-key", "--delete-mail"]);
    assert!(told.contains("1 mail was deleted") && told.contains(name(&path)), "{told}");
    let mail = used.folder.file("mail");
    used.set("MAIL_DIR", name(&mail));
    used.set("JOB_INTERVAL_SECONDS", "1");
    let (mut server, base) = used.served();
    add_person(&base, access(&logged_in(&base)), 2);
    let sent = || std::fs::read_dir(&mail).unwrap().count() == 1;
    assert!((0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        sent()
    }));
    assert!(server.stopped().success());
    verified(&used);
}

on_both!(a_lost_secrets_key_is_gone_on_from_deliberately, lost_secrets_key);

fn unopened(kind: Kind) {
    let used = used(kind);
    // Sealed by a process with another key, of a version that did not mind.
    used.sql("UPDATE outbox_mails SET body = 'x' || body");
    let told = used.started_once(&[]);
    assert!(told.contains("WARN") && told.contains("1 mail cannot be opened"), "{told}");
    let mail = used.folder.file("mail");
    let (mut server, _) = used.served_with(&[("MAIL_DIR", name(&mail)), ("JOB_INTERVAL_SECONDS", "1")]);
    let before = told.len();
    assert!((0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        used.log()[before..].contains("1 mail could not be sent")
    }));
    assert!(server.stopped().success());
}

on_both!(mail_that_cannot_be_opened_is_told, unopened);

fn restored_without_keys(kind: Kind) {
    let used = used(kind);
    let (record, secrets) = (used.folder.file("r"), used.folder.file("s"));
    std::fs::rename(used.record_key(), record).unwrap();
    std::fs::rename(used.secrets_key(), secrets).unwrap();
    let told = used.done(&["restore", "--in-place"]);
    for key in [used.record_key(), used.secrets_key()] {
        assert!(told.contains(&format!("{} is not there", key.display())), "{told}");
    }
    used.refused(&["serve"], "is not there");
}

on_both!(a_restoration_without_the_keys_says_so, restored_without_keys);
