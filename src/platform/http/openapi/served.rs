//! The document as it is served. It is collected and made when somebody first asks for it: a start does not wait
//! for it, and a process that is never asked does without its memory.

use std::io::Write as _;
use std::sync::OnceLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder as _, get, web};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::info;
use super::schemas::walk;
use super::write::{to_compact_json, to_yaml};
use crate::platform::context::EXAMPLE_URL;
use crate::platform::http::accept;
use crate::platform::http::answer::{Answer, JSON, PUBLIC_HOUR};
use crate::platform::http::parameters::Checked;
use crate::platform::problem::Problem;

/// How the document is made, and its texts once somebody has asked for them. Kept as app data.
pub struct Document {
    make: Box<dyn Fn() -> Result<Value, Problem> + Send + Sync>,
    public_url: String,
    made: OnceLock<Result<Texts, Problem>>,
}

struct Texts {
    json: Text,
    yaml: Text,
}

impl Document {
    /// `make` makes the document, which is served with the address of this installation.
    pub fn new(make: impl Fn() -> Result<Value, Problem> + Send + Sync + 'static, public_url: &str) -> Self {
        Self { make: Box::new(make), public_url: public_url.to_owned(), made: OnceLock::new() }
    }

    fn texts(&self) -> Result<&Texts, Problem> {
        self.made.get_or_init(|| self.make()).as_ref().map_err(Clone::clone)
    }

    fn make(&self) -> Result<Texts, Problem> {
        let document = for_server((self.make)()?, &self.public_url);
        Ok(Texts {
            json: Text::new("application/json", to_compact_json(&document)?)?,
            yaml: Text::new("application/yaml; charset=utf-8", to_yaml(&document)?)?,
        })
    }
}

/// The document with an installation's own address in place of the example.
fn for_server(mut document: Value, public_url: &str) -> Value {
    walk(&mut document, &mut |value| {
        if let Value::String(text) = value
            && text.contains(EXAMPLE_URL)
        {
            *text = text.replace(EXAMPLE_URL, public_url);
        }
    });
    if let Some(root) = document.as_object_mut() {
        root.insert("servers".to_owned(), info::server(public_url));
    }
    document
}

/// One text as it is sent: plain, or packed to a tenth for whoever can unpack it.
struct Text {
    media: &'static str,
    plain: Form,
    packed: Form,
}

struct Form {
    etag: Option<String>,
    bytes: Bytes,
}

impl Text {
    fn new(media: &'static str, text: String) -> Result<Self, Problem> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes()).map_err(Problem::internal)?;
        let packed = encoder.finish().map_err(Problem::internal)?;
        let tagged = kept(Some(text.clone()), None).tagged();
        // As every packed answer: its bytes are not those that the tag was made of.
        let packed_tag = tagged.etag.as_deref().map(|tag| format!("W/{tag}"));
        Ok(Self {
            media,
            plain: Form { etag: tagged.etag, bytes: text.into() },
            packed: Form { etag: packed_tag, bytes: packed.into() },
        })
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let is_packed = accept::takes_gzip(request.headers());
        let form = if is_packed { &self.packed } else { &self.plain };
        let mut response = kept(Some(String::new()), form.etag.clone()).respond_to(request);
        response
            .headers_mut()
            .insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Accept-Language"));
        if response.status() != 200 {
            return response;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
        if is_packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response.set_body(actix_web::body::BoxBody::new(form.bytes.clone()))
    }
}

/// An answer that may be kept for an hour.
fn kept(body: Option<String>, etag: Option<String>) -> Answer {
    Answer {
        media: JSON,
        status: 200,
        body,
        etag,
        location: None,
        is_replayed: false,
        cache_control: PUBLIC_HOUR,
        is_secret: false,
    }
}

fn document(request: &HttpRequest) -> Result<&web::Data<Document>, Problem> {
    request.app_data::<web::Data<Document>>().ok_or_else(|| Problem::internal("no OpenAPI document"))
}

/// Read the OpenAPI document as JSON
///
/// Hela specifikationen i OpenAPI 3.1, med denna installations adress. Kräver ingen inloggning.
///
/// The whole specification in OpenAPI 3.1, with the address of this installation. Needs no login.
#[utoipa::path(
    tag = "service",
    operation_id = "openapiJson",
    responses((
        status = 200,
        body = Object,
        content_type = "application/json",
        example = json!({"openapi": "3.1.0", "info": {"title": "samverkan", "version": "0.1.0"}, "paths": {}})
    ))
)]
#[get("/openapi.json")]
pub async fn openapi_json(_: Checked, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Ok(document(&request)?.texts()?.json.answer(&request))
}

/// Read the OpenAPI document as YAML
///
/// Samma specifikation som `/openapi.json`, men i YAML. Kräver ingen inloggning.
///
/// The same specification as `/openapi.json`, but in YAML. Needs no login.
#[utoipa::path(
    tag = "service",
    operation_id = "openapiYaml",
    responses((
        status = 200,
        body = String,
        content_type = "application/yaml",
        example = "openapi: \"3.1.0\"\ninfo:\n  title: samverkan\n  version: \"0.1.0\"\npaths: {}"
    ))
)]
#[get("/openapi.yaml")]
pub async fn openapi_yaml(_: Checked, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Ok(document(&request)?.texts()?.yaml.answer(&request))
}
