//! Lists: page or cursor, typed filters, sort, fields, `updatedSince`, `q`. A store declares its list's fields once with
//! [`list!`]; the declaration makes the parameters, their checks, their documentation, the SQL and the cursor.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_web::HttpRequest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Array, ObjectBuilder, RefOr, Required, Schema, schema::Type};

use crate::platform::context::Context;
use crate::platform::db::{Condition, MultiBackend};
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::language::Words;
use crate::platform::http::problem::{Code, Fault, Problem};

/// A sort expression over table `T`.
pub type Order<T> = Box<
    dyn diesel::BoxableExpression<
            T,
            MultiBackend,
            SqlType = diesel::expression::expression_types::NotSelectable,
        >,
>;

/// Why a parameter's text is not a value: what would be right, as code-free English ("a day YYYY-MM-DD").
pub type Wrong = String;

/// A value that a query parameter can have.
pub trait QueryValue: Sized {
    /// Reads it from the address.
    fn read(text: &str) -> Result<Self, Wrong>;

    /// Its schema, for OpenAPI.
    fn describe() -> RefOr<Schema>;
}

impl<V: std::str::FromStr + utoipa::PartialSchema> QueryValue for V
where
    V::Err: std::fmt::Display,
{
    fn read(text: &str) -> Result<Self, Wrong> {
        text.parse().map_err(|error: V::Err| error.to_string())
    }

    fn describe() -> RefOr<Schema> {
        V::schema()
    }
}

/// Makes the condition that a field equals any of the values.
pub type FilterBy<T> = fn(&[String]) -> Result<Condition<T>, Wrong>;

/// Makes the condition that a field lies on one side of a value.
pub type BoundBy<T> = fn(&str) -> Result<Condition<T>, Wrong>;

/// One field of a list: what can be asked of it.
pub struct Field<T: 'static, R: 'static> {
    /// Name in the representation and in the address.
    pub name: &'static str,
    /// The value's schema.
    pub schema: fn() -> RefOr<Schema>,
    /// Equal to any of the values.
    pub filter: Option<FilterBy<T>>,
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
    pub after: fn(&Value, bool) -> Result<Condition<T>, Wrong>,
    /// Rows with the cursor's value.
    pub same: fn(&Value) -> Result<Condition<T>, Wrong>,
    /// The row's value for the cursor.
    pub key: fn(&R) -> Value,
}

/// What the address of a list asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
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
    /// self, first, prev, next.
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

const COMMON: [&str; 5] = ["page", "limit", "cursor", "sort", "fields"];
const MAX_LIMIT: i64 = 1000;

/// Reads the parameters against the list's fields; all faults together.
pub fn read<T, R>(
    request: &HttpRequest,
    fields: &[Field<T, R>],
    shown: &[String],
    has_search: bool,
    default_sort: &str,
) -> Result<Asked, Problem> {
    let sent: Vec<(String, String)> =
        form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let path = request.path().strip_prefix("/api/v1").unwrap_or(request.path()).to_owned();
    let mut asked = Asked { page: 1, limit: 20, path, sent, ..Asked::default() };
    let mut faults = Vec::new();
    let mut sort = default_sort.to_owned();
    for (name, value) in asked.sent.clone() {
        match name.as_str() {
            "page" => asked.page = number(&name, &value, i64::from(u32::MAX), &mut faults),
            "limit" => asked.limit = number(&name, &value, MAX_LIMIT, &mut faults),
            "cursor" => asked.cursor = Some(cursor(&value, &mut faults)),
            "sort" => sort = value,
            "fields" => asked.fields = value.split(',').map(|field| field.trim().to_owned()).collect(),
            "q" if has_search => asked.search = Some(value.to_lowercase()),
            _ => filter(fields, &|| names(fields, has_search), &name, value, &mut asked, &mut faults),
        }
    }
    asked.sort = sorting(fields, &sort, &mut faults);
    check_shown(&asked.fields, shown, &mut faults);
    check_cursor(&asked, fields, &mut faults);
    Problem::if_any(Code::InvalidQuery, faults)?;
    Ok(asked)
}

