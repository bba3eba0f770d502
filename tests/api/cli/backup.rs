//! What docs/OPERATION.md says of backups, with the commands that stand there: a backup while people write, its restoration, and what
//! verification says of it. PostgreSQL's own programs must be in PATH; `scripts/test` sees to it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use samverkan::platform::db::Location;
use samverkan::platform::db::migrations;

use super::installation::{Installation, access, add_person, logged_in, people};
use super::{get, run, text, token};
use crate::support::{Kind, administrate, in_rounds};

fn tool(name: &str, arguments: &[&str]) {
    let done = Command::new(name).args(arguments).output();
    let done = done.unwrap_or_else(|error| panic!("{name} of PostgreSQL must be in PATH: {error}"));
    assert!(done.status.success(), "{name}: {}", text(&done.stderr));
}

impl Installation {
    /// A backup as of now.
    pub fn back_up(&self, file: &Path) -> String {
        let name = file.to_str().unwrap();
        match self.kind {
            Kind::Sqlite => self.done(&["backup", name]),
            Kind::Postgres => {
                tool("pg_dump", &["--format=custom", &format!("--file={name}"), self.url()]);
                String::new()
            }
        }
    }

    /// Puts a copy in the place of the database, and does not say so.
    pub fn copy_back(&self, file: &Path) {
        if self.kind == Kind::Sqlite {
            std::fs::copy(file, self.data().join("samverkan.db")).unwrap();
            return;
        }
        let (server, name) = self.url().rsplit_once('/').unwrap();
        let server = format!("--maintenance-db={server}/postgres");
        administrate(&format!("ALTER DATABASE {name} RENAME TO {name}_replaced"));
        tool("createdb", &[&server, "--template=template0", "--encoding=UTF8", "--locale=C", name]);
        let whole = ["--exit-on-error", "--single-transaction", "--no-privileges"];
        let place = [&format!("--dbname={}", self.url()), file.to_str().unwrap()];
        tool("pg_restore", &[&whole[..], &place[..]].concat());
        administrate(&format!("DROP DATABASE {name}_replaced WITH (FORCE)"));
    }

    /// Restores as documented; returns what was said.
    pub fn restore(&self, file: &Path) -> String {
        if self.kind == Kind::Sqlite {
            return self.done(&["restore", file.to_str().unwrap(), "--replace"]);
        }
        self.copy_back(file);
        self.done(&["migrate"]);
        self.done(&["restore", "--in-place"])
    }
}

fn drill(kind: Kind) {
    in_rounds(|| drill_once(kind));
}

on_both!(a_backup_is_restored_and_verification_says_what_was_lost, drill);

