//! The JSON body of a request: read up to a size limit ([`Body`]), parsed with all errors (`json`), checked against the
//! schema that OpenAPI publishes (`schema`), and then against the type's own rules in code (`rules`). Errors about
//! bounds are kept until the operation's rules have run, so that one answer has all errors (`errors`). The fields of a
//! PATCH are [`Field`] and [`Change`]; the items of a list whose rules are about more than one of them are [`Lenient`].
//!
//! A request type is declared once; its handlers repeat nothing:
//!
//! ```ignore
//! /// An expression of interest by a kommun.
//! #[derive(Deserialize, ToSchema, Validate)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! pub struct NewApplication {
//!     /// Contact person for the application.
//!     #[validate(nested)]
//!     pub contact_name: Name,
//!     /// E-mail address of the contact person.
//!     #[validate(nested)]
//!     pub contact_email: Email,
//!     /// Departments that take part.
//!     #[schema(min_items = 1, max_items = 20)]
//!     #[validate(nested)]
//!     pub departments: Vec<Department>,
//!     /// May be left out, or null.
//!     pub registered_on: Option<Day>,
//! }
//!
//! async fn create(
//!     InOrder((permit, body)): InOrder<(Permit<ApplicationCreate>, Body<NewApplication>)>,
//! ) -> Result<Answer, Problem> {
//!     let new = body.into_inner();
//!     // …
//! }
//! ```
//!
//! A value with a rule has its own type (`platform::values`). Other bounds that a schema can express belong in
//! `#[schema(..)]`, where clients see them; `#[validate(..)]` is for the rest: `nested`, and functions that return [`broken`] or [`broken_at`]. A list of a type parameter needs
//! `#[schema(inline)]`. Each variant of an enum needs its own `#[serde(rename_all = "camelCase")]`; utoipa does not
//! know `rename_all_fields`.

mod alternatives;
mod composed;
mod errors;
mod field;
mod json;
mod lenient;
mod rules;
mod schema;
mod syntax;
mod translate;

use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev, web};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::openapi::schema::{AdditionalProperties, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use validator::Validate;

use super::in_order::RequestPart;
use super::parameters;
use crate::platform::ids::hex;
use crate::platform::problem::{Code, FieldError, Problem};

pub use errors::BodyErrors;
pub use field::{Change, Field};
pub use json::parse;
pub use lenient::Lenient;
pub use rules::{broken, broken_at, validated};
pub use schema::{Read, check, compile};

/// The largest JSON body: 2 MiB.
pub const LIMIT: usize = 2 * 1024 * 1024;

/// How long reading a body may take.
const TIME: Duration = Duration::from_secs(30);

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// A type that can be read from a body. Every type that derives `ToSchema`, `Deserialize` and `Validate` implements it.
pub trait Input: ToSchema + DeserializeOwned + Validate + 'static {}

impl<T: ToSchema + DeserializeOwned + Validate + 'static> Input for T {}

/// The body of a request. Its values have the right types, but may still break bounds. The transaction refuses those
/// before anything is written, together with the errors that the operation's own rules find.
#[derive(Clone, Debug)]
pub struct Body<T> {
    value: T,
    errors: Vec<FieldError>,
}

impl<T> Body<T> {
    /// The value, for a handler that does all its work inside a transaction.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The value, for a handler that works outside a transaction; 422 with every bound that is broken.
    pub fn into_valid(self) -> Result<T, Problem> {
        Code::InvalidInput.refuse_any(self.errors)?;
        Ok(self.value)
    }
}

/// What is kept of the body with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyFacts {
    /// SHA-256 of the bytes as 64 hex digits, to tell a repeated request from another request with the same
    /// `Idempotency-Key`.
    pub hash: String,
    /// The number of bytes.
    pub length: usize,
}

impl BodyFacts {
    /// The facts of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { hash: hex(&Sha256::digest(bytes)), length: bytes.len() }
    }
}

impl<T: Input> RequestPart for Body<T> {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, payload: &mut dev::Payload) -> Result<Self, Problem> {
        let Read { value, errors, .. } = read::<T>(request, payload).await?;
        if errors.iter().any(errors::is_about_many_items) {
            return Err(Problem::new(Code::InvalidInput).errors(errors));
        }
        request.extensions_mut().insert(BodyErrors(errors.clone()));
        Ok(Self { value, errors })
    }
}

/// Reads a body: a value of the right shape, and the bounds and rules that it breaks.
pub async fn read<T: Input>(request: &HttpRequest, payload: &mut dev::Payload) -> Result<Read<T>, Problem> {
    let bytes = bytes(request, payload, false).await?;
    schema::read(parse(&bytes)?)
}

