//! Checks of the query parameters and the headers of a request (400), after 401, 403 and 404 and before the body is
//! read. The known parameters of an operation come from the OpenAPI document, so that there is no second list.
//! Extractors that read parameters get them from [`parse`], which bounds their number and length.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use percent_encoding::percent_decode_str;

use super::fallback::Routes;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::{Localized, ParseError, composed};

/// The most parameters of a request.
const MAX_PARAMETERS: usize = 100;
/// The most characters of a value.
const MAX_LENGTH: usize = 200;
/// The most characters of a value that consists of several: `cursor`, `fields`.
const MAX_LIST_LENGTH: usize = 8_000;

/// The invalid headers of a request, kept with it until the headers are checked.
#[derive(Clone, Debug)]
pub struct HeaderErrors(pub Problem);

/// Refuses invalid headers.
pub fn check_headers(request: &HttpRequest) -> Result<(), Problem> {
    match request.extensions().get::<HeaderErrors>() {
        Some(errors) => Err(errors.0.clone()),
        None => Ok(()),
    }
}

/// Refuses invalid headers, and parameters that the operation does not have.
pub fn check(request: &HttpRequest) -> Result<(), Problem> {
    check_headers(request)?;
    if request.query_string().is_empty() {
        return Ok(());
    }
    let routes = request.app_data::<web::Data<Routes>>();
    let known = routes.and_then(|routes| routes.parameters(request.method(), &request.match_pattern()?));
    let Some(known) = known else { return Ok(()) };
    let mut errors = Vec::new();
    let sent = parse(request.query_string(), &mut errors);
    let is_unknown = |name: &String| !known.contains(name);
    errors.extend(sent.into_iter().map(|(name, _)| name).filter(is_unknown).map(|name| unknown(name, known)));
    Code::InvalidQuery.refuse_any(errors)
}

/// The error of a parameter that is not one of `known`.
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

/// The error of a value that cannot be parsed, with the reason.
pub fn wrong_value(name: &str, wrong: &ParseError) -> FieldError {
    let words = Localized::new(
        format!("Värdet godtas inte: {}.", wrong.0.sv),
        format!("The value is not accepted: {}.", wrong.0.en),
    );
    FieldError::new(name, "invalidValue", words)
}

/// The parameters of a query string, decoded. A value that is too long, contains control characters or is not UTF-8 is
/// an error; with too many parameters, nothing is read.
pub fn parse(query: &str, errors: &mut Vec<FieldError>) -> Vec<(String, String)> {
    let parts: Vec<&str> =
        query.split('&').filter(|part| !part.is_empty()).take(MAX_PARAMETERS + 1).collect();
    if parts.len() > MAX_PARAMETERS {
        let words = Localized::new(
            format!("Högst {MAX_PARAMETERS} parametrar."),
            format!("At most {MAX_PARAMETERS} parameters."),
        );
        errors.push(FieldError::new("", "tooMany", words));
        return Vec::new();
    }
    let mut read = Vec::with_capacity(parts.len());
    for part in parts {
        // The parser replaces invalid UTF-8 by U+FFFD, so the bytes of each parameter are checked below.
        let Some((name, value)) = form_urlencoded::parse(part.as_bytes()).next() else { continue };
        let value = composed(&value);
        let most = if matches!(name.as_ref(), "cursor" | "fields") { MAX_LIST_LENGTH } else { MAX_LENGTH };
        if percent_decode_str(part).decode_utf8().is_err() {
            let words = Localized::fixed("Ska vara UTF-8.", "Must be UTF-8.");
            errors.push(FieldError::new(name, "notUtf8", words));
        } else if value.chars().any(char::is_control) {
            let words = Localized::fixed("Styrtecken godtas inte.", "Control characters are not accepted.");
            errors.push(FieldError::new(name, "invalidValue", words));
        } else if value.chars().count() > most {
            let words =
                Localized::new(format!("Högst {most} tecken."), format!("At most {most} characters."));
            errors.push(FieldError::new(name, "tooLong", words));
        } else {
            read.push((name.into_owned(), value.into_owned()));
        }
    }
    read
}

/// An error for each single-valued parameter that is repeated.
pub fn refuse_repeated(
    sent: &[(String, String)],
    is_single: impl Fn(&str) -> bool,
    errors: &mut Vec<FieldError>,
) {
    for (index, (name, _)) in sent.iter().enumerate().filter(|(_, (name, _))| is_single(name)) {
        // Reported once, at the second occurrence.
        if sent.iter().take(index).filter(|(earlier, _)| earlier == name).count() == 1 {
            let words =
                Localized::fixed("Parametern får bara stå en gång.", "The parameter may stand only once.");
            errors.push(FieldError::new(name, "repeated", words));
        }
    }
}

/// Checks the headers and then reads the parameters of an operation with a parser of its own.
pub fn read<T>(
    request: &HttpRequest,
    read: impl FnOnce(&HttpRequest) -> Result<T, Problem>,
) -> Result<T, Problem> {
    check_headers(request)?;
    read(request)
}

/// The first argument of a handler without a permit: checks the headers and the parameters.
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

    fn errors(query: &str) -> Vec<(String, &'static str)> {
        let mut errors = Vec::new();
        let sent = parse(query, &mut errors);
        refuse_repeated(&sent, |name| name != "many", &mut errors);
        errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn number_length_and_characters_are_bounded() {
        assert!(errors(&format!("a={}", "x".repeat(200))).is_empty());
        assert_eq!(errors(&format!("a={}", "å".repeat(201))), [("a".to_owned(), "tooLong")]);
        assert!(errors(&format!("cursor={}", "x".repeat(8_000))).is_empty());
        assert_eq!(errors("a=%00&b=x%0Ay&c=1").len(), 2);
        assert_eq!(errors("&&a=%C3%A5&b=%EF%BF%BD&c=%zz&=&d"), []);
        assert_eq!(errors("a=%C3&b=1"), [("a".to_owned(), "notUtf8")]);
        assert!(errors(&"many=1&".repeat(100)).is_empty());
        assert_eq!(errors(&"many=1&".repeat(30_000)), [(String::new(), "tooMany")]);
    }

    #[test]
    fn values_are_composed() {
        assert_eq!(parse("q=O%CC%88berg", &mut Vec::new()), [("q".to_owned(), "Öberg".to_owned())]);
    }

    #[test]
    fn a_repeated_single_valued_parameter_is_reported_once() {
        assert_eq!(errors("page=1&many=1&many=2&page=2&page=3"), [("page".to_owned(), "repeated")]);
    }
}
