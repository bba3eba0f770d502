//! The columns of a row as one ready-made SQL text. Without it, diesel writes and quotes every column again for every
//! query, and visits all of them three more times. For rows of twenty columns that was about a third of the
//! instructions of a read (measured with callgrind).

use std::any::TypeId;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{LazyLock, PoisonError, RwLock};

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::{QueryResult, Selectable, debug_query};

use super::MultiBackend;

/// The text of each row type.
static TEXTS: LazyLock<RwLock<HashMap<TypeId, &'static str>>> = LazyLock::new(RwLock::default);

/// A row that can be selected with all of its columns.
pub trait Whole: Selectable<MultiBackend> + Sized {
    /// All columns, in the order of the struct's fields: `.select(ThingRow::whole())`.
    fn whole() -> Columns<Self::SelectExpression>;
}

impl<R> Whole for R
where
    R: Selectable<MultiBackend> + 'static,
    R::SelectExpression: QueryFragment<diesel::pg::Pg>,
{
    fn whole() -> Columns<Self::SelectExpression> {
        let id = TypeId::of::<R>();
        let known = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&id).copied();
        let text = known.unwrap_or_else(|| {
            // Both databases accept PostgreSQL's quotes.
            let shown = debug_query::<diesel::pg::Pg, _>(&R::construct_selection()).to_string();
            let text: &'static str = shown.split(" -- binds").next().unwrap_or_default().to_owned().leak();
            TEXTS.write().unwrap_or_else(PoisonError::into_inner).insert(id, text);
            text
        });
        Columns { text, columns: PhantomData }
    }
}

/// The columns to select, as text.
#[derive(Clone, Copy, Debug)]
pub struct Columns<E> {
    text: &'static str,
    columns: PhantomData<E>,
}

impl<E: Expression> Expression for Columns<E> {
    type SqlType = E::SqlType;
}

impl<E: ValidGrouping<G>, G> ValidGrouping<G> for Columns<E> {
    type IsAggregate = E::IsAggregate;
}

impl<E: AppearsOnTable<S>, S> AppearsOnTable<S> for Columns<E> {}

impl<E: SelectableExpression<S>, S> SelectableExpression<S> for Columns<E> {}

impl<E: QueryId> QueryId for Columns<E> {
    type QueryId = E::QueryId;

    const HAS_STATIC_QUERY_ID: bool = E::HAS_STATIC_QUERY_ID;
}

impl<E> QueryFragment<MultiBackend> for Columns<E>
where
    E: QueryFragment<MultiBackend>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(self.text);
        Ok(())
    }
}