/// The filters of a list without its pages, for sums over the same rows.
pub trait Filters<T: 'static>: Sized {
    /// Reads the filters; `own` are the further parameters that the sum itself takes.
    fn read_filters(request: &HttpRequest, own: &[&str]) -> Result<Self, Problem>;

    /// Their conditions.
    fn conditions(&self) -> Result<Vec<Condition<T>>, Problem>;

    /// Their parameters for OpenAPI.
    fn filter_parameters() -> Vec<Parameter>;
}

/// Reads the filters alone; all faults together.
pub fn read_filters<T, R>(
    request: &HttpRequest,
    fields: &[Field<T, R>],
    own: &[&str],
) -> Result<Asked, Problem> {
    let sent: Vec<(String, String)> =
        form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let mut asked = Asked { page: 1, limit: MAX_LIMIT, ..Asked::default() };
    let mut faults = Vec::new();
    let known = || own.iter().map(|name| (*name).to_owned()).chain(filter_names(fields)).collect();
    for (name, value) in sent.into_iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        filter(fields, &known, &name, value, &mut asked, &mut faults);
    }
    Problem::if_any(Code::InvalidQuery, faults)?;
    Ok(asked)
}

fn number(name: &str, value: &str, max: i64, faults: &mut Vec<Fault>) -> i64 {
    match value.parse::<i64>() {
        Ok(number) if (1..=max).contains(&number) => number,
        _ => {
            faults.push(Fault::new(
                name,
                "outOfRange",
                Words::new(format!("Ett heltal 1–{max}."), format!("A whole number 1–{max}.")),
            ));
            1
        }
    }
}

/// A cursor is the JSON array of the last row's sort values, its id last; the first page asks with an empty one.
fn cursor(text: &str, faults: &mut Vec<Fault>) -> Vec<Value> {
    if text.is_empty() {
        return Vec::new();
    }
    let decoded = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    decoded.unwrap_or_else(|| {
        faults.push(wrong_cursor());
        Vec::new()
    })
}

fn wrong_cursor() -> Fault {
    Fault::new(
        "cursor",
        "invalidValue",
        Words::fixed(
            "Använd nextCursor från förra sidan, med samma sort.",
            "Use nextCursor of the page before, with the same sort.",
        ),
    )
}

fn filter<T, R>(
    fields: &[Field<T, R>],
    known: &dyn Fn() -> Vec<String>,
    name: &str,
    value: String,
    asked: &mut Asked,
    faults: &mut Vec<Fault>,
) {
    let values = asked.filters.entry(name.to_owned()).or_default();
    values.push(value);
    match condition(fields, name, values) {
        Some(Ok(_)) => {}
        Some(Err(wrong)) => faults.push(Fault::new(
            name,
            "invalidValue",
            Words::new(
                format!("Värdet godtas inte: {wrong}."),
                format!("The value is not accepted: {wrong}."),
            ),
        )),
        None => {
            let known = known().join(", ");
            faults.push(Fault::new(
                name,
                "unknownParameter",
                Words::new(
                    format!("Okänd parameter; kända är {known}."),
                    format!("Unknown parameter; known are {known}."),
                ),
            ));
        }
    }
}

fn condition<T, R>(
    fields: &[Field<T, R>],
    name: &str,
    values: &[String],
) -> Option<Result<Condition<T>, Wrong>> {
    fields.iter().find_map(|field| {
        if let Some(filter) = field.filter.filter(|_| field.name == name) {
            return Some(filter(values));
        }
        let end = name.strip_prefix(field.name)?;
        let [from, to] = field.range?;
        let last = values.last()?;
        match end {
            "From" => Some(from(last)),
            "To" => Some(to(last)),
            // `updatedSince` is the from-side of updatedAt under the contract's own name.
            _ => None,
        }
    })
}

fn names<T, R>(fields: &[Field<T, R>], has_search: bool) -> Vec<String> {
    let mut names: Vec<String> = COMMON.iter().map(|name| (*name).to_owned()).collect();
    names.extend(has_search.then(|| "q".to_owned()));
    names.extend(filter_names(fields));
    names
}

fn filter_names<T, R>(fields: &[Field<T, R>]) -> Vec<String> {
    let mut names = Vec::new();
    for field in fields {
        names.extend(field.filter.map(|_| field.name.to_owned()));
        if field.range.is_some() {
            names.extend([format!("{}From", field.name), format!("{}To", field.name)]);
        }
    }
    names
}

