//! Three processes over one database, writers with random delays, transactions that are held up at random, and a client that
//! follows the changes by `_meta.syncedTo`, each time from another process. What it holds at the end equals the table.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::{PgConnection, SqliteConnection};
use samverkan::platform::db::Db;
use samverkan::platform::ids::{Id, Ids};
use samverkan::schema::time_entries;
use serde_json::json;

use super::crash::{Program, free_address, today};
use crate::support::{Client, Kind, in_rounds};
use crate::team::{BODEN, LULEA, maja, with};

/// How long the client follows.
const DURATION: Duration = Duration::from_secs(30);
const PROCESSES: usize = 3;
/// Writers at each process.
const WRITERS: usize = 3;
/// Participants of each kommun: a person has at most 24 hours a day.
const MEMBERS: usize = 6;

#[test]
fn a_client_that_follows_three_processes_loses_nothing_on_sqlite() {
    in_rounds(|| followed(Kind::Sqlite));
}

#[test]
fn a_client_that_follows_three_processes_loses_nothing_on_postgresql() {
    in_rounds(|| followed(Kind::Postgres));
}

/// A random number below `end`.
fn random(end: usize) -> usize {
    usize::from(u16::from_be_bytes(Ids::system().bytes())) % end
}

fn pause(most_millis: usize) {
    std::thread::sleep(Duration::from_millis(random(most_millis).try_into().unwrap()));
}

/// Enters time and changes what it has entered.
fn write(client: &Client, members: &[Id], until: Instant) {
    let mut made: Vec<String> = Vec::new();
    while Instant::now() < until {
        if made.is_empty() || random(3) > 0 {
            let entry = json!({"participantId": members[random(members.len())], "workDate": today(), "minutes": 1,
                "kind": "own", "activityCode": "development", "description": "Utkast."});
            made.push(client.post("/time-entries", entry).is(201)["id"].as_str().unwrap().to_owned());
        } else {
            let one = format!("/time-entries/{}", made[random(made.len())]);
            let text = format!("Ändrad {}.", random(10_000));
            client.header("If-Match", "*").patch(&one, json!({"description": text})).is(200);
        }
        pause(60);
    }
}

/// Holds transactions up, so that they commit in another order than that of their times.
fn hold_up(program: &Program, chains: &[String], until: Instant) {
    let url = program.database.url.as_str();
    if program.database.kind == Kind::Sqlite {
        let mut db = SqliteConnection::establish(url.trim_start_matches("sqlite://")).unwrap();
        db.batch_execute("PRAGMA busy_timeout = 20000").unwrap();
        while Instant::now() < until {
            db.batch_execute("BEGIN IMMEDIATE").unwrap();
            pause(300);
            db.batch_execute("ROLLBACK").unwrap();
            pause(400);
        }
        return;
    }
    let mut db = PgConnection::establish(url).unwrap();
    while Instant::now() < until {
        let chain = &chains[random(chains.len())];
        let hold = format!("BEGIN; SELECT 1 FROM audit_chains WHERE name = '{chain}' FOR UPDATE");
        db.batch_execute(&hold).unwrap();
        pause(2_500);
        db.batch_execute("ROLLBACK").unwrap();
        pause(500);
    }
}

/// The copy of a client that follows the changes.
struct Copy {
    entries: BTreeMap<String, i64>,
    since: String,
}

impl Copy {
    /// Reads all pages of the changes since the last time.
    fn follow(&mut self, client: &Client) {
        let (mut cursor, mut synced_to) = (String::new(), None);
        loop {
            let path = format!("/time-entries?updatedSince={}&limit=50&cursor={cursor}", self.since);
            let page = client.get(&path).is(200);
            for item in page["items"].as_array().unwrap() {
                let id = item["id"].as_str().unwrap().to_owned();
                self.entries.insert(id, item["version"].as_i64().unwrap());
            }
            let told = page["_meta"]["syncedTo"].as_str().unwrap().to_owned();
            assert_eq!(synced_to.get_or_insert(told.clone()), &told, "all pages have the first one's");
            match page["_meta"]["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        self.since = synced_to.unwrap();
    }
}

fn followed(kind: Kind) {
    let program = Program::new(kind);
    let (programme, since) = program.running_programme(&[BODEN, LULEA]);
    let mut addresses = vec![program.address().to_owned()];
    addresses.resize_with(PROCESSES, free_address);
    let _processes: Vec<_> = addresses.iter().map(|address| program.started_at(address)).collect();
    let token = program.token();
    let clients: Vec<Client> = addresses
        .iter()
        .map(|address| Client::new(&format!("http://{address}"), Some(token.clone()), None).unchecked())
        .collect();
    let member = |(kommunkod, number): (&str, usize)| {
        let own = json!({"kommunkod": kommunkod, "email": format!("m{number}@kommun{kommunkod}.example"),
            "employeeNumber": format!("{kommunkod}-{number}"), "validFrom": since});
        let added = clients[0].post("/participants", with(maja(programme), own));
        added.is(201);
        added.id()
    };
    let numbers =
        [BODEN, LULEA].into_iter().flat_map(|kommunkod| (0..MEMBERS).map(move |number| (kommunkod, number)));
    let members: Vec<Id> = numbers.map(member).collect();
    let chains = [BODEN, LULEA].map(|kommunkod| format!("programme:{programme}:kommun:{kommunkod}"));
    let (began, until) = ("2020-01-01T00:00:00Z".to_owned(), Instant::now() + DURATION);
    let mut copy = Copy { entries: BTreeMap::new(), since: began.clone() };
    let mut readings = 0;
    std::thread::scope(|scope| {
        for client in clients.iter().flat_map(|client| std::iter::repeat_n(client, WRITERS)) {
            scope.spawn(|| write(client, &members, until));
        }
        scope.spawn(|| hold_up(&program, &chains, until));
        while Instant::now() < until {
            copy.follow(&clients[random(PROCESSES)]);
            readings += 1;
            pause(300);
        }
    });
    copy.follow(&clients[random(PROCESSES)]);
    let mut db = Db::establish(&program.database.url).unwrap();
    let table: Vec<(Id, i32)> =
        time_entries::table.select((time_entries::id, time_entries::version)).load(&mut db).unwrap();
    let table: BTreeMap<String, i64> =
        table.into_iter().map(|(id, version)| (id.to_string(), i64::from(version))).collect();
    let lost: Vec<_> = table.iter().filter(|(id, version)| copy.entries.get(*id) != Some(version)).collect();
    assert!(lost.is_empty(), "{} of {} rows are old or missing: {lost:?}", lost.len(), table.len());
    assert_eq!(copy.entries, table);
    // Without this, the test would pass by following nothing.
    assert!(table.len() > 50 && readings > 10, "{} rows in {readings} readings", table.len());
    assert!(copy.since > began && table.values().any(|version| *version > 1));
}
