//! What operations share: an example for every code, headers, login.

use serde_json::{Value, json};

use super::{Object, headers};
use crate::platform::context::{BASE_PATH, EXAMPLE_URL};
use crate::platform::http::observe::oauth;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::{Language, Localized};

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// An example of `traceparent`.
pub const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// An example of an ETag.
pub const ETAG: &str = "\"7-9f86d081884c7d65\"";

/// A short text in both languages.
pub fn both(sv: &str, en: &str) -> String {
    format!("{sv} / {en}")
}

/// Everything that operations refer to, beside the handlers' schemas.
pub fn all(schemas: Object) -> Object {
    let examples = Code::ALL.iter().map(|code| (code.as_str().to_owned(), example(*code, false)));
    let folders = [
        ("schemas", schemas.into()),
        ("headers", headers::all().into()),
        ("examples", examples.collect()),
        ("securitySchemes", security_schemes()),
    ];
    folders.into_iter().map(|(name, folder)| (name.to_owned(), folder)).collect()
}

/// A reference to a header.
pub fn header_reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// A reference to the example of a code.
pub fn example_reference(code: Code) -> Value {
    json!({ "$ref": format!("#/components/examples/{}", code.as_str()) })
}

/// The example of a code as the token endpoints write it.
pub fn token_example(code: Code) -> Value {
    example(code, true)
}

fn example(code: Code, is_oauth: bool) -> Value {
    let problem = sample(code);
    let path = if is_oauth { "/oauth/token" } else { "/programmes/0175a2e1-7c00-7000-8000-000000000001" };
    let mut value = problem.document(Language::Sv, EXAMPLE_URL, &format!("{BASE_PATH}{path}"), TRACE_ID);
    if is_oauth {
        oauth::add_members(&mut value, &problem);
    }
    json!({ "summary": code.title().en, "value": value })
}

/// A problem of this kind as a client could meet it.
fn sample(code: Code) -> Problem {
    let (pointer, fault, sv, en) = match code {
        Code::InvalidBody => ("/colour", "unknownField", "Fältet finns inte.", "There is no such field."),
        Code::InvalidQuery => ("limit", "outOfRange", "Ett heltal 1–1000.", "A whole number 1–1000."),
        Code::InvalidHeader => {
            ("If-Match", "invalidValue", "En ETag inom citattecken.", "An ETag in quotation marks.")
        }
        Code::InvalidInput => ("/name", "tooLong", "Högst 200 tecken.", "At most 200 characters."),
        Code::TransitionNotAllowed => {
            return Problem::new(code).member("currentStatus", "submitted").member(
                "allowedTransitions",
                json!([{ "to": "withdrawn", "requiresComment": true, "requires": [] }]),
            );
        }
        _ => return Problem::new(code),
    };
    Problem::new(code).errors(vec![FieldError::new(pointer, fault, Localized::fixed(sv, en))])
}

fn security_schemes() -> Value {
    let token = format!("{EXAMPLE_URL}{BASE_PATH}/oauth/token");
    let flow = json!({ "tokenUrl": token, "refreshUrl": token, "scopes": {} });
    let bearer =
        both("Åtkomsttoken, som gäller i fem minuter.", "Access token, which holds for five minutes.");
    let oauth2 = both(
        "Personer loggar in med password, system med clientCredentials: id och hemlighet i Authorization: Basic eller i \
         formuläret.",
        "People log in with password, systems with clientCredentials: id and secret in Authorization: Basic or in the form.",
    );
    json!({
        "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": bearer },
        "oauth2": {
            "type": "oauth2",
            "description": oauth2,
            "flows": { "password": flow, "clientCredentials": flow },
        },
    })
}