fn sorting<T, R>(fields: &[Field<T, R>], text: &str, faults: &mut Vec<Fault>) -> Vec<(String, bool)> {
    let known = || fields.iter().filter(|field| field.sort.is_some()).map(|field| field.name);
    let mut sort = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (name, descending) = part.strip_prefix('-').map_or((part, false), |name| (name, true));
        if known().any(|field| field == name) {
            sort.push((name.to_owned(), descending));
        } else {
            let known = known().collect::<Vec<_>>().join(", ");
            faults.push(Fault::new(
                "sort",
                "unknownField",
                Words::new(format!("Går att sortera efter {known}."), format!("Can be sorted by {known}.")),
            ));
        }
    }
    sort
}

fn check_shown(asked: &[String], shown: &[String], faults: &mut Vec<Fault>) {
    for field in asked.iter().filter(|field| !shown.contains(field)) {
        let known = shown.join(", ");
        faults.push(Fault::new(
            "fields",
            "unknownField",
            Words::new(
                format!("{field} finns inte; fälten är {known}."),
                format!("{field} is unknown; the fields are {known}."),
            ),
        ));
    }
}

fn check_cursor<T, R>(asked: &Asked, fields: &[Field<T, R>], faults: &mut Vec<Fault>) {
    let Some(cursor) = asked.cursor.as_ref().filter(|cursor| !cursor.is_empty()) else { return };
    let mut values = cursor.iter();
    let fits = cursor.len() == asked.sort.len() + 1
        && asked.sort.iter().all(|(name, _)| {
            let sort = fields.iter().find(|field| field.name == name).and_then(|field| field.sort.as_ref());
            matches!((sort, values.next()), (Some(sort), Some(value)) if (sort.same)(value).is_ok())
        });
    if !fits {
        faults.push(wrong_cursor());
    }
}

/// The conditions of the filters that were asked for.
pub fn conditions<T, R>(asked: &Asked, fields: &[Field<T, R>]) -> Result<Vec<Condition<T>>, Problem> {
    let made = asked.filters.iter().map(|(name, values)| condition(fields, name, values));
    made.map(|condition| match condition {
        Some(Ok(condition)) => Ok(condition),
        Some(Err(wrong)) => Err(Problem::internal(wrong)),
        None => Err(Problem::internal("a filter that was checked is unknown")),
    })
    .collect()
}

/// The sort that was asked for, field by field.
pub fn sorts<'f, T, R>(asked: &Asked, fields: &'f [Field<T, R>]) -> Vec<(&'f Sort<T, R>, bool)> {
    let found =
        |name: &str| fields.iter().find(|field| field.name == name).and_then(|field| field.sort.as_ref());
    asked.sort.iter().filter_map(|(name, descending)| Some((found(name)?, *descending))).collect()
}

/// The `LIKE` pattern of a search text, with its own wildcards taken literally.
pub fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for letter in search.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// The cursor after a row with these sort values.
pub fn encode_cursor(values: &[Value]) -> String {
    URL_SAFE_NO_PAD.encode(Value::from(values).to_string())
}

/// How many there are in all, when this page itself tells.
pub fn total_of(asked: &Asked, count: usize) -> Option<i64> {
    let count = i64::try_from(count).ok()?;
    let is_last = count < asked.limit && (count > 0 || asked.page == 1);
    is_last.then(|| (asked.page - 1) * asked.limit + count)
}

impl Answer {
    /// 200 with a page of a list.
    pub fn list<R, T: Serialize>(
        ctx: &Context,
        asked: &Asked,
        rows: Rows<R>,
        represent: impl FnMut(R) -> Result<T, Problem>,
    ) -> Result<Self, Problem> {
        let items = rows.rows.into_iter().map(represent).collect::<Result<Vec<T>, Problem>>()?;
        let is_cursor = asked.cursor.is_some();
        let meta = ListMeta {
            total_records: rows.total,
            page: (!is_cursor).then_some(asked.page),
            limit: asked.limit,
            count: items.len(),
            next_cursor: rows.next_cursor,
        };
        let links = links(ctx, asked, &meta);
        if asked.fields.is_empty() {
            return Ok(Self::json(&Listing { items, meta, links })?.tagged());
        }
        let items =
            items.iter().map(|item| sparse(item, &asked.fields)).collect::<Result<Vec<_>, Problem>>()?;
        Ok(Self::json(&json!({"items": items, "_meta": meta, "_links": links}))?.tagged())
    }
}

