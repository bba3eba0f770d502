//! `column IN (…)` with a list of values, padded so that a statement with it has few texts and stays prepared.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, SqlType};

/// Adds the conditions to columns.
pub trait OneOfMethods: Expression<SqlType: SqlType> + Sized {
    /// The value is one of these. Without values, no row matches.
    fn one_of<T: AsExpression<Self::SqlType>>(
        self,
        values: impl IntoIterator<Item = T>,
    ) -> OneOf<Self, T::Expression>
    where
        Self::SqlType: TypedExpressionType,
    {
        OneOf::new(self, values, false)
    }

    /// The value is none of these. Without values, every row matches.
    fn none_of<T: AsExpression<Self::SqlType>>(
        self,
        values: impl IntoIterator<Item = T>,
    ) -> OneOf<Self, T::Expression>
    where
        Self::SqlType: TypedExpressionType,
    {
        OneOf::new(self, values, true)
    }
}

impl<C: Expression<SqlType: SqlType>> OneOfMethods for C {}

/// Whether a column has one of some values.
#[derive(Clone, Debug)]
pub struct OneOf<C, V> {
    column: C,
    values: Vec<V>,
    is_negated: bool,
}

impl<C, V> OneOf<C, V> {
    fn new<T, ST>(column: C, values: impl IntoIterator<Item = T>, is_negated: bool) -> Self
    where
        ST: SqlType + TypedExpressionType,
        T: AsExpression<ST, Expression = V>,
    {
        Self { column, values: values.into_iter().map(T::as_expression).collect(), is_negated }
    }
}

impl<C: Expression, V> Expression for OneOf<C, V> {
    type SqlType = Bool;
}

impl<C: ValidGrouping<G>, V, G> ValidGrouping<G> for OneOf<C, V> {
    type IsAggregate = C::IsAggregate;
}

impl<C: AppearsOnTable<S>, V, S> AppearsOnTable<S> for OneOf<C, V> {}

impl<C: SelectableExpression<S>, V, S> SelectableExpression<S> for OneOf<C, V> {}

impl<C, V> QueryId for OneOf<C, V> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

// For every backend: a subquery with this condition is translated for each.
impl<C, V, DB> QueryFragment<DB> for OneOf<C, V>
where
    DB: Backend,
    C: QueryFragment<DB>,
    V: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(last) = self.values.last() else {
            if self.is_negated {
                out.push_sql("1 = 1");
                return Ok(());
            }
            // Never true, and unlike `1 = 0` it lets SQLite search an index instead of reading the whole table.
            self.column.walk_ast(out.reborrow())?;
            out.push_sql(" IN (NULL)");
            return Ok(());
        };
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(if self.is_negated { " NOT IN (" } else { " IN (" });
        // The last value is repeated up to a power of two: at most a dozen texts for lists of any length.
        let padding = self.values.len().next_power_of_two() - self.values.len();
        for (index, value) in self.values.iter().chain(std::iter::repeat_n(last, padding)).enumerate() {
            if index > 0 {
                out.push_sql(", ");
            }
            value.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}
