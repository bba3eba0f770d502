//! Reads the query parameters of a list and checks them against its declared fields; reports all errors together.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use actix_web::HttpRequest;

use super::{BesideBy, BoundBy, Field, FilterBy, ListQuery, ListSource, Sort, cursor, fields_of, shown};
use crate::platform::context::BASE_PATH;
use crate::platform::db::Condition;
use crate::platform::http::parameters;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::services::Services;
use crate::platform::text::{Localized, ParseError};

const COMMON: [&str; 6] = ["page", "limit", "cursor", "sort", "fields", "links"];
/// The filter by state.
pub(super) const STATUS: &str = "status";
/// The highest page number that can be requested.
pub(super) const MAX_PAGE: i64 = u32::MAX as i64;
/// The maximum number of items on a page.
pub(super) const MAX_LIMIT: i64 = 1000;
/// The maximum number of sort fields. The SQL condition of a cursor grows with each.
const MAX_SORT: usize = 5;

/// Reads the query parameters of a list; reports all errors together.
pub fn read<L: ListSource>(request: &HttpRequest) -> Result<L, Problem> {
    parameters::check_headers(request)?;
    let (fields, shown, has_search) = (L::fields(), fields_of::<L::Shown>(), L::HAS_SEARCH);
    let has_states = L::states().is_some();
    let mut errors = Vec::new();
    let sent = parameters::parse(request.query_string(), &mut errors);
    let path = request.path().strip_prefix(BASE_PATH).unwrap_or(request.path()).to_owned();
    let clock = &Services::of(request)?.clock;
    let (now, ahead) = (clock.now(), clock.offset());
    let mut query = ListQuery { page: 1, limit: 20, path, now, ahead, ..ListQuery::default() };
    let known = LazyCell::new(|| names(fields, has_search, has_states));
    let is_common = |name: &str| {
        COMMON.contains(&name) || (has_search && name == "q") || (has_states && name == "counts")
    };
    parameters::refuse_repeated(&sent, |name| is_common(name) || is_single(fields, name), &mut errors);
    let (mut sort, mut after) = (L::DEFAULT_SORT, None);
    for (name, value) in &sent {
        match name.as_str() {
            "page" => query.page = number(name, value, MAX_PAGE, &mut errors),
            "limit" => query.limit = number(name, value, MAX_LIMIT, &mut errors),
            "cursor" => {
                query.cursor = Some(Vec::new());
                after = cursor::read(value, &mut errors);
            }
            "sort" => sort = value,
            "fields" => query.fields = value.split(',').map(|field| field.trim().to_owned()).collect(),
            "links" => query.links = shown::links(value, &mut errors),
            "counts" if has_states => query.counts = shown::counts(value, &mut errors),
            "q" if has_search => query.search = Some(value.to_lowercase()),
            _ if filter(fields, name).is_some() => keep(&mut query.filters, name, value),
            _ => errors.push(parameters::unknown(name.clone(), &known)),
        }
    }
    // Generated clients send defaults: page 1 says nothing.
    if query.cursor.is_some() && query.page != 1 {
        let words = Localized::fixed(
            "En annan sida än 1 och cursor utesluter varandra; ange en av dem.",
            "Another page than 1 and cursor exclude each other; give one of them.",
        );
        errors.push(FieldError::new("page", "excluded", words));
    }
    query.sort = sorting(fields, sort, &mut errors);
    check_filters(fields, &query.filters, &mut errors);
    check_shown(&query.fields, shown, &mut errors);
    if let Some(after) = after {
        cursor::place(after, &mut query, fields, &mut errors);
    }
    query.sent = sent;
    Code::InvalidQuery.refuse_any(errors)?;
    Ok(L::of(query))
}

