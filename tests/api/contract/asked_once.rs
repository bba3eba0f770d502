//! No answer asks the database one question for each of its rows: what rows need is loaded for all of them at once. Logins of
//! the demonstration read every list, some of its rows, and what they link to, while the statements are heard; none may occur
//! again and again in one answer. Then all rows of each type with states are put into each state, because some questions are
//! only asked there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::{RunQueryDsl as _, sql_query};
use samverkan::platform::db::Db;
use serde_json::Value;

use super::truth::demonstration::{demonstration, own_link, rows};
use crate::support::{Client, Kind, TestApp};

/// How often one answer may ask the same: what the caller is to its rows is asked by two areas, for steps and for changes.
const MOST: usize = 4;

/// How many rows of each list are read by themselves.
const OF_EACH_LIST: usize = 6;

/// The verification reads the whole trail, page by page.
const BY_PAGES: &str = "/audit-events/verification";

/// Reads, and hears what is asked.
struct Listener {
    heard: Arc<Mutex<Vec<String>>>,
    faults: BTreeMap<String, String>,
    answers: usize,
}

impl Listener {
    fn on(t: &TestApp) -> Self {
        let heard = Arc::<Mutex<Vec<String>>>::default();
        t.db(|db| {
            let heard = Arc::clone(&heard);
            db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { query, .. } = event {
                    let text = query.to_string();
                    heard.lock().unwrap().push(text.split(" -- binds:").next().unwrap().to_owned());
                }
            });
        });
        Self { heard, faults: BTreeMap::new(), answers: 0 }
    }

    /// Reads a path and notes what is asked again and again.
    fn read(&mut self, who: &Client, path: &str) -> Value {
        if path.contains(BY_PAGES) {
            return Value::Null;
        }
        self.heard.lock().unwrap().clear();
        let answer = who.unchecked().get(path);
        let mut counts = BTreeMap::<String, usize>::new();
        for statement in std::mem::take(&mut *self.heard.lock().unwrap()) {
            *counts.entry(statement).or_default() += 1;
        }
        for (statement, count) in counts.into_iter().filter(|(_, count)| *count > MOST) {
            let (_, from) = statement.split_once(" FROM ").unwrap_or_default();
            self.faults.entry(from.to_owned()).or_insert_with(|| format!("{path}: {count} times {from}"));
        }
        if answer.status != 200 || !answer.text.starts_with('{') {
            return Value::Null;
        }
        self.answers += 1;
        answer.json()
    }

    /// Reads a list, and some of its rows by themselves; returns these.
    fn read_list(&mut self, who: &Client, path: &str) -> Vec<Value> {
        let page = self.read(who, &format!("{path}?limit=200&links=all"));
        let items = page["items"].as_array().into_iter().flatten().take(OF_EACH_LIST);
        items.filter_map(own_link).map(|link| self.read(who, link)).collect()
    }
}

/// One login for each set of roles.
fn one_of_each(clients: &[Client]) -> Vec<&Client> {
    let mut known = BTreeSet::new();
    let mut is_new = |who: &&Client| {
        let roles = who.get("/me").is(200)["roles"].clone();
        let names = roles.as_array().into_iter().flatten().map(|held| held["role"].to_string());
        known.insert(names.collect::<BTreeSet<_>>())
    };
    clients.iter().filter(|who| is_new(who)).collect()
}

/// Sends a statement to SQLite; returns how many rows it changed.
fn run(t: &TestApp, statement: &str) -> usize {
    t.write(|tx| {
        let Db::Sqlite(connection) = &mut *tx.db else { panic!("SQLite only") };
        Ok(sql_query(statement).execute(connection).unwrap_or_else(|error| panic!("{statement}: {error}")))
    })
}

#[test]
fn no_answer_asks_once_for_each_row() {
    let (t, clients) = demonstration(Kind::Sqlite, &[("DATABASE_CONNECTIONS", "1")]);
    let mut listener = Listener::on(&t);
    let mut lists = Vec::new();
    for who in one_of_each(&clients) {
        let mut tried = BTreeSet::new();
        for (path, all) in rows(who) {
            for row in listener.read_list(who, &path) {
                for link in row["_links"].as_array().into_iter().flatten() {
                    let href = link["href"].as_str().unwrap();
                    if link["method"] == "GET" && tried.insert(href.to_owned()) {
                        listener.read(who, href);
                    }
                }
            }
            lists.push((who, path, all.len()));
        }
    }
    assert!(lists.iter().any(|(_, _, rows)| *rows > 50), "no list is long");
    let mut unreached = Vec::new();
    for table in samverkan::app::workflows() {
        let name = table.stored_in;
        run(&t, &format!("CREATE TABLE saved_{name} AS SELECT id, status FROM {name}"));
        let collection = table.path.rsplit_once('/').unwrap().0.rsplit_once('/').unwrap().1;
        for (state, _) in &table.states {
            // Rows that a constraint keeps from the state stay as they are.
            if run(&t, &format!("UPDATE OR IGNORE {name} SET status = '{state}'")) == 0 {
                unreached.push(format!("{name}: {state}"));
            }
            for (who, path, _) in
                lists.iter().filter(|(_, path, _)| path.ends_with(&format!("/{collection}")))
            {
                listener.read_list(who, path);
            }
        }
        run(
            &t,
            &format!(
                "UPDATE {name} SET status = (SELECT s.status FROM saved_{name} AS s WHERE s.id = {name}.id)"
            ),
        );
    }
    assert_eq!(unreached, [""; 0], "no row is put into these");
    assert!(listener.answers > 500, "only {} answers", listener.answers);
    let faults: Vec<String> = listener.faults.into_values().collect();
    assert!(
        faults.is_empty(),
        "{} questions are asked again and again:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
