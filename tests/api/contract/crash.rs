//! `kill -9` of the program during 1,000 concurrent writes, five times on each database. Afterwards every write that was
//! answered with 201 is stored, the audit chains are intact, and a request that is sent again with its `Idempotency-Key`
//! gets the same response without a second effect. `scripts/crash` stops PostgreSQL itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use diesel::prelude::*;
use samverkan::identity::people;
use samverkan::identity::policy::Role;
use samverkan::identity::roles::{self, Wanted};
use samverkan::platform::auth::password::PasswordCost;
use samverkan::platform::clock::Clock;
use samverkan::platform::config::Config;
use samverkan::platform::db::Db;
use samverkan::platform::ids::{Id, Ids};
use samverkan::platform::key_file;
use samverkan::platform::moment::Day;
use samverkan::platform::tx::Tx;
use samverkan::platform::workflow::TakenStep;
use samverkan::programmes::programme::{ProgrammeRow, ProgrammeState};
use samverkan::schema::{programmes, time_entries};
use serde_json::{Value, json};

use crate::programmes::offer;
use crate::support::{Kind, TestDatabase, in_rounds};
use crate::team::{BODEN, add_application, maja, with};

const EMAIL: &str = "admin@example.org";
const PASSWORD: &str = "en lång mening som ingen gissar";

/// How often the program is killed in one round of `scripts/long`.
const KILLS: usize = 5;
/// The number of concurrent connections, and the requests of each: 1,000 together.
const WRITERS: usize = 125;
const REQUESTS: usize = 8;

/// The program with its own database.
pub struct Program {
    pub database: TestDatabase,
    address: String,
}

