//! Counts the rows of a query by one column. diesel cannot group a query whose conditions were added at run time, so the
//! query becomes the table of another one.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryResult, RunQueryDsl};

use super::{Db, MultiBackend};

/// The values of a text column in the rows of a query, each with the number of rows.
#[derive(Clone, Copy, Debug)]
pub struct CountedBy<Q> {
    query: Q,
    column: &'static str,
}

impl<Q> CountedBy<Q> {
    /// The query selects only the column, whose name this is.
    pub fn of(query: Q, column: &'static str) -> Self {
        Self { query, column }
    }
}

impl<Q> Query for CountedBy<Q> {
    type SqlType = (Text, BigInt);
}

impl<Q> RunQueryDsl<Db> for CountedBy<Q> {}

impl<Q> QueryId for CountedBy<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for CountedBy<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        out.push_identifier(self.column)?;
        out.push_sql(", COUNT(*) FROM (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(") AS counted GROUP BY ");
        out.push_identifier(self.column)
    }
}
