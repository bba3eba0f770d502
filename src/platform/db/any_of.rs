//! A condition that is put together of alternatives, as a scope is of its grants.

use diesel::BoolExpressionMethods as _;
use diesel::dsl::sql;
use diesel::sql_types::Bool;

use super::{Condition, MultiBackend};

/// "One of these": begins with nothing, which no row fulfils. It has no placeholder that is always false, because
/// SQLite reads a whole table for `FALSE OR …` where `…` alone would use an index.
pub struct AnyOf<T>(Option<Condition<T>>);

impl<T: 'static> AnyOf<T> {
    /// No alternative yet.
    pub fn nothing() -> Self {
        Self(None)
    }

    /// One more alternative.
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

    /// The whole condition.
    pub fn condition(self) -> Condition<T> {
        self.0.unwrap_or_else(|| Box::new(sql::<Bool>("1 = 0")))
    }
}