/// A process of the program, killed by `kill -9` when it is dropped.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
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
    pub fn new(kind: Kind) -> Self {
        let program = Self { database: TestDatabase::new(kind), address: free_address() };
        let key = program.database.folder.join("record-key.pem");
        assert!(program.command().args(["create-record-key", "--out"]).arg(key).status().unwrap().success());
        let password = program.database.folder.join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        key_file::make(&program.database.folder.join("secrets.key"), &Ids::system()).unwrap();
        let mut admin = program.command();
        admin.args(["create-admin", "--email", EMAIL, "--name", "Admin", "--password-file"]).arg(&password);
        assert!(admin.status().unwrap().success());
        program
    }

    fn settings(&self) -> [(&'static str, String); 9] {
        [
            ("DATABASE_URL", self.database.url.clone()),
            ("DATA_DIR", self.database.folder.display().to_string()),
            ("RECORD_KEY_FILE", self.database.folder.join("record-key.pem").display().to_string()),
            ("SECRETS_KEY_FILE", self.database.folder.join("secrets.key").display().to_string()),
            ("BIND", self.address.clone()),
            ("PUBLIC_URL", "https://samverkan.example.org".to_owned()),
            ("REQUESTS_PER_MINUTE", "0".to_owned()),
            ("ANONYMOUS_REQUESTS_PER_MINUTE", "0".to_owned()),
            ("LOG_LEVEL", "error".to_owned()),
        ]
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samverkan"));
        command.envs(self.settings()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn started(&self) -> Running {
        self.started_at(&self.address)
    }

    /// One more process on the same database.
    pub fn started_at(&self, address: &str) -> Running {
        let running = Running(self.command().env("BIND", address).arg("serve").spawn().unwrap());
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return running;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the program does not answer on {address}");
    }

    /// The administrator's token, from the process at the program's own address.
    pub fn token(&self) -> String {
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

    /// Adds a participant to a programme that runs today, in which the administrator is Boden's coordinator.
    fn participant(&self) -> Id {
        let (programme, since) = self.running_programme(&[BODEN]);
        let _running = self.started();
        let sender = self.sender(&self.token());
        let member = with(maja(programme), json!({"validFrom": since}));
        id_of(&sender.post("/participants", "the-participant", &member).unwrap())
    }

    /// Makes a programme that runs today, in which the administrator is the coordinator of these kommuner; and its first
    /// day. A new process reads the roles again and opens the months.
    pub fn running_programme(&self, kommuner: &[&str]) -> (Id, Day) {
        let running = self.started();
        let sender = self.sender(&self.token());
        let programme: Id = id_of(&sender.post("/programmes", "the-running-one", &offer()).unwrap());
        drop(running);
        let since = today().plus_days(-40);
        self.let_it_run(programme, since, kommuner);
        (programme, since)
    }

    /// The program's own address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Makes the programme run since this day, directly in the database.
    fn let_it_run(&self, programme: Id, since: Day, kommuner: &[&str]) {
        let pairs = self.settings().map(|(name, value)| (name.to_owned(), value));
        let config = Config::read(pairs).unwrap();
        let services = samverkan::app::services(config, Clock::system(), Ids::system(), PasswordCost::CHEAP);
        let change = |tx: &mut Tx<'_>| {
            let before = tx.locked::<ProgrammeRow>(programme)?;
            let mut after = before.clone();
            (after.starts_on, after.ends_on) = (since, since.plus_days(440));
            let step = TakenStep::new(tx.ctx, ProgrammeState::Running, before, after, "system", None);
            tx.take_steps(&[step])?;
            let me = people::unscoped_by_email(tx.db, EMAIL)?.unwrap();
            kommuner.iter().try_for_each(|kommunkod| {
                add_application(tx, programme, kommunkod, "participating")?;
                let wanted = Wanted::new(me.id, Role::Coordinator, programme, Some(kommunkod), since);
                roles::grant(tx, &wanted).map(drop)
            })
        };
        services.database.write_blocking(&services.system(), change).unwrap();
    }
}

/// An address on which nothing listens.
pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

pub fn today() -> Day {
    Clock::system().today()
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
        let (path, body) = match request.participant {
            None => ("/programmes", with(offer(), json!({"name": request.key}))),
            Some(participant) => (
                "/time-entries",
                json!({"participantId": participant, "workDate": today(), "minutes": 1, "kind": "own",
                    "activityCode": "development", "description": request.key}),
            ),
        };
        self.post(path, &request.key, &body).map(|body| id_of(&body))
    }
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
    running: Running,
    token: &str,
    number: usize,
    participant: Id,
    enough: usize,
) -> Round {
    let (answered, answers) = channel();
    let round = Mutex::new(Round { answered: Vec::new(), unanswered: Vec::new() });
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (answered, round) = (answered.clone(), &round);
            let sender = program.sender(token);
            scope.spawn(move || {
                let mut is_up = true;
                for request in requests(number, writer, participant) {
                    let id = if is_up { sender.send(&request) } else { None };
                    let mut round = round.lock().unwrap();
                    match id {
                        Some(id) => {
                            answered.send(()).unwrap();
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
        // Waits for a message and not for a moment: the answer that the kill follows is the one whose commit is youngest.
        for _ in 0..enough {
            answers.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        drop(running);
    });
    round.into_inner().unwrap()
}

#[test]
fn answered_writes_survive_kill_9_on_sqlite() {
    in_rounds(|| killed_in_the_middle(Kind::Sqlite));
}

#[test]
fn answered_writes_survive_kill_9_on_postgresql() {
    in_rounds(|| killed_in_the_middle(Kind::Postgres));
}

fn killed_in_the_middle(kind: Kind) {
    let program = Program::new(kind);
    let participant = program.participant();
    let mut promised: BTreeMap<String, Id> = BTreeMap::new();
    let mut sent: BTreeSet<String> = BTreeSet::new();
    let mut again: Vec<(Request, Option<Id>)> = Vec::new();
    for number in 0..KILLS {
        let running = program.started();
        let token = program.token();
        let sender = program.sender(&token);
        // The same key gives the same response; an unanswered request takes effect exactly once, then or now.
        for (request, id) in again.drain(..) {
            let now = sender.send(&request).unwrap_or_else(|| panic!("{request:?} is not answered"));
            assert!(id.is_none_or(|id| id == now), "{request:?} is done twice: {id:?} and {now}");
            promised.insert(request.key, now);
        }
        let Round { answered, unanswered } =
            round(&program, running, &token, number, participant, 25 + 10 * number);
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
}

/// Every promised id is stored under its key, nothing is stored twice, and nothing is stored that was not sent.
fn all_there(program: &Program, promised: &BTreeMap<String, Id>, sent: &BTreeSet<String>) {
    let mut db = Db::establish(&program.database.url).unwrap();
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
