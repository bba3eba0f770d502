//! What is refused in the address and the headers of a request (400), after 401, 403 and 404 and before the body is
//! read. Parameters that an operation does not document are unknown; what is known comes from the OpenAPI document, so
//! that nobody keeps a second list. Extractors that read parameters get them from [`parameters`], bounded.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use percent_encoding::percent_decode_str;

use super::fallback::Routes;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::{Localized, ParseError};

/// At most so many parameters are read.
const MOST: usize = 100;
/// At most so many characters in a value.
const LONGEST: usize = 200;
/// At most so many where a value is put together of many: `cursor`, `fields`.
const LONGEST_LIST: usize = 8_000;

/// What could not be read in the headers, kept with the request until it is that stage's turn.
#[derive(Clone, Debug)]
pub struct HeaderFaults(pub Problem);

fn check_headers(request: &HttpRequest) -> Result<(), Problem> {
    match request.extensions().get::<HeaderFaults>() {
        Some(faults) => Err(faults.0.clone()),
        None => Ok(()),
    }
}

/// Refuses what is wrong in the headers, and parameters that the operation does not have.
pub fn check(request: &HttpRequest) -> Result<(), Problem> {
    check_headers(request)?;
    if request.query_string().is_empty() {
        return Ok(());
    }
    let routes = request.app_data::<web::Data<Routes>>();
    let known = routes.and_then(|routes| routes.parameters(request.method(), &request.match_pattern()?));
    let Some(known) = known else { return Ok(()) };
    let mut faults = Vec::new();
    let sent = parameters(request.query_string(), &mut faults);
    let is_unknown = |name: &String| !known.contains(name);
    faults.extend(sent.into_iter().map(|(name, _)| name).filter(is_unknown).map(|name| unknown(name, known)));
    Code::InvalidQuery.refuse_any(faults)
}

/// The fault of a parameter that is none of the known ones.
pub fn unknown(name: String, known: &[String]) -> FieldError {
    let words = if known.is_empty() {
        Localized::fixed("Okänd parameter; här finns inga.", "Unknown parameter; there are none here.")
    } else {
        let known = known.join(", ");
        Localized::new(
            format!("Okänd parameter; kända är {known}."),
            format!("Unknown parameter; known are {known}."),
        )
    };
    FieldError::new(name, "unknownParameter", words)
}

/// The fault of a value, with what is wrong with it.
pub fn wrong_value(name: &str, wrong: &ParseError) -> FieldError {
    let words = Localized::new(
        format!("Värdet godtas inte: {}.", wrong.0.sv),
        format!("The value is not accepted: {}.", wrong.0.en),
    );
    FieldError::new(name, "invalidValue", words)
}

/// The parameters of an address, decoded. Values that are too long, hold control characters or are not UTF-8 are faults, and
/// so is everything when there are too many.
pub fn parameters(query: &str, faults: &mut Vec<FieldError>) -> Vec<(String, String)> {
    let parts: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).take(MOST + 1).collect();
    if parts.len() > MOST {
        let words =
            Localized::new(format!("Högst {MOST} parametrar."), format!("At most {MOST} parameters."));
        faults.push(FieldError::new("", "tooMany", words));
        return Vec::new();
    }
    let mut read = Vec::with_capacity(parts.len());
    for part in parts {
        // Each by itself: put together they would be decoded with U+FFFD for what is not UTF-8.
        let Some((name, value)) = form_urlencoded::parse(part.as_bytes()).next() else { continue };
        let most = if matches!(name.as_ref(), "cursor" | "fields") { LONGEST_LIST } else { LONGEST };
        if percent_decode_str(part).decode_utf8().is_err() {
            let words = Localized::fixed("Ska vara UTF-8.", "Must be UTF-8.");
            faults.push(FieldError::new(name, "notUtf8", words));
        } else if value.chars().any(char::is_control) {
            let words = Localized::fixed("Styrtecken godtas inte.", "Control characters are not accepted.");
            faults.push(FieldError::new(name, "invalidValue", words));
        } else if value.chars().count() > most {
            let words =
                Localized::new(format!("Högst {most} tecken."), format!("At most {most} characters."));
            faults.push(FieldError::new(name, "tooLong", words));
        } else {
            read.push((name.into_owned(), value.into_owned()));
        }
    }
    read
}

/// A fault for each parameter that stands more than once although it has one value.
pub fn refuse_repeated(
    sent: &[(String, String)],
    is_single: impl Fn(&str) -> bool,
    faults: &mut Vec<FieldError>,
) {
    for (index, (name, _)) in sent.iter().enumerate().filter(|(_, (name, _))| is_single(name)) {
        // Named once, by its second.
        if sent.iter().take(index).filter(|(earlier, _)| earlier == name).count() == 1 {
            let words =
                Localized::fixed("Parametern får bara stå en gång.", "The parameter may stand only once.");
            faults.push(FieldError::new(name, "repeated", words));
        }
    }
}

/// Reads the parameters of an operation that has its own way to read them, after its headers have been checked.
pub fn read<T>(
    request: &HttpRequest,
    read: impl FnOnce(&HttpRequest) -> Result<T, Problem>,
) -> Result<T, Problem> {
    check_headers(request)?;
    read(request)
}

/// Stands first in a handler without a permit: its address and headers are checked all the same.
pub struct Checked;

impl FromRequest for Checked {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(check(request).map(|()| Self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(query: &str) -> Vec<(String, &'static str)> {
        let mut faults = Vec::new();
        let sent = parameters(query, &mut faults);
        refuse_repeated(&sent, |name| name != "many", &mut faults);
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn there_is_a_bound_to_everything() {
        assert!(faults(&format!("a={}", "x".repeat(200))).is_empty());
        assert_eq!(faults(&format!("a={}", "å".repeat(201))), [("a".to_owned(), "tooLong")]);
        assert!(faults(&format!("cursor={}", "x".repeat(8_000))).is_empty());
        assert_eq!(faults("a=%00&b=x%0Ay&c=1").len(), 2);
        assert_eq!(faults("&&a=%C3%A5&b=%EF%BF%BD&c=%zz&=&d"), []);
        assert_eq!(faults("a=%C3&b=1"), [("a".to_owned(), "notUtf8")]);
        assert!(faults(&"many=1&".repeat(100)).is_empty());
        assert_eq!(faults(&"many=1&".repeat(30_000)), [(String::new(), "tooMany")]);
    }

    #[test]
    fn what_has_one_value_stands_once() {
        assert_eq!(faults("page=1&many=1&many=2&page=2&page=3"), [("page".to_owned(), "repeated")]);
    }
}
