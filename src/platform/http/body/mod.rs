//! The JSON body of a request, from bytes to a value that a rule can use: read within its limit ([`Body`]), parsed
//! with every fault named (`json`), checked against the very schema that OpenAPI publishes (`schema`), and then
//! against the rules that the type states in code (`rules`). What breaks a bound is kept until the operation's own rules
//! have spoken, so that one answer names all that is wrong (`errors`). The fields of a PATCH are [`Field`] and [`Change`].
//!
//! A request type is declared once; nothing here is repeated in a handler:
//!
//! ```ignore
//! /// What a kommun sends to express interest.
//! #[derive(Deserialize, ToSchema, Validate)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! pub struct NewApplication {
//!     /// Who answers for the application.
//!     #[schema(min_length = 1, max_length = 200)]
//!     pub contact_name: String,
//!     /// Where to reach them.
//!     #[schema(format = "email", max_length = 254)]
//!     pub contact_email: String,
//!     /// Departments that take part.
//!     #[schema(min_items = 1, max_items = 20)]
//!     #[validate(nested)]
//!     pub departments: Vec<Department>,
//!     /// May be left out, or null.
//!     pub registered_on: Option<Day>,
//! }
//!
//! async fn create(permit: Permit<ApplicationCreate>, body: Body<NewApplication>) -> Result<Created, Problem> {
//!     let input = body.into_inner();
//!     // …
//! }
//! ```
//!
//! Bounds that a schema can state stand in `#[schema(..)]`, where clients read them too; `#[validate(..)]` is for
//! what it cannot: `nested`, and functions that answer [`broken`] or [`broken_at`]. A list of a type parameter takes
//! `#[schema(inline)]`; variants of an enum take their own `#[serde(rename_all = "camelCase")]`, which utoipa knows,
//! not `rename_all_fields`, which it does not.

mod alternatives;
mod errors;
mod faults;
mod field;
mod json;
mod rules;
mod schema;
mod syntax;

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

use super::address;
use super::in_order::Part;
use crate::platform::ids::hex;
use crate::platform::problem::{Code, FieldError, Problem};

pub use errors::BodyErrors;
pub use field::{Change, Field};
pub use json::parse;
pub use rules::{broken, broken_at, validated};
pub use schema::check;
pub(super) use schema::compile;

/// The most that a JSON body may hold: 2 MiB.
pub const LIMIT: usize = 2 * 1024 * 1024;

/// How long a body may take to come.
const TIME: Duration = Duration::from_secs(30);

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// What a type needs in order to be read from a body. Every type that derives the three has it.
pub trait Input: ToSchema + DeserializeOwned + Validate + 'static {}

impl<T: ToSchema + DeserializeOwned + Validate + 'static> Input for T {}

/// The body of a request as a value of the right shape. Values that break a bound are refused by the door to the database,
/// together with what the operation's own rules find; nothing is written before that.
#[derive(Clone, Debug)]
pub struct Body<T> {
    value: T,
    errors: Vec<FieldError>,
}

impl<T> Body<T> {
    /// The value, for a handler that does its whole work inside a door to the database.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The value, for a handler that works outside the doors; 422 with every bound that it breaks.
    pub fn into_valid(self) -> Result<T, Problem> {
        Code::InvalidInput.refuse_any(self.errors)?;
        Ok(self.value)
    }
}

/// SHA-256 of the body's bytes as 64 hex digits, kept with the request so that a repeated `Idempotency-Key` can be
/// told from one that is used again for something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyHash(pub String);

impl BodyHash {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }
}

impl<T: Input> Part for Body<T> {
    const CHECKS_ADDRESS: bool = true;

    async fn take(request: &HttpRequest, payload: &mut dev::Payload) -> Result<Self, Problem> {
        let bytes = bytes(request, payload, false).await?;
        let (value, errors) = schema::read(parse(&bytes)?)?;
        if errors.iter().any(errors::is_in_list) {
            return Err(Problem::new(Code::InvalidInput).errors(errors));
        }
        request.extensions_mut().insert(BodyErrors(errors.clone()));
        Ok(Self { value, errors })
    }
}

/// An object without members.
#[derive(Clone, Copy, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NoData {}

// Written by hand: utoipa's derive takes a struct without fields for null.
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

/// In the place of a [`Body`] where an operation takes nothing (`request_body = Option<NoData>`): no body, or an empty
/// object. Whatever else is sent is refused as everywhere.
pub struct NoBody;

impl Part for NoBody {
    const CHECKS_ADDRESS: bool = true;

    async fn take(request: &HttpRequest, payload: &mut dev::Payload) -> Result<Self, Problem> {
        let bytes = bytes(request, payload, true).await?;
        if bytes.is_empty() { Ok(Self) } else { check(parse(&bytes)?).map(|NoData {}| Self) }
    }
}

/// The body's bytes, when nothing is wrong with what announces them, with the headers and with the address.
async fn bytes(
    request: &HttpRequest,
    payload: &mut dev::Payload,
    may_be_empty: bool,
) -> Result<Bytes, Problem> {
    refuse_too_large(request)?;
    refuse_encoding(request)?;
    // A client may say that it sends in chunks and send none: then there is nothing whose type could be wrong.
    let is_typed = request.headers().contains_key(header::CONTENT_TYPE);
    if is_typed || !may_be_empty {
        refuse_media_type(request)?;
    }
    address::check(request)?;
    let payload = web::Payload::from_request(request, payload).await.map_err(|_| cut_short())?;
    let bytes = in_time(read(payload)).await?;
    if !bytes.is_empty() {
        refuse_media_type(request)?;
    }
    request.extensions_mut().insert(BodyHash::of(&bytes));
    Ok(bytes)
}

/// Refuses by the declared length, before anything is read.
fn refuse_too_large(request: &HttpRequest) -> Result<(), Problem> {
    match declared_length(request) {
        Some(length) if length > LIMIT => Err(Problem::new(Code::BodyTooLarge)),
        _ => Ok(()),
    }
}

fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// Compressed bodies are refused: a small one could unfold to any size.
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
    let mut given = request.headers().get_all(header::CONTENT_TYPE);
    let fits = match (given.next(), given.next()) {
        (Some(one), None) => one.to_str().is_ok_and(|text| is_accepted(text, accepted)),
        // Nothing sent and no type stated: the complaint is about what is missing, not about its type.
        (None, _) => {
            declared_length(request).unwrap_or(0) == 0
                && !request.headers().contains_key(header::TRANSFER_ENCODING)
        }
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType).detail(
        format!("Content-Type ska vara {}, i UTF-8", accepted.join(" eller ")),
        format!("Content-Type must be {}, in UTF-8", accepted.join(" or ")),
    ))
}

/// Whether a `Content-Type` names an accepted type. RFC 8259 §8.1 leaves no other charset than UTF-8.
fn is_accepted(content_type: &str, accepted: &[&str]) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    accepted.iter().any(|name| name.eq_ignore_ascii_case(essence))
        && parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
            !name.trim().eq_ignore_ascii_case("charset")
                || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

/// Reads to the end, or to the limit: a body sent in chunks declares no length.
async fn read(payload: web::Payload) -> Result<Bytes, Problem> {
    match payload.to_bytes_limited(LIMIT).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(cut_short()),
        Err(_) => Err(Problem::new(Code::BodyTooLarge)),
    }
}

/// What reading a body gives, unless it takes too long: whoever sends a byte now and then would hold a connection for
/// ever.
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
