//! The macro that declares a list.

/// Declares the list of a resource: an extractor that reads and checks the query parameters, and loads the page.
///
/// ```ignore
/// list! {
///     /// `GET /programmes`.
///     pub struct ProgrammeList: programmes as ProgrammeRow, shown as Programme, by id: Id, default "name" {
///         name: name_key => String [sort];
///         status: status => ProgrammeState [filter];
///     }
///     search search_text
/// }
/// ```
///
/// Each field is declared as `parameter: column => Type [flags]`. The flags are:
///
/// - `filter`: equal to any of the values; `filter_nullable` for a nullable column.
/// - `range`: `…From` and `…To`; `open_range` for a nullable end, where null is later than every value.
/// - `since`: at least the value; `wall` after it if the column holds real times, not times of the domain.
/// - `sort`; `sort_nullable` for a nullable text; `personal` after them if the value must not appear in a cursor.
///
/// Every list by `id` can be filtered by it. A list that can be filtered by `status` counts its rows by state (`counts`).
/// `search` names the column that `q` searches. `drafts deleted` says that rows can be deleted: `updatedSince` tells of them.
/// `drafts deleted told to (sees)` tells only whom `sees` names by their role, when a draft is not seen by all who read the list.
/// `shows { … }` tells which other rows a row shows something of, so that `updatedSince` has it when one of these is changed:
/// `time_entries.time_report_id = id;` for rows of another table , `history;` for the names of those who took its steps,
/// `deleted "avsiktsforklaring";` for those of that type that were deleted in its kommun. *`contract::sync_copies` finds what is missing.*
/// When another row comes to point to another one (its column changes), the write must change the one that it leaves.
/// `shown as Thing without links` says that the representation has no links.
#[macro_export]
macro_rules! list {
    (
        $(#[$meta:meta])*
        pub struct $list:ident: $table:ident as $row:ty, shown as $shown:ident $(without $links:ident)?,
        by $id:ident: $id_type:ty, default $default:literal {
            $($name:ident: $column:ident => $type:ty [$($flag:ident),*];)*
        }
        $(search $search:ident)?
        $(drafts $deleted:ident $(told to ($told:path))?)?
        $(shows { $($shows:tt)* })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $list(pub $crate::platform::http::list::ListQuery);

        const _: () = {
            use diesel::prelude::*;
            use $crate::platform::db::kept::Keep as _;
            use $crate::platform::db::{Condition, Db, MultiBackend, Page};
            use $crate::platform::http::list::{self, Field, ListSource, Order, Rows};
            use $crate::platform::problem::Problem;

            static FIELDS: std::sync::LazyLock<Vec<Field<$table::table, $row>>> = std::sync::LazyLock::new(|| {
                let id = $crate::list_id!($id, $table, $row, $id_type);
                let others = vec![$({
                    let field: Field<$table::table, $row> =
                        Field::new(stringify!($name), <$type as list::QueryValue>::describe);
                    $(let field = $crate::list_flag!($flag, field, $table, $row, $column, $type);)*
                    field
                }),*];
                let beside: Option<list::BesideBy<$table::table>> = None$(.or(Some(|since| {
                    let own = $table::table.filter($table::updated_at.ge(since)).select($table::id);
                    let mut others: Vec<$crate::platform::db::Selecting> = Vec::new();
                    $crate::list_beside!(since, $table, others; $($shows)*);
                    Box::new($crate::platform::db::InUnion::of($table::id, Box::new(own), others))
                })))?;
                id.into_iter().chain(others).map(|field| Field { beside, ..field }).collect()
            });

            $crate::list_links!($shown $(without $links)?);

            impl ListSource for $list {
                type Table = $table::table;
                type Row = $row;
                type Id = $id_type;
                type Shown = $shown;
                type Query<'q> = $table::BoxedQuery<'q, MultiBackend>;

                const DEFAULT_SORT: &'static str = $default;
                const HAS_SEARCH: bool = false $(|| !stringify!($search).is_empty())?;
                $(const DRAFTS: Option<list::Drafts> = {
                    let $deleted = list::Drafts::of::<$row>()$(.told_to($told))?;
                    Some($deleted)
                };)?

                fn fields() -> &'static [Field<Self::Table, $row>] {
                    &FIELDS
                }

                fn states() -> Option<list::States<Self>> {
                    let states: &[Option<list::States<Self>>] =
                        &[$($crate::list_states!($name, $table, $column, $type)),*];
                    states.iter().flatten().next().copied()
                }

                fn of(query: list::ListQuery) -> Self {
                    Self(query)
                }

                fn query(&self) -> &list::ListQuery {
                    &self.0
                }

                fn id(row: &$row) -> $id_type {
                    row.$id.clone()
                }

                fn has_id(id: $id_type) -> Condition<Self::Table> {
                    Box::new($table::$id.eq(id))
                }

                fn after_id(id: $id_type, descending: bool) -> Condition<Self::Table> {
                    if descending { Box::new($table::$id.lt(id)) } else { Box::new($table::$id.gt(id)) }
                }

                fn matches(_text: &str) -> Option<Condition<Self::Table>> {
                    None$(.or_else(|| -> Option<Condition<Self::Table>> {
                        Some(Box::new($table::$search.like(list::pattern(_text)).escape('\\')))
                    }))?
                }

                fn narrowed<'q>(query: Self::Query<'q>, to: Condition<Self::Table>) -> Self::Query<'q> {
                    query.filter(to)
                }

                fn ordered<'q>(query: Self::Query<'q>, by: Order<Self::Table>) -> Self::Query<'q> {
                    query.then_order_by(by)
                }

                fn ordered_by_id<'q>(query: Self::Query<'q>, descending: bool) -> Self::Query<'q> {
                    if descending {
                        query.then_order_by($table::$id.desc())
                    } else {
                        query.then_order_by($table::$id.asc())
                    }
                }

                fn rows(db: &mut Db, query: Self::Query<'_>, limit: i64, offset: i64) -> Result<Vec<$row>, Problem> {
                    let query = query.select(<$row as $crate::platform::db::columns::Whole>::whole());
                    Ok(Page::of(query, limit, offset).kept().load(db)?)
                }

                fn count(db: &mut Db, query: Self::Query<'_>) -> Result<i64, Problem> {
                    Ok(query.count().get_result(db)?)
                }
            }

            impl $crate::platform::http::in_order::RequestPart for $list {
                const CHECKS_PARAMETERS: bool = true;

                async fn take(
                    request: &actix_web::HttpRequest,
                    _: &mut actix_web::dev::Payload,
                ) -> Result<Self, Problem> {
                    list::read::<Self>(request)
                }
            }

            impl utoipa::IntoParams for $list {
                fn into_params(
                    _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
                ) -> Vec<utoipa::openapi::path::Parameter> {
                    list::parameters::<Self>()
                }
            }

            impl $list {
                /// Loads the requested page of the rows in `visible`.
                pub fn load<'q>(
                    &self,
                    db: &mut Db,
                    visible: impl Fn() -> $table::BoxedQuery<'q, MultiBackend>,
                ) -> Result<Rows<$row>, Problem> {
                    list::load(self, db, visible)
                }
            }
        };
    };
}

