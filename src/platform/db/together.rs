//! Several queries in one. On PostgreSQL they are one statement, which saves round trips: a write asks many tables about
//! its surroundings. SQLite runs in this process, so there each query stays alone.

use std::marker::PhantomData;

use diesel::dsl::SqlTypeOf;
use diesel::expression::Expression;
use diesel::query_builder::{AstPass, Query, QueryFragment};
use diesel::query_dsl::LoadQuery;
use diesel::sql_types::Nullable;
use diesel::{QueryResult, RunQueryDsl, Selectable};

use super::kept::{Keep as _, Kept};
use super::sql_types::IdSql;
use super::{Db, MultiBackend};
use crate::platform::ids::Id;

/// The SQL type of a row's columns.
type ColumnsOf<R> = SqlTypeOf<<R as Selectable<MultiBackend>>::SelectExpression>;

type Fragment = Box<dyn QueryFragment<MultiBackend>>;

/// A query for rows of one type, to be run together with others. Their order is lost. The first column must not be null
/// in any row.
pub struct Rows<R> {
    query: Fragment,
    row: PhantomData<R>,
}

impl<R: Selectable<MultiBackend, SelectExpression: Expression>> Rows<R> {
    /// The query selects `R::whole()`.
    pub fn of(query: impl Query<SqlType = ColumnsOf<R>> + QueryFragment<MultiBackend> + 'static) -> Self {
        Self { query: Box::new(query), row: PhantomData }
    }

    /// Runs the query alone.
    pub fn load(self, db: &mut Db) -> QueryResult<Vec<R>>
    where
        Kept<Queries<ColumnsOf<R>>>: for<'q> LoadQuery<'q, Db, R>,
    {
        Queries::<ColumnsOf<R>>::of(vec![self.query]).kept().load(db)
    }
}

/// Queries that are run together.
pub trait Together {
    /// The rows of each query.
    type Loaded;

    /// Runs the queries.
    fn load(self, db: &mut Db) -> QueryResult<Self::Loaded>;
}

macro_rules! together {
    ($($row:ident $query:ident $loaded:ident),+) => {
        impl<$($row),+> Together for ($(Rows<$row>,)+)
        where
            $($row: Selectable<MultiBackend, SelectExpression: Expression>,)+
            $(Kept<Queries<ColumnsOf<$row>>>: for<'q> LoadQuery<'q, Db, $row>,)+
            Kept<Queries<($(Nullable<ColumnsOf<$row>>,)+)>>: for<'q> LoadQuery<'q, Db, ($(Option<$row>,)+)>,
        {
            type Loaded = ($(Vec<$row>,)+);

            fn load(self, db: &mut Db) -> QueryResult<Self::Loaded> {
                let ($($query,)+) = self;
                if matches!(db, Db::Sqlite(_)) {
                    return Ok(($($query.load(db)?,)+));
                }
                let queries = Queries::<($(Nullable<ColumnsOf<$row>>,)+)>::of(vec![$($query.query),+]);
                let rows: Vec<($(Option<$row>,)+)> = queries.kept().load(db)?;
                $(let mut $loaded = Vec::new();)+
                for ($($query,)+) in rows {
                    $($loaded.extend($query);)+
                }
                Ok(($($loaded,)+))
            }
        }
    };
}

together!(A a as_, B b bs);
together!(A a as_, B b bs, C c cs);
together!(A a as_, B b bs, C c cs, D d ds);
together!(A a as_, B b bs, C c cs, D d ds, E e es);
together!(A a as_, B b bs, C c cs, D d ds, E e es, F f fs);

/// Loads rows, and locks the rows of `table` whose ids another query selects, in the order of the ids. The loaded rows
/// are those of the moment before the wait for the lock, as if they were loaded first.
pub fn load_and_lock<R>(
    db: &mut Db,
    rows: Rows<R>,
    table: &'static str,
    ids: impl Query<SqlType = IdSql> + QueryFragment<MultiBackend> + 'static,
) -> QueryResult<Vec<R>>
where
    R: Selectable<MultiBackend, SelectExpression: Expression>,
    Kept<Queries<ColumnsOf<R>>>: for<'q> LoadQuery<'q, Db, R>,
    Kept<Queries<(Nullable<ColumnsOf<R>>, Nullable<IdSql>)>>:
        for<'q> LoadQuery<'q, Db, (Option<R>, Option<Id>)>,
{
    if matches!(db, Db::Sqlite(_)) {
        return rows.load(db);
    }
    let lock = Box::new(Lock { table, ids });
    let queries = Queries::<(Nullable<ColumnsOf<R>>, Nullable<IdSql>)>::of(vec![rows.query, lock]);
    let loaded: Vec<(Option<R>, Option<Id>)> = queries.kept().load(db)?;
    Ok(loaded.into_iter().filter_map(|(row, _)| row).collect())
}

/// The ids of rows of a table, which are locked until the transaction ends.
struct Lock<Q> {
    table: &'static str,
    ids: Q,
}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Lock<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT id FROM ");
        out.push_sql(self.table);
        out.push_sql(" WHERE id IN (");
        self.ids.walk_ast(out.reborrow())?;
        out.push_sql(") ORDER BY id FOR NO KEY UPDATE");
        Ok(())
    }
}

/// One query, or several whose rows come one after the other: the columns of the other queries are null in a row.
pub struct Queries<ST> {
    queries: Vec<Fragment>,
    columns: PhantomData<ST>,
}

impl<ST> Queries<ST> {
    fn of(queries: Vec<Fragment>) -> Self {
        Self { queries, columns: PhantomData }
    }
}

impl<ST> Query for Queries<ST> {
    type SqlType = ST;
}

impl<ST> QueryFragment<MultiBackend> for Queries<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if let [only] = self.queries.as_slice() {
            return only.walk_ast(out);
        }
        for (index, query) in self.queries.iter().enumerate() {
            out.push_sql(if index == 0 { "SELECT * FROM (" } else { " FULL JOIN (" });
            query.walk_ast(out.reborrow())?;
            out.push_sql(") AS ");
            out.push_identifier(["q0", "q1", "q2", "q3", "q4", "q5"].get(index).copied().unwrap_or("q"))?;
            if index > 0 {
                out.push_sql(" ON FALSE");
            }
        }
        Ok(())
    }
}
