//! `column IN (SELECT … UNION ALL SELECT …)`. Diesel's own does not exist for two databases at once.

use diesel::QueryResult;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;

use super::MultiBackend;

/// A query that selects values of the column.
pub type Selecting = Box<dyn QueryFragment<MultiBackend> + Send>;

/// Whether a column's value is selected by any of some queries. Each goes through an index of its own, where alternatives
/// joined with OR would be asked for each row.
pub struct InUnion<C> {
    column: C,
    first: Selecting,
    others: Vec<Selecting>,
}

impl<C> InUnion<C> {
    /// The values of the first query and of the others.
    pub fn of(column: C, first: Selecting, others: Vec<Selecting>) -> Self {
        Self { column, first, others }
    }
}

impl<C: Expression> Expression for InUnion<C> {
    type SqlType = Bool;
}

impl<C: ValidGrouping<G>, G> ValidGrouping<G> for InUnion<C> {
    type IsAggregate = C::IsAggregate;
}

impl<C: AppearsOnTable<S>, S> AppearsOnTable<S> for InUnion<C> {}

impl<C: SelectableExpression<S>, S> SelectableExpression<S> for InUnion<C> {}

impl<C> QueryId for InUnion<C> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for InUnion<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        self.first.walk_ast(out.reborrow())?;
        for other in &self.others {
            // ALL: without it SQLite merges them in the order of the values, for which it reads whole tables.
            out.push_sql(" UNION ALL ");
            other.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}
