//! Both databases have the same tables, columns, defaults, keys, indexes, named constraints and conditions, and `schema.rs`
//! is generated from the migrations.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::Text;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use samverkan::platform::db::Location;
use samverkan::platform::db::constraints::CONSTRAINTS;

use super::generated::{generated, root};
use crate::support::{Kind, TestApp};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Everything that both databases must have in common, one fact per line. PostgreSQL's types are translated to those of
/// SQLite's migration.
const POSTGRES: &str = r"
WITH mine AS (
    SELECT c.oid, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE '\_\_%'
), names AS (
    SELECT m.oid, m.name AS table_name, a.attnum, a.attname AS column_name, a.attnotnull, a.atttypid
    FROM mine m JOIN pg_attribute a ON a.attrelid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
)
SELECT 'column ' || table_name || '.' || column_name || ' ' || CASE format_type(atttypid, NULL)
    WHEN 'uuid' THEN 'BLOB' WHEN 'bytea' THEN 'BLOB' WHEN 'timestamp with time zone' THEN 'BIGINT' WHEN 'date' THEN 'TEXT'
    WHEN 'double precision' THEN 'DOUBLE' ELSE upper(format_type(atttypid, NULL)) END
    || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END AS line
FROM names
UNION ALL
SELECT 'default ' || n.table_name || '.' || n.column_name || ' ' ||
    CASE WHEN format_type(n.atttypid, NULL) = 'timestamp with time zone' THEN
        -- SQLite stores instants as milliseconds.
        (extract(epoch FROM split_part(pg_get_expr(d.adbin, d.adrelid), '''', 2)::timestamptz) * 1000)::bigint::text
    ELSE replace(pg_get_expr(d.adbin, d.adrelid), '::text', '') END
FROM names n JOIN pg_attrdef d ON d.adrelid = n.oid AND d.adnum = n.attnum
UNION ALL
SELECT 'primary key ' || m.name || ' (' || (SELECT string_agg(n.column_name, ', ' ORDER BY k.position)
    FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, position)
    JOIN names n ON n.oid = m.oid AND n.attnum = k.attnum) || ')'
FROM mine m JOIN pg_constraint c ON c.conrelid = m.oid AND c.contype = 'p'
UNION ALL
SELECT 'foreign key ' || m.name || ' (' || n.column_name || ') to ' || t.name || ' (' || r.column_name || ')'
    || ' on delete ' || CASE c.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE'
        WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
    || ' on update ' || CASE c.confupdtype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE'
        WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
FROM mine m JOIN pg_constraint c ON c.conrelid = m.oid AND c.contype = 'f' JOIN mine t ON t.oid = c.confrelid
JOIN names n ON n.oid = m.oid AND n.attnum = ANY (c.conkey)
JOIN names r ON r.oid = t.oid AND r.attnum = ANY (c.confkey)
UNION ALL
SELECT 'constraint ' || m.name || '.' || c.conname || ' ' ||
    CASE c.contype WHEN 'p' THEN 'PRIMARY' WHEN 'f' THEN 'FOREIGN' WHEN 'c' THEN 'CHECK' ELSE 'UNIQUE' END
FROM mine m JOIN pg_constraint c ON c.conrelid = m.oid AND c.contype <> 'n'
UNION ALL
SELECT CASE WHEN i.indisunique THEN 'unique index ' ELSE 'index ' END || m.name || '.' || x.relname || ' ('
    || (SELECT string_agg(pg_get_indexdef(i.indexrelid, p, true), ', ' ORDER BY p)
        FROM generate_series(1, i.indnkeyatts) AS p) || ')'
    || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
FROM mine m JOIN pg_index i ON i.indrelid = m.oid AND NOT i.indisprimary JOIN pg_class x ON x.oid = i.indexrelid
";

const SQLITE: &str = r#"
WITH mine AS (
    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\_\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
)
SELECT 'column ' || m.name || '.' || c.name || ' ' || upper(c.type)
    || CASE WHEN c."notnull" THEN ' NOT NULL' ELSE '' END AS line
FROM mine m JOIN pragma_table_info(m.name) c
UNION ALL
SELECT 'default ' || m.name || '.' || c.name || ' ' || c.dflt_value
FROM mine m JOIN pragma_table_info(m.name) c WHERE c.dflt_value IS NOT NULL
UNION ALL
SELECT 'primary key ' || m.name || ' (' ||
    (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(m.name) WHERE pk > 0 ORDER BY pk)) || ')'
FROM mine m
UNION ALL
SELECT 'foreign key ' || m.name || ' (' || f."from" || ') to ' || f."table" || ' (' || f."to" || ')'
    || ' on delete ' || f.on_delete || ' on update ' || f.on_update
FROM mine m JOIN pragma_foreign_key_list(m.name) f
UNION ALL
SELECT CASE WHEN i."unique" THEN 'unique index ' ELSE 'index ' END || m.name || '.' || i.name || ' (' ||
    (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
    || CASE WHEN i.partial THEN ' partial' ELSE '' END
FROM mine m JOIN pragma_index_list(m.name) i WHERE i.origin = 'c'
"#;

/// SQLite keeps the names of constraints only in the statement that made the table.
const SQLITE_STATEMENTS: &str = r"SELECT name || ' ' || sql AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\_\_%' ESCAPE '\'";

/// A connection to a migrated database. The database is dropped with the app.
fn postgres() -> (PgConnection, TestApp) {
    let t = TestApp::new(Kind::Postgres);
    let Location::Postgres(url) = samverkan::app::location(&t.services.config) else { panic!("PostgreSQL") };
    (PgConnection::establish(&url).unwrap(), t)
}

fn of_postgres() -> BTreeSet<String> {
    let (mut db, _t) = postgres();
    lines(sql_query(POSTGRES).load(&mut db).unwrap())
}

fn lines(found: Vec<Line>) -> BTreeSet<String> {
    found.into_iter().map(|found| found.line).collect()
}

fn of_sqlite() -> BTreeSet<String> {
    let t = TestApp::new(Kind::Sqlite);
    let Location::Sqlite(path) = samverkan::app::location(&t.services.config) else { panic!("SQLite") };
    let mut db = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let mut facts = lines(sql_query(SQLITE).load(&mut db).unwrap());
    for statement in lines(sql_query(SQLITE_STATEMENTS).load(&mut db).unwrap()) {
        let words: Vec<&str> = statement.split_whitespace().collect();
        for (place, _) in words.iter().enumerate().filter(|(_, word)| **word == "CONSTRAINT") {
            facts.insert(format!("constraint {}.{} {}", words[0], words[place + 1], words[place + 2]));
        }
    }
    facts
}

#[test]
fn both_databases_have_the_same_schema() {
    let postgres = of_postgres();
    let sqlite = of_sqlite();
    assert!(postgres.len() > 300, "only {} facts were read", postgres.len());
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other).cloned().collect::<Vec<_>>().join("\n  ")
    };
    assert!(
        postgres == sqlite,
        "only in PostgreSQL:\n  {}\nonly in SQLite:\n  {}",
        only(&postgres, &sqlite),
        only(&sqlite, &postgres),
    );
}

/// The conditions of CHECK constraints and partial indexes in the migrations of one database, with normalized whitespace.
/// They are compared as written, because the catalogues rewrite them.
fn conditions(folder: &str) -> BTreeMap<String, String> {
    let mut folders: Vec<_> = std::fs::read_dir(root().join("migrations").join(folder)).unwrap().collect();
    folders.sort_by_key(|entry| entry.as_ref().unwrap().path());
    let mut found = BTreeMap::new();
    for entry in folders {
        let text = std::fs::read_to_string(entry.unwrap().path().join("up.sql")).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
        let text = lines.collect::<Vec<_>>().join(" ");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in words.split("CONSTRAINT ").skip(1) {
            let Some((name, rest)) = part.split_once(" CHECK (") else { continue };
            if !name.contains(' ') {
                found.insert(name.to_owned(), enclosed(rest).to_owned());
            }
        }
        for statement in words.split(';') {
            let Some((_, index)) = statement.split_once("INDEX ") else { continue };
            if let Some((of, condition)) = index.split_once(" WHERE ") {
                found.insert(of.split(' ').next().unwrap().to_owned(), condition.to_owned());
            }
        }
    }
    found
}

/// The text up to its closing parenthesis.
fn enclosed(text: &str) -> &str {
    let mut depth = 1;
    let end = text.char_indices().find(|(_, letter)| {
        depth += i32::from(*letter == '(') - i32::from(*letter == ')');
        depth == 0
    });
    &text[..end.unwrap().0]
}

#[test]
fn both_databases_have_the_same_conditions() {
    let (postgres, sqlite) = (conditions("postgres"), conditions("sqlite"));
    for (name, condition) in &postgres {
        assert_eq!(sqlite.get(name), Some(condition), "{name}");
    }
    assert_eq!(postgres.len(), sqlite.len(), "{:?}", sqlite.keys().collect::<Vec<_>>());
    // Every condition of the catalogue was read.
    let facts = of_postgres();
    let has_condition = |fact: &&String| fact.ends_with(" CHECK") || fact.ends_with(" partial");
    for fact in facts.iter().filter(has_condition) {
        let name = fact.split_once('.').unwrap().1.split(' ').next().unwrap();
        assert!(postgres.contains_key(name), "{fact} is not read from the migrations");
    }
}

#[test]
fn every_constraint_with_a_message_exists() {
    let facts = of_postgres();
    for constraint in CONSTRAINTS {
        let (table, _) = constraint.sqlite.split_once('.').unwrap();
        let prefix = format!("{table}.");
        let columns: Vec<String> =
            constraint.sqlite.split(", ").map(|column| column.replacen(&prefix, "", 1)).collect();
        let wanted = format!("unique index {table}.{} ({})", constraint.name, columns.join(", "));
        assert!(facts.iter().any(|fact| fact.starts_with(&wanted)), "there is no {wanted}");
    }
}

/// Unique indexes that no request can violate, because the program makes their values.
const MADE_BY_THE_PROGRAM: &[&str] = &[
    "audit_checkpoints_number_key",
    "audit_events_sequence_key",
    "links_secret_key",
    "programme_months_month_key",
];

#[test]
fn every_unique_index_has_its_message() {
    let facts = of_postgres();
    for fact in facts.iter().filter(|fact| fact.starts_with("unique index ")) {
        let name = fact.split(['.', ' ']).nth(3).unwrap();
        let has_message = CONSTRAINTS.iter().any(|constraint| constraint.name == name);
        assert!(has_message != MADE_BY_THE_PROGRAM.contains(&name), "{name}: add it to constraints.rs");
    }
}

/// Every column with its table, primary key and type, in the order of the migrations.
const COLUMNS: &str = r"
SELECT c.relname || ' (' || (SELECT string_agg(k.attname, ', ' ORDER BY p.position)
        FROM pg_constraint o, unnest(o.conkey) WITH ORDINALITY AS p(attnum, position)
        JOIN pg_attribute k ON k.attnum = p.attnum
        WHERE o.conrelid = c.oid AND o.contype = 'p' AND k.attrelid = c.oid) || ')|' || a.attname || '|'
    || format_type(a.atttypid, NULL) || '|' || a.attnotnull AS line
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE '\_\_%'
ORDER BY c.oid, a.attnum
";

fn diesel_type(postgres: &str) -> &'static str {
    match postgres {
        "uuid" => "IdSql",
        "timestamp with time zone" => "InstantSql",
        "date" => "DaySql",
        "text" => "Text",
        "integer" => "Integer",
        "bigint" => "BigInt",
        "boolean" => "Bool",
        "bytea" => "Binary",
        "double precision" => "Double",
        other => panic!("no type for {other}; add it to platform/db/sql.rs and here"),
    }
}

/// The tables that the platform uses itself; all others belong to the areas.
const OF_THE_PLATFORM: &[&str] = &[
    "audit_chains",
    "audit_checkpoints",
    "audit_events",
    "audit_verifications",
    "idempotency_keys",
    "installation_facts",
    "job_leases",
    "outbox_mails",
    "status_changes",
];

/// The diesel declarations of the tables that `is_wanted` accepts.
fn tables(columns: &[Line], is_wanted: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    let mut table = String::new();
    for Line { line } in columns {
        let [of, column, kind, required] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if !is_wanted(of.split(' ').next().unwrap()) {
            continue;
        }
        if of != table {
            if !table.is_empty() {
                text.push_str("    }\n}\n");
            }
            text.push_str(
                "\ndiesel::table! {\n    use diesel::sql_types::*;\n    use super::{SQL_TYPES};\n\n",
            );
            text.push_str(&format!("    {of} {{\n"));
            of.clone_into(&mut table);
        }
        let kind = diesel_type(kind);
        let kind = if required == "true" { kind.to_owned() } else { format!("Nullable<{kind}>") };
        text.push_str(&format!("        {column} -> {kind},\n"));
    }
    text.push_str("    }\n}\n");
    let own = ["DaySql", "IdSql", "InstantSql"]
        .into_iter()
        .filter(|name| text.contains(&format!("{name},")) || text.contains(&format!("{name}>")));
    let own = format!("{{{}}}", own.collect::<Vec<_>>().join(", "));
    text.replace("{SQL_TYPES}", &own)
}

/// A generated file: a head that imports the types of its columns, and the tables.
fn schema_file(of: &str, module: &str, tables: &str) -> String {
    let types = tables.split("use super::{").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    let head =
        format!("//! Generated by `scripts/regen` from the migrations: the tables of {of}. Do not edit.");
    format!("{head}\n\nuse {module}::{{{types}}};\n{tables}")
}

#[test]
fn schema_rs_is_generated_from_the_migrations() {
    let (mut db, _t) = postgres();
    let columns: Vec<Line> = sql_query(COLUMNS).load(&mut db).unwrap();
    let platform = tables(&columns, |table| OF_THE_PLATFORM.contains(&table));
    generated("src/platform/db/schema.rs", &schema_file("the platform", "super::sql_types", &platform));
    let areas = tables(&columns, |table| !OF_THE_PLATFORM.contains(&table));
    let mut text = schema_file("the areas", "crate::platform::db::sql_types", &areas);
    // A list asks for what it shows of other tables, and for what happened to them (`list!`).
    let mut names: Vec<&str> = columns.iter().map(|line| line.line.split(' ').next().unwrap()).collect();
    names.dedup();
    names.retain(|name| !OF_THE_PLATFORM.contains(name));
    text.push_str(&format!(
        "\nuse crate::platform::db::schema::{{audit_events, status_changes}};\n\n\
         diesel::allow_tables_to_appear_in_same_query!(\n    audit_events,\n    status_changes,\n    {}\n);\n",
        // As rustfmt leaves it.
        names.join(",\n    ")
    ));
    generated("src/schema.rs", &text);
}