fn sparse<T: Serialize>(item: &T, fields: &[String]) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(item).map_err(Problem::internal)? {
        Value::Object(members) => Ok(members.into_iter().filter(|(name, _)| fields.contains(name)).collect()),
        _ => Err(Problem::internal("a list item is not an object")),
    }
}

fn links(ctx: &Context, asked: &Asked, meta: &ListMeta) -> Vec<Link> {
    let link = |rel: &str, name: &str, value: String| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(asked.sent.iter().filter(|(sent, _)| sent != name));
        query.append_pair(name, &value);
        Link::new(ctx, "GET", rel, &format!("{}?{}", asked.path, query.finish()))
    };
    let Some(page) = meta.page else {
        return meta.next_cursor.iter().map(|next| link("next", "cursor", next.clone())).collect();
    };
    let mut links = vec![link("self", "page", page.to_string()), link("first", "page", "1".to_owned())];
    links.extend((page > 1).then(|| link("prev", "page", (page - 1).to_string())));
    let last = meta.total_records.map_or(page, |total| ((total + meta.limit - 1) / meta.limit).max(1));
    links.extend((page < last).then(|| link("next", "page", (page + 1).to_string())));
    links.push(link("last", "page", last.to_string()));
    links
}

/// The parameters of a list for OpenAPI.
pub fn parameters<T, R>(fields: &[Field<T, R>], has_search: bool, default_sort: &str) -> Vec<Parameter> {
    let whole = |default: i64, max: Option<f64>| {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1.0))
            .maximum(max)
            .default(Some(default.into()))
    };
    let sortable: Vec<&str> =
        fields.iter().filter(|field| field.sort.is_some()).map(|field| field.name).collect();
    let mut made = vec![
        parameter("page", "Sida från 1. / Page from 1.", whole(1, None)),
        parameter("limit", "Högst så många per sida. / At most so many per page.", whole(20, Some(1000.0))),
        parameter(
            "cursor",
            "Fortsätt efter nextCursor (tom för första sidan); i stället för page. / Continue after nextCursor (empty for the first page); instead of page.",
            text(),
        ),
        parameter(
            "sort",
            &format!("Fält, minus för fallande: {}. / Fields, minus for descending.", sortable.join(", ")),
            text().default(Some(default_sort.into())),
        ),
        parameter(
            "fields",
            "Visa bara dessa fält, kommaseparerade. / Show only these fields, separated by commas.",
            text(),
        ),
    ];
    made.extend(has_search.then(|| parameter("q", "Söktext. / Search text.", text())));
    made.extend(filter_parameters(fields));
    made
}

/// The parameters of a list's filters for OpenAPI.
pub fn filter_parameters<T, R>(fields: &[Field<T, R>]) -> Vec<Parameter> {
    let mut made = Vec::new();
    for field in fields {
        if field.filter.is_some() {
            let any_of = Schema::Array(Array::new((field.schema)()));
            made.push(parameter(
                field.name,
                "Något av värdena (upprepa). / Any of the values (repeat).",
                any_of,
            ));
        }
        if field.range.is_some() {
            made.push(parameter(
                &format!("{}From", field.name),
                "Från och med. / From, inclusive.",
                (field.schema)(),
            ));
            made.push(parameter(
                &format!("{}To", field.name),
                "Till och med. / To, inclusive.",
                (field.schema)(),
            ));
        }
    }
    made
}

