//! Lists: page or cursor, typed filters, sort, fields, `updatedSince`, `q`. A store declares its list's fields once with
//! [`list!`]; the declaration makes the parameters, their checks, their documentation, the SQL and the cursor.

mod answer;
mod declare;
mod describe;
mod read;
mod whole;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::platform::db::{Condition, MultiBackend};
use crate::platform::http::answer::Link;
use crate::platform::text::ParseError;

pub use answer::link_to_self;
pub use describe::{fields_of, filter_parameters, parameters, some_of_parameter};
pub use read::{
    Filters, conditions, cursor_ended, cursor_id, encode_cursor, of_cursor, pattern, read, read_filters,
    sorts, total_of,
};
pub use whole::{WholeList, WholeListMeta};

/// A sort expression over table `T`.
pub type Order<T> = Box<
    dyn diesel::BoxableExpression<
            T,
            MultiBackend,
            SqlType = diesel::expression::expression_types::NotSelectable,
        >,
>;

#[diesel::declare_sql_function]
extern "SQL" {
    /// The text, or the other where there is none.
    fn coalesce(
        text: diesel::sql_types::Nullable<diesel::sql_types::Text>,
        other: diesel::sql_types::Text,
    ) -> diesel::sql_types::Text;
}

/// A value that a query parameter can have.
pub trait QueryValue {
    /// What it is in a row; itself, unless it only says which texts are values.
    type Stored;

    /// Reads it from the address.
    fn read(text: &str) -> Result<Self::Stored, ParseError>;

    /// Its schema, for OpenAPI.
    fn describe() -> RefOr<Schema>;
}

impl<V: std::str::FromStr + utoipa::PartialSchema> QueryValue for V
where
    V::Err: Into<ParseError>,
{
    type Stored = Self;

    fn read(text: &str) -> Result<Self, ParseError> {
        text.parse().map_err(Into::into)
    }

    fn describe() -> RefOr<Schema> {
        V::schema()
    }
}

/// Makes the condition that a field equals any of the values.
pub type FilterBy<T> = fn(&[String]) -> Result<Condition<T>, ParseError>;

/// Makes the condition that a field lies on one side of a value.
pub type BoundBy<T> = fn(&str) -> Result<Condition<T>, ParseError>;

/// One field of a list: what can be asked of it.
pub struct Field<T: 'static, R: 'static> {
    /// Name in the representation and in the address.
    pub name: &'static str,
    /// The value's schema.
    pub schema: fn() -> RefOr<Schema>,
    /// Equal to any of the values.
    pub filter: Option<FilterBy<T>>,
    /// From a value on, under the field's own name (`updatedSince`).
    pub since: Option<BoundBy<T>>,
    /// From and to, both inclusive.
    pub range: Option<[BoundBy<T>; 2]>,
    /// Sorted by.
    pub sort: Option<Sort<T, R>>,
}

/// How a list is sorted by one field, and continued after a row.
pub struct Sort<T: 'static, R: 'static> {
    /// `ORDER BY`, descending when asked.
    pub order: fn(bool) -> Order<T>,
    /// Rows after the cursor's value in that direction.
    pub after: fn(&Value, bool) -> Result<Condition<T>, ParseError>,
    /// Rows with the cursor's value.
    pub same: fn(&Value) -> Result<Condition<T>, ParseError>,
    /// The row's value for the cursor.
    pub key: fn(&R) -> Value,
    /// Whether the value says who somebody is: it does not stand in an address. The cursor is null there, and the value is
    /// read from the row that the cursor ends with.
    pub is_personal: bool,
}

/// What the address of a list asked for.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Filters and ranges by parameter name.
    pub filters: BTreeMap<String, Vec<String>>,
    /// Field and whether descending.
    pub sort: Vec<(String, bool)>,
    /// The fields to show; all when empty.
    pub fields: Vec<String>,
    /// Search text, lower case.
    pub search: Option<String>,
    /// From 1.
    pub page: i64,
    /// 1–1000.
    pub limit: i64,
    /// Values of the last row seen; set in cursor mode, empty at its start.
    pub cursor: Option<Vec<Value>>,
    /// Path below the base path and the raw parameters, for links.
    pub path: String,
    /// The parameters as sent.
    pub sent: Vec<(String, String)>,
}

/// Rows of one page.
pub struct Rows<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// How many there are in all; not counted in cursor mode.
    pub total: Option<i64>,
    /// Where to go on; none at the end.
    pub next_cursor: Option<String>,
}

/// A page of a list as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The resources of this page.
    pub items: Vec<T>,
    /// Where in the list this is.
    #[serde(rename = "_meta")]
    pub meta: ListMeta,
    /// To this page, the first, the one before, the next and the last; with a cursor to this one and the next.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// Where in a list a page is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMeta {
    /// All that match; absent in cursor mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_records: Option<i64>,
    /// This page, from 1; absent in cursor mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<i64>,
    /// At most so many items.
    pub limit: i64,
    /// So many items.
    pub count: usize,
    /// Continue with `cursor=` this; absent at the end and in page mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
