//! What a selection's record proves: whoever changes anything of it in the database is found by its verification.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;
use serde_json::{Value, json};

use super::selection_computing::busy;
use super::selection_proposals::{KOMMUNER, Pool};
use crate::both;
use crate::oversight::tampering::unlock;
use crate::support::{Kind, TestApp};

/// The columns that need not be found, with the reason.
const NOT_FOUND: &[(&str, &str)] = &[
    ("selection_proposals.id", "it is another proposal then: 404"),
    ("selection_proposals.programme_id", "the caller does not find it in another programme: 404"),
    ("selection_proposals.is_what_if", "the database refuses it: no trial is announced"),
    ("selection_computations.id", "the progress of a computation refers to it: the database refuses it"),
];

/// The columns of a table with their types, as `schema.rs` has them.
fn columns(table: &str) -> Vec<(&'static str, &'static str)> {
    let schema = include_str!("../../../src/schema.rs");
    let (_, from) = schema.split_once(&format!("\n    {table} (")).unwrap();
    let (columns, _) = from.split_once("\n    }").unwrap();
    columns
        .lines()
        .skip(1)
        .map(|line| line.trim().trim_end_matches(',').split_once(" -> ").unwrap())
        .collect()
}

/// SQL of another value that the column can have. Text that is JSON stays what the program can read.
fn another(kind: Kind, column: &str, of: &str) -> String {
    let replaced = |from: &str, to: &str| format!("replace({column}, '{from}', '{to}')");
    match (column, of) {
        ("status", _) => "'adopted'".into(),
        ("purpose", _) => "CASE purpose WHEN 'answer' THEN 'explanations' ELSE 'answer' END".into(),
        ("state", _) => "'failed'".into(),
        ("goals", _) => replaced("sizeBand", "skrGroup"),
        ("quotas", _) => r#"'[{"dimension": "lan", "category": "25", "min": null, "max": 3}]'"#.into(),
        ("pins", _) => r#"'[{"kommunkod": "2582", "in": true, "reason": "Värd."}]'"#.into(),
        ("answer", _) => replaced("\"goalValues\":[4", "\"goalValues\":[3"),
        ("decision", _) => replaced("SKR 20/01234", "SKR 20/01235"),
        ("record", _) => replaced("\"computations\":2", "\"computations\":1"),
        ("reserves" | "replacements", _) => "'[]'".into(),
        ("computation_id", _) => "explanation_id".into(),
        ("explanation_id", _) => "computation_id".into(),
        ("proposal_id", _) => {
            "(SELECT other.id FROM selection_proposals other WHERE other.id <> proposal_id LIMIT 1)".into()
        }
        ("programme_id", _) => {
            "(SELECT other.id FROM programmes other WHERE other.id <> programme_id LIMIT 1)".into()
        }
        (_, "Nullable<IdSql>") => {
            format!("CASE WHEN {column} IS NULL THEN (SELECT id FROM people LIMIT 1) ELSE NULL END")
        }
        (_, "Text" | "Nullable<Text>") => format!("COALESCE({column}, '') || 'x'"),
        (_, "Integer" | "BigInt" | "Nullable<BigInt>") => format!("COALESCE({column}, 0) + 1"),
        (_, "Bool") => format!("NOT {column}"),
        (_, "InstantSql" | "Nullable<InstantSql>") if kind == Kind::Sqlite => format!("{column} + 1000"),
        (_, "InstantSql" | "Nullable<InstantSql>") => format!("{column} + interval '1 second'"),
        (_, of) => panic!("{column}: which other value has a {of}?"),
    }
}

/// An announced selection of ten kommuner with another computation before it, a place given afterwards, and another programme.
struct Announced {
    p: Pool,
    path: String,
}

impl Announced {
    fn new(t: &TestApp) -> Self {
        crate::programmes::open(t);
        let p = Pool::of(t, 4, &KOMMUNER);
        p.compute(&p.propose(json!({"title": "Ett annat"})));
        let path = p.announced();
        let selected = p.manager.get(&path).is(200)["selected"].clone();
        let index = KOMMUNER.iter().position(|code| selected[0] == *code).unwrap();
        p.applicants[index].change(&p.applications[index], "declined").is(200);
        let best = p.manager.get(&format!("{path}/replacements")).is(200)["best"][0]["kommunkod"].clone();
        let index = KOMMUNER.iter().position(|code| best == *code).unwrap();
        p.manager.change(&p.applications[index], "selected").is(200);
        let seen = p.manager.get(&path).is(200);
        assert_eq!(
            (&seen["decisionRecord"]["computations"], seen["givenPlaces"].as_array().unwrap().len()),
            (&json!(2), 1)
        );
        Self { p, path }
    }