/// The links of a representation.
#[doc(hidden)]
#[macro_export]
macro_rules! list_links {
    ($shown:ident) => {
        impl list::Linked for $shown {
            fn links(&mut self) -> Option<&mut Vec<$crate::platform::http::answer::Link>> {
                Some(&mut self.links)
            }
        }
    };
    ($shown:ident without links) => {
        impl list::Linked for $shown {
            fn links(&mut self) -> Option<&mut Vec<$crate::platform::http::answer::Link>> {
                None
            }
        }
    };
}

/// The filter by id, of a list whose rows have one.
#[doc(hidden)]
#[macro_export]
macro_rules! list_id {
    (id, $table:ident, $row:ty, $type:ty) => {{
        let field: Field<$table::table, $row> = Field::new("id", <$type as list::QueryValue>::describe);
        Some($crate::list_flag!(filter, field, $table, $row, id, $type))
    }};
    ($other:ident, $table:ident, $row:ty, $type:ty) => {
        None::<Field<$table::table, $row>>
    };
}

/// How a list is counted by its state; none for its other fields.
#[doc(hidden)]
#[macro_export]
macro_rules! list_states {
    (status, $table:ident, $column:ident, $type:ty) => {
        Some(list::States {
            all: || <$type>::ALL.iter().map(|state| state.as_str()).collect(),
            count: |db, query| {
                let query = query.select($table::$column);
                Ok($crate::platform::db::CountedBy::of(query, stringify!($column)).kept().load(db)?)
            },
        })
    };
    ($other:ident, $table:ident, $column:ident, $type:ty) => {
        None
    };
}

