//! Every list is read through an index, on both databases. The statements are not copies: they are taken down while each
//! list of the OpenAPI document is asked for, by several roles, and then explained.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent, SimpleConnection as _};
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use samverkan::identity::policy::Role;
use samverkan::platform::db::{Location, statements};
use serde_json::Value;

use crate::programmes::draft;
use crate::support::documented::document;
use crate::support::{Client, Kind, TestApp};

/// Small for good, or read by another key than a list's: a whole scan of them is right.
const SMALL: &[&str] =
    &["kommuner", "lan", "programmes", "signing_keys", "milestone_templates", "programme_settings"];

/// The lists: operations whose answer is a page.
fn lists() -> Vec<String> {
    let paths = document()["paths"].as_object().unwrap();
    let is_page = |item: &&Value| {
        let schema = item.pointer("/get/responses/200/content/application~1json/schema");
        let name = schema.and_then(|schema| schema["$ref"].as_str()).and_then(|name| name.rsplit('/').next());
        name.is_some_and(|name| {
            document().pointer(&format!("/components/schemas/{name}/properties/_meta")).is_some()
        })
    };
    paths.iter().filter(|(_, item)| is_page(item)).map(|(path, _)| path.clone()).collect()
}

/// An app with one connection for reading, and every SELECT that it runs.
fn listening(kind: Kind) -> (TestApp, Arc<Mutex<BTreeSet<String>>>) {
    let t = TestApp::with(kind, &[("DATABASE_CONNECTIONS", "1")]);
    let heard: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    t.db(|db| {
        let heard = Arc::clone(&heard);
        db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                let statement = text.split(" -- binds:").next().unwrap().to_owned();
                if statement.starts_with("SELECT") && statement.contains(" FROM ") {
                    heard.lock().unwrap().insert(statement);
                }
            }
        });
    });
    (t, heard)
}

/// The statements of all lists, asked for by those who see much and by those who see little.
fn statements_of(t: &TestApp, heard: &Mutex<BTreeSet<String>>) -> BTreeSet<String> {
    let programme = draft(t);
    let askers: Vec<Client> = vec![
        t.admin(),
        t.manager(programme),
        t.in_kommun(Role::Coordinator, programme, "2582"),
        t.in_kommun(Role::Attester, programme, "2582"),
        t.in_kommun(Role::Participant, programme, "2582"),
    ];
    let mut all = BTreeSet::new();
    let lists = lists();
    assert!(lists.len() > 5, "{lists:?}");
    for list in lists {
        let path = list.replace("{programmeId}", &programme.to_string()).replace("{month}", "2021-01");
        for asker in &askers {
            // Who the asker is has been read by then, and is not this list's.
            asker.get("/me");
            heard.lock().unwrap().clear();
            for query in ["", "?limit=10&cursor="] {
                let answer = asker.get(&format!("{path}{query}"));
                assert!(answer.status < 500, "{path}{query}: {}", answer.text);
            }
            all.extend(heard.lock().unwrap().iter().cloned());
        }
    }
    all
}

fn is_small(statement: &str) -> bool {
    // `= ANY (nothing)`: the database answers without reading.
    if statement.contains("WHERE (1=0)") || statement.contains("((1=0) AND") {
        return true;
    }
    let table = statement.split(" FROM ").nth(1).unwrap().split([' ', '(']).next().unwrap();
    SMALL.contains(&table.trim_matches(['"', '`']))
}

#[test]
fn sqlite_reads_lists_through_indexes() {
    let (t, heard) = listening(Kind::Sqlite);
    let mut faults = Vec::new();
    let all = statements_of(&t, &heard);
    assert!(all.len() > 10, "{all:?}");
    for statement in all.iter().filter(|statement| !is_small(statement)) {
        let plan = t.db(|db| statements::explain(db, statement).unwrap());
        if plan
            .iter()
            .any(|line| line.contains("SCAN ") && !line.contains("INDEX") && !line.contains("CONSTANT"))
        {
            faults.push(format!("{statement}\n  {}", plan.join("\n  ")));
        }
    }
    assert!(faults.is_empty(), "{} statements read a whole table:\n{}", faults.len(), faults.join("\n"));
}

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

#[test]
fn postgresql_reads_lists_through_indexes() {
    let (t, heard) = listening(Kind::Postgres);
    let mut faults = Vec::new();
    let all = statements_of(&t, &heard);
    assert!(all.len() > 10, "{all:?}");
    let Location::Postgres(url) = samverkan::app::location(&t.services.config) else { panic!("PostgreSQL") };
    let mut db = PgConnection::establish(&url).unwrap();
    // A plan for any values, and not the whole reading of a small test table.
    db.batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off").unwrap();
    for (number, statement) in all.iter().filter(|statement| !is_small(statement)).enumerate() {
        let binds = (1..100).take_while(|bind| statement.contains(&format!("${bind}"))).count();
        db.batch_execute(&format!("PREPARE s{number} AS {statement}")).unwrap();
        let nulls = vec!["NULL"; binds].join(", ");
        let values = if binds == 0 { String::new() } else { format!("({nulls})") };
        let plan: Vec<Plan> = sql_query(format!("EXPLAIN EXECUTE s{number}{values}")).load(&mut db).unwrap();
        let plan: Vec<String> = plan.into_iter().map(|plan| plan.line).collect();
        if plan.iter().any(|line| line.contains("Seq Scan")) {
            faults.push(format!("{statement}\n  {}", plan.join("\n  ")));
        }
    }
    assert!(faults.is_empty(), "{} statements read a whole table:\n{}", faults.len(), faults.join("\n"));
}
