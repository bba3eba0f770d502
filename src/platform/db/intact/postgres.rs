//! PostgreSQL: what its catalogue says of the tables. The names are those of the SQLite twin, which a contract test holds equal.

use std::collections::BTreeSet;

use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, sql_query};

use super::DatabaseFault;
use super::sqlite::Object;
use crate::platform::problem::Problem;

/// The migrations that make triggers and their functions.
const TRIGGERS: &str = include_str!("../../../../migrations/postgres/00000000000008_audit/up.sql");

/// Tables are plain ones: no views, rules, policies or heirs that show other rows, and each with its key. Columns hold what was
/// written and compare it byte by byte. The triggers of references are on, and no reference changes rows of itself. Functions and operators are PostgreSQL's own.
const DIFFERING: &str = "
WITH ours AS (SELECT name, to_regclass(quote_ident(name)) AS oid FROM unnest(string_to_array($1, ' ')) AS name)
SELECT name AS of_table, 'missing' AS fault, NULL AS name FROM ours WHERE oid IS NULL
UNION ALL
SELECT ours.name, 'changed', NULL FROM ours JOIN pg_class c ON c.oid = ours.oid
WHERE c.relkind <> 'r' OR c.relrowsecurity
    OR EXISTS (SELECT 1 FROM pg_rewrite r WHERE r.ev_class = c.oid)
    OR EXISTS (SELECT 1 FROM pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid))
    OR NOT EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary AND x.indisvalid)
UNION ALL
SELECT ours.name, 'changed', a.attname::text FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE a.attnum > 0 AND NOT a.attisdropped AND (a.attgenerated <> '' OR NOT COALESCE(l.collisdeterministic, true)
    OR a.atttypid NOT IN ('uuid'::regtype, 'text'::regtype, 'bigint'::regtype, 'integer'::regtype, 'boolean'::regtype,
        'date'::regtype, 'timestamptz'::regtype, 'double precision'::regtype, 'bytea'::regtype))
UNION ALL
SELECT ours.name, 'changed', t.tgname::text FROM ours JOIN pg_trigger t ON t.tgrelid = ours.oid
WHERE t.tgisinternal AND t.tgenabled <> 'O'
UNION ALL
SELECT ours.name, 'changed', k.conname::text FROM ours JOIN pg_constraint k ON k.conrelid = ours.oid
WHERE k.contype = 'f' AND (k.confdeltype <> 'a' OR k.confupdtype <> 'a')
UNION ALL
SELECT '*', 'changed', 'search_path' WHERE 'pg_catalog' <>
    (SELECT path FROM unnest(current_schemas(true)) AS path WHERE left(path::text, 7) <> 'pg_temp' LIMIT 1)";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    fault: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
}

#[derive(QueryableByName)]
struct Trigger {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_on: bool,
    #[diesel(sql_type = Text)]
    source: String,
}

/// What is not as expected.
pub(super) fn differing(expected: &[Object], db: &mut PgConnection) -> Result<Vec<DatabaseFault>, Problem> {
    let of_kind = |kind: &'static str| expected.iter().filter(move |object| object.kind == kind);
    let names = of_kind("table").map(|table| table.name.as_str()).collect::<Vec<_>>().join(" ");
    let found: Vec<Found> = sql_query(DIFFERING).bind::<Text, _>(&names).load(db)?;
    let found = found.into_iter().map(|found| DatabaseFault::of(found.of_table, &found.fault, found.name));
    let mut found: Vec<DatabaseFault> = found.collect();
    let of_ours = "unnest(string_to_array($1, ' ')) AS ours";
    let indexes = format!(
        "SELECT ours AS of_table, i.relname::text AS name, x.indisunique AS is_unique FROM {of_ours} \
         JOIN pg_index x ON x.indrelid = to_regclass(quote_ident(ours)) JOIN pg_class i ON i.oid = x.indexrelid \
         WHERE x.indisvalid"
    );
    let indexes: Vec<Index> = sql_query(indexes).bind::<Text, _>(&names).load(db)?;
    // Those without a text belong to the keys, which are there (see above).
    for object in of_kind("index").filter(|index| !index.sql.is_empty()) {
        let stored =
            indexes.iter().find(|index| (&index.of_table, &index.name) == (&object.of_table, &object.name));
        let is_unique = object.sql.starts_with("CREATEUNIQUE");
        if stored.is_none_or(|stored| stored.is_unique != is_unique) {
            let fault = if stored.is_none() { "missing" } else { "changed" };
            found.push(DatabaseFault::of(object.of_table.clone(), fault, Some(object.name.clone())));
        }
    }
    let triggers = format!(
        "SELECT ours AS of_table, t.tgname::text AS name, t.tgenabled = 'O' AS is_on, p.prosrc AS source FROM {of_ours} \
         JOIN pg_trigger t ON t.tgrelid = to_regclass(quote_ident(ours)) JOIN pg_proc p ON p.oid = t.tgfoid \
         WHERE NOT t.tgisinternal"
    );
    found.extend(differing_triggers(&sql_query(triggers).bind::<Text, _>(&names).load(db)?));
    Ok(found)
}

fn differing_triggers(stored: &[Trigger]) -> Vec<DatabaseFault> {
    let expected: BTreeSet<(&str, &str)> = TRIGGERS.lines().filter_map(made_by).collect();
    let fault = |(table, name): (&str, &str), fault| DatabaseFault::of(table, fault, Some(name.to_owned()));
    let missing = expected.iter().filter(|(table, name)| {
        !stored.iter().any(|trigger| (trigger.of_table.as_str(), trigger.name.as_str()) == (*table, *name))
    });
    let missing = missing.map(|names| fault(*names, "missing"));
    let wrong = stored.iter().filter_map(|trigger| {
        let names = (trigger.of_table.as_str(), trigger.name.as_str());
        let is_changed = !trigger.is_on || !TRIGGERS.contains(&trigger.source);
        match expected.contains(&names) {
            false => Some(fault(names, "unknown")),
            true => is_changed.then(|| fault(names, "changed")),
        }
    });
    missing.chain(wrong).collect()
}

/// The table and the name of the trigger that a line of a migration makes.
fn made_by(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("CREATE TRIGGER ")?.split_once(' ')?;
    let (_, rest) = rest.split_once(" ON ")?;
    Some((rest.split(' ').next()?, name))
}