fn drill_once(kind: Kind) {
    let mut at = Installation::new(kind);
    let file = at.folder.file("backup");
    let backup = file.to_str().unwrap();
    at.made_admin();
    at.set("MAILS_PER_HOUR", "0");
    at.set("REQUESTS_PER_MINUTE", "0");
    let (mut server, base) = at.served();
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
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        wait_for(10);
        let before = written.load(Ordering::SeqCst);
        let told = at.back_up(&file);
        let after = written.load(Ordering::SeqCst) + 2;
        for key in ["record-key.pem", "secrets.key", "CHECKPOINT_DIR"] {
            assert!(kind == Kind::Postgres || told.contains(key), "{told}");
        }
        wait_for(after + 10);
        stop.store(true, Ordering::SeqCst);
        (before, after)
    });
    if kind == Kind::Sqlite {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        at.refused(&["backup", backup], "is there already");
        at.refused(&["restore", backup, "--replace"], "stop the program first");
    }
    at.refused(&["restore", "--in-place"], "stop the program first");
    assert_eq!(get(&format!("{base}/api/v1/me"), access(&tokens)).0, 200, "the session goes on");
    assert!(server.stopped().success());
    // A start writes a checkpoint, which is kept outside and covers what the backup lacks.
    at.started_once(&[]);
    let all = at.done(&["verify-audit", "--full"]);
    assert!(all.contains("\nINTACT: ") && !all.contains("restored on"), "{all}");

    if kind == Kind::Sqlite {
        at.refused(&["restore", backup], "--replace keeps it");
    }
    let told = at.restore(&file);
    for words in
        ["1 session and ", "mails are held", "invitations", "/api/v1/invitations", "forgotten-password"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(kind == Kind::Postgres || told.contains(".replaced-"), "{told}");
    for _ in 0..2 {
        let verified = at.done(&["verify-audit", "--full"]);
        let lost = verified.lines().find(|line| line.starts_with("restored on ")).unwrap().to_owned();
        let words = lost.split(" events lost").next().unwrap();
        let count: i64 = words.rsplit(' ').next().unwrap().parse().unwrap();
        assert!(count >= 10, "{lost}");
        assert!(verified.contains("\nINTACT: "), "{verified}");
        // The start makes checkpoints of its own, whose numbers the lost ones had.
        let begin = at.log().len();
        let (mut server, base) = at.served();
        // Who had logged in logs in again; the password is as it was.
        assert_eq!(get(&format!("{base}/api/v1/me"), access(&tokens)).0, 401);
        let refresh =
            format!("grant_type=refresh_token&refresh_token={}", tokens["refresh_token"].as_str().unwrap());
        assert_eq!(token(&base, &refresh).0, 400);
        let again = logged_in(&base);
        let there = people(&base, access(&again)) - 1;
        assert!((before as i64..=after as i64).contains(&there), "{before} {there} {after}");
        assert!(server.stopped().success());
        let log = at.log().split_off(begin);
        assert!(log.contains("samverkan release-mail") && !log.contains("ERROR"), "{log}");
    }
    held_mail_is_sent_when_somebody_releases_it(&at);
    assert!(at.done(&["verify-audit", "--full"]).contains("\nINTACT: "));
}

/// How many mails are in `mail` after the jobs have run.
fn sent(at: &Installation) -> usize {
    let mail = at.folder.file("mail");
    let settings = [("MAIL_DIR", mail.to_str().unwrap()), ("JOB_INTERVAL_SECONDS", "1")];
    let (mut server, _) = at.served_with(&settings);
    std::thread::sleep(Duration::from_millis(2_500));
    assert!(server.stopped().success());
    std::fs::read_dir(&mail).unwrap().count()
}

fn held_mail_is_sent_when_somebody_releases_it(at: &Installation) {
    assert_eq!(sent(at), 0);
    // However long it was held: the days in which unsent mail is given up begin anew.
    let ago = match at.kind {
        Kind::Sqlite => "created_at - 20 * 86400000000",
        Kind::Postgres => "created_at - interval '20 days'",
    };
    at.sql(&format!("UPDATE outbox_mails SET created_at = {ago}"));
    assert_eq!(sent(at), 0);
    let released = at.done(&["release-mail"]);
    assert!(released.ends_with(" mails are released\n") && !released.starts_with("0 "), "{released}");
    assert!(sent(at) > 0);
}

#[test]
fn what_is_no_whole_backup_is_refused() {
    let at = Installation::new(Kind::Sqlite);
    let file = at.folder.file("backup.db");
    let backup = file.to_str().unwrap();
    at.refused(&["backup", backup], "there is no database yet");
    at.refused(&["restore", backup], "there is no backup in it");
    at.refused(&["restore"], "--in-place");
    at.made_admin();
    let nowhere = at.folder.file("nowhere/backup.db");
    let told =
        at.refused(&["backup", nowhere.to_str().unwrap()], nowhere.parent().unwrap().to_str().unwrap());
    assert!(!told.contains(".part"), "{told}");
    at.done(&["backup", backup]);
    let whole = std::fs::read(&file).unwrap();
    for (content, why) in [
        (b"a diary".to_vec(), "is left alone"),
        (whole[..whole.len() / 2].to_vec(), "backup.db"),
        (Vec::new(), "there is no backup in it"),
    ] {
        std::fs::write(&file, content).unwrap();
        at.refused(&["restore", backup, "--replace"], why);
        assert!(at.data().join("samverkan.db").exists(), "the database stays");
    }
    // Without a database nothing is replaced, and an older schema is brought up to date.
    std::fs::write(&file, &whole).unwrap();
    let new = Installation::new(Kind::Sqlite);
    let told = new.done(&["restore", backup]);
    assert!(!told.contains("replaced") && told.contains("is restored"), "{told}");
    assert!(migrations::run(&Location::Sqlite(new.data().join("samverkan.db"))).unwrap().is_empty());
}

