//! The macro that declares a list.

/// Declares the list of a resource: an extractor that has read and checked the parameters, and loads the page.
///
/// ```ignore
/// list! {
///     /// `GET /programmes`.
///     pub struct ProgrammeList: programmes as ProgrammeRow shown as Programme, id: Id, default "name" {
///         name: name_key => String [sort];
///         status: status => ProgrammeState [filter];
///     }
///     search search_text
/// }
/// ```
#[macro_export]
macro_rules! list {
    (
        $(#[$meta:meta])*
        pub struct $list:ident: $table:ident as $row:ty, shown as $shown:ty, by $id:ident: $id_type:ty, default $default:literal {
            $($name:ident: $column:ident => $type:ty [$($flag:ident),*];)*
        }
        $(search $search:ident)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $list(pub $crate::platform::http::list::ListQuery);

        const _: () = {
            use diesel::prelude::*;
            use $crate::platform::db::{Db, MultiBackend, Page};
            use $crate::platform::http::list::{self, ListQuery, Field, Rows};
            use $crate::platform::problem::Problem;

            const HAS_SEARCH: bool = false $(|| !stringify!($search).is_empty())?;

            static FIELDS: std::sync::LazyLock<Vec<Field<$table::table, $row>>> = std::sync::LazyLock::new(|| {
                vec![$({
                    let field: Field<$table::table, $row> = Field {
                        name: $crate::list_name!($name),
                        schema: <$type as list::QueryValue>::describe,
                        filter: None,
                        since: None,
                        range: None,
                        sort: None,
                    };
                    $(let field = $crate::list_flag!($flag, field, $table, $row, $column, $type);)*
                    field
                }),*]
            });

            impl $crate::platform::http::in_order::Part for $list {
                const CHECKS_ADDRESS: bool = true;

                async fn take(
                    request: &actix_web::HttpRequest,
                    _: &mut actix_web::dev::Payload,
                ) -> Result<Self, Problem> {
                    $crate::platform::http::address::read(request, |request| {
                        let shown = list::fields_of::<$shown>();
                        list::read(request, &FIELDS, &shown, HAS_SEARCH, $default).map($list)
                    })
                }
            }

            impl utoipa::IntoParams for $list {
                fn into_params(
                    _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
                ) -> Vec<utoipa::openapi::path::Parameter> {
                    list::parameters(&FIELDS, &list::fields_of::<$shown>(), HAS_SEARCH, $default)
                }
            }

            impl list::Filters<$table::table> for $list {
                fn read_filters(request: &actix_web::HttpRequest, own: &[&str]) -> Result<Self, Problem> {
                    list::read_filters(request, &FIELDS, own).map($list)
                }

                fn conditions(&self) -> Result<Vec<$crate::platform::db::Condition<$table::table>>, Problem> {
                    list::conditions(&self.0, &FIELDS)
                }

                fn filter_parameters() -> Vec<utoipa::openapi::path::Parameter> {
                    list::filter_parameters(&FIELDS)
                }
            }

            impl $list {
                /// Loads the page that was asked for of the rows that `visible` starts with.
                pub fn load<'q>(
                    &self,
                    db: &mut Db,
                    visible: impl Fn() -> $table::BoxedQuery<'q, MultiBackend>,
                ) -> Result<Rows<$row>, Problem> {
                    let asked: &ListQuery = &self.0;
                    let mut query = self.filtered(&visible)?;
                    let sorts = list::sorts(asked, &FIELDS);
                    for (sort, descending) in &sorts {
                        query = query.then_order_by((sort.order)(*descending));
                    }
                    // In the direction of the sort before it: then one index gives the order, backwards if need be, and
                    // rows that are alike there are not sorted again for every page.
                    query = if sorts.last().is_some_and(|(_, descending)| *descending) {
                        query.then_order_by($table::$id.desc())
                    } else {
                        query.then_order_by($table::$id.asc())
                    };
                    let is_cursor = asked.cursor.is_some();
                    if let Some(cursor) = asked.cursor.as_ref().filter(|cursor| !cursor.is_empty()) {
                        query = query.filter(Self::after(&Self::whole(db, &visible, cursor, &sorts)?, &sorts)?);
                    }
                    let offset = if is_cursor { 0 } else { (asked.page - 1) * asked.limit };
                    // One more than asked tells whether the list goes on.
                    let limit = asked.limit + i64::from(is_cursor);
                    let query = query.select(<$row as $crate::platform::db::columns::Whole>::whole());
                    let mut rows: Vec<$row> = Page::of(query, limit, offset).load(db)?;
                    if is_cursor {
                        let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
                        let goes_on = rows.len() > limit;
                        rows.truncate(limit);
                        let next_cursor = rows.last().filter(|_| goes_on).map(|row| {
                            let shown = |sort: &list::Sort<$table::table, $row>| {
                                if sort.is_personal { serde_json::Value::Null } else { (sort.key)(row) }
                            };
                            let mut values: Vec<serde_json::Value> =
                                sorts.iter().map(|(sort, _)| shown(sort)).collect();
                            values.push(serde_json::json!(row.$id));
                            list::encode_cursor(&values)
                        });
                        return Ok(Rows { rows, total: None, next_cursor });
                    }
                    let total = match list::total_of(asked, rows.len()) {
                        Some(total) => total,
                        None => self.filtered(&visible)?.count().get_result(db)?,
                    };
                    Ok(Rows { rows, total: Some(total), next_cursor: None })
                }

                fn filtered<'q>(
                    &self,
                    visible: &impl Fn() -> $table::BoxedQuery<'q, MultiBackend>,
                ) -> Result<$table::BoxedQuery<'q, MultiBackend>, Problem> {
                    let mut query = visible();
                    for condition in list::conditions(&self.0, &FIELDS)? {
                        query = query.filter(condition);
                    }
                    $(if let Some(search) = &self.0.search {
                        query = query.filter($table::$search.like(list::pattern(search)).escape('\\'));
                    })?
                    Ok(query)
                }

                /// The cursor with the values that it leaves out, from the row that it ends with.
                fn whole<'q>(
                    db: &mut Db,
                    visible: &impl Fn() -> $table::BoxedQuery<'q, MultiBackend>,
                    cursor: &[serde_json::Value],
                    sorts: &[(&list::Sort<$table::table, $row>, bool)],
                ) -> Result<Vec<serde_json::Value>, Problem> {
                    let mut values = cursor.to_vec();
                    if !sorts.iter().any(|(sort, _)| sort.is_personal) {
                        return Ok(values);
                    }
                    let id: $id_type = list::cursor_id(cursor)?;
                    let ended = visible().filter($table::$id.eq(id)).select(<$row>::as_select());
                    let row: $row = ended.first(db).optional()?.ok_or_else(list::cursor_ended)?;
                    for ((sort, _), value) in sorts.iter().zip(&mut values) {
                        if sort.is_personal {
                            *value = (sort.key)(&row);
                        }
                    }
                    Ok(values)
                }

                /// Rows after the cursor: later in the first sort field, or the same there and later in the next …
                fn after(
                    cursor: &[serde_json::Value],
                    sorts: &[(&list::Sort<$table::table, $row>, bool)],
                ) -> Result<$crate::platform::db::Condition<$table::table>, Problem> {
                    let broken = |wrong: $crate::platform::text::ParseError| Problem::internal(wrong);
                    let id: $id_type = list::cursor_id(cursor)?;
                    let mut after: $crate::platform::db::Condition<$table::table> =
                        if sorts.last().is_some_and(|(_, descending)| *descending) {
                            Box::new($table::$id.lt(id))
                        } else {
                            Box::new($table::$id.gt(id))
                        };
                    for ((sort, descending), value) in sorts.iter().zip(cursor).rev() {
                        let same = (sort.same)(value).map_err(broken)?;
                        let later = (sort.after)(value, *descending).map_err(broken)?;
                        after = Box::new(later.or(same.and(after)));
                    }
                    Ok(after)
                }
            }
        };
    };
}

