//! Every problem code is provoked by a test and documented in `docs/generated/problems.md`. The codes of the platform are
//! provoked here, the codes of a resource in its own tests.

use std::fmt::Write as _;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection, sql_query};
use samverkan::platform::db::Location;
use samverkan::platform::problem::Code;
use serde_json::json;

use super::generated::{generated, sources};
use crate::both;
use crate::programmes::{draft, offer};
use crate::support::{Kind, Response, TestApp};

/// Provokes a problem; none where this database cannot have it.
type Provoke = fn(&TestApp) -> Option<Response>;

/// The codes of the platform, and a few of a resource that need only one request.
const HERE: &[(Code, Provoke)] = &[
    (Code::MalformedJson, |t| {
        Some(t.admin().send("POST", "/programmes", Some(("application/json", "{".into()))))
    }),
    (Code::InvalidBody, |t| Some(t.admin().post("/programmes", json!({"colour": "blue"})))),
    (Code::InvalidQuery, |t| Some(t.anonymous().get("/kommuner?colour=blue"))),
    (Code::InvalidHeader, |t| Some(t.anonymous().header("If-Match", "seven").get("/kommuner/2582"))),
    (Code::Unauthenticated, |t| Some(t.anonymous().post("/programmes", offer()))),
    (Code::Forbidden, |t| Some(t.economist(draft(t)).post("/programmes", offer()))),
    (Code::OriginNotAllowed, |t| {
        let browser = t.anonymous().header("Origin", "https://other.example.org");
        Some(browser.header("Access-Control-Request-Method", "POST").send("OPTIONS", "/programmes", None))
    }),
    (Code::NotFound, |t| Some(t.anonymous().get("/kommuner/9999"))),
    (Code::MethodNotAllowed, |t| Some(t.anonymous().delete("/kommuner"))),
    (Code::TransitionNotAllowed, |t| {
        let id = draft(t);
        Some(t.manager(id).change(&format!("/programmes/{id}"), "running"))
    }),
    (Code::VersionMismatch, |t| {
        let id = draft(t);
        let manager = t.manager(id).header("If-Match", "\"99-0a\"");
        Some(manager.patch(&format!("/programmes/{id}"), json!({"places": 3})))
    }),
    (Code::PreconditionRequired, |t| {
        let id = draft(t);
        Some(t.manager(id).patch(&format!("/programmes/{id}"), json!({"places": 3})))
    }),
    (Code::BodyTooLarge, |t| {
        // A longer JSON is refused too, but the connection ends before all of it is sent (`bad_input`).
        Some(t.anonymous().form("/oauth/token", &[("grant_type", &"x".repeat(17 << 10))]))
    }),
    (Code::UnsupportedMediaType, |t| {
        Some(t.admin().send("POST", "/programmes", Some(("text/plain", offer().to_string()))))
    }),
    (Code::InvalidInput, |t| {
        let mut wrong = offer();
        wrong["name"] = json!("");
        Some(t.admin().post("/programmes", wrong))
    }),
    (Code::CallNotOpen, |t| {
        let id = draft(t);
        let interest = json!({
            "kommunkod": "2582",
            "contactName": "Utvecklingsstrateg",
            "contactEmail": "strateg@example.org",
            "motivation": "Vi vill arbeta mer strategiskt med sociala företag.",
            "maturity": 2,
            "departments": ["Arbetsmarknadsförvaltningen"],
        });
        Some(t.manager(id).post(&format!("/programmes/{id}/applications"), interest))
    }),
    (Code::IdempotencyKeyReused, |t| {
        let admin = t.admin().header("Idempotency-Key", "again");
        admin.post("/programmes", offer()).is(201);
        let mut other = offer();
        other["places"] = json!(3);
        Some(admin.post("/programmes", other))
    }),
    (Code::TooManyRequests, |t| {
        let limited = TestApp::with(t.kind(), &[("ANONYMOUS_REQUESTS_PER_MINUTE", "1")]);
        limited.anonymous().get("/kommuner/2582").is(200);
        Some(limited.anonymous().get("/kommuner/2582"))
    }),
    (Code::BodyTooSlow, |_| None),
    (Code::Overloaded, write_locked),
    (Code::IdempotencyKeyInUse, key_locked),
    (Code::DatabaseUnavailable, database_away),
    (Code::StorageFull, storage_full),
    (Code::InternalError, fault_of_the_program),
];

/// Codes that cannot occur with a database, or not in a test, each with its reason.
const NOT_ON: &[(Code, Kind, &str)] = &[
    (Code::DatabaseUnavailable, Kind::Sqlite, "an open file does not go away"),
    (Code::BodyTooSlow, Kind::Sqlite, "30 seconds are too long; platform/http/body tests the wait"),
    (Code::BodyTooSlow, Kind::Postgres, "30 seconds are too long; platform/http/body tests the wait"),
];

/// Codes that only a part of a response has, each with its reason; their tests compare the code itself.
const IN_A_PART: &[(Code, &str)] = &[(Code::FailedDependency, "an item of an atomic batch")];

both!(every_code_can_be_provoked, |t| {
    for (code, provoke) in HERE {
        let is_possible = !NOT_ON.iter().any(|(other, kind, _)| other == code && *kind == t.kind());
        match provoke(t) {
            Some(response) => {
                assert!(is_possible, "{} was not expected", code.as_str());
                let problem = response.refused(code.status(), code.as_str());
                for word in ["SELECT", "INSERT", "sqlite", "postgres", "no such table", "panicked", ".rs"] {
                    assert!(!problem.to_string().contains(word), "{word} is internal: {problem}");
                }
            }
            None => assert!(!is_possible, "{} was not provoked", code.as_str()),
        }
    }
});

