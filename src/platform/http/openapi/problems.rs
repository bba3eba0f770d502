//! The schemas of problems: one for all of them, and one for each code, with the members that it brings. An answer names
//! those that it can hold, so that a client's author can tell them apart by `code` and then knows their members.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::components::both;
use super::schemas::FOLDER;
use super::{Object, Place};
use crate::platform::http::observe::oauth;
use crate::platform::problem::Code;

/// A member that a problem may have beside the common ones.
type Member = (&'static str, fn() -> Value);

/// What a problem with this code tells further. The tests hold every answer against it.
const fn members(code: Code) -> &'static [Member] {
    match code {
        Code::TransitionNotAllowed => &[("currentStatus", status), ("allowedTransitions", transitions)],
        Code::StateConflict => &[
            ("currentStatus", status),
            ("timeReportId", time_report),
            ("timeWithoutEmployment", time_without_employment),
        ],
        Code::ReportSigned => &[("currentStatus", status), ("timeReportId", time_report)],
        Code::MonthClosed => &[("currentStatus", status), ("month", month), ("graceEndsAt", grace_ends_at)],
        Code::AlreadyExists => &[("participantId", participant), ("employmentId", employment)],
        Code::NotEnoughPlaces => &[("places", places), ("qualified", qualified), ("taken", taken)],
        Code::PoolChanged => &[("left", kommuner), ("joined", kommuner), ("changed", kommuner)],
        Code::TextChanged => &[
            ("sha256", sha256),
            ("statementVersion", statement_version),
            ("textSha256", text_sha256),
            ("textVersion", text_version),
        ],
        _ => &[],
    }
}

/// All schemas of problems. `token_codes` are those of the token endpoints.
pub fn schemas(token_codes: &BTreeSet<Code>) -> Object {
    let mut schemas = Object::new();
    schemas.insert("Problem".to_owned(), problem());
    schemas.insert("ProblemFault".to_owned(), fault());
    schemas.insert("TokenProblem".to_owned(), token_problem(token_codes));
    schemas.extend(Code::ALL.iter().map(|code| (name(*code), of_code(*code))));
    schemas
}

/// The schema of an answer that has one of these codes.
pub fn one_of(place: &Place<'_>, codes: &[Code]) -> Value {
    if place.is_oauth() {
        return reference("TokenProblem");
    }
    let mut all: Vec<Value> = codes.iter().map(|code| reference(&name(*code))).collect();
    match all.pop() {
        Some(only) if all.is_empty() => only,
        last => json!({ "oneOf": all.into_iter().chain(last).collect::<Vec<Value>>() }),
    }
}

/// What an address answers whatever its operation; a client that knows these too can tell all answers apart by `code`.
pub const ANYWHERE: [Code; 2] = [Code::MethodNotAllowed, Code::OriginNotAllowed];

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{FOLDER}{name}") })
}

/// `NotFoundProblem`.
fn name(code: Code) -> String {
    let code = code.as_str();
    let (first, rest) = code.split_at_checked(1).unwrap_or((code, ""));
    format!("{}{rest}Problem", first.to_uppercase())
}

fn of_code(code: Code) -> Value {
    let title = code.title();
    let own = json!({ "type": "string", "enum": [code.as_str()] });
    let mut properties = Object::new();
    properties.insert("code".to_owned(), own);
    properties.extend(members(code).iter().map(|(name, schema)| ((*name).to_owned(), schema())));
    let mut required = vec!["code"];
    if code == Code::TransitionNotAllowed {
        required.extend(["currentStatus", "allowedTransitions"]);
    }
    json!({
        "description": both(title.sv.as_ref(), title.en.as_ref()),
        "allOf": [
            reference("Problem"),
            { "type": "object", "required": required, "properties": properties },
        ],
    })
}

fn problem() -> Value {
    let description =
        both("Ett problem enligt RFC 9457.", "A problem as RFC 9457 has it; some have further members.");
    json!({
        "type": "object",
        "description": description,
        "required": ["type", "title", "status", "detail", "instance", "code", "traceId"],
        "properties": common(),
    })
}

