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

/// The texts of a row type.
#[derive(Clone, Copy)]
struct Texts {
    columns: &'static str,
    replacement: &'static str,
}

/// The texts of each row type.
static TEXTS: LazyLock<RwLock<HashMap<TypeId, Texts>>> = LazyLock::new(RwLock::default);

/// A row that can be selected with all of its columns.
pub trait Whole: Selectable<MultiBackend> + Sized {
    /// All columns, in the order of the struct's fields: `.select(ThingRow::whole())`.
    fn whole() -> Columns<Self::SelectExpression>;

    /// `ON CONFLICT … DO UPDATE …` with all columns, if the version of the stored row is the one before. For rows with id
    /// and version.
    fn replacement() -> &'static str;
}

impl<R> Whole for R
where
    R: Selectable<MultiBackend> + 'static,
    R::SelectExpression: QueryFragment<diesel::pg::Pg>,
{
    fn whole() -> Columns<Self::SelectExpression> {
        Columns { text: texts::<R>().columns, columns: PhantomData }
    }

    fn replacement() -> &'static str {
        texts::<R>().replacement
    }
}

fn texts<R>() -> Texts
where
    R: Selectable<MultiBackend> + 'static,
    R::SelectExpression: QueryFragment<diesel::pg::Pg>,
{
    let id = TypeId::of::<R>();
    let known = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&id).copied();
    known.unwrap_or_else(|| {
        // Both databases accept PostgreSQL's quotes.
        let shown = debug_query::<diesel::pg::Pg, _>(&R::construct_selection()).to_string();
        let columns: &'static str = shown.split(" -- binds").next().unwrap_or_default().to_owned().leak();
        let texts = Texts { columns, replacement: replacement_of(columns).leak() };
        TEXTS.write().unwrap_or_else(PoisonError::into_inner).insert(id, texts);
        texts
    })
}

/// `"things"."id", "things"."name"` → ` ON CONFLICT ("id") DO UPDATE SET "name" = excluded."name" WHERE …`.
fn replacement_of(columns: &str) -> String {
    let mut set = Vec::new();
    let mut table = "";
    for (of, column) in columns.split(", ").filter_map(|column| column.rsplit_once('.')) {
        table = of;
        if column != "\"id\"" {
            set.push(format!("{column} = excluded.{column}"));
        }
    }
    let set = set.join(", ");
    format!(" ON CONFLICT (\"id\") DO UPDATE SET {set} WHERE {table}.\"version\" = excluded.\"version\" - 1")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_sets_every_column_but_the_id() {
        let columns = r#""things"."id", "things"."name", "things"."version""#;
        let expected = r#" ON CONFLICT ("id") DO UPDATE SET "name" = excluded."name", "version" = excluded."version" WHERE "things"."version" = excluded."version" - 1"#;
        assert_eq!(replacement_of(columns), expected);
    }
}