/// A field's public name; `kind` and the like can be written as they are.
#[doc(hidden)]
#[macro_export]
macro_rules! list_name {
    ($name:ident) => {
        stringify!($name)
    };
}

/// What each flag of a field makes.
#[doc(hidden)]
#[macro_export]
macro_rules! list_flag {
    (filter, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field {
            filter: Some(|values| {
                let mut values = values
                    .iter()
                    .map(|v| <$type as list::QueryValue>::read(v))
                    .collect::<Result<Vec<_>, _>>()?;
                // A list of values makes a new statement for each length, which no cache of statements keeps.
                Ok(match (values.len(), values.pop()) {
                    (1, Some(value)) => Box::new($table::$column.eq(value)),
                    (_, last) => {
                        values.extend(last);
                        Box::new($table::$column.eq_any(values))
                    }
                })
            }),
            ..$field
        }
    };
    (filter_some, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field {
            filter: Some(|values| {
                let mut values = values
                    .iter()
                    .map(|v| <$type as list::QueryValue>::read(v))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(match (values.len(), values.pop()) {
                    (1, Some(value)) => Box::new($table::$column.assume_not_null().eq(value)),
                    (_, last) => {
                        values.extend(last);
                        Box::new($table::$column.assume_not_null().eq_any(values))
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
                // What has no end lies after every value.
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
    (sort, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field {
            sort: Some(list::Sort {
                order: |descending| {
                    if descending {
                        Box::new($table::$column.desc())
                    } else {
                        Box::new($table::$column.asc())
                    }
                },
                after: |value, descending| {
                    let value: <$type as list::QueryValue>::Stored = list::of_cursor(value)?;
                    Ok(if descending {
                        Box::new($table::$column.lt(value))
                    } else {
                        Box::new($table::$column.gt(value))
                    })
                },
                same: |value| {
                    let value: <$type as list::QueryValue>::Stored = list::of_cursor(value)?;
                    Ok(Box::new($table::$column.eq(value)))
                },
                key: |row: &$row| serde_json::json!(row.$column),
                is_personal: false,
            }),
            ..$field
        }
    };
    (sort_some, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field {
            // The databases place what is absent at different ends; as an empty text it stands first in both.
            sort: Some(list::Sort {
                order: |descending| {
                    let text = list::coalesce($table::$column, "");
                    if descending { Box::new(text.desc()) } else { Box::new(text.asc()) }
                },
                after: |value, descending| {
                    let value: String = list::of_cursor(value)?;
                    let text = list::coalesce($table::$column, "");
                    Ok(if descending { Box::new(text.lt(value)) } else { Box::new(text.gt(value)) })
                },
                same: |value| {
                    let value: String = list::of_cursor(value)?;
                    Ok(Box::new(list::coalesce($table::$column, "").eq(value)))
                },
                key: |row: &$row| serde_json::json!(row.$column.as_deref().unwrap_or_default()),
                is_personal: false,
            }),
            ..$field
        }
    };
    (personal, $field:ident, $table:ident, $row:ty, $column:ident, $type:ty) => {
        Field { sort: $field.sort.map(|sort| list::Sort { is_personal: true, ..sort }), ..$field }
    };
}
