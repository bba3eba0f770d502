//! Every list is read through an index, on both databases, with every combination of scope and parameter. The statements
//! are recorded while each list of the OpenAPI document is requested with each of its parameters, and then explained. The
//! scope must use an index (SEARCH, Index Cond); within the scope, a filter or a search may read row by row.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent, SimpleConnection as _};
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use samverkan::identity::policy::Role;
use samverkan::platform::db::{Location, statements};
use serde_json::Value;

use super::operations::lists;
use super::world::World;
use crate::goals::BODEN;
use crate::support::documented::{document, resolved};
use crate::support::{Client, Kind, TestApp};

/// Tables that may be read whole, each with its reason.
const SMALL: &[(&str, &str)] = &[
    ("audit_checkpoints", "one a day, and whoever may read some may read all"),
    ("kommuner", "290, for good"),
    ("lan", "21, for good"),
    ("signing_keys", "two, and those that are retired"),
    ("programmes", "open to anyone: a list of them answers nearly all of them"),
];

/// A valid value of a parameter; two values where it may be repeated.
fn values(schema: &'static Value) -> Vec<String> {
    let schema = resolved(schema);
    if schema["type"] == "array" {
        let one = resolved(&schema["items"]);
        let codes = one["enum"].as_array().map(|codes| codes.iter().take(2)).into_iter().flatten();
        let codes: Vec<String> = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
        return if codes.is_empty() { vec![sample(one), sample(one)] } else { codes };
    }
    vec![sample(schema)]
}

fn sample(schema: &Value) -> String {
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    };
    let text = match (kind, schema["format"].as_str()) {
        (Some("boolean"), _) => "true",
        (Some("integer" | "number"), _) => "1",
        (_, Some("uuid")) => "0175a2e1-7c00-7000-8000-000000000001",
        (_, Some("date")) => "2021-01-12",
        (_, Some("month")) => "2021-01",
        (_, Some("date-time")) => "2021-01-12T00:00:00Z",
        _ => {
            let known = schema["enum"][0].as_str().or(schema["examples"][0].as_str());
            return known.unwrap_or(BODEN).to_owned();
        }
    };
    text.to_owned()
}

/// The query strings to try on a list: each filter with one value and with two, each end of a range, each sort in both
/// directions, and a search.
fn queries(path: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let parameters = document()["paths"][path]["get"]["parameters"].as_array().unwrap();
    for parameter in parameters.iter().map(resolved).filter(|parameter| parameter["in"] == "query") {
        let name = parameter["name"].as_str().unwrap();
        match name {
            "page" | "limit" | "cursor" | "fields" => {}
            "sort" => {
                let text = parameter["description"].as_str().unwrap();
                let names = text.split_once(": ").and_then(|(_, rest)| rest.split_once('.')).unwrap().0;
                let names: Vec<&str> = names.split(", ").collect();
                assert!(names.iter().all(|name| name.chars().all(char::is_alphanumeric)), "{path}: {text}");
                found.extend(names.iter().flat_map(|name| [format!("sort={name}"), format!("sort=-{name}")]));
            }
            "q" => found.push("q=boden".to_owned()),
            _ => {
                let values = values(&parameter["schema"]);
                let all: Vec<String> = values.iter().map(|value| format!("{name}={value}")).collect();
                found.push(all[0].clone());
                found.push(all.join("&"));
            }
        }
    }
    found.dedup();
    found
}

/// An app with one read connection, and every SELECT that it runs.
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

/// The statements that run while a client requests two pages of every list with every query string.
fn statements_of(world: &World, client: &Client, heard: &Mutex<BTreeSet<String>>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let lists = lists();
    assert!(lists.len() > 5, "{lists:?}");
    for list in lists {
        let path = world.filled(&list);
        for query in queries(&list) {
            // This request reads the caller's roles, which do not belong to the list.
            client.get("/me");
            heard.lock().unwrap().clear();
            let page = client.get(&format!("{path}?{query}"));
            let first = client.get(&format!("{path}?limit=1&cursor=&{query}"));
            for answer in [&page, &first] {
                assert!([200, 403, 404].contains(&answer.status), "{path}?{query}: {}", answer.text);
            }
            if page.status != 200 {
                break;
            }
            if let Some(next) = first.json()["_meta"]["nextCursor"].as_str() {
                client.get(&format!("{path}?limit=1&cursor={next}&{query}")).is(200);
            }
            all.extend(heard.lock().unwrap().iter().cloned());
        }
    }
    all
}

