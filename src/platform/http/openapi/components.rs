//! What operations share: the problem's schema, an example for every code, login.

use serde_json::{Value, json};

use super::{EXAMPLE_URL, Object, headers, take};
use crate::platform::context::BASE_PATH;
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

/// Adds everything that operations refer to.
pub fn add(components: &mut Object) {
    let mut schemas = take(components, "schemas");
    schemas.insert("Problem".to_owned(), problem_schema());
    schemas.insert("ProblemFault".to_owned(), fault_schema());
    schemas.insert("TokenProblem".to_owned(), token_problem_schema());
    components.insert("schemas".to_owned(), schemas.into());
    components.insert("headers".to_owned(), headers::all().into());
    let examples = Code::ALL.iter().map(|code| (code.as_str().to_owned(), example(*code, false)));
    components.insert("examples".to_owned(), examples.collect());
    components.insert("securitySchemes".to_owned(), security_schemes());
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
            ("If-Match", "invalidValue", "En ETag som den gavs.", "One ETag as it was given.")
        }
        Code::InvalidInput => ("/name", "tooLong", "Högst 200 tecken.", "At most 200 characters."),
        _ => return Problem::new(code),
    };
    Problem::new(code).errors(vec![FieldError::new(pointer, fault, Localized::fixed(sv, en))])
}

fn problem_schema() -> Value {
    let description =
        both("Ett problem enligt RFC 9457.", "A problem as RFC 9457 has it; some have further members.");
    json!({
        "type": "object",
        "description": description,
        "required": ["type", "title", "status", "detail", "instance", "code", "traceId"],
        "properties": problem_members(),
        "additionalProperties": true,
    })
}

/// RFC 6749's members beside the problem's.
fn token_problem_schema() -> Value {
    let mut members = problem_members();
    let error = both("Felet enligt RFC 6749.", "The error as RFC 6749 names it.");
    let description = both("detail i ASCII, för OAuth2-klienter.", "detail in ASCII, for OAuth2 clients.");
    for (name, description) in [("error", error), ("error_description", description)] {
        members.insert(name.to_owned(), json!({ "type": "string", "description": description }));
    }
    let required: Vec<&String> = members.keys().filter(|name| *name != "errors").collect();
    json!({
        "type": "object",
        "description": both("Ett problem vid tokenadresserna.", "A problem at the token endpoints."),
        "required": required,
        "properties": members,
        "additionalProperties": true,
    })
}

fn problem_members() -> Object {
    let faults = json!({ "type": "array", "items": { "$ref": "#/components/schemas/ProblemFault" } });
    let members = [
        (
            "type",
            json!({ "type": "string", "format": "uri" }),
            both("Adress som förklarar problemet.", "Address that explains the problem."),
        ),
        ("title", json!({ "type": "string" }), both("Vad det är för problem.", "What problem it is.")),
        ("status", json!({ "type": "integer", "minimum": 400, "maximum": 599 }), "HTTP-status.".to_owned()),
        ("detail", json!({ "type": "string" }), both("Vad som gäller just här.", "What is particular here.")),
        (
            "instance",
            json!({ "type": "string", "format": "uri-reference" }),
            both("Det som anropades.", "What was called."),
        ),
        ("code", json!({ "type": "string" }), both("Stabil kod att lita på.", "Stable code to rely on.")),
        (
            "traceId",
            json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
            both("Ange den vid felanmälan.", "Give it when reporting a fault."),
        ),
        ("errors", faults, both("Alla fel på en gång.", "All faults at once.")),
    ];
    members
        .into_iter()
        .map(|(name, schema, description)| (name.to_owned(), described(schema, description)))
        .collect()
}

fn fault_schema() -> Value {
    let text = |sv: &str, en: &str| json!({ "type": "string", "description": both(sv, en) });
    json!({
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": text(
                "JSON-pekare, eller namnet på en parameter eller ett sidhuvud.",
                "JSON pointer, or the name of a parameter or header.",
            ),
            "code": text("Felets stabila kod.", "Stable code of the fault."),
            "detail": text("Vad som är fel och vad som vore rätt.", "What is wrong and what would be right."),
        },
    })
}

/// A schema with a description.
fn described(mut schema: Value, description: String) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), description.into());
    }
    schema
}

fn security_schemes() -> Value {
    let token = format!("{EXAMPLE_URL}{BASE_PATH}/oauth/token");
    let flow = json!({ "tokenUrl": token, "refreshUrl": token, "scopes": {} });
    let bearer =
        both("Åtkomsttoken, som gäller i fem minuter.", "Access token, which holds for five minutes.");
    let oauth2 = both(
        "Personer loggar in med password, system med clientCredentials.",
        "People log in with password, systems with clientCredentials.",
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