fn cut_back(kind: Kind) {
    let at = Installation::new(kind);
    let file = at.folder.file("backup");
    at.made_admin();
    let add = |number| {
        let (mut server, base) = at.served();
        add_person(&base, access(&logged_in(&base)), number);
        assert!(server.stopped().success());
    };
    add(1);
    at.started_once(&[]);
    at.back_up(&file);
    add(2);
    at.started_once(&[]);
    at.copy_back(&file);
    let is_broken = || {
        let verified = run(&mut at.program(&["verify-audit", "--full"]));
        assert!(
            !verified.status.success() && text(&verified.stdout).contains("NOT INTACT"),
            "{}",
            text(&verified.stdout)
        );
    };
    is_broken();
    // The operator has started first: that is told, and nobody gets a second mail.
    let begin = at.log().len();
    assert_eq!(sent(&at), 0, "{}", at.log().split_off(begin));
    let told = at.log().split_off(begin);
    assert!(told.contains("ERROR") && told.contains("restore --in-place"), "{told}");
    // It goes on for a while, and a backup of it is a database like others.
    add(3);
    at.started_once(&[]);
    is_broken();
    // The operator says what happened.
    at.done(&["restore", "--in-place"]);
    for _ in 0..2 {
        let verified = at.done(&["verify-audit", "--full"]);
        assert!(verified.contains("restored on ") && verified.contains("\nINTACT: "), "{verified}");
        // The person whom the copy lacked, the invitation, and the login before it; not what was written since.
        assert!(!verified.contains(" 0 events lost"), "{verified}");
        assert!(!at.started_once(&[]).contains("ERROR"), "{}", at.log());
    }
}

on_both!(a_copy_that_was_started_without_saying_so_is_repaired, cut_back);

#[test]
fn a_second_process_on_one_file_is_told_and_a_restoration_keeps_others_out() {
    let at = Installation::new(Kind::Sqlite);
    at.made_admin();
    let (mut first, _) = at.served();
    assert!(!at.log().contains("another process serves"), "{}", at.log());
    let second = at.started_once(&[]);
    assert!(second.contains("WARN") && second.contains("another process serves"), "{second}");
    at.refused(&["restore", "--in-place"], "stop the program first");
    assert!(first.stopped().success());
    at.done(&["restore", "--in-place"]);
}

#[test]
fn a_process_that_lost_its_session_shows_again_that_it_serves() {
    let at = Installation::new(Kind::Postgres);
    at.made_admin();
    let (mut server, _) = at.served();
    let held = "FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND objsubid = 1 AND database = \
                (SELECT oid FROM pg_database WHERE datname = current_database())";
    let is_held = || {
        let look = format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 {held}) THEN RAISE EXCEPTION 'nobody serves'; END IF; END $$"
        );
        PgConnection::establish(at.url()).unwrap().batch_execute(&look).is_ok()
    };
    assert!(is_held());
    // As when the server of PostgreSQL was restarted.
    at.sql(&format!("SELECT pg_terminate_backend(pid) {held}"));
    let within_a_minute = (0..120).any(|_| {
        std::thread::sleep(Duration::from_millis(500));
        is_held()
    });
    assert!(within_a_minute);
    at.refused(&["restore", "--in-place"], "stop the program first");
    assert!(server.stopped().success());
    assert!(!is_held());
    at.done(&["restore", "--in-place"]);
}
