//! The outermost layer around every request. Before the others it finds out what they all need: trace id, language, the
//! client's address, the conditions in the headers. After them it writes refusals as problem documents, adds the headers
//! that every answer has, and leaves one log event and one measurement. Neither holds addresses or personal data: the
//! route's template stands for the path.

mod client;
mod headers;
pub mod oauth;
mod panic;
mod refusal;
mod trace;

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse, web};
use tracing::Instrument as _;

use crate::platform::http::answer::NO_STORE;
use crate::platform::http::deprecation::{self, DEPRECATED};
use crate::platform::http::fallback::Routes;
use crate::platform::http::metrics::Exchange;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use headers::RequestHeaders;
use refusal::Refused;

/// A page may load nothing and be framed by nobody: this is an API.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
/// Swagger UI comes from the program itself; it sets styles in its markup and has its icons in `data:` addresses.
const SWAGGER_UI: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                          img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                          form-action 'none'; frame-ancestors 'none'";

/// Middleware, wrapped around all others (`actix_web::middleware::from_fn`).
pub async fn observe(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let services = Services::of(request.request())?;
    let routes = request.app_data::<web::Data<Routes>>().cloned();
    // The length of the exchange, not a time of day: the Clock has nothing to do with it.
    let started = Instant::now();
    let (asked, faults) = RequestHeaders::of(&request, &services);
    let visit = Visit { asked, services, routes, started };
    if request.method() == Method::HEAD {
        // Whatever answers GET answers HEAD; actix leaves out the body when it writes to a HEAD request.
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(visit.asked.facts.clone());
    if let Some(faults) = faults {
        request.extensions_mut().insert(faults);
    }
    let span = tracing::info_span!("request", trace_id = %visit.asked.trace.id);
    let inner = async { next.call(request).await.map(ServiceResponse::map_into_boxed_body) };
    match panic::caught(inner).instrument(span).await {
        Ok(response) => {
            let route = response.request().match_pattern();
            let (request, response) = response.into_parts();
            Ok(ServiceResponse::new(request, visit.end(response, route)))
        }
        // A layer in between gave up and the request is gone with it: the answer travels on as an error.
        Err(error) => {
            let route = visit.routes.as_ref().and_then(|routes| routes.template(&visit.asked.facts.path));
            let route = route.map(str::to_owned);
            // Made by actix, so that layers that had their headers to add (CORS) have added them.
            let response = error.error_response();
            let problem = refusal::problem_of(&response, Some(&error));
            Err(Refused::from(visit.answer(response, problem, route)).into())
        }
    }
}

/// One request under observation.
struct Visit {
    asked: RequestHeaders,
    services: web::Data<Services>,
    routes: Option<web::Data<Routes>>,
    started: Instant,
}

impl Visit {
    fn end(&self, response: HttpResponse<BoxBody>, route: Option<String>) -> HttpResponse<BoxBody> {
        let problem = refusal::problem_of(&response, response.error());
        self.answer(response, problem, route)
    }

    fn answer(
        &self,
        response: HttpResponse<BoxBody>,
        problem: Option<Problem>,
        route: Option<String>,
    ) -> HttpResponse<BoxBody> {
        let mut answered = match &problem {
            Some(problem) => {
                refusal::written(response, problem, &self.asked, &self.services.addresses.public_url)
            }
            None => response,
        };
        let status = answered.status();
        self.add_headers(status, answered.headers_mut());
        let (method, public_url) = (&self.asked.method, self.services.addresses.public_url.as_str());
        if let Some(route) = &route {
            deprecation::add(DEPRECATED, method, route, public_url, answered.headers_mut());
        }
        self.record(status, problem.as_ref(), route);
        answered
    }

    /// The headers of every answer.
    fn add_headers(&self, status: StatusCode, headers: &mut HeaderMap) {
        let path = self.asked.facts.path.as_str();
        let is_docs = path == "/docs" || path.starts_with("/docs/");
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(HeaderName::from_static("traceparent"), &self.asked.trace.traceparent());
        set(header::CONTENT_LANGUAGE, self.asked.facts.language.tag());
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::CONTENT_SECURITY_POLICY, if is_docs { SWAGGER_UI } else { NOTHING });
        set(header::REFERRER_POLICY, "no-referrer");
        if self.services.addresses.public_url.starts_with("https://") {
            set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
        }
        if status == StatusCode::METHOD_NOT_ALLOWED && !headers.contains_key(header::ALLOW) {
            let allowed = self.routes.as_ref().and_then(|routes| routes.allow(path));
            if let Some(value) = allowed.and_then(|allowed| HeaderValue::from_str(&allowed).ok()) {
                headers.insert(header::ALLOW, value);
            }
        }
    }

    /// One log event and one measurement.
    fn record(&self, status: StatusCode, problem: Option<&Problem>, route: Option<String>) {
        let took = self.started.elapsed();
        let method = self.asked.method.as_str();
        let trace_id = self.asked.trace.id.as_str();
        let route = route.unwrap_or_else(|| "unmatched".to_owned());
        if let Some(internal) = problem.and_then(|problem| problem.internal.as_deref()) {
            tracing::error!(trace_id, method, route, internal, "request failed");
        }
        let (status, duration_ms) = (status.as_u16(), (took.as_secs_f64() * 1e6).round() / 1e3);
        // Probes ask every few seconds and would drown the rest.
        if matches!(route.as_str(), "/health/live" | "/health/ready" | "/metrics") {
            tracing::debug!(method, route, status, duration_ms, trace_id, "request");
        } else {
            let code = problem.map(|problem| problem.code.as_str());
            tracing::info!(method, route, status, duration_ms, trace_id, code, "request");
        }
        self.services.metrics.exchanged(Exchange { method, route, status, took });
    }
}
