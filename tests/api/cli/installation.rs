//! An installation on either database, with its keys, as an operator has it: commands, `serve`, an administrator, people.

use std::path::PathBuf;
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, SqliteConnection};
use serde_json::{Value, json};

use super::{Folder, Running, asked, get, program, run, started, text, token};
use crate::support::{Kind, TestDatabase};

pub const PASSWORD: &str = "en lång mening som ingen gissar";

pub struct Installation {
    pub folder: Folder,
    pub kind: Kind,
    /// Of PostgreSQL; SQLite's is a file in the data folder.
    database: Option<TestDatabase>,
    settings: Vec<(String, String)>,
}

impl Installation {
    /// A new one. On PostgreSQL the operator has made the keys.
    pub fn new(kind: Kind) -> Self {
        let mut made = Self { folder: Folder::new(), kind, database: None, settings: Vec::new() };
        if kind == Kind::Postgres {
            let database = TestDatabase::new(kind);
            made.set("DATABASE_URL", &database.url);
            made.database = Some(database);
            made.set("RECORD_KEY_FILE", made.record_key().to_str().unwrap());
            made.set("SECRETS_KEY_FILE", made.secrets_key().to_str().unwrap());
            made.done(&["create-record-key", "--out", made.record_key().to_str().unwrap()]);
            std::fs::write(made.secrets_key(), "5".repeat(64)).unwrap();
        }
        made
    }

    pub fn data(&self) -> PathBuf {
        self.folder.file("data")
    }

    pub fn record_key(&self) -> PathBuf {
        self.data().join("record-key.pem")
    }

    pub fn secrets_key(&self) -> PathBuf {
        self.data().join("secrets.key")
    }

    /// The address of PostgreSQL's database.
    pub fn url(&self) -> &str {
        &self.database.as_ref().unwrap().url
    }

    /// Sets a setting for all that is run from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.data(), arguments);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What a command printed that must succeed.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> String {
        let done = run(&mut self.program(arguments));
        assert!(done.status.success(), "{arguments:?}: {}{}", text(&done.stdout), text(&done.stderr));
        text(&done.stdout)
    }

    /// What a command says that is refused.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str], why: &str) -> String {
        let mut command = self.program(arguments);
        let done = run(command.env("BIND", "127.0.0.1:0"));
        let told = text(&done.stderr);
        assert!(!done.status.success() && told.contains(why), "{arguments:?}: {told}");
        told
    }

    /// Adds the administrator `eva@example.org`.
    pub fn made_admin(&self) {
        let file = self.folder.file("password");
        std::fs::write(&file, PASSWORD).unwrap();
        let who = ["create-admin", "--email", "eva@example.org", "--name", "Eva Lind", "--password-file"];
        self.done(&[&who[..], &[file.to_str().unwrap()]].concat());
    }

    /// Serves, with a log in the folder.
    pub fn served(&self) -> (Running, String) {
        self.served_with(&[])
    }

    pub fn served_with(&self, settings: &[(&str, &str)]) -> (Running, String) {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.file("log")).unwrap();
        let mut command = self.program(&["serve"]);
        command.envs(settings.iter().copied());
        started(command, log.into())
    }

    /// Starts and stops, as an upgrade does: this writes a checkpoint. Returns what was logged.
    pub fn started_once(&self, settings: &[(&str, &str)]) -> String {
        let before = self.log().len();
        let (mut server, _) = self.served_with(settings);
        assert!(server.stopped().success());
        self.log().split_off(before)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.file("log")).unwrap_or_default()
    }

    /// Runs SQL as somebody does who can write to the database.
    pub fn sql(&self, statement: &str) {
        match self.kind {
            Kind::Sqlite => {
                let file = self.data().join("samverkan.db");
                let mut db = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                db.batch_execute(statement).unwrap();
            }
            Kind::Postgres => {
                PgConnection::establish(self.url()).unwrap().batch_execute(statement).unwrap();
            }
        }
    }
}

pub fn logged_in(base: &str) -> Value {
    let form =
        format!("grant_type=password&username=eva@example.org&password={}", PASSWORD.replace(' ', "+"));
    let (status, tokens) = token(base, &form);
    assert_eq!(status, 200, "{tokens}");
    tokens
}

pub fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

/// Adds a person, whom a mail with a link invites.
pub fn add_person(base: &str, access: &str, number: usize) {
    let body = json!({"name": format!("Person Nummer {}", "I".repeat(number % 40 + 1)),
        "email": format!("person{number}@example.org")});
    let request = ureq::http::Request::post(format!("{base}/api/v1/people"))
        .header("Authorization", format!("Bearer {access}"))
        .header("Content-Type", "application/json");
    let added = asked(request.body(body.to_string()).unwrap());
    assert_eq!(added.0, 201, "{added:?}");
}

pub fn people(base: &str, access: &str) -> i64 {
    let (status, list) = get(&format!("{base}/api/v1/people?limit=1"), access);
    assert_eq!(status, 200, "{list}");
    list["_meta"]["totalRecords"].as_i64().unwrap_or_else(|| panic!("{list}"))
}