/// An object without members.
#[derive(Clone, Copy, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NoData {}

// Written by hand: utoipa's derive describes a struct without fields as null.
impl PartialSchema for NoData {
    fn schema() -> RefOr<Schema> {
        let none = Some(AdditionalProperties::FreeForm(false));
        ObjectBuilder::new().schema_type(Type::Object).additional_properties(none).into()
    }
}

impl ToSchema for NoData {
    fn name() -> Cow<'static, str> {
        "NoData".into()
    }
}

/// Instead of a [`Body`] for an operation without input (`request_body = Option<NoData>`): accepts no body, or an empty
/// object.
pub struct NoBody;

impl RequestPart for NoBody {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, payload: &mut dev::Payload) -> Result<Self, Problem> {
        let bytes = bytes(request, payload, true).await?;
        if bytes.is_empty() { Ok(Self) } else { check(parse(&bytes)?).map(|NoData {}| Self) }
    }
}

/// The body's bytes, read after the length, the media type, the other headers and the query parameters are checked.
async fn bytes(
    request: &HttpRequest,
    payload: &mut dev::Payload,
    may_be_empty: bool,
) -> Result<Bytes, Problem> {
    if declared_length(request).is_some_and(|length| length > LIMIT) {
        return Err(Problem::new(Code::BodyTooLarge));
    }
    refuse_encoding(request)?;
    // A chunked body may turn out to be empty, so a missing type is refused only when bytes have been read.
    let is_typed = request.headers().contains_key(header::CONTENT_TYPE);
    if is_typed || !may_be_empty {
        refuse_media_type(request)?;
    }
    parameters::check(request)?;
    let payload = web::Payload::from_request(request, payload).await.map_err(|_| cut_short())?;
    let bytes = in_time(whole(payload)).await?;
    if !bytes.is_empty() {
        refuse_media_type(request)?;
    }
    request.extensions_mut().insert(BodyFacts::of(&bytes));
    Ok(bytes)
}

fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// Refuses compressed bodies: a small one could expand to any size.
fn refuse_encoding(request: &HttpRequest) -> Result<(), Problem> {
    let plain = request.headers().get_all(header::CONTENT_ENCODING).all(|value| {
        value
            .to_str()
            .is_ok_and(|text| text.split(',').all(|coding| coding.trim().eq_ignore_ascii_case("identity")))
    });
    if plain {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType).detail(
        "Innehållet ska skickas okomprimerat, utan Content-Encoding",
        "Send the body uncompressed, without Content-Encoding",
    ))
}

fn refuse_media_type(request: &HttpRequest) -> Result<(), Problem> {
    let accepted: &[&str] = if request.method() == Method::PATCH { &[JSON, MERGE_PATCH] } else { &[JSON] };
    let mut types = request.headers().get_all(header::CONTENT_TYPE);
    let is_accepted = match (types.next(), types.next()) {
        (Some(single), None) => single.to_str().is_ok_and(|text| names_any(text, accepted)),
        // Neither a body nor a type: accepted here, so that the missing body is reported instead of the missing type.
        (None, _) => {
            declared_length(request).unwrap_or(0) == 0
                && !request.headers().contains_key(header::TRANSFER_ENCODING)
        }
        _ => false,
    };
    if is_accepted {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType).detail(
        format!("Content-Type ska vara {}, i UTF-8", accepted.join(" eller ")),
        format!("Content-Type must be {}, in UTF-8", accepted.join(" or ")),
    ))
}

/// Whether a `Content-Type` is one of the accepted types. RFC 8259 §8.1 allows no other charset than UTF-8.
fn names_any(content_type: &str, accepted: &[&str]) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    accepted.iter().any(|name| name.eq_ignore_ascii_case(essence))
        && parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
            !name.trim().eq_ignore_ascii_case("charset")
                || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

/// Reads to the end or to the limit, since a chunked body declares no length.
async fn whole(payload: web::Payload) -> Result<Bytes, Problem> {
    match payload.to_bytes_limited(LIMIT).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(cut_short()),
        Err(_) => Err(Problem::new(Code::BodyTooLarge)),
    }
}

/// Reads a body with a time limit, so that a client that sends only a byte now and then cannot hold a connection
/// forever.
pub async fn in_time<T>(read: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    within(TIME, read).await
}

async fn within<T>(time: Duration, read: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    tokio::time::timeout(time, read).await.unwrap_or_else(|_| Err(Problem::new(Code::BodyTooSlow)))
}

fn cut_short() -> Problem {
    Problem::new(Code::MalformedJson)
        .detail("Innehållet tog slut innan allt var mottaget", "The body ended before all of it was received")
}

#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod type_tests;
