//! `LIMIT` and `OFFSET`. diesel would bind both as parameters. With a bound limit, PostgreSQL does not know how many
//! rows are wanted: it assumes a tenth of them and plans the query again for each request. Planning takes 0.10 ms,
//! while reading 20 of 220,000 entries takes 0.04 ms. The limit has few different values, so it is part of the SQL
//! text. The offset has many values and stays a parameter.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::{QueryResult, RunQueryDsl};

use super::{Db, MultiBackend};

/// A part of the rows of a query. The query must not have a limit of its own.
#[derive(Clone, Copy, Debug)]
pub struct Page<Q> {
    query: Q,
    limit: i64,
    offset: i64,
}

impl<Q> Page<Q> {
    /// At most `limit` rows, after the first `offset`.
    pub fn of(query: Q, limit: i64, offset: i64) -> Self {
        Self { query, limit, offset }
    }
}

impl<Q: Query> Query for Page<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Db> for Page<Q> {}

impl<Q> QueryId for Page<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Page<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}", self.limit));
        if self.offset > 0 {
            out.push_sql(" OFFSET ");
            out.push_bind_param::<BigInt, _>(&self.offset)?;
        }
        Ok(())
    }
}
