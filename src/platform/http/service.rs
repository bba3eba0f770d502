//! Endpoints about the program itself: liveness, readiness, metrics, explanations of problem codes, version. They need
//! no login and reveal no personal data.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use diesel::RunQueryDsl as _;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::platform::context::EXAMPLE_URL;
use crate::platform::db::kept::Sql;
use crate::platform::http::accept;
use crate::platform::http::answer::{Answer, NO_STORE, PUBLIC_HOUR};
use crate::platform::http::metrics::CONTENT_TYPE;
use crate::platform::http::pages::{self, Further};
use crate::platform::http::parameters::Checked;
use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;
use crate::platform::text::{Language, Localized};
use crate::platform::tx::Rx;

/// The paths of [`probes`] and [`outside`], for [`Routes`](super::fallback::Routes).
pub const OUTSIDE: &[&str] = &["/", "/docs", "/health/live", "/health/ready", "/problems/{code}"];

/// The path of [`metrics`], which is on a listener of its own.
pub const METRICS: &str = "/metrics";

/// The release day of this version; changed together with the version in `Cargo.toml`.
const RELEASED: &str = "2026-11-24";

/// Versions that begin with 0 are alpha or beta (VER.11).
const STATUS: &str = "beta";

/// The headers with which every answer says that this version of the API will be withdrawn (VER.09); none while it is the
/// newest. For instance:
/// `("deprecation", "@1803855600")`, since when nobody should begin to use it (RFC 9745);
/// `("sunset", "Tue, 31 Aug 2027 22:00:00 GMT")`, from when it may be gone (RFC 8594);
/// `("link", "</api/v2>; rel=\"successor-version\"")`, what comes instead (RFC 5829).
pub const WITHDRAWAL: &[(&str, &str)] = &[];

/// Information about the API.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = ApiInfo::example)]
pub struct ApiInfo {
    /// Name of the API.
    pub api_name: &'static str,
    /// MAJOR.MINOR.PATCH.
    pub api_version: &'static str,
    /// The day when this version was released, YYYY-MM-DD.
    #[schema(format = Date)]
    pub api_released: &'static str,
    /// Address of the documentation.
    #[schema(format = "uri")]
    pub api_documentation: String,
    /// Status in the life cycle: alpha, beta, active, deprecated, retired or decommissioned.
    pub api_status: &'static str,
}

impl ApiInfo {
    /// The answer of a new installation.
    fn example() -> Value {
        json!(Self::of(EXAMPLE_URL))
    }

    fn of(public_url: &str) -> Self {
        Self {
            api_name: "samverkan",
            api_version: env!("CARGO_PKG_VERSION"),
            api_released: RELEASED,
            api_documentation: format!("{public_url}/docs/"),
            api_status: STATUS,
        }
    }
}

/// Read information about the API
///
/// Namn, version, utgivningsdag, dokumentation och tillstånd i livscykeln, enligt DIGG:s REST API-profil (VER.06 och
/// VER.07). Kräver ingen inloggning.
///
/// Name, version, release day, documentation and status in the life cycle, as DIGG's REST API profile requires
/// (VER.06 and VER.07). Needs no login.
#[utoipa::path(tag = "service", operation_id = "apiInfo", responses((status = 200, body = ApiInfo)))]
#[get("/api-info")]
pub async fn api_info(_: Checked, request: HttpRequest) -> Result<Answer, Problem> {
    let services = Services::of(&request)?;
    Ok(Answer::json(&ApiInfo::of(&services.addresses.public_url))?.cached(PUBLIC_HOUR).tagged())
}

/// 200 as long as the process responds.
async fn live() -> HttpResponse {
    status_of("{\"status\":\"live\"}")
}

/// 200 when the database responds.
async fn ready(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let services = Services::of(&request)?;
    services.readiness.asked(|| ping(&services)).await?;
    Ok(status_of("{\"status\":\"ready\"}"))
}

async fn ping(services: &Services) -> Result<(), Problem> {
    let ping = |rx: &mut Rx<'_>| Ok(Sql::<()>::new("SELECT 1").execute(rx.db).map(drop)?);
    services.database.read(services.system(), ping).await.map_err(not_ready)
}

/// Every failure of the database is a 503: a load balancer only needs to know that it should use another process.
fn not_ready(problem: Problem) -> Problem {
    let mut not_ready = Problem::new(Code::DatabaseUnavailable).retry_after(problem.retry_after.unwrap_or(2));
    not_ready.internal = Some(problem.to_string());
    not_ready
}

fn status_of(status: &'static str) -> HttpResponse {
    let no_store = (header::CACHE_CONTROL, NO_STORE);
    HttpResponse::Ok().insert_header(no_store).content_type("application/json").body(status)
}

/// The metrics, for Prometheus.
async fn metrics_text(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let services = Services::of(&request)?;
    let text = services.metrics.encode(services.database.queues())?;
    let no_store = (header::CACHE_CONTROL, NO_STORE);
    Ok(HttpResponse::Ok().insert_header(no_store).content_type(CONTENT_TYPE).body(text))
}