/// A parameter that is text, for OpenAPI.
pub fn text_parameter(name: &str, description: &str) -> Parameter {
    parameter(name, description, text())
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn parameter(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// The names of a representation's fields, from its schema.
pub fn fields_of<T: utoipa::PartialSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// For extractors that never wait.
pub fn at_once<T>(result: Result<T, Problem>) -> Ready<Result<T, actix_web::Error>> {
    ready(result.map_err(Into::into))
}

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
        pub struct $list(pub $crate::platform::http::list::Asked);

        const _: () = {
            use diesel::prelude::*;
            use $crate::platform::db::{Db, MultiBackend};
            use $crate::platform::http::list::{self, Asked, Field, Rows};
            use $crate::platform::http::problem::Problem;

            const HAS_SEARCH: bool = false $(|| !stringify!($search).is_empty())?;

            static FIELDS: std::sync::LazyLock<Vec<Field<$table::table, $row>>> = std::sync::LazyLock::new(|| {
                vec![$({
                    let field: Field<$table::table, $row> = Field {
                        name: $crate::list_name!($name),
                        schema: <$type as list::QueryValue>::describe,
                        filter: None,
                        range: None,
                        sort: None,
                    };
                    $(let field = $crate::list_flag!($flag, field, $table, $row, $column, $type);)*
                    field
                }),*]
            });

            impl actix_web::FromRequest for $list {
                type Error = actix_web::Error;
                type Future = std::future::Ready<Result<Self, Self::Error>>;

                fn from_request(request: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
                    let shown = list::fields_of::<$shown>();
                    list::at_once(list::read(request, &FIELDS, &shown, HAS_SEARCH, $default).map($list))
                }
            }

            impl utoipa::IntoParams for $list {
                fn into_params(
                    _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
                ) -> Vec<utoipa::openapi::path::Parameter> {
                    list::parameters(&FIELDS, HAS_SEARCH, $default)
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
                    let asked: &Asked = &self.0;
                    let mut query = self.filtered(&visible)?;
                    let sorts = list::sorts(asked, &FIELDS);
                    for (sort, descending) in &sorts {
                        query = query.then_order_by((sort.order)(*descending));
                    }
                    query = query.then_order_by($table::$id.asc());
                    let is_cursor = asked.cursor.is_some();
                    if let Some(cursor) = asked.cursor.as_ref().filter(|cursor| !cursor.is_empty()) {
                        query = query.filter(Self::after(cursor, &sorts)?);
                    }
                    let offset = if is_cursor { 0 } else { (asked.page - 1) * asked.limit };
                    // One more than asked tells whether the list goes on.
                    let mut rows: Vec<$row> = query
                        .limit(asked.limit + i64::from(is_cursor))
                        .offset(offset)
                        .select(<$row>::as_select())
                        .load(db)?;
                    if is_cursor {
                        let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
                        let goes_on = rows.len() > limit;
                        rows.truncate(limit);
                        let next_cursor = rows.last().filter(|_| goes_on).map(|row| {
                            let mut values: Vec<serde_json::Value> =
                                sorts.iter().map(|(sort, _)| (sort.key)(row)).collect();
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

                /// Rows after the cursor: later in the first sort field, or the same there and later in the next …
                fn after(
                    cursor: &[serde_json::Value],
                    sorts: &[(&list::Sort<$table::table, $row>, bool)],
                ) -> Result<$crate::platform::db::Condition<$table::table>, Problem> {
                    let broken = |wrong: String| Problem::internal(wrong);
                    let id = cursor.last().cloned().unwrap_or_default();
                    let id: $id_type = serde_json::from_value(id).map_err(|_| {
                        Problem::new($crate::platform::http::problem::Code::InvalidQuery)
                    })?;
                    let mut after: $crate::platform::db::Condition<$table::table> = Box::new($table::$id.gt(id));
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
                let values = values
                    .iter()
                    .map(|v| <$type as list::QueryValue>::read(v))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Box::new($table::$column.assume_not_null().eq_any(values)))
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
            filter: Some(|values| {
                let last = values.last().map(String::as_str).unwrap_or_default();
                Ok(Box::new($table::$column.ge(<$type as list::QueryValue>::read(last)?)))
            }),
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
                    let value: $type = serde_json::from_value(value.clone()).map_err(|e| e.to_string())?;
                    Ok(if descending {
                        Box::new($table::$column.lt(value))
                    } else {
                        Box::new($table::$column.gt(value))
                    })
                },
                same: |value| {
                    let value: $type = serde_json::from_value(value.clone()).map_err(|e| e.to_string())?;
                    Ok(Box::new($table::$column.eq(value)))
                },
                key: |row: &$row| serde_json::json!(row.$column),
            }),
            ..$field
        }
    };
}
