//! Writes refusals as problem documents, whether a handler, a middleware layer or actix refused the request.

use std::fmt;

use actix_cors::CorsError;
use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::error::QueryPayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse, ResponseError};

use super::headers::RequestHeaders;
use super::oauth;
use crate::platform::http::answer::{NO_STORE, VARY};
use crate::platform::http::pages::Shown;
use crate::platform::problem::{Code, Problem};

const PROBLEM_JSON: &str = "application/problem+json";

/// The problem of a response; none if it is not a refusal, or already has a problem document.
pub fn problem_of<B>(response: &HttpResponse<B>, error: Option<&Error>) -> Option<Problem> {
    if let Some(problem) = error.and_then(|error| error.as_error::<Problem>()) {
        return Some(problem.clone());
    }
    if let Some(Shown(problem)) = response.extensions().get::<Shown>() {
        return Some(problem.clone());
    }
    if error.is_some_and(|error| error.as_error::<QueryPayloadError>().is_some()) {
        return Some(Problem::new(Code::InvalidQuery));
    }
    if let Some(error) = error.and_then(|error| error.as_error::<CorsError>()) {
        return Some(Problem::new(code_for_cors(error)));
    }
    let status = response.status();
    let media = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if status.as_u16() < 400 || media.is_some_and(|media| media.starts_with(PROBLEM_JSON.as_bytes())) {
        return None;
    }
    let mut problem = Problem::new(code_for(status));
    if problem.code == Code::InternalError {
        problem.internal = Some(error.map_or_else(|| status.to_string(), Error::to_string));
    }
    Some(problem)
}

/// The code for a refused CORS request.
fn code_for_cors(error: &CorsError) -> Code {
    match error {
        CorsError::OriginNotAllowed => Code::OriginNotAllowed,
        CorsError::MethodNotAllowed => Code::MethodNotAllowed,
        _ => Code::InvalidHeader,
    }
}

/// The code for a refusal made by actix.
fn code_for(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::BodyTooSlow,
        412 => Code::VersionMismatch,
        413 => Code::BodyTooLarge,
        415 => Code::UnsupportedMediaType,
        429 => Code::TooManyRequests,
        503 => Code::Overloaded,
        400..=499 => Code::InvalidBody,
        _ => Code::InternalError,
    }
}

/// The response with the problem document as its body. Headers that layers have added are kept.
pub fn written<B>(
    response: HttpResponse<B>,
    problem: &Problem,
    request: &RequestHeaders,
    public_url: &str,
) -> HttpResponse<BoxBody> {
    let facts = &request.facts;
    let is_oauth = oauth::is_endpoint(&facts.path);
    let mut document = problem.document(facts.language, public_url, &facts.path, &facts.trace_id);
    if is_oauth {
        oauth::add_members(&mut document, problem);
    }
    let media = if is_oauth && !request.wants_problem_json { "application/json" } else { PROBLEM_JSON };
    let (mut head, _) = response.into_parts();
    *head.status_mut() = problem.status_code();
    let headers = head.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
    vary(headers);
    for of_success in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::ETAG] {
        headers.remove(of_success);
    }
    if let Some(seconds) = problem.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    challenge(headers, problem, request.scheme.as_deref(), is_oauth);
    head.set_body(BoxBody::new(document.to_string()))
}

/// `Vary` of a problem document, in addition to what layers have set (CORS varies by origin).
fn vary(headers: &mut HeaderMap) {
    let present = headers.get_all(header::VARY).filter_map(|value| value.to_str().ok());
    let all = std::iter::once(VARY).chain(present).collect::<Vec<_>>().join(", ");
    if let Ok(value) = HeaderValue::from_str(&all) {
        headers.insert(header::VARY, value);
    }
}

/// `WWW-Authenticate` of a 401 (RFC 6750 §3, RFC 6749 §5.2). A token endpoint asks for Basic only when Basic was sent: a
/// browser would ask its user for a password that nobody has.
fn challenge(headers: &mut HeaderMap, problem: &Problem, scheme: Option<&str>, is_oauth: bool) {
    if problem.code.status() != 401 {
        return;
    }
    let challenge = match scheme {
        Some("basic") if is_oauth => "Basic realm=\"samverkan\", charset=\"UTF-8\"",
        Some("bearer") => "Bearer error=\"invalid_token\"",
        _ => "Bearer",
    };
    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
}

/// A finished refusal that passes through actix as an error, since the layer that failed has dropped the request.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl From<HttpResponse<BoxBody>> for Refused {
    fn from(response: HttpResponse<BoxBody>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.try_into_bytes().unwrap_or_default();
        Self { status: head.status(), headers: head.headers().clone(), body }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.status)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::with_body(self.status, BoxBody::new(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}
