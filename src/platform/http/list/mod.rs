//! Lists. The client chooses a page or a cursor, typed filters, sort, fields, `updatedSince` and `q`. A store declares the
//! fields of its list once with [`list!`]. The macro makes the parameters, their checks and documentation, the SQL and the
//! cursor.

mod answer;
mod beside;
mod cursor;
mod declare;
mod describe;
mod grouped;
mod load;
mod read;
mod shown;
mod sync;
mod whole;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::platform::context::RowLinks;
use crate::platform::db::{Condition, MultiBackend};
use crate::platform::http::answer::Link;
use crate::platform::moment::Instant;
use crate::platform::text::ParseError;

pub use answer::link_to_self;
pub use cursor::of_cursor;
pub use describe::{fields_of, parameters};
pub use grouped::GroupedQuery;
pub use load::{ListSource, load};
pub use read::{pattern, read};
pub use shown::{Linked, StateCounts, States};
pub use sync::{DeletedItem, Drafts, Sync};
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
    /// The text, or `other` if it is null.
    fn coalesce(
        text: diesel::sql_types::Nullable<diesel::sql_types::Text>,
        other: diesel::sql_types::Text,
    ) -> diesel::sql_types::Text;
}

/// A value that a query parameter can have.
pub trait QueryValue {
    /// The type of the value in a row. It is not `Self` if `Self` only validates the text: a `Kommunkod` is stored as a
    /// `String`.
    type Stored;

    /// Parses the value of a parameter.
    fn read(text: &str) -> Result<Self::Stored, ParseError>;

    /// The schema for OpenAPI.
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

/// Makes the condition that a field is at least a value, or that it is at most a value.
pub type BoundBy<T> = fn(&str) -> Result<Condition<T>, ParseError>;

/// Makes the condition of the rows that were changed at this time or later, or show something of another row which was.
pub type BesideBy<T> = fn(Instant) -> Condition<T>;

/// One field of a list: how it can be filtered and sorted.
pub struct Field<T: 'static, R: 'static> {
    /// Name in the representation and in query parameters.
    pub name: &'static str,
    /// The value's schema.
    pub schema: fn() -> RefOr<Schema>,
    /// The filter "equal to any of the values".
    pub filter: Option<FilterBy<T>>,
    /// The filter "at least this value". The parameter has the field's own name (`updatedSince`).
    pub since: Option<BoundBy<T>>,
    /// The rows that were changed at this time or later, or show something of another row which was; instead of `since`.
    pub beside: Option<BesideBy<T>>,
    /// Whether its values are real times, as those of sessions are, and not times of the domain.
    pub is_wall: bool,
    /// The filters "at least" and "at most". The parameters are the field's name with `From` and with `To`.
    pub range: Option<[BoundBy<T>; 2]>,
    /// How the list is sorted by the field.
    pub sort: Option<Sort<T, R>>,
}

impl<T, R> Field<T, R> {
    /// A field that can neither be filtered nor sorted yet.
    pub fn new(name: &'static str, schema: fn() -> RefOr<Schema>) -> Self {
        Self {
            name,
            schema,
            filter: None,
            since: None,
            beside: None,
            is_wall: false,
            range: None,
            sort: None,
        }
    }
}

/// How a list is sorted by one field and continued after a row.
pub struct Sort<T: 'static, R: 'static> {
    /// The `ORDER BY` expression; descending if true.
    pub order: fn(bool) -> Order<T>,
    /// The condition for rows after the cursor's value; descending if true.
    pub after: fn(&Value, bool) -> Result<Condition<T>, ParseError>,
    /// The condition for rows with the cursor's value.
    pub same: fn(&Value) -> Result<Condition<T>, ParseError>,
    /// The row's value for the cursor.
    pub key: fn(&R) -> Value,
    /// Whether the value identifies a person and so must not appear in a URL. The cursor contains null in its place, and
    /// the value is read again from the row whose id is in the cursor.
    pub is_personal: bool,
}

/// The query parameters of a list, read and checked.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Filters and ranges by parameter name.
    pub filters: BTreeMap<String, Vec<String>>,
    /// The sort fields, each with whether it is descending.
    pub sort: Vec<(String, bool)>,
    /// The fields to show; all when empty.
    pub fields: Vec<String>,
    /// The links of the rows.
    pub links: RowLinks,
    /// Whether the rows are counted by state.
    pub counts: bool,
    /// Search text, lower case.
    pub search: Option<String>,
    /// Page, from 1.
    pub page: i64,
    /// Items per page, 1–1000.
    pub limit: i64,
    /// The sort values and the id of the previous page's last row. Set in cursor mode; empty for the first page.
    pub cursor: Option<Vec<Value>>,
    /// Path below the base path, for links.
    pub path: String,
    /// The parameters as sent.
    pub sent: Vec<(String, String)>,
    /// The time of the request, taken before anything is read.
    pub now: Instant,
    /// By how many milliseconds that is ahead of the real time.
    pub ahead: i64,
    /// The first page's `syncedTo`, which the cursor carries on.
    pub synced_to: Option<Instant>,
}

impl ListQuery {
    /// Whether the rows are shown with links to what can be done with them, so that it must be known.
    pub fn has_links(&self) -> bool {
        self.links == RowLinks::All
    }
}

/// The rows of one page.
pub struct Rows<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// The number of rows on all pages; none in cursor mode.
    pub total: Option<i64>,
    /// The cursor of the next page; none on the last.
    pub next_cursor: Option<String>,
    /// The number of rows in each state, if the request asks for it.
    pub counts: Option<StateCounts>,
    /// For a client that follows changes; none without `updatedSince`.
    pub sync: Option<Sync>,
}

/// A page of a list as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The resources of this page.
    pub items: Vec<T>,
    /// The place of this page in the list.
    #[serde(rename = "_meta")]
    pub meta: ListMeta,
    /// Links to this page and to the first, previous, next and last page; in cursor mode to this page and the next.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// The place of a page in its list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMeta {
    /// The number of items that match, on all pages; absent in cursor mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total_records: Option<i64>,
    /// The number of this page, from 1; absent in cursor mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub page: Option<i64>,
    /// The maximum number of items on a page.
    pub limit: i64,
    /// The number of items of this page.
    pub count: usize,
    /// The value of `cursor` for the next page; absent on the last page and in page mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_cursor: Option<String>,
    /// The number of items in each state, also in those that none has; with `counts=status`. All filters count but `status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub counts_by_status: Option<BTreeMap<&'static str, i64>>,
    /// With `updatedSince`: the instant up to which nothing can still appear that is not in the list, whatever is being
    /// written meanwhile. It is the next call's `updatedSince`. All pages of a cursor have that of the first page. Page 2
    /// and later repeat the `updatedSince` that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub synced_to: Option<Instant>,
    /// With `updatedSince`, on the first page of resources whose drafts can be deleted: those that were deleted at that time
    /// or later, whatever the other filters are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub deleted: Option<Vec<DeletedItem>>,
}
