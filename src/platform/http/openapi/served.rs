//! The document as it is served. It is collected and made when somebody first asks for it: a start does not wait
//! for it, and a process that is never asked does without its memory.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder as _, get, web};
use utoipa::openapi::OpenApi;

use super::{finish, for_server, to_json, to_yaml};
use crate::platform::auth::permit::ActionRow;
use crate::platform::http::address::Checked;
use crate::platform::http::answer::{Answer, PUBLIC_HOUR};
use crate::platform::http::problem::Problem;

/// What the document is made from, and its texts once somebody has asked for them. Kept as app data.
pub struct Document {
    collect: fn() -> OpenApi,
    actions: &'static [&'static ActionRow],
    public_url: String,
    made: OnceLock<Result<Texts, Problem>>,
}

struct Texts {
    json: Answer,
    yaml: Answer,
}

impl Document {
    /// From what utoipa will collect and the policy table.
    pub fn new(collect: fn() -> OpenApi, actions: &'static [&'static ActionRow], public_url: &str) -> Self {
        Self { collect, actions, public_url: public_url.to_owned(), made: OnceLock::new() }
    }

    fn texts(&self) -> Result<&Texts, Problem> {
        self.made.get_or_init(|| self.make()).as_ref().map_err(Clone::clone)
    }

    fn make(&self) -> Result<Texts, Problem> {
        let document = for_server(&finish(&(self.collect)(), self.actions)?, &self.public_url);
        Ok(Texts { json: answer(to_json(&document)?), yaml: answer(to_yaml(&document)) })
    }
}

fn answer(body: String) -> Answer {
    Answer {
        status: 200,
        body: Some(body),
        etag: None,
        location: None,
        is_replayed: false,
        cache_control: PUBLIC_HOUR,
    }
    .tagged()
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
    responses((
        status = 200,
        body = Object,
        content_type = "application/json",
        example = json!({"openapi": "3.1.0", "info": {"title": "samverkan", "version": "0.1.0"}, "paths": {}})
    ))
)]
#[get("/openapi.json")]
pub async fn openapi_json(_: Checked, request: HttpRequest) -> Result<Answer, Problem> {
    Ok(document(&request)?.texts()?.json.clone())
}

/// Read the OpenAPI document as YAML
///
/// Samma specifikation som `/openapi.json`, men i YAML. Kräver ingen inloggning.
///
/// The same specification as `/openapi.json`, but in YAML. Needs no login.
#[utoipa::path(
    tag = "service",
    responses((
        status = 200,
        body = String,
        content_type = "application/yaml",
        example = "openapi: \"3.1.0\"\ninfo:\n  title: samverkan\n  version: \"0.1.0\"\npaths: {}"
    ))
)]
#[get("/openapi.yaml")]
pub async fn openapi_yaml(_: Checked, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut response = document(&request)?.texts()?.yaml.clone().respond_to(&request);
    let yaml = header::HeaderValue::from_static("application/yaml; charset=utf-8");
    if response.headers().contains_key(header::CONTENT_TYPE) {
        response.headers_mut().insert(header::CONTENT_TYPE, yaml);
    }
    Ok(response)
}
