//! What operations share: the problem's schema, an example for every code, login.

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
pub fn all(mut schemas: Object) -> Object {
    schemas.insert("Problem".to_owned(), problem_schema());
    schemas.insert("ProblemFault".to_owned(), fault_schema());
    schemas.insert("TokenProblem".to_owned(), token_problem_schema());
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
    let description = text("detail i ASCII, för OAuth2-klienter.", "detail in ASCII, for OAuth2 clients.");
    members.insert("error".to_owned(), text("Felet enligt RFC 6749.", "The error as RFC 6749 names it."));
    members.insert("error_description".to_owned(), description);
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
    let address = both("Adress som förklarar problemet.", "Address that explains the problem.");
    let called = both("Det som anropades.", "What was called.");
    let trace = both("Ange den vid felanmälan.", "Give it when reporting a fault.");
    let faults = json!({ "$ref": "#/components/schemas/ProblemFault" });
    let all_faults = both("Alla fel på en gång.", "All faults at once.");
    let members = [
        ("type", json!({ "type": "string", "format": "uri", "description": address })),
        ("title", text("Vad det är för problem.", "What problem it is.")),
        (
            "status",
            json!({ "type": "integer", "minimum": 400, "maximum": 599, "description": "HTTP-status." }),
        ),
        ("detail", text("Vad som gäller just här.", "What is particular here.")),
        ("instance", json!({ "type": "string", "format": "uri-reference", "description": called })),
        ("code", text("Stabil kod att lita på.", "Stable code to rely on.")),
        ("traceId", json!({ "type": "string", "pattern": "^[0-9a-f]{32}$", "description": trace })),
        ("errors", json!({ "type": "array", "items": faults, "description": all_faults })),
    ];
    members.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn text(sv: &str, en: &str) -> Value {
    json!({ "type": "string", "description": both(sv, en) })
}

fn fault_schema() -> Value {
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