/// The part of a field that one of its flags adds.
#[doc(hidden)]
#[macro_export]
macro_rules! list_flag {
    (filter, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        $crate::list_flag!(any_of, $field, $type, $table::$column)
    };
    (filter_nullable, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        $crate::list_flag!(any_of, $field, $type, $table::$column.assume_not_null())
    };
    (any_of, $field:ident, $type:ty, $column:expr) => {
        Field {
            filter: Some(|values| {
                let mut values = values
                    .iter()
                    .map(|v| <$type as list::QueryValue>::read(v))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(match (values.len(), values.pop()) {
                    (1, Some(value)) => Box::new($column.eq(value)),
                    (_, last) => {
                        values.extend(last);
                        Box::new($crate::platform::db::one_of::OneOfMethods::one_of($column, values))
                    }
                })
            }),
            ..$field
        }
    };
    (range, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field {
            range: Some([
                |value| Ok(Box::new($table::$column.ge(<$type as list::QueryValue>::read(value)?))),
                |value| Ok(Box::new($table::$column.le(<$type as list::QueryValue>::read(value)?))),
            ]),
            ..$field
        }
    };
    (open_range, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field {
            range: Some([
                // A missing end (null) counts as later than every value.
                |value| {
                    let value = <$type as list::QueryValue>::read(value)?;
                    Ok(Box::new($table::$column.is_null().or($table::$column.assume_not_null().ge(value))))
                },
                |value| {
                    let value = <$type as list::QueryValue>::read(value)?;
                    Ok(Box::new(
                        $table::$column.is_not_null().and($table::$column.assume_not_null().le(value)),
                    ))
                },
            ]),
            ..$field
        }
    };
    (since, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field {
            since: Some(|value| Ok(Box::new($table::$column.ge(<$type as list::QueryValue>::read(value)?)))),
            ..$field
        }
    };
    (wall, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field { is_wall: true, ..$field }
    };
    (sort, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        $crate::list_flag!(
            sort_by,
            $field,
            <$type as list::QueryValue>::Stored,
            $table::$column,
            |row: &$row| serde_json::json!(row.$column)
        )
    };
    // PostgreSQL and SQLite sort null at different ends. As an empty text it comes first in both.
    (sort_nullable, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        $crate::list_flag!(
            sort_by,
            $field,
            String,
            list::coalesce($table::$column, ""),
            |row: &$row| serde_json::json!(row.$column.as_deref().unwrap_or_default())
        )
    };
    (sort_by, $field:ident, $stored:ty, $column:expr, $key:expr) => {
        Field {
            sort: Some(list::Sort {
                order: |descending| {
                    if descending { Box::new($column.desc()) } else { Box::new($column.asc()) }
                },
                after: |value, descending| {
                    let value: $stored = list::of_cursor(value)?;
                    Ok(if descending { Box::new($column.lt(value)) } else { Box::new($column.gt(value)) })
                },
                same: |value| {
                    let value: $stored = list::of_cursor(value)?;
                    Ok(Box::new($column.eq(value)))
                },
                key: $key,
                is_personal: false,
            }),
            ..$field
        }
    };
    (personal, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field { sort: $field.sort.map(|sort| list::Sort { is_personal: true, ..sort }), ..$field }
    };
}
