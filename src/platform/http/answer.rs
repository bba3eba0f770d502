//! Successful answers: one representation, a list, or nothing. They are built inside the transaction, so that the exact
//! bytes can be stored for an `Idempotency-Key`. `Problem` becomes an actix error here; `http::observe` writes its body.

use std::fmt::Display;

use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use serde::Serialize;
use twox_hash::XxHash3_64;
use utoipa::ToSchema;

use crate::platform::context::Context;
use crate::platform::http::compression::{Secret, Unsent};
use crate::platform::http::rel::Rel;
use crate::platform::problem::Problem;

/// A resource as the API shows it.
pub trait Representation: Serialize {
    /// Incremented by every change; the first part of the ETag.
    fn version(&self) -> i32;

    /// The resource's path below the base path.
    fn path(&self) -> String;
}

/// A link that a caller may follow next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Link {
    /// Absolute address.
    pub href: String,
    /// What the link leads to.
    #[schema(value_type = Rel)]
    pub rel: &'static str,
    /// The HTTP method to call it with.
    pub method: &'static str,
}

impl Link {
    /// A link to a path below the base path. Its address is left out when the context has no such link.
    pub fn new(ctx: &Context, method: &'static str, rel: &'static str, path: impl Display) -> Self {
        let href = if ctx.links.has(rel) { ctx.href(path) } else { String::new() };
        Self { href, rel, method }
    }

    /// A link to the representation itself.
    pub fn to_self(ctx: &Context, path: impl Display) -> Self {
        Self::new(ctx, "GET", "self", path)
    }
}

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its text: JSON, unless `media` says otherwise.
    pub body: Option<String>,
    /// The media type of the body.
    pub media: &'static str,
    /// Entity tag with its quotes.
    pub etag: Option<String>,
    /// Address of the created resource.
    pub location: Option<String>,
    /// Whether this is a replay of an earlier answer.
    pub is_replayed: bool,
    /// `Cache-Control`.
    pub cache_control: &'static str,
    /// Whether it has a token or a secret in it; see [`secret`](Self::secret).
    pub is_secret: bool,
}

/// The media type of nearly every answer.
pub const JSON: &str = "application/json";
/// The media type of drawings.
pub const SVG: &str = "image/svg+xml";
/// A client may store the answer but must revalidate it before reuse.
pub const REVALIDATE: &str = "private, no-cache";
/// Never stored.
pub const NO_STORE: &str = "no-store";
/// What every answer of the API depends on.
pub const VARY: &str = "Authorization, Accept-Language, Accept-Encoding";
/// Reference data that is the same for everybody.
pub const PUBLIC_HOUR: &str = "public, max-age=3600";

/// The usual size of a representation in bytes; allocating it at once avoids copies while the text grows.
pub(super) const USUAL_BYTES: usize = 2048;

impl Answer {
    fn new(status: u16, body: Option<String>) -> Self {
        Self {
            status,
            body,
            media: JSON,
            etag: None,
            location: None,
            is_replayed: false,
            cache_control: REVALIDATE,
            is_secret: false,
        }
    }

    /// 200 with a representation and its ETag.
    pub fn one<R: Representation>(representation: &R) -> Result<Self, Problem> {
        let mut answer = Self::json(representation)?;
        answer.tag(representation.version());
        Ok(answer)
    }

    /// 201 with a representation, its ETag and its address.
    pub fn created<R: Representation>(ctx: &Context, representation: &R) -> Result<Self, Problem> {
        let mut answer = Self::one(representation)?;
        answer.status = 201;
        answer.location = Some(ctx.href(representation.path()));
        Ok(answer)
    }

    /// 200 with any JSON and no version, such as a list or a result.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, Problem> {
        Self::sized(value, USUAL_BYTES)
    }

    /// Like [`json`](Self::json), with an estimate of the size of the answer.
    pub(super) fn sized<T: Serialize>(value: &T, bytes: usize) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(bytes);
        serde_json::to_writer(&mut body, value).map_err(Problem::internal)?;
        Ok(Self::new(200, Some(String::from_utf8(body).map_err(Problem::internal)?)))
    }

    /// 200 with a drawing.
    pub fn svg(drawing: String) -> Self {
        Self { media: SVG, ..Self::new(200, Some(drawing)) }
    }

    /// 202 with any JSON: accepted, to be done later.
    pub fn accepted<T: Serialize>(value: &T) -> Result<Self, Problem> {
        let mut answer = Self::json(value)?;
        answer.status = 202;
        Ok(answer)
    }

    /// 204.
    pub fn no_content() -> Self {
        Self::new(204, None)
    }

    /// With another `Cache-Control`.
    pub fn cached(mut self, cache_control: &'static str) -> Self {
        self.cache_control = cache_control;
        self
    }

    /// With a token or a secret in it: it is never stored, nor packed (see [`compression`](super::compression)).
    pub fn secret(mut self) -> Self {
        self.cache_control = NO_STORE;
        self.is_secret = true;
        self
    }

    /// With an ETag of the body alone, for lists and reference data.
    pub fn tagged(mut self) -> Self {
        self.tag(0);
        self
    }

    fn tag(&mut self, version: i32) {
        // The hash tells answers apart and protects nothing, so a fast one is enough: a page of a list is some 25 KB.
        let hash = XxHash3_64::oneshot(self.body.as_deref().unwrap_or_default().as_bytes());
        self.etag = Some(format!("\"{version}-{hash:016x}\""));
    }

    /// Whether the client has this answer already (`If-None-Match`), packed or not: tags are compared weakly.
    fn is_known_to(&self, request: &HttpRequest) -> bool {
        let Some(etag) = self.etag.as_deref().map(|etag| etag.trim_start_matches("W/")) else { return false };
        let seen = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        self.status == 200
            && seen.is_some_and(|tags| {
                tags.split(',')
                    .map(|tag| tag.trim().trim_start_matches("W/"))
                    .any(|tag| tag == etag || tag == "*")
            })
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let is_known = self.is_known_to(request);
        let status = if is_known { 304 } else { self.status };
        let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
        response.insert_header((header::CACHE_CONTROL, self.cache_control));
        response.insert_header((header::VARY, VARY));
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if self.is_replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if self.is_secret {
            response.extensions_mut().insert(Secret);
        }
        match self.body {
            Some(body) if is_known => {
                response.extensions_mut().insert(Unsent(body.len()));
                response.finish()
            }
            Some(body) => response.content_type(self.media).body(body),
            None => response.finish(),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Without a body: `http::observe` knows the language and the trace id, and writes it.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
