//! A database of another program, or of another version of this one, is refused by every command and stays as it is.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, SqliteConnection};

use super::{Folder, program, run, text};
use crate::support::{Kind, TestDatabase};

/// Every command that opens a database.
const COMMANDS: [&str; 7] = [
    "serve",
    "migrate",
    "demo --port 0",
    "demo --port 0 --reset",
    "create-admin --email eva@example.org --name Eva",
    "create-record-key --from-database --out new.pem",
    "verify-audit --full",
];

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let content = |path: &Path| if path.is_dir() { Vec::new() } else { std::fs::read(path).unwrap() };
    entries.map(|it| (it.file_name().into_string().unwrap(), content(&it.path()))).collect()
}

/// Fails unless every command refuses the database and says all of `words`. A secret in the address is not told.
#[track_caller]
fn refused(url: &str, words: &[&str]) {
    let folder = Folder::new();
    for command in COMMANDS {
        let arguments: Vec<&str> = command.split(' ').collect();
        let output = run(program(&folder.0, &arguments).env("DATABASE_URL", url).current_dir(&folder.0));
        let told = text(&output.stderr);
        assert!(!output.status.success(), "{command}: {told}");
        assert!(words.iter().all(|word| told.contains(word)), "{command}: {told}");
        for none in ["500", "503", "internalError", "databaseUnavailable", "password"] {
            assert!(!told.contains(none), "{command}: {told}");
        }
    }
}

#[track_caller]
fn refused_and_untouched(make: impl FnOnce(&Path), words: &[&str]) {
    let folder = Folder::new();
    let file = folder.file("other å%.db");
    make(&file);
    let before = contents(&folder.0);
    refused(&format!("sqlite://{}", file.display()), &[words, &["other å%.db"]].concat());
    assert!(contents(&folder.0) == before, "the files were touched");
}

fn with(file: &Path, sql: &str) {
    SqliteConnection::establish(file.to_str().unwrap()).unwrap().batch_execute(sql).unwrap();
}

#[test]
fn a_file_of_another_program_is_refused_and_untouched() {
    let words = ["is no database of samverkan and is left alone"];
    let tables = "CREATE TABLE accounts (id INTEGER PRIMARY KEY); INSERT INTO accounts VALUES (1);";
    refused_and_untouched(|file| with(file, tables), &words);
    refused_and_untouched(|file| with(file, &format!("PRAGMA journal_mode = WAL; {tables}")), &words);
    refused_and_untouched(|file| std::fs::write(file, "Käre dagbok, i dag …").unwrap(), &words);
    refused_and_untouched(|file| std::fs::write(file, "SQLite format 3\0 or so").unwrap(), &words);
    refused_and_untouched(|file| std::fs::create_dir(file).unwrap(), &words);
    // Another program that uses diesel.
    let diesel = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY, run_on TIMESTAMP); \
                  INSERT INTO __diesel_schema_migrations VALUES ('00000000000001', ''); CREATE TABLE audit_chains (id)";
    refused_and_untouched(|file| with(file, diesel), &words);
}

#[test]
fn a_newer_schema_is_refused_and_both_are_named() {
    let newer =
        "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('00000000000099', '2027-01-01')";
    let words = ["a newer version of samverkan", "schema 99", env!("CARGO_PKG_VERSION"), "with schema "];
    let of_sqlite = TestDatabase::new(Kind::Sqlite);
    refused_and_untouched(
        |file| {
            std::fs::copy(of_sqlite.folder.join("samverkan.db"), file).unwrap();
            with(file, &format!("{newer}; PRAGMA journal_mode = DELETE"));
        },
        &words,
    );
    let of_postgres = TestDatabase::new(Kind::Postgres);
    PgConnection::establish(&of_postgres.url).unwrap().batch_execute(newer).unwrap();
    refused(&of_postgres.url, &words);
}

#[test]
fn an_unknown_migration_is_refused() {
    let other = TestDatabase::new(Kind::Sqlite);
    let file = other.folder.join("samverkan.db");
    with(
        &file,
        "UPDATE __diesel_schema_migrations SET version = '00000000000006' WHERE version = '00000000000007'",
    );
    refused(&other.url, &["another version of samverkan", "unknown here: 6"]);
}

#[test]
fn another_database_of_postgres_is_refused() {
    let database = TestDatabase::new(Kind::Postgres);
    let mut other = PgConnection::establish(&database.url).unwrap();
    other
        .batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE accounts (id integer)")
        .unwrap();
    refused(&database.url, &["is no database of samverkan and is left alone"]);
    other.batch_execute("INSERT INTO accounts VALUES (1)").unwrap();
}

#[test]
fn an_empty_database_is_migrated_and_a_missing_one_is_not_verified() {
    let folder = Folder::new();
    let verified = run(&mut program(&folder.0, &["verify-audit"]));
    let told = text(&verified.stderr);
    assert!(!verified.status.success() && told.contains("there is no database yet"), "{told}");
    assert!(told.contains("samverkan.db") && !told.contains("DATABASE_URL"), "{told}");
    std::fs::write(folder.file("samverkan.db"), "").unwrap();
    assert!(run(&mut program(&folder.0, &["migrate"])).status.success());
    assert!(run(&mut program(&folder.0, &["migrate"])).status.success());
    // While a log is there, too: the program was killed.
    let (server, base) = super::served(&folder.0, std::process::Stdio::null());
    assert_eq!(super::get(&format!("{base}/health/ready"), "none").0, 200);
    drop(server);
    assert!(folder.file("samverkan.db-wal").exists());
    assert!(run(&mut program(&folder.0, &["migrate"])).status.success());
}
