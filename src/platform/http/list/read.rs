//! The address of a list, read against the fields that it declares: all faults together, naming what is known.

use actix_web::HttpRequest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use utoipa::openapi::path::Parameter;

use super::{Asked, Field, Sort, Wrong};
use crate::platform::db::Condition;
use crate::platform::http::language::Words;
use crate::platform::http::problem::{Code, Fault, Problem};

const COMMON: [&str; 5] = ["page", "limit", "cursor", "sort", "fields"];
/// The last page that can be asked for.
pub(super) const MAX_PAGE: i64 = u32::MAX as i64;
/// The most items of a page.
pub(super) const MAX_LIMIT: i64 = 1000;

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
            "page" => asked.page = number(&name, &value, MAX_PAGE, &mut faults),
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