/// RFC 6749's members beside the problem's. The two endpoints share one type: clients go by `error`.
fn token_problem(codes: &BTreeSet<Code>) -> Value {
    let mut members = common();
    let codes = codes.iter().chain(&ANYWHERE);
    if let Some(code) = members.get_mut("code").and_then(Value::as_object_mut) {
        code.insert("enum".to_owned(), codes.map(|code| code.as_str()).collect());
    }
    let description = text("detail i ASCII, för OAuth2-klienter.", "detail in ASCII, for OAuth2 clients.");
    let mut error = text("Felet enligt RFC 6749.", "The error as RFC 6749 names it.");
    if let Some(error) = error.as_object_mut() {
        error.insert("enum".to_owned(), json!(oauth::ERRORS));
    }
    members.insert("error".to_owned(), error);
    members.insert("error_description".to_owned(), description);
    let required: Vec<&String> = members.keys().filter(|name| *name != "errors").collect();
    json!({
        "type": "object",
        "description": both("Ett problem vid tokenadresserna.", "A problem at the token endpoints."),
        "required": required,
        "properties": members,
    })
}

/// What every problem has; `errors` only where something is wrong with a part of the request.
fn common() -> Object {
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

fn fault() -> Value {
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

fn text(sv: &str, en: &str) -> Value {
    json!({ "type": "string", "description": both(sv, en) })
}

fn id(sv: &str, en: &str) -> Value {
    json!({ "type": "string", "format": "uuid", "description": both(sv, en) })
}

fn number(sv: &str, en: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": both(sv, en) })
}

fn status() -> Value {
    text("Tillståndet nu hos det som hindrar.", "The present state of what stands in the way.")
}

fn transitions() -> Value {
    json!({
        "type": "array",
        "description": both("Stegen som kan tas i stället.", "The steps that can be taken instead."),
        "items": reference("AllowedTransition"),
    })
}

fn time_report() -> Value {
    id("Tidrapporten som hindrar.", "The time report that stands in the way.")
}

fn time_without_employment() -> Value {
    json!({
        "type": "array",
        "description": both(
            "Tid som skulle ligga utanför personens anställningar, per dag.",
            "Time that would lie outside the person's employments, by day.",
        ),
        "items": {
            "type": "object",
            "required": ["workDate", "minutes"],
            "properties": {
                "workDate": { "type": "string", "format": "date", "example": "2021-04-20" },
                "minutes": number("Minuter.", "Minutes."),
            },
        },
    })
}

fn participant() -> Value {
    id("Medarbetaren som redan finns.", "The participant who exists already.")
}

fn employment() -> Value {
    id("Anställningen som redan finns.", "The employment that exists already.")
}

fn month() -> Value {
    let mut month = reference("Month");
    if let Some(month) = month.as_object_mut() {
        month.insert("description".to_owned(), json!(both("Månaden.", "The month.")));
    }
    month
}

fn grace_ends_at() -> Value {
    let mut instant = reference("Instant");
    if let Some(instant) = instant.as_object_mut() {
        let words = both("När månaden stängdes för ändringar.", "When the month closed for changes.");
        instant.insert("description".to_owned(), json!(words));
    }
    instant
}

fn kommuner() -> Value {
    let about = both("Kommunkoder.", "Kommunkoder.");
    json!({ "type": "array", "items": { "type": "string" }, "description": about })
}

fn places() -> Value {
    number("Programmets platser.", "The programme's places.")
}

fn qualified() -> Value {
    number("Kvalificerade anmälningar.", "Qualified applications.")
}

fn taken() -> Value {
    number("Tagna platser.", "Places that are taken.")
}

fn sha256() -> Value {
    text("Rapportens sha256 nu.", "The report's present sha256.")
}

fn statement_version() -> Value {
    text("Försäkrans version nu.", "The present version of the declaration.")
}

fn text_sha256() -> Value {
    text("Avsiktsförklaringens sha256 nu.", "The letter's present sha256.")
}

fn text_version() -> Value {
    number("Avsiktsförklaringens textversion nu.", "The letter's present text version.")
}