/// The statements for callers with a limited scope: a programme, a kommun, their own rows.
fn statements_of_scoped(t: &TestApp, heard: &Mutex<BTreeSet<String>>) -> BTreeSet<String> {
    let world = World::new(t);
    let programme = world.programme;
    let clients: Vec<Client> = vec![
        t.manager(programme),
        t.in_kommun(Role::Coordinator, programme, BODEN),
        t.in_kommun(Role::Attester, programme, BODEN),
        t.in_programme(Role::Attester, programme),
        t.in_kommun(Role::ProcessSupporter, programme, BODEN),
        t.in_kommun(Role::Applicant, programme, BODEN),
        world.maja.client.clone(),
    ];
    let found: BTreeSet<String> = clients
        .iter()
        .flat_map(|client| statements_of(&world, client, heard))
        .filter(|s| reads_rows(s))
        .collect();
    assert!(found.len() > 100, "{}", found.len());
    found
}

/// False for `= ANY (empty)`, which the database answers without reading.
fn reads_rows(statement: &str) -> bool {
    !statement.contains("WHERE (1=0)") && !statement.contains("((1=0) AND")
}

fn is_small(table: &str) -> bool {
    SMALL.iter().any(|(small, _)| *small == table)
}

/// Tables that PostgreSQL may read whole for a limited scope, each with its reason.
const READ_WHOLE: &[(&str, &str)] = &[(
    "people",
    "staff see `id IN (those with a role here) OR oneself`, and PostgreSQL has no plan through indexes for that OR; \
     some thousand people are read along the index of the list's order",
)];

/// Whether a plan of SQLite reads a whole table or index.
fn scans(plan: &[String]) -> bool {
    plan.iter().any(|line| {
        let table = line.split_once("SCAN ").map(|(_, rest)| rest.split(' ').next().unwrap_or_default());
        table.is_some_and(|table| table != "CONSTANT" && !is_small(table.trim_matches(['"', '`'])))
    })
}

#[test]
fn sqlite_searches_an_index_for_every_limited_scope() {
    let (t, heard) = listening(Kind::Sqlite);
    let mut faults = Vec::new();
    for statement in statements_of_scoped(&t, &heard) {
        let plan = t.db(|db| statements::explain(db, &statement).unwrap());
        if scans(&plan) {
            faults.push(format!("{statement}\n  {}", plan.join("\n  ")));
        }
    }
    assert!(faults.is_empty(), "{} statements read a whole table:\n{}", faults.len(), faults.join("\n"));
}

/// Callers who see everything read along an index in the list's own order, so that the cost of a page does not grow with the
/// table. Totals, other filters and other sorts may read more; only administrators use them on everything.
#[test]
fn sqlite_reads_along_an_index_for_callers_who_see_everything() {
    let (t, heard) = listening(Kind::Sqlite);
    let world = World::new(&t);
    let admin = t.admin();
    let mut faults = Vec::new();
    for list in lists() {
        let path = world.filled(&list);
        admin.get("/me");
        heard.lock().unwrap().clear();
        admin.get(&format!("{path}?limit=1&cursor="));
        let statements: Vec<String> =
            heard.lock().unwrap().iter().filter(|s| reads_rows(s)).cloned().collect();
        for statement in statements {
            let plan = t.db(|db| statements::explain(db, &statement).unwrap());
            let is_sorted = plan.iter().any(|line| line.contains("USE TEMP B-TREE FOR ORDER BY"));
            let is_along = plan.iter().all(|line| !line.contains("SCAN ") || line.contains(" USING "));
            if scans(&plan) && (is_sorted || !is_along) {
                faults.push(format!("{path}: {statement}\n  {}", plan.join("\n  ")));
            }
        }
    }
    assert!(faults.is_empty(), "{} lists are sorted whole:\n{}", faults.len(), faults.join("\n"));
}

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// A connection that makes generic plans, with row costs as in a table that does not fit into memory.
fn planner(t: &TestApp) -> PgConnection {
    let Location::Postgres(url) = samverkan::app::location(&t.services.config) else { panic!("PostgreSQL") };
    let mut db = PgConnection::establish(&url).unwrap();
    db.batch_execute(
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET cpu_tuple_cost = 100; \
         SET cpu_index_tuple_cost = 100; SET jit = off",
    )
    .unwrap();
    db
}

fn generic_plan(db: &mut PgConnection, statement: &str) -> Vec<String> {
    let binds = (1..100).take_while(|bind| statement.contains(&format!("${bind}"))).count();
    db.batch_execute(&format!("PREPARE asked AS {statement}")).unwrap();
    let nulls = vec!["NULL"; binds].join(", ");
    let values = if binds == 0 { String::new() } else { format!("({nulls})") };
    let plan: Vec<Plan> = sql_query(format!("EXPLAIN EXECUTE asked{values}")).load(db).unwrap();
    db.batch_execute("DEALLOCATE asked").unwrap();
    plan.into_iter().map(|plan| plan.line).collect()
}

