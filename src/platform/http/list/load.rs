//! Loads a page of a list: applies filters and sort, reads a page or continues after a cursor, and counts the total. The
//! parts that depend on the list's table come from its [`ListSource`], which `list!` implements.

use diesel::BoolExpressionMethods as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::read::{conditions, cursor_id, encode_cursor, row_of_cursor_gone, sorts, total_of};
use super::{Drafts, Field, ListQuery, Order, Rows, Sort, Sync};
use crate::platform::db::{Condition, Db};
use crate::platform::problem::Problem;

/// The parts of a list that depend on its table.
pub trait ListSource: Sized + 'static {
    /// The table.
    type Table: 'static;
    /// A row of the table.
    type Row: 'static;
    /// The type of a row's id.
    type Id: Clone + Serialize + DeserializeOwned;
    /// The representation of a row, whose fields can be chosen.
    type Shown: utoipa::ToSchema + 'static;
    /// A query of the table that is built at run time (a `BoxedQuery`).
    type Query<'q>;

    /// The default sort.
    const DEFAULT_SORT: &'static str;
    /// Whether the list has a text search (`q`).
    const HAS_SEARCH: bool;
    /// The drafts that can be deleted, if there are any.
    const DRAFTS: Option<Drafts> = None;

    /// The fields that can be filtered and sorted.
    fn fields() -> &'static [Field<Self::Table, Self::Row>];
    /// The list with these query parameters.
    fn of(query: ListQuery) -> Self;
    /// The list's query parameters.
    fn query(&self) -> &ListQuery;
    /// The id of a row.
    fn id(row: &Self::Row) -> Self::Id;
    /// The row with this id.
    fn has_id(id: Self::Id) -> Condition<Self::Table>;
    /// The rows after this id.
    fn after_id(id: Self::Id, descending: bool) -> Condition<Self::Table>;
    /// The rows that match a search text; none if the list has no search.
    fn matches(text: &str) -> Option<Condition<Self::Table>>;
    /// The query with one more condition.
    fn narrowed<'q>(query: Self::Query<'q>, to: Condition<Self::Table>) -> Self::Query<'q>;
    /// The query with one more `ORDER BY` expression.
    fn ordered<'q>(query: Self::Query<'q>, by: Order<Self::Table>) -> Self::Query<'q>;
    /// The query with the id as its last `ORDER BY` expression.
    fn ordered_by_id<'q>(query: Self::Query<'q>, descending: bool) -> Self::Query<'q>;
    /// At most `limit` rows, after the first `offset`.
    fn rows(db: &mut Db, query: Self::Query<'_>, limit: i64, offset: i64) -> Result<Vec<Self::Row>, Problem>;
    /// The number of rows.
    fn count(db: &mut Db, query: Self::Query<'_>) -> Result<i64, Problem>;
}

type SortOf<L> = Sort<<L as ListSource>::Table, <L as ListSource>::Row>;

/// Loads the requested page of the rows in `visible`.
pub fn load<'q, L: ListSource>(
    list: &L,
    db: &mut Db,
    visible: impl Fn() -> L::Query<'q>,
) -> Result<Rows<L::Row>, Problem> {
    let requested = list.query();
    // Before the rows: see `db::sync`.
    let sync = Sync::read::<L>(db, requested)?;
    let sorts = sorts(requested, L::fields());
    let mut query = filtered(list, visible())?;
    for (sort, descending) in &sorts {
        query = L::ordered(query, (sort.order)(*descending));
    }
    // The id is sorted in the same direction as the last sort field. Then one index gives the whole order, read forwards
    // or backwards, and the database need not sort rows with equal values.
    let is_descending = sorts.last().is_some_and(|(_, descending)| *descending);
    query = L::ordered_by_id(query, is_descending);
    let Some(cursor) = &requested.cursor else {
        let rows = L::rows(db, query, requested.limit, (requested.page - 1) * requested.limit)?;
        let total = match total_of(requested, rows.len()) {
            Some(total) => total,
            None => L::count(db, filtered(list, visible())?)?,
        };
        return Ok(Rows { rows, total: Some(total), next_cursor: None, sync });
    };
    if !cursor.is_empty() {
        let values = with_personal::<L>(db, visible(), cursor, &sorts)?;
        query = L::narrowed(query, after::<L>(&values, &sorts, is_descending)?);
    }
    // One row more than the limit shows whether there is a next page.
    let mut rows = L::rows(db, query, requested.limit + 1, 0)?;
    let limit = usize::try_from(requested.limit).unwrap_or(usize::MAX);
    let has_next = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| has_next).map(|row| {
        let mut values = cursor_of::<L>(row, &sorts);
        values.extend(sync.iter().map(|sync| json!(sync.synced_to)));
        encode_cursor(&values)
    });
    Ok(Rows { rows, total: None, next_cursor, sync })
}

fn filtered<'q, L: ListSource>(list: &L, mut query: L::Query<'q>) -> Result<L::Query<'q>, Problem> {
    let requested = list.query();
    for condition in conditions(requested, L::fields())? {
        query = L::narrowed(query, condition);
    }
    if let Some(matches) = requested.search.as_deref().and_then(L::matches) {
        query = L::narrowed(query, matches);
    }
    Ok(query)
}

/// The cursor after a row. Personal values are left out, because a cursor becomes part of a URL.
fn cursor_of<L: ListSource>(row: &L::Row, sorts: &[(&SortOf<L>, bool)]) -> Vec<Value> {
    let value = |sort: &SortOf<L>| if sort.is_personal { Value::Null } else { (sort.key)(row) };
    let mut values: Vec<Value> = sorts.iter().map(|(sort, _)| value(sort)).collect();
    values.push(json!(L::id(row)));
    values
}

/// Fills in the personal values that a cursor leaves out. They are read from the row whose id is in the cursor.
fn with_personal<'q, L: ListSource>(
    db: &mut Db,
    visible: L::Query<'q>,
    cursor: &[Value],
    sorts: &[(&SortOf<L>, bool)],
) -> Result<Vec<Value>, Problem> {
    let mut values = cursor.to_vec();
    if !sorts.iter().any(|(sort, _)| sort.is_personal) {
        return Ok(values);
    }
    let last = L::narrowed(visible, L::has_id(cursor_id(cursor)?));
    let row = L::rows(db, last, 1, 0)?.pop().ok_or_else(row_of_cursor_gone)?;
    for ((sort, _), value) in sorts.iter().zip(&mut values) {
        if sort.is_personal {
            *value = (sort.key)(&row);
        }
    }
    Ok(values)
}

/// The rows after the cursor: later in the first sort field, or equal in that field and later in the next, and so on.
fn after<L: ListSource>(
    cursor: &[Value],
    sorts: &[(&SortOf<L>, bool)],
    is_descending: bool,
) -> Result<Condition<L::Table>, Problem> {
    let mut after = L::after_id(cursor_id(cursor)?, is_descending);
    for ((sort, descending), value) in sorts.iter().zip(cursor).rev() {
        let same = (sort.same)(value).map_err(Problem::internal)?;
        let later = (sort.after)(value, *descending).map_err(Problem::internal)?;
        after = Box::new(later.or(same.and(after)));
    }
    Ok(after)
}