/// Reads only the filters of a list, for an operation that sums up the same rows; reports all errors together. `own` names
/// that operation's other parameters, which are not read here.
pub fn read_filters<L: ListSource>(request: &HttpRequest, own: &[&str]) -> Result<L, Problem> {
    let fields = L::fields();
    let mut errors = Vec::new();
    let sent = parameters::parse(request.query_string(), &mut errors);
    let mut query = ListQuery { page: 1, limit: MAX_LIMIT, ..ListQuery::default() };
    let known = LazyCell::new(|| {
        let own = own.iter().map(|name| (*name).to_owned());
        own.chain(filter_names(fields)).collect::<Vec<_>>()
    });
    parameters::refuse_repeated(&sent, |name| is_single(fields, name), &mut errors);
    for (name, value) in sent.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        if filter(fields, name).is_some() {
            keep(&mut query.filters, name, value);
        } else {
            errors.push(parameters::unknown(name.clone(), &known));
        }
    }
    check_filters(fields, &query.filters, &mut errors);
    query.sent = sent;
    Code::InvalidQuery.refuse_any(errors)?;
    Ok(L::of(query))
}

fn keep(filters: &mut BTreeMap<String, Vec<String>>, name: &str, value: &str) {
    filters.entry(name.to_owned()).or_default().push(value.to_owned());
}

fn number(name: &str, value: &str, max: i64, errors: &mut Vec<FieldError>) -> i64 {
    match value.parse::<i64>() {
        Ok(number) if (1..=max).contains(&number) => number,
        _ => {
            let words = Localized::new(format!("Ett heltal 1–{max}."), format!("A whole number 1–{max}."));
            errors.push(FieldError::new(name, "outOfRange", words));
            1
        }
    }
}

/// What a filter parameter compares.
enum Filter<T> {
    /// Equal to any of the values.
    Any(FilterBy<T>),
    /// At least or at most one value.
    Bound(BoundBy<T>),
    /// Changed at this time or later, itself or what is shown of another row.
    Since(BoundBy<T>, Option<BesideBy<T>>),
}

fn filter<T, R>(fields: &[Field<T, R>], name: &str) -> Option<Filter<T>> {
    fields.iter().find_map(|field| {
        if field.name == name {
            let since = field.since.map(|since| Filter::Since(since, field.beside));
            return field.filter.map(Filter::Any).or(since);
        }
        let [from, to] = field.range?;
        match name.strip_prefix(field.name)? {
            "From" => Some(Filter::Bound(from)),
            "To" => Some(Filter::Bound(to)),
            _ => None,
        }
    })
}

fn is_single<T, R>(fields: &[Field<T, R>], name: &str) -> bool {
    matches!(filter(fields, name), Some(Filter::Bound(_) | Filter::Since(..)))
}

fn condition<T, R>(
    fields: &[Field<T, R>],
    name: &str,
    values: &[String],
) -> Option<Result<Condition<T>, ParseError>> {
    match filter(fields, name)? {
        Filter::Any(filter) => Some(filter(values)),
        Filter::Bound(bound) => Some(bound(values.last()?)),
        Filter::Since(bound, beside) => Some(changed_since(values.last()?, bound, beside)),
    }
}

fn changed_since<T: 'static>(
    value: &str,
    own: BoundBy<T>,
    beside: Option<BesideBy<T>>,
) -> Result<Condition<T>, ParseError> {
    match beside {
        Some(beside) => Ok(beside(value.parse()?)),
        None => own(value),
    }
}

fn check_filters<T, R>(
    fields: &[Field<T, R>],
    filters: &BTreeMap<String, Vec<String>>,
    errors: &mut Vec<FieldError>,
) {
    for (name, values) in filters {
        if let Some(Err(wrong)) = condition(fields, name, values) {
            errors.push(parameters::wrong_value(name, &wrong));
        }
    }
}

fn names<T, R>(fields: &[Field<T, R>], has_search: bool, has_states: bool) -> Vec<String> {
    let mut names: Vec<String> = COMMON.iter().map(|name| (*name).to_owned()).collect();
    names.extend(has_states.then(|| "counts".to_owned()));
    names.extend(has_search.then(|| "q".to_owned()));
    names.extend(filter_names(fields));
    names
}

fn filter_names<T, R>(fields: &[Field<T, R>]) -> Vec<String> {
    let mut names = Vec::new();
    for field in fields {
        if field.filter.is_some() || field.since.is_some() {
            names.push(field.name.to_owned());
        }
        if field.range.is_some() {
            names.extend([format!("{}From", field.name), format!("{}To", field.name)]);
        }
    }
    names
}

