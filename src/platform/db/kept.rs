//! Statements that stay prepared on their connection. Parsing and planning a statement costs more than running it for
//! one row. diesel keeps a statement only if it can tell from its type that the text never varies; it does not for
//! `INSERT`, `UPDATE`, `DELETE` and raw SQL. The program's statements have few texts: every column is bound, also an
//! empty one (`treat_none_as_null = true, treat_none_as_default_value = false`), and lists of values are padded
//! ([`one_of`](super::one_of)).

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::AsExpression;
use diesel::internal::derives::multiconnection::AstPassHelper as _;
use diesel::query_builder::{AstPass, Query, QueryBuilder as _, QueryFragment, QueryId};
use diesel::sql_types::{SingleValue, SqlType};
use diesel::{QueryResult, RunQueryDsl};

use super::{Db, MultiBackend};

/// Makes a statement one that is kept.
pub trait Keep: Sized {
    /// The same statement, kept prepared under its text. Only for statements that have few texts.
    fn kept(self) -> Kept<Self> {
        Kept { query: self, text: OnceCell::new() }
    }
}

impl<Q: QueryFragment<MultiBackend>> Keep for Q {}

/// A statement that is kept prepared.
#[derive(Clone, Debug)]
pub struct Kept<Q> {
    query: Q,
    /// The SQL text, once it is known: diesel asks for it three times per execution, and writing it costs as much as
    /// reading a row.
    text: OnceCell<String>,
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Db> for Kept<Q> {}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Kept<Q> {
    /// Hides from the statement the question whether it is safe to keep: some would say no whatever they contain.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if out.bind_collector().is_some() || out.debug_binds().is_some() {
            return self.query.walk_ast(out);
        }
        if is_writing(&mut out) && self.text.get().is_none() {
            let text = written(&self.query, out.backend())?;
            // Fails only if the text is known already.
            let _ = self.text.set(text);
        }
        out.push_sql(self.text.get().map_or("", String::as_str));
        Ok(())
    }
}

/// The SQL text of a query.
fn written(query: &impl QueryFragment<MultiBackend>, backend: &MultiBackend) -> QueryResult<String> {
    let mut builder = match backend {
        MultiBackend::Postgres(_) => Builder::Postgres(Default::default()),
        MultiBackend::Sqlite(_) => Builder::Sqlite(Default::default()),
    };
    query.to_sql(&mut builder, backend)?;
    Ok(builder.finish())
}

type Builder = <MultiBackend as Backend>::QueryBuilder;

/// Whether this pass writes the SQL text. diesel's type of a pass is opaque; this method is what its derive for several
/// databases uses.
pub(super) fn is_writing(out: &mut AstPass<'_, '_, MultiBackend>) -> bool {
    let writes = Cell::new(false);
    let _ = out.reborrow().cast_database::<MultiBackend>(
        |binds| binds,
        |builder| {
            writes.set(true);
            builder
        },
        |backend| backend,
        |lookup| lookup,
    );
    writes.get()
}

/// SQL text with parameters, for what diesel cannot express on both databases. Each `?` of the text is a parameter, in
/// the order of the calls of `bind`. `ST` is the SQL type of the returned columns.
pub struct Sql<'a, ST = ()> {
    text: Cow<'static, str>,
    binds: Vec<Box<dyn QueryFragment<MultiBackend> + 'a>>,
    columns: PhantomData<ST>,
}

impl<'a, ST> Sql<'a, ST> {
    /// This text, without parameters yet. It must be one of few texts.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), binds: Vec::new(), columns: PhantomData }
    }

    /// Adds the next parameter, of the SQL type `T`.
    pub fn bind<T, U>(mut self, value: U) -> Self
    where
        T: SqlType + SingleValue,
        U: AsExpression<T, Expression: QueryFragment<MultiBackend> + 'a>,
    {
        self.binds.push(Box::new(value.as_expression()));
        self
    }
}

impl<ST> Query for Sql<'_, ST> {
    type SqlType = ST;
}

impl<ST> RunQueryDsl<Db> for Sql<'_, ST> {}

impl<ST> QueryId for Sql<'_, ST> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> QueryFragment<MultiBackend> for Sql<'_, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let mut binds = self.binds.iter();
        for (index, part) in self.text.split('?').enumerate() {
            if index > 0
                && let Some(bind) = binds.next()
            {
                bind.walk_ast(out.reborrow())?;
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

/// A query that also locks the rows that it returns, until the transaction ends. SQLite has one writer and needs no lock.
/// The lock leaves the row's key alone: rows that refer to it can be inserted meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Locking<Q> {
    query: Q,
    lock: &'static str,
}

impl<Q: Query> Locking<Q> {
    /// The query as the connection's database locks.
    pub fn of(query: Q, db: &Db) -> Kept<Self>
    where
        Self: QueryFragment<MultiBackend>,
    {
        let lock = if matches!(db, Db::Postgres(_)) { " FOR NO KEY UPDATE" } else { "" };
        Self { query, lock }.kept()
    }
}

impl<Q: Query> Query for Locking<Q> {
    type SqlType = Q::SqlType;
}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Locking<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(self.lock);
        Ok(())
    }
}
