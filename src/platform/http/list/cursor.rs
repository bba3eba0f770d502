//! The cursor of a list: the place after a row, and the sort and filters for which it is a place. Cursors are made by the
//! program and come back from clients, so nothing in them is believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use twox_hash::XxHash3_64;

use super::read::{since, sort_of};
use super::{Field, ListQuery, Sort};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::{Localized, ParseError};

/// A cursor as a client sends it.
pub struct Cursor {
    sort: String,
    filters: String,
    /// The sort values and the id of the row after which to continue.
    after: Vec<Value>,
}

/// Reads a cursor: a JSON array of the stamps of sort and filters, the last row's sort values, and its id. An empty cursor is
/// the first page.
pub fn read(text: &str, errors: &mut Vec<FieldError>) -> Option<Cursor> {
    if text.is_empty() {
        return None;
    }
    let decoded = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let is_clean = |value: &Value| !value.as_str().is_some_and(|text| text.contains(char::is_control));
    let decoded = decoded.filter(|(_, _, after): &(String, String, Vec<Value>)| after.iter().all(is_clean));
    let Some((sort, filters, after)) = decoded else {
        errors.push(wrong());
        return None;
    };
    Some(Cursor { sort, filters, after })
}

fn wrong() -> FieldError {
    let words = Localized::fixed(
        "Använd nextCursor från förra sidan, med samma sort.",
        "Use nextCursor of the previous page, with the same sort.",
    );
    FieldError::new("cursor", "invalidValue", words)
}

/// Continues the list at this place; an error if the cursor was made for another sort or for other filters, where it would
/// leave out rows or give them twice. The last value of a cursor of changes is the first page's `syncedTo`.
pub fn place<T, R>(
    cursor: Cursor,
    query: &mut ListQuery,
    fields: &[Field<T, R>],
    errors: &mut Vec<FieldError>,
) {
    let Cursor { sort, filters, mut after } = cursor;
    if sort != stamp_of_sort(query) {
        let words = Localized::fixed(
            "Markören gjordes med en annan sort; ange samma, eller börja om med tom cursor.",
            "The cursor was made with another sort; give the same one, or begin again with an empty cursor.",
        );
        errors.push(FieldError::new("cursor", "otherSort", words));
    } else if filters != stamp_of_filters(query) {
        let words = Localized::fixed(
            "Markören gjordes med andra filter; ange samma, eller börja om med tom cursor.",
            "The cursor was made with other filters; give the same ones, or begin again with an empty cursor.",
        );
        errors.push(FieldError::new("cursor", "otherFilters", words));
    } else {
        let follows_changes = since(query, fields).is_some();
        query.synced_to = after.pop_if(|_| follows_changes).and_then(|last| of_cursor(&last).ok());
        if follows_changes != query.synced_to.is_some() || !fits(&after, query, fields) {
            errors.push(wrong());
        }
    }
    query.cursor = Some(after);
}

/// Whether these are values of the sort fields, and an id.
fn fits<T, R>(after: &[Value], query: &ListQuery, fields: &[Field<T, R>]) -> bool {
    let mut values = after.iter();
    after.len() == query.sort.len() + 1
        && query.sort.iter().all(|(name, _)| {
            let fits = |sort: &Sort<T, R>, value: &Value| {
                if sort.is_personal { value.is_null() } else { (sort.same)(value).is_ok() }
            };
            matches!((sort_of(fields, name), values.next()), (Some(sort), Some(value)) if fits(sort, value))
        })
}

/// Short, and the same in every process. It tells sorts and filters apart and protects nothing.
fn stamp(of: &Value) -> String {
    format!("{:08x}", XxHash3_64::oneshot(of.to_string().as_bytes()) & 0xffff_ffff)
}

fn stamp_of_sort(query: &ListQuery) -> String {
    stamp(&json!(query.sort))
}

/// The order of parameters and of their values does not matter.
fn stamp_of_filters(query: &ListQuery) -> String {
    let sorted = |values: &Vec<String>| {
        let mut values = values.clone();
        values.sort();
        values.dedup();
        values
    };
    let filters: Vec<_> = query.filters.iter().map(|(name, values)| (name, sorted(values))).collect();
    stamp(&json!([filters, query.search]))
}

/// Converts a value of a cursor to its field's type.
pub fn of_cursor<V: DeserializeOwned>(value: &Value) -> Result<V, ParseError> {
    let wrong = |_| ParseError::fixed("inte ett värde av detta fält", "not a value of this field");
    serde_json::from_value(value.clone()).map_err(wrong)
}

/// The id at the end of a cursor.
pub fn cursor_id<I: DeserializeOwned>(after: &[Value]) -> Result<I, Problem> {
    let id = after.last().cloned().unwrap_or_default();
    serde_json::from_value(id).map_err(|_| row_gone())
}

/// The problem of a cursor whose row does not exist any more.
pub fn row_gone() -> Problem {
    Problem::new(Code::InvalidQuery).errors(vec![wrong()])
}

/// The cursor of a list after a row with these sort values and this id.
pub fn encode(query: &ListQuery, after: &[Value]) -> String {
    URL_SAFE_NO_PAD.encode(json!([stamp_of_sort(query), stamp_of_filters(query), after]).to_string())
}