/// Explains a problem code: the page that the `type` of a problem leads to.
async fn problem(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::named(&name).ok_or_else(Problem::not_found)?;
    let language = pages::language_of(&request);
    let is_page = accept::prefers(request.headers(), "text/html", "application/json");
    let media = if is_page { "text/html; charset=utf-8" } else { "application/json" };
    let body = EXPLANATIONS.get(&(code, language, is_page)).cloned().unwrap_or_default();
    let mut response = HttpResponse::Ok().content_type(media).body(body);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(PUBLIC_HOUR));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    Ok(response)
}

/// Every explanation, by code, language and whether it is a page. They are made when somebody first asks for one, and all who
/// ask share the bytes.
static EXPLANATIONS: LazyLock<HashMap<(Code, Language, bool), Bytes>> = LazyLock::new(|| {
    let each =
        Code::ALL.iter().flat_map(|code| [Language::Sv, Language::En].map(|language| (*code, language)));
    each.flat_map(|(code, language)| {
        let texts = [explained(code, language).to_string(), page(code, language)];
        texts
            .into_iter()
            .zip([false, true])
            .map(move |(text, is_page)| ((code, language, is_page), text.into()))
    })
    .collect()
});

fn explained(code: Code, language: Language) -> Value {
    json!({
        "code": code.as_str(),
        "status": code.status(),
        "title": code.title().get(language),
        "help": code.help().get(language),
    })
}

/// A page in both languages, the reader's first; each section has its `lang`, so that a screen reader pronounces it
/// right.
fn page(code: Code, first: Language) -> String {
    let second = if first == Language::Sv { Language::En } else { Language::Sv };
    let tag = first.tag();
    let title = escaped(code.title().get(first));
    let (first, second) = (section(code, first), section(code, second));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} – samverkan</title>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <p><code>{}</code>, HTTP {}</p>\n{first}{second}</main>\n</body>\n</html>\n",
        code.as_str(),
        code.status(),
    )
}

fn section(code: Code, language: Language) -> String {
    let (title, help) = (escaped(code.title().get(language)), escaped(code.help().get(language)));
    let tag = language.tag();
    format!("<section lang=\"{tag}\">\n<h2>{title}</h2>\n<p>{help}</p>\n</section>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The entry points: as a page for a browser, else as JSON.
async fn root(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let services = Services::of(&request)?;
    let is_page = accept::prefers(request.headers(), "text/html", "application/json");
    let mut response = if is_page {
        pages::message(&pages::Place::of(&request), &TITLE, &[WHAT], ENTRY_POINTS)
    } else {
        let base = &services.addresses.public_url;
        HttpResponse::Ok().json(json!({
            "documentation": format!("{base}/docs/"),
            "openapi": format!("{base}/api/v1/openapi.json"),
            "apiInfo": format!("{base}/api/v1/api-info"),
            "health": format!("{base}/health/ready"),
        }))
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(PUBLIC_HOUR));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    Ok(response)
}

const TITLE: Localized = Localized::fixed("Här finns samverkan", "This is samverkan");

const WHAT: Localized = Localized::fixed(
    "Ett API för utvecklingsnätverket där kommuner samverkar med sociala företag. Det har inget eget användargränssnitt: \
     dokumentationen visar alla operationer, och du kan logga in och prova dem där.",
    "An API for the development network in which kommuner work with social enterprises. It has no user interface of its own: \
     the documentation shows all operations, and you can log in and try them there.",
);

const ENTRY_POINTS: &[Further] = &[
    Further::to("docs/", "Dokumentationen", "The documentation"),
    Further::to("api/v1/openapi.json", "OpenAPI-dokumentet", "The OpenAPI document"),
    Further::to("api/v1/api-info", "Version och status", "Version and status"),
    Further::to("health/ready", "Är tjänsten i drift?", "Is the service running?"),
    Further::to("forgotten-password", "Glömt lösenordet?", "Forgotten your password?"),
];

/// Redirects to `/docs/`, because Swagger UI loads its files by relative addresses.
async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, "docs/"))
        .insert_header((header::CACHE_CONTROL, PUBLIC_HOUR))
        .finish()
}

/// The endpoints for load balancers, outside the base path. They have no rate limit: all such requests come from one
/// address, and a process that refuses them is taken out of service. So they are cheap.
pub fn probes(cfg: &mut web::ServiceConfig) {
    cfg.route("/health/live", web::get().to(live)).route("/health/ready", web::get().to(ready));
}

/// The only endpoint of the listener for monitors. Metrics tell what others do, and clients must not see them.
pub fn metrics(cfg: &mut web::ServiceConfig) {
    cfg.route(METRICS, web::get().to(metrics_text));
}

/// The other routes outside the base path; they are not part of the API nor in its OpenAPI document.
pub fn outside(cfg: &mut web::ServiceConfig) {
    cfg.route("/", web::get().to(root))
        .route("/docs", web::get().to(docs))
        .route("/problems/{code}", web::get().to(problem));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_explained_in_the_readers_language_first() {
        assert_eq!(explained(Code::NotFound, Language::En)["title"], "Not found");
        let page = page(Code::NotFound, Language::En);
        assert!(
            page.contains("<html lang=\"en\">")
                && page.contains("<section lang=\"sv\">\n<h2>Finns inte</h2>")
        );
        assert!(page.find("lang=\"en\">\n<h2>") < page.find("lang=\"sv\">\n<h2>"));
    }

    #[test]
    fn text_is_escaped_in_the_page() {
        assert_eq!(escaped("<b> & \u{e5}"), "&lt;b&gt; &amp; å");
    }
}