/// The field of this name, if the list is sorted by it.
pub(super) fn sort_of<'f, T, R>(fields: &'f [Field<T, R>], name: &str) -> Option<&'f Sort<T, R>> {
    fields.iter().find(|field| field.name == name)?.sort.as_ref()
}

fn sorting<T, R>(fields: &[Field<T, R>], text: &str, errors: &mut Vec<FieldError>) -> Vec<(String, bool)> {
    let mut sort: Vec<(String, bool)> = Vec::new();
    if text.split(',').count() > MAX_SORT {
        let words = Localized::new(format!("Högst {MAX_SORT} fält."), format!("At most {MAX_SORT} fields."));
        errors.push(FieldError::new("sort", "tooMany", words));
        return sort;
    }
    for part in text.split(',').map(str::trim) {
        let (name, descending) = part.strip_prefix('-').map_or((part, false), |name| (name, true));
        if sort.iter().any(|(earlier, _)| earlier == name) {
            let words = Localized::fixed("Varje fält får stå en gång.", "Each field may occur only once.");
            errors.push(FieldError::new("sort", "repeated", words));
        } else if sort_of(fields, name).is_some() {
            sort.push((name.to_owned(), descending));
        } else {
            let known = fields.iter().filter(|field| field.sort.is_some()).map(|field| field.name);
            let known = known.collect::<Vec<_>>().join(", ");
            let (sv, en) = (format!("Går att sortera efter {known}."), format!("Can be sorted by {known}."));
            errors.push(FieldError::new("sort", "unknownField", Localized::new(sv, en)));
        }
    }
    sort
}

fn check_shown(requested: &[String], shown: &[String], errors: &mut Vec<FieldError>) {
    let unknown: Vec<&str> =
        requested.iter().filter(|field| !shown.contains(field)).map(String::as_str).collect();
    if !unknown.is_empty() {
        let (unknown, known) = (unknown.join(", "), shown.join(", "));
        let words = Localized::new(
            format!("{unknown} finns inte; fälten är {known}."),
            format!("{unknown} is unknown; the fields are {known}."),
        );
        errors.push(FieldError::new("fields", "unknownField", words));
    }
}

/// Whether the list is read with `updatedSince`.
pub fn since<'q, T, R>(query: &'q ListQuery, fields: &[Field<T, R>]) -> Option<(&'q str, bool)> {
    let field = fields.iter().find(|field| field.since.is_some())?;
    Some((query.filters.get(field.name)?.last()?, field.is_wall))
}

/// The conditions of the requested filters.
pub fn conditions<T, R>(query: &ListQuery, fields: &[Field<T, R>]) -> Result<Vec<Condition<T>>, Problem> {
    conditions_without(query, fields, None)
}

/// The conditions of the requested filters but one.
pub fn conditions_without<T, R>(
    query: &ListQuery,
    fields: &[Field<T, R>],
    without: Option<&str>,
) -> Result<Vec<Condition<T>>, Problem> {
    let wanted = query.filters.iter().filter(|(name, _)| Some(name.as_str()) != without);
    let made = wanted.map(|(name, values)| condition(fields, name, values));
    made.map(|condition| match condition {
        Some(Ok(condition)) => Ok(condition),
        Some(Err(wrong)) => Err(Problem::internal(wrong)),
        None => Err(Problem::internal("a filter that was checked is unknown")),
    })
    .collect()
}

/// The requested sort fields, each with whether it is descending.
pub fn sorts<'f, T, R>(query: &ListQuery, fields: &'f [Field<T, R>]) -> Vec<(&'f Sort<T, R>, bool)> {
    query.sort.iter().filter_map(|(name, descending)| Some((sort_of(fields, name)?, *descending))).collect()
}

/// The `LIKE` pattern of a search text, with wildcards in the text escaped.
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

/// The number of rows on all pages, if it follows from this page: the page has `count` rows and is the last.
pub fn total_of(query: &ListQuery, count: usize) -> Option<i64> {
    let count = i64::try_from(count).ok()?;
    let is_last = count < query.limit && (count > 0 || query.page == 1);
    is_last.then(|| (query.page - 1) * query.limit + count)
}
