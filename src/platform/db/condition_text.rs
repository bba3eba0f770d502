//! A condition that is written as SQL, for what the query builder cannot say (a row of the same table). Unlike diesel's own
//! `sql`, its statement stays prepared: the text must be one of few, without a caller's values.

use diesel::QueryResult;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;

use super::MultiBackend;

/// The text of a condition.
#[derive(Clone, Debug)]
pub struct ConditionText(pub String);

impl Expression for ConditionText {
    type SqlType = Bool;
}

impl<G> ValidGrouping<G> for ConditionText {
    type IsAggregate = is_aggregate::Never;
}

impl<S> AppearsOnTable<S> for ConditionText {}

impl<S> SelectableExpression<S> for ConditionText {}

impl QueryId for ConditionText {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<MultiBackend> for ConditionText {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(&self.0);
        Ok(())
    }
}