#[test]
fn every_code_is_provoked_by_a_test() {
    let tests: Vec<String> = sources("tests/api")
        .into_iter()
        .filter(|(path, _)| !path.ends_with("contract/problems.rs"))
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let is_tested = |code: &Code| {
        let wanted = match IN_A_PART.iter().any(|(part, _)| part == code) {
            true => format!("json!(\"{}\")", code.as_str()),
            false => format!("refused({}, \"{}\")", code.status(), code.as_str()),
        };
        tests.iter().any(|line| line.contains(&wanted))
    };
    let is_here = |code: &Code| HERE.iter().any(|(here, _)| here == code);
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| !is_here(code) && !is_tested(code))
        .map(|code| code.as_str())
        .collect();
    assert!(missing.is_empty(), "no test is refused with {missing:?}");
}

#[test]
fn problems_md_is_generated_from_the_codes() {
    let mut text = String::from(
        "# Problems\n\nGenerated by `scripts/regen` from `src/platform/problem.rs`. Do not edit.\n\n\
         Every refusal is an RFC 9457 problem with one of these codes; its `type` leads to `/problems/{code}`.\n\n\
         | Code | Status | Svenska | English |\n|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let (title, help) = (code.title(), code.help());
        writeln!(
            text,
            "| `{}` | {} | **{}.** {} | **{}.** {} |",
            code.as_str(),
            code.status(),
            title.sv,
            help.sv,
            title.en,
            help.en
        )
        .unwrap();
    }
    generated("docs/generated/problems.md", &text);
}

/// A connection of another process.
enum Other {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Other {
    fn to(t: &TestApp) -> Self {
        match samverkan::app::location(&t.services.config) {
            Location::Postgres(url) => Self::Postgres(PgConnection::establish(&url).unwrap()),
            Location::Sqlite(path) => {
                Self::Sqlite(SqliteConnection::establish(path.to_str().unwrap()).unwrap())
            }
        }
    }

    fn run(&mut self, postgres: &str, sqlite: &str) {
        match self {
            Self::Postgres(db) => db.batch_execute(postgres).unwrap(),
            Self::Sqlite(db) => db.batch_execute(sqlite).unwrap(),
        }
    }
}

fn write_locked(t: &TestApp) -> Option<Response> {
    let impatient = TestApp::with(t.kind(), &[("WRITE_LIMIT_MS", "200")]);
    let admin = impatient.admin();
    let mut other = Other::to(&impatient);
    other.run("BEGIN; LOCK TABLE programmes", "BEGIN IMMEDIATE");
    let refused = admin.post("/programmes", offer());
    assert!(refused.header("retry-after").is_some());
    other.run("ROLLBACK", "ROLLBACK");
    admin.post("/programmes", offer()).is(201);
    Some(refused)
}

fn key_locked(t: &TestApp) -> Option<Response> {
    let impatient = TestApp::with(t.kind(), &[("WRITE_LIMIT_MS", "200")]);
    let admin = impatient.admin().header("Idempotency-Key", "taken");
    let mut other = Other::to(&impatient);
    other.run("BEGIN; LOCK TABLE idempotency_keys", "BEGIN IMMEDIATE");
    let refused = admin.post("/programmes", offer());
    other.run("ROLLBACK", "ROLLBACK");
    admin.post("/programmes", offer()).is(201);
    Some(refused)
}

fn database_away(t: &TestApp) -> Option<Response> {
    let lost = TestApp::with(t.kind(), &[("DATABASE_WAIT_MS", "300")]);
    let Location::Postgres(url) = samverkan::app::location(&lost.services.config) else { return None };
    let (server, name) = url.rsplit_once('/').unwrap();
    let admin = lost.admin();
    let mut outside = PgConnection::establish(&format!("{server}/postgres")).unwrap();
    outside
        .batch_execute(&format!(
            "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .unwrap();
    let refused = admin.get("/kommuner/2582");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(lost.anonymous().get("//health/ready").status, 503);
    assert_eq!(lost.anonymous().get("//health/live").status, 200);
    outside.batch_execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")).unwrap();
    lost.anonymous().get("/kommuner/2582").is(200);
    admin.post("/programmes", offer()).is(201);
    Some(refused)
}

fn storage_full(t: &TestApp) -> Option<Response> {
    if t.kind() == Kind::Postgres {
        return Some(super::storage_failures::refused_by_a_full_server());
    }
    let full = TestApp::new(t.kind());
    let admin = full.admin();
    let pages = |count: u64| {
        full.write(|tx| Ok(sql_query(format!("PRAGMA max_page_count = {count}")).execute(tx.db)?));
    };
    pages(1);
    let mut large = offer();
    large["description"] = json!("å".repeat(2000));
    let count = || admin.get("/programmes?limit=1").is(200)["_meta"]["totalRecords"].as_u64().unwrap();
    for _ in 0..200 {
        let before = count();
        let response = admin.post("/programmes", large.clone());
        if response.status != 201 {
            assert_eq!(count(), before, "nothing is partly written");
            pages(1 << 30);
            admin.post("/programmes", large.clone()).is(201);
            return Some(response);
        }
    }
    panic!("the storage was never full");
}

fn fault_of_the_program(t: &TestApp) -> Option<Response> {
    let broken = TestApp::new(t.kind());
    Other::to(&broken).run("ALTER TABLE kommuner RENAME TO gone", "ALTER TABLE kommuner RENAME TO gone");
    Some(broken.anonymous().get("/kommuner/2582"))
}
