//! A condition made of alternatives, for example the grants of a scope.

use diesel::BoolExpressionMethods as _;
use diesel::dsl::sql;
use diesel::sql_types::Bool;

use super::{Condition, MultiBackend};

/// Alternatives joined with OR; without alternatives no row matches. It does not start from `FALSE`, because SQLite
/// reads the whole table for `FALSE OR …` where `…` alone uses an index.
pub struct AnyOf<T>(Option<Condition<T>>);

impl<T: 'static> AnyOf<T> {
    /// No alternatives: no row matches.
    pub fn nothing() -> Self {
        Self(None)
    }

    /// Adds an alternative.
    pub fn or<E>(self, alternative: E) -> Self
    where
        E: diesel::BoxableExpression<T, MultiBackend, SqlType = Bool> + 'static,
    {
        let alternative: Condition<T> = Box::new(alternative);
        Self(Some(match self.0 {
            Some(others) => Box::new(others.or(alternative)),
            None => alternative,
        }))
    }

    /// The condition.
    pub fn condition(self) -> Condition<T> {
        self.0.unwrap_or_else(|| Box::new(sql::<Bool>("1 = 0")))
    }
}
