//! What the document says of an operation that is to be withdrawn.

use serde_json::{Value, json};

use super::components::both;
use super::{Object, Place};
use crate::platform::http::deprecation::{Deprecated, Instead, of};

/// Marks an operation that the table names, and describes the headers of its answers.
pub fn mark(operation: &mut Object, place: &Place<'_>, table: &[Deprecated]) {
    let Some(row) = of(table, &place.method.to_uppercase(), place.path) else { return };
    operation.insert("deprecated".to_owned(), json!(true));
    let description = operation.get("description").and_then(Value::as_str).unwrap_or_default();
    operation.insert("description".to_owned(), json!(format!("{description}\n\n{}", told(row))));
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    // The HTTP layer's own answer has none of the API's headers.
    let answers = responses.into_iter().flatten().filter(|(status, _)| *status != "431");
    for (_, answer) in answers {
        if let Some(headers) = answer.get_mut("headers").and_then(Value::as_object_mut) {
            headers.extend(headers_of(row));
        }
    }
}

fn told(row: &Deprecated) -> String {
    let instead = match row.instead {
        Instead::Successor(path) => path,
        Instead::Explained(address) => address,
    };
    let (gone_sv, gone_en) = match row.sunset {
        Some(day) => (format!(", tas bort {day}"), format!(", withdrawn on {day}")),
        None => (String::new(), String::new()),
    };
    both(
        &format!("Utfasas sedan {}{gone_sv}; se i stället {instead}.", row.since),
        &format!("Deprecated since {}{gone_en}; see {instead} instead.", row.since),
    )
}

fn headers_of(row: &Deprecated) -> Object {
    let text = |sv, en, example: &str| json!({ "description": both(sv, en), "schema": { "type": "string", "examples": [example] } });
    let since = text("Utfasad sedan.", "Deprecated since.", "@1803855600");
    let link =
        text("Vad som kommer i stället.", "What comes instead.", "</items>; rel=\"successor-version\"");
    let sunset = text("När den kan vara borta.", "When it may be gone.", "Tue, 31 Aug 2027 22:00:00 GMT");
    let all = [("Deprecation", Some(since)), ("Link", Some(link)), ("Sunset", row.sunset.map(|_| sunset))];
    all.into_iter().filter_map(|(name, header)| Some((name.to_owned(), header?))).collect()
}