    fn verified(&self) -> Value {
        self.p.manager.get(&format!("{}/verification", self.path)).is(200)
    }

    /// The checks that do not hold after these statements.
    fn failing(&self, t: &TestApp, statements: &[&str]) -> Vec<String> {
        t.write(|tx| {
            unlock(tx);
            for statement in statements {
                sql_query(*statement).execute(tx.db)?;
            }
            Ok(())
        });
        let found = self.verified();
        let failed = found["checks"].as_array().unwrap().iter().filter(|part| part["holds"] == false);
        let failed: Vec<String> = failed.map(|part| part["check"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found["isVerified"], failed.is_empty(), "{statements:?}: {found:#}");
        failed
    }
}

both!(every_recorded_column_is_proved, |t| {
    let a = Announced::new(t);
    assert_eq!(a.verified()["isVerified"], true, "{:#}", a.verified());
    let rows = [
        ("selection_proposals", "status = 'announced'"),
        (
            "selection_computations",
            "id = (SELECT computation_id FROM selection_proposals WHERE status = 'announced')",
        ),
        (
            "selection_computations",
            "id = (SELECT explanation_id FROM selection_proposals WHERE status = 'announced')",
        ),
        // Of the other proposal, which the record of the decision counts.
        (
            "selection_computations",
            "id = (SELECT computation_id FROM selection_proposals WHERE title = 'Ett annat')",
        ),
    ];
    for table in ["selection_proposals", "selection_computations"] {
        t.write(|tx| {
            Ok(sql_query(format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).execute(tx.db)?)
        });
    }
    for (table, row) in rows {
        for (column, of) in columns(table) {
            let name = format!("{table}.{column}");
            if NOT_FOUND.iter().any(|(excepted, _)| *excepted == name) {
                continue;
            }
            let value = another(t.kind(), column, of);
            // By its id: a condition on what is changed would not find it again.
            let ids = format!("id IN (SELECT id FROM kept_{table} WHERE {row})");
            let row_before = format!("UPDATE {table} SET {column} = {value} WHERE {ids}")
                .replace("FROM selection_proposals WHERE", "FROM kept_selection_proposals WHERE");
            let failed = a.failing(t, &[&row_before]);
            assert!(failed.contains(&"auditTrail".to_owned()), "{name} where {row}: {failed:?}");
            let back = format!(
                "UPDATE {table} SET {column} = (SELECT kept.{column} FROM kept_{table} kept WHERE kept.id = {table}.id)"
            );
            assert_eq!(a.failing(t, &[&back]), [""; 0], "{name} is as before");
        }
    }
});

both!(what_stands_around_the_record_is_proved_too, |t| {
    let a = Announced::new(t);
    let kept = ["selection_proposals", "programmes", "audit_events", "status_changes"];
    t.write(|tx| {
        for table in kept {
            sql_query(format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).execute(tx.db)?;
        }
        Ok(())
    });
    let proposal = "id IN (SELECT id FROM kept_selection_proposals WHERE status = 'announced')";
    let programme = "id IN (SELECT programme_id FROM kept_selection_proposals)";
    let event = |action: &str| {
        format!(
            "action = '{action}' AND resource_id IN (SELECT resource_id FROM kept_audit_events \
             WHERE action = 'selectionProposal.announced')"
        )
    };
    let changed = |table: &str, column: &str, to: &str, rows: &str| {
        (table.to_owned(), column.to_owned(), format!("UPDATE {table} SET {column} = {to} WHERE {rows}"))
    };
    let more = r#"replace(record, '"others":', '"note":"x","others":')"#;
    for (table, column, statement) in [
        // Members that the program does not know, and ones that say nothing.
        changed("selection_proposals", "record", more, proposal),
        changed("selection_proposals", "goals", r#"replace(goals, ',"dimension":null', '')"#, proposal),
        changed(
            "selection_proposals",
            "goals",
            r#"replace(goals, '"kind":"lottery","dimension":null', '"dimension":null,"kind":"lottery"')"#,
            proposal,
        ),
        changed("programmes", "selection_plan", "selection_plan || ' '", programme),
        changed("programmes", "selection_plan", r#"replace(selection_plan, ',"pins":[]', '')"#, programme),
        changed("programmes", "sort_name", "sort_name || 'x'", programme),
        changed("programmes", "search_text", "search_text || 'x'", programme),
        // An event in the middle that is not found under its resource any more.
        changed(
            "audit_events",
            "resource_id",
            "upper(resource_id) || 'x'",
            &event("selectionProposal.created"),
        ),
        changed("audit_events", "resource_type", "'x'", &event("selectionProposal.explained")),
        changed("audit_events", "values_hash", "'x'", &event("selectionProposal.computationStarted")),
    ] {
        assert_eq!(a.failing(t, &[&statement]), ["auditTrail"], "{statement}");
        let back = format!(
            "UPDATE {table} SET {column} = (SELECT kept.{column} FROM kept_{table} kept WHERE kept.id = {table}.id)"
        );
        assert_eq!(a.failing(t, &[&back]), [""; 0], "{column} is as before");
    }
    if t.kind() == Kind::Sqlite {
        for (table, column, to) in [
            ("audit_events", "hash", "CAST(hash AS BLOB)"),
            ("audit_events", "sequence", "sequence + 0.25"),
            ("audit_events", "formula", "formula + 4294967296"),
            ("status_changes", "to_status", "CAST(to_status AS BLOB)"),
            ("status_changes", "resource_version", "resource_version + 0.5"),
        ] {
            let rows = "resource_type = 'selectionProposal'";
            let (_, _, statement) = changed(table, column, to, rows);
            assert_eq!(a.failing(t, &[&statement]), ["auditTrail"], "{statement}");
            let back = format!(
                "UPDATE {table} SET {column} = (SELECT kept.{column} FROM kept_{table} kept WHERE kept.id = {table}.id)"
            );
            assert_eq!(a.failing(t, &[&back]), [""; 0], "{column} is as before");
        }
    }
    let gone = format!("DELETE FROM audit_events WHERE {}", event("selectionProposal.computationStarted"));
    assert_eq!(a.failing(t, &[&gone]), ["auditTrail"]);
});

#[test]
fn a_value_that_only_reads_as_the_recorded_one_is_found() {
    // PostgreSQL keeps its types itself.
    let t = &TestApp::with(Kind::Sqlite, &[]);
    let a = Announced::new(t);
    let announced = "status = 'announced'";
    let computed = "id = (SELECT computation_id FROM selection_proposals WHERE status = 'announced')";
    for (table, row) in [("selection_proposals", announced), ("selection_computations", computed)] {
        t.write(|tx| {
            Ok(sql_query(format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).execute(tx.db)?)
        });
        let mut tried = 0;
        for (column, of) in columns(table) {
            let value = match of {
                "Bool" => "2".to_owned(),
                "Text" | "Nullable<Text>" => format!("CAST(COALESCE({column}, '') AS BLOB)"),
                "Integer" | "BigInt" | "InstantSql" => format!("{column} + 0.5"),
                _ => continue,
            };
            // The database refuses another value of these.
            if matches!(column, "is_what_if" | "status" | "purpose" | "state") {
                continue;
            }
            tried += 1;
            let failed = a.failing(t, &[&format!("UPDATE {table} SET {column} = {value} WHERE {row}")]);
            assert!(failed.contains(&"auditTrail".to_owned()), "{table}.{column} = {value}: {failed:?}");
            let back = format!(
                "UPDATE {table} SET {column} = (SELECT kept.{column} FROM kept_{table} kept WHERE kept.id = {table}.id)"
            );
            assert_eq!(a.failing(t, &[&back]), [""; 0], "{column} is as before");
        }
        assert!(tried > 8, "{table}: {tried}");
    }
    // Reads as false, and passes what the database demands of a trial.
    let changed = format!("UPDATE selection_proposals SET is_what_if = 'abc' WHERE {announced}");
    assert_eq!(a.failing(t, &[&changed]), ["auditTrail"]);
}

both!(what_cannot_be_read_or_says_nothing_is_found_too, |t| {
    let a = Announced::new(t);
    let announced = "status = 'announced'";
    let json = ["goals", "quotas", "pins", "answer", "reserves", "decision", "record", "replacements"];
    t.write(|tx| {
        let kept = "CREATE TABLE kept_proposals AS SELECT * FROM selection_proposals";
        Ok(sql_query(kept).execute(tx.db)?)
    });
    for column in json {
        let back = format!(
            "UPDATE selection_proposals SET {column} = (SELECT kept.{column} FROM kept_proposals kept WHERE kept.id = selection_proposals.id)"
        );
        // Cut short, another type, and a space that changes no value.
        for value in ["'{'".to_owned(), "'7'".to_owned(), format!("{column} || ' '")] {
            let changed = format!("UPDATE selection_proposals SET {column} = {value} WHERE {announced}");
            assert_eq!(a.failing(t, &[&changed]), ["auditTrail"], "{column} = {value}");
            assert_eq!(a.failing(t, &[&back]), [""; 0], "{column} is as before");
        }
    }
    // Who may not read it learns nothing, whatever it holds.
    let unread = format!("UPDATE selection_proposals SET goals = '{{' WHERE {announced}");
    a.failing(t, &[&unread]);
    t.manager(crate::programmes::draft(t)).get(&format!("{}/verification", a.path)).refused(404, "notFound");
});

both!(what_a_verification_did_not_compute_again_it_says, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    p.compute(&path);
    let told = |asked: &str| {
        let found = p.manager.get(&format!("{path}/verification{asked}")).is(200);
        let checks = found["checks"].as_array().unwrap();
        let part = checks.iter().find(|part| part["check"] == "explanations").unwrap();
        (found["isVerified"].clone(), part["holds"].clone(), part["detail"].as_str().unwrap().to_owned())
    };
    let (is_verified, holds, detail) = told("");
    assert!(is_verified == true && holds == true && detail.contains("räknades inte om"), "{detail}");
    let (is_verified, holds, detail) = told("?explanations=true");
    assert!(is_verified == true && holds == true && !detail.contains("inte"), "{detail}");
    // As when they were cancelled. (The audit trail knows of no such cancellation, so something does not hold.)
    let none = "UPDATE selection_computations SET result = NULL, result_sha256 = NULL WHERE purpose = 'explanations'";
    t.write(|tx| {
        unlock(tx);
        Ok(sql_query(none).execute(tx.db)?)
    });
    let (is_verified, holds, detail) = told("?explanations=true");
    assert!(is_verified == false && holds.is_null() && detail.contains("Inga förklaringar"), "{detail}");
});

both!(a_change_that_the_trail_was_changed_for_is_found, |t| {
    let a = Announced::new(t);
    let ours = "resource_type = 'selectionProposal'";
    let rewritten = |table: &str, column: &str, wherever: &str| {
        format!(
            "UPDATE {table} SET {column} = replace({column}, 'SKR 20/01234', 'SKR 20/01235') WHERE {wherever}"
        )
    };
    let failed = a.failing(
        t,
        &[
            &rewritten("selection_proposals", "decision", "1 = 1"),
            &rewritten("audit_events", "before_values", ours),
            &rewritten("audit_events", "after_values", ours),
        ],
    );
    assert_eq!(failed, ["auditTrail"]);
});

both!(a_computation_that_is_gone_is_missed_in_the_record, |t| {
    let a = Announced::new(t);
    let gone = "SELECT computation_id FROM selection_proposals WHERE title = 'Ett annat'";
    let failed = a.failing(
        t,
        &[
            &format!("DELETE FROM selection_progress WHERE computation_id IN ({gone})"),
            &format!("DELETE FROM selection_computations WHERE id IN ({gone})"),
        ],
    );
    assert_eq!(failed, ["decisionRecord", "auditTrail"]);
});

both!(what_is_computed_after_the_decision_is_not_in_its_record, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let (path, other) = (p.proposed(json!({})), p.propose(json!({})));
    // It is running when the decision is made.
    let threads = busy(t);
    p.manager.change(&other, "computed").is(202);
    let adopted = p.adopt(&path).is(200);
    assert_eq!(adopted["decisionRecord"]["others"][0]["state"], "running");
    drop(threads);
    super::selection_proposals::waited(&p.manager, &other, |seen| seen["explanation"]["state"] == "done");
    p.compute(&p.propose(json!({})));
    let found = p.manager.get(&format!("{path}/verification")).is(200);
    assert_eq!(found["isVerified"], true, "{found:#}");
});

both!(a_verification_waits_neither_for_long_nor_for_a_client_that_has_gone, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    p.compute(&path);
    let verification = format!("{path}/verification");
    let threads = busy(t);
    let mut gone = TcpStream::connect(t.base.strip_prefix("http://").unwrap()).unwrap();
    let head = format!(
        "GET /api/v1{verification} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        p.manager.token()
    );
    gone.write_all(head.as_bytes()).unwrap();
    // It waits, and nobody has two of them at once.
    std::thread::sleep(Duration::from_millis(500));
    p.manager.get(&verification).refused(409, "verificationRunning");
    drop(gone);
    std::thread::sleep(Duration::from_millis(500));
    // Its turn ended with its connection. This one has to wait for a thread, and gets none.
    let refused = p.manager.get(&verification);
    refused.refused(503, "overloaded");
    assert!(refused.header("retry-after").is_some());
    drop(threads);
    assert_eq!(p.manager.get(&verification).is(200)["isVerified"], true);
});
