//! `kill -9` during 1,000 concurrent writes on SQLite, ten times. Afterwards every write that was answered with 201 is
//! stored, the audit chains are intact, and a request that is sent again with its `Idempotency-Key` gets the same response
//! without a second effect.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use samverkan::platform::db::Db;
use samverkan::platform::ids::Id;
use samverkan::schema::{people, programmes, time_entries};
use serde_json::{Value, json};

use crate::programmes::offer;
use crate::support::in_rounds;
use crate::team::{maja, with};

const EMAIL: &str = "admin@example.org";
const PASSWORD: &str = "en lång mening som ingen gissar";

const ROUNDS: usize = 10;
/// The number of concurrent connections, and the requests of each: 1,000 together.
const WRITERS: usize = 125;
const REQUESTS: usize = 8;

/// The program with its own database.
struct Program {
    folder: PathBuf,
    address: String,
}

/// A client with a token.
struct Sender {
    address: String,
    token: String,
    agent: ureq::Agent,
}

/// One request, identified by its key: a new programme or a new time entry.
#[derive(Clone, Debug)]
struct Request {
    key: String,
    participant: Option<Id>,
}

impl Program {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("samverkan-crash-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let program = Self { folder, address: free.to_string() };
        let password = program.folder.join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        let mut admin = program.command();
        admin.args(["create-admin", "--email", EMAIL, "--name", "Admin", "--password-file"]).arg(&password);
        assert!(admin.status().unwrap().success());
        program
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samverkan"));
        command
            .env("DATA_DIR", &self.folder)
            .env("BIND", &self.address)
            .env("PUBLIC_URL", "https://samverkan.example.org")
            .env("REQUESTS_PER_MINUTE", "0")
            .env("ANONYMOUS_REQUESTS_PER_MINUTE", "0")
            .env("LOG_LEVEL", "error")
            .env_remove("DATABASE_URL")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn started(&self) -> Child {
        let mut child = self.command().arg("serve").spawn().unwrap();
        for _ in 0..600 {
            if TcpStream::connect(&self.address).is_ok() {
                return child;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("the program does not answer on {}", self.address);
    }

    fn kill(child: &mut Child) {
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn token(&self) -> String {
        let form = [("grant_type", "password"), ("username", EMAIL), ("password", PASSWORD)];
        let mut answer =
            ureq::post(format!("http://{}/api/v1/oauth/token", self.address)).send_form(form).unwrap();
        let body: Value = answer.body_mut().read_json().unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }

    fn sender(&self, token: &str) -> Sender {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Sender { address: self.address.clone(), token: token.to_owned(), agent }
    }

    fn db(&self) -> Db {
        let mut db = Db::establish(&self.folder.join("samverkan.db").to_string_lossy()).unwrap();
        db.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
        db
    }

    /// Adds a programme that runs today, with the administrator in Boden's team, directly in the database.
    fn participant(&self) -> Id {
        let mut child = self.started();
        let sender = self.sender(&self.token());
        let programme: Id = id_of(&sender.post("/programmes", "the-running-one", &offer()).unwrap());
        let mut db = self.db();
        let me: Id = people::table.filter(people::email.eq(EMAIL)).select(people::id).first(&mut db).unwrap();
        let [programme_hex, me_hex] =
            [programme, me].map(|id| format!("X'{}'", id.to_string().replace('-', "")));
        db.batch_execute(&format!(
            "UPDATE programmes SET status = 'running', starts_on = date('now', '-40 days'), \
                 ends_on = date('now', '+400 days') WHERE id = {programme_hex};
             INSERT INTO applications (id, programme_id, kommunkod, status, contact_name, contact_email, motivation, \
                 maturity, departments, known_social_enterprises, received_at, is_late, notes, search_text, created_at, \
                 updated_at, version) VALUES (randomblob(16), {programme_hex}, '2582', 'participating', 'Sökande', \
                 'sokande@example.org', 'Vi vill.', 2, '[]', '[]', 0, 0, '[]', '', 0, 0, 1);
             INSERT INTO role_assignments (id, person_id, role, programme_id, kommunkod, valid_from, created_at, \
                 updated_at, version) VALUES (randomblob(16), {me_hex}, 'coordinator', {programme_hex}, '2582', \
                 '2020-01-01', 0, 0, 1);"
        ))
        .unwrap();
        let since: String =
            diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("date('now', '-40 days')"))
                .get_result(&mut db)
                .unwrap();
        // A new process reads the roles again and opens the months.
        Self::kill(&mut child);
        let mut child = self.started();
        let sender = self.sender(&self.token());
        let member = with(maja(programme), json!({"email": EMAIL, "name": "Admin", "validFrom": since}));
        let participant = id_of(&sender.post("/participants", "the-participant", &member).unwrap());
        Self::kill(&mut child);
        participant
    }
}

fn id_of(body: &Value) -> Id {
    body["id"].as_str().unwrap_or_else(|| panic!("{body}")).parse().unwrap()
}

impl Sender {
    /// The body of a 201, or none without a complete response.
    fn post(&self, path: &str, key: &str, body: &Value) -> Option<Value> {
        let request = self.agent.post(format!("http://{}/api/v1{path}", self.address));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let mut answer = request.header("Idempotency-Key", key).send_json(body).ok()?;
        let status = answer.status().as_u16();
        // A truncated response counts as not received.
        let body = answer.body_mut().read_json::<Value>().ok()?;
        assert_eq!(status, 201, "{body}");
        Some(body)
    }

    fn send(&self, request: &Request) -> Option<Id> {
        let today = today_in_sweden();
        let (path, body) = match request.participant {
            None => ("/programmes", with(offer(), json!({"name": request.key}))),
            Some(participant) => (
                "/time-entries",
                json!({"participantId": participant, "workDate": today, "minutes": 1, "kind": "own",
                    "activityCode": "development", "description": request.key}),
            ),
        };
        self.post(path, &request.key, &body).map(|body| id_of(&body))
    }
}

fn today_in_sweden() -> String {
    samverkan::platform::clock::Clock::system().today().to_string()
}

/// The requests of one writer in a round: programmes and time entries in turn.
fn requests(round: usize, writer: usize, participant: Id) -> Vec<Request> {
    let request = |number: usize| Request {
        key: format!("round-{round}-writer-{writer}-{number}"),
        participant: (writer + number).is_multiple_of(2).then_some(participant),
    };
    (0..REQUESTS).map(request).collect()
}

/// The requests that were answered in a round, and those that were not when the program was killed.
struct Round {
    answered: Vec<(Request, Id)>,
    unanswered: Vec<Request>,
}

/// Runs all writers at the same time and kills the program after `enough` responses.
fn round(
    program: &Program,
    child: &mut Child,
    token: &str,
    number: usize,
    participant: Id,
    enough: usize,
) -> Round {
    let answers = AtomicUsize::new(0);
    let round = Mutex::new(Round { answered: Vec::new(), unanswered: Vec::new() });
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (answers, round) = (&answers, &round);
            let sender = program.sender(token);
            scope.spawn(move || {
                let mut is_up = true;
                for request in requests(number, writer, participant) {
                    let id = if is_up { sender.send(&request) } else { None };
                    let mut round = round.lock().unwrap();
                    match id {
                        Some(id) => {
                            answers.fetch_add(1, Ordering::SeqCst);
                            round.answered.push((request, id));
                        }
                        // The first of these was being processed; the others were never sent.
                        None => {
                            is_up = false;
                            round.unanswered.push(request);
                        }
                    }
                }
            });
        }
        for _ in 0..60_000 {
            if answers.load(Ordering::SeqCst) >= enough {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Program::kill(child);
    });
    round.into_inner().unwrap()
}

#[test]
fn answered_writes_survive_kill_9() {
    in_rounds(killed_ten_times);
}

fn killed_ten_times() {
    let program = Program::new();
    let participant = program.participant();
    let mut promised: BTreeMap<String, Id> = BTreeMap::new();
    let mut sent: BTreeSet<String> = BTreeSet::new();
    let mut again: Vec<(Request, Option<Id>)> = Vec::new();
    for number in 0..ROUNDS {
        let mut child = program.started();
        let token = program.token();
        let sender = program.sender(&token);
        // The same key gives the same response; an unanswered request takes effect exactly once, then or now.
        for (request, id) in again.drain(..) {
            let now = sender.send(&request).unwrap_or_else(|| panic!("{request:?} is not answered"));
            assert!(id.is_none_or(|id| id == now), "{request:?} is done twice: {id:?} and {now}");
            promised.insert(request.key, now);
        }
        let Round { answered, unanswered } =
            round(&program, &mut child, &token, number, participant, 25 + 5 * number);
        assert_eq!(answered.len() + unanswered.len(), WRITERS * REQUESTS);
        assert!(unanswered.len() >= WRITERS / 2, "round {number}: the kill came when the writes were over");
        sent.extend(answered.iter().map(|(request, _)| request.key.clone()));
        sent.extend(unanswered.iter().map(|request| request.key.clone()));
        promised.extend(answered.iter().map(|(request, id)| (request.key.clone(), *id)));
        again.extend(answered.into_iter().take(40).map(|(request, id)| (request, Some(id))));
        again.extend(unanswered.into_iter().take(40).map(|request| (request, None)));
        all_there(&program, &promised, &sent);
        assert!(program.command().arg("verify-audit").status().unwrap().success(), "round {number}");
    }
    std::fs::remove_dir_all(&program.folder).unwrap();
}

/// Every promised id is stored under its key, nothing is stored twice, and nothing is stored that was not sent.
fn all_there(program: &Program, promised: &BTreeMap<String, Id>, sent: &BTreeSet<String>) {
    let mut db = program.db();
    let made: Vec<(String, Id)> = programmes::table
        .filter(programmes::name.like("round-%"))
        .select((programmes::name, programmes::id))
        .load(&mut db)
        .unwrap();
    let entered: Vec<(Option<String>, Id)> =
        time_entries::table.select((time_entries::description, time_entries::id)).load(&mut db).unwrap();
    let entered = entered.into_iter().map(|(key, id)| (key.unwrap(), id));
    let all: Vec<(String, Id)> = made.into_iter().chain(entered).collect();
    let there: BTreeMap<&str, Id> = all.iter().map(|(key, id)| (key.as_str(), *id)).collect();
    assert_eq!(there.len(), all.len(), "something is stored twice");
    let lost: Vec<_> = promised.iter().filter(|(key, id)| there.get(key.as_str()) != Some(*id)).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), promised.len());
    let strange: Vec<_> = there.keys().filter(|key| !sent.contains(**key)).collect();
    assert!(strange.is_empty(), "nobody sent {strange:?}");
}