/// The lines of a PostgreSQL plan that read a whole table or index.
fn whole(plan: &[String]) -> Vec<&str> {
    let mut found = Vec::new();
    for (place, line) in plan.iter().enumerate() {
        let is_index = line.contains("Index Scan") || line.contains("Index Only Scan");
        let table =
            line.split_once(" on ").map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default());
        // A bitmap index scan names only the index; the heap scan above it names the table.
        let of = if line.contains("Bitmap Index Scan") { "" } else { table.trim_matches('"') };
        // The details of a node come before the next node.
        let own = plan.iter().skip(place + 1).take_while(|next| !next.contains("->"));
        let has_condition = own.into_iter().any(|next| next.trim_start().starts_with("Index Cond:"));
        if (line.contains("Seq Scan") || (is_index && !has_condition)) && !is_small(of) {
            found.push(line.as_str());
        }
    }
    found
}

#[test]
fn postgresql_has_an_index_condition_for_every_limited_scope() {
    let (t, heard) = listening(Kind::Postgres);
    let mut faults = Vec::new();
    let all = statements_of_scoped(&t, &heard);
    let mut db = planner(&t);
    for statement in &all {
        let plan = generic_plan(&mut db, statement);
        let is_known =
            |line: &&str| READ_WHOLE.iter().any(|(table, _)| line.contains(&format!(" on {table} ")));
        if !whole(&plan).iter().all(is_known) {
            faults.push(format!("{statement}\n  {}", plan.join("\n  ")));
        }
    }
    assert!(faults.is_empty(), "{} statements read a whole table:\n{}", faults.len(), faults.join("\n"));
}

/// The statements that read pages of time entries, by page number and by cursor.
fn pages_of_entries(client: &Client, heard: &Mutex<BTreeSet<String>>, query: &str) -> BTreeSet<String> {
    let list = |more: &str| format!("/time-entries?{query}{more}");
    client.get("/me");
    heard.lock().unwrap().clear();
    client.get(&list("&limit=1&page=2")).is(200);
    let first = client.get(&list("&limit=1&cursor=")).is(200);
    let next = first["_meta"]["nextCursor"].as_str().expect("a second page");
    client.get(&list(&format!("&limit=1&cursor={next}"))).is(200);
    let heard = heard.lock().unwrap();
    let found: BTreeSet<String> = heard.iter().filter(|s| s.contains("ORDER BY")).cloned().collect();
    assert!(found.len() >= 2 && found.iter().all(|s| s.contains("time_entries")), "{found:?}");
    found
}

/// A kommun's time by day is the most used list: the cost of a page must not grow with the number of entries, so the index
/// must give the order and nothing may be sorted.
fn check_a_kommuns_time(
    t: &TestApp,
    heard: &Mutex<BTreeSet<String>>,
    mut plan_of: impl FnMut(&str) -> Vec<String>,
    is_sorted: impl Fn(&str) -> bool,
) {
    let world = World::new(t);
    let programme = world.programme;
    let kommun = format!("programmeId={programme}&kommunkod={BODEN}");
    let (manager, coordinator) = (t.manager(programme), t.in_kommun(Role::Coordinator, programme, BODEN));
    let mut plans = |client: &Client, query: &str| -> Vec<(String, bool, String)> {
        let statements = pages_of_entries(client, heard, query).into_iter();
        let plans = statements.map(|statement| {
            let plan = plan_of(&statement);
            let whole = format!("{query}: {statement}\n  {}", plan.join("\n  "));
            (plan.join("\n"), plan.iter().any(|line| is_sorted(line)), whole)
        });
        plans.collect()
    };
    for (client, filter) in [(&manager, kommun.as_str()), (&coordinator, &kommun), (&coordinator, "")] {
        for sort in ["", "&sort=-workDate", "&sort=workDate"] {
            for (plan, is_sorted, whole) in plans(client, &format!("{filter}{sort}")) {
                assert!(!is_sorted && plan.contains("time_entries_programme_idx"), "{whole}");
            }
        }
    }
    // An order without an index needs a sort; this shows that the check sees it.
    assert!(plans(&manager, &format!("{kommun}&sort=-minutes")).iter().all(|(_, is_sorted, _)| *is_sorted));
}

#[test]
fn sqlite_does_not_sort_a_kommuns_time() {
    let (t, heard) = listening(Kind::Sqlite);
    let plan_of = |statement: &str| t.db(|db| statements::explain(db, statement).unwrap());
    check_a_kommuns_time(&t, &heard, plan_of, |line| line.contains("USE TEMP B-TREE"));
}

#[test]
fn postgresql_does_not_sort_a_kommuns_time() {
    let (t, heard) = listening(Kind::Postgres);
    let mut db = planner(&t);
    // The planner would sort the few rows of a test; forbid it, to see whether there is a plan without a sort.
    db.batch_execute("SET enable_sort = off; SET enable_incremental_sort = off").unwrap();
    let plan_of = |statement: &str| generic_plan(&mut db, statement);
    check_a_kommuns_time(&t, &heard, plan_of, |line| line.contains("Sort"));
}
