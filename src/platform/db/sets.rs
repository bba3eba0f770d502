//! Many rows in few statements.

use diesel::deserialize::StaticallySizedRow;
use diesel::dsl::SqlTypeOf;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Integer;
use diesel::{Expression, QueryResult, RunQueryDsl, Selectable};

use super::columns::Whole;
use super::kept::{Keep as _, is_writing};
use super::{Db, MultiBackend};

/// The most rows of a statement. Both databases take more parameters than this many rows of the widest table have.
const MOST: usize = 128;

/// Splits the rows into parts whose lengths are powers of two, the longest first: a statement has the same text for the
/// same number of rows, so that there are few texts to keep prepared.
pub fn parts<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = rows.len().min(MOST);
        let length = if length == 0 { return None } else { 1 << length.ilog2() };
        let (part, rest) = rows.split_at(length);
        rows = rest;
        Some(part)
    })
}

/// One `INSERT` of several rows. diesel has none that works on both databases.
pub struct InsertRows<I> {
    rows: Vec<I>,
    columns: usize,
    /// What becomes of a row that is there already.
    conflict: &'static str,
}

impl<I> InsertRows<I> {
    /// `insert` makes the statement of one row, which binds every column: see [`super::kept`].
    pub fn new<'r, R>(rows: &'r [R], insert: impl Fn(&'r R) -> I) -> Self
    where
        R: Selectable<MultiBackend> + StaticallySizedRow<SqlTypeOf<R::SelectExpression>, MultiBackend>,
        R::SelectExpression: Expression,
    {
        Self { rows: rows.iter().map(insert).collect(), columns: R::FIELD_COUNT, conflict: "" }
    }

    /// Replaces rows that are there, each if its version is the one before: the only `UPDATE` of many rows that both
    /// databases have. The number of affected rows tells whether all were replaced.
    pub fn replacing<R: Whole>(self) -> Self {
        Self { conflict: R::replacement(), ..self }
    }
}

impl<I> RunQueryDsl<Db> for InsertRows<I> {}

impl<I> QueryId for InsertRows<I> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<I: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for InsertRows<I> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if !is_writing(&mut out) {
            return self.rows.iter().try_for_each(|row| row.walk_ast(out.reborrow()));
        }
        for (index, row) in self.rows.iter().enumerate() {
            if index == 0 {
                row.walk_ast(out.reborrow())?;
                continue;
            }
            for column in 0..self.columns {
                out.push_sql(if column == 0 { ", (" } else { ", " });
                // Only the placeholder is written. The value is collected from the row.
                out.push_bind_param::<Integer, i32>(&0)?;
            }
            out.push_sql(")");
        }
        out.push_sql(self.conflict);
        Ok(())
    }
}

/// A statement that writes.
pub type Write<'a> = Box<dyn QueryFragment<MultiBackend> + 'a>;

/// Runs writes that do not depend on each other: in one statement on PostgreSQL, which saves round trips while locks are
/// held.
pub fn write_all(db: &mut Db, writes: &[Write<'_>]) -> QueryResult<()> {
    let at_once = if matches!(db, Db::Postgres(_)) { writes.len() } else { 1 };
    writes.chunks(at_once.max(1)).try_for_each(|writes| InOne(writes).kept().execute(db).map(drop))
}

struct InOne<'w, 'a>(&'w [Write<'a>]);

impl RunQueryDsl<Db> for InOne<'_, '_> {}

impl QueryId for InOne<'_, '_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<MultiBackend> for InOne<'_, '_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let Some((last, others)) = self.0.split_last() else { return Ok(()) };
        for (index, write) in others.iter().enumerate() {
            out.push_sql(if index == 0 { "WITH w" } else { ", w" });
            out.push_sql(&index.to_string());
            out.push_sql(" AS (");
            write.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" ");
        last.walk_ast(out.reborrow())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_split_into_few_lengths() {
        let lengths = |count: usize| -> Vec<usize> { parts(&vec![(); count]).map(<[()]>::len).collect() };
        assert!(lengths(0).is_empty());
        assert_eq!(lengths(1), [1]);
        assert_eq!(lengths(7), [4, 2, 1]);
        assert_eq!(lengths(300), [128, 128, 32, 8, 4]);
    }
}
