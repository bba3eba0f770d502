//! The outermost layer around every request. Before the inner layers it reads what they need: trace id, language, the
//! client's address, the conditions in the headers. After them it writes refusals as problem documents, adds the headers
//! that every answer has, and records one log event and one measurement. Neither contains addresses or personal data:
//! the route's template is recorded instead of the path.

mod body;
pub mod client;
mod headers;
pub mod oauth;
mod panic;
mod refusal;
mod trace;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse, web};
use tracing::Instrument as _;

use crate::platform::context::BASE_PATH;
use crate::platform::http::answer::NO_STORE;
use crate::platform::http::compression::packed;
use crate::platform::http::connections::slices::sliced;
use crate::platform::http::connections::stream::Talk;
use crate::platform::http::fallback::Routes;
use crate::platform::http::metrics::Exchange;
use crate::platform::http::pages::{self, Shown};
use crate::platform::http::service::WITHDRAWAL;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use body::Body;
use headers::RequestHeaders;
use refusal::Refused;

/// Nothing may be loaded or framed: this is an API.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
/// Swagger UI is served by the program itself; it uses inline styles, and `data:` URLs for icons.
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
    // A duration is measured, so the Clock, which tells the time of day, is not used.
    let started = Instant::now();
    let (headers, errors) = RequestHeaders::of(&request, &services);
    let observed = Observed { request: headers, services, routes, started };
    let talk = request.conn_data::<Rc<Talk>>().cloned();
    if let Some(talk) = &talk {
        talk.begin();
    }
    let body = body::follow(&mut request);
    if request.method() == Method::HEAD {
        // The handler of GET also answers HEAD; actix leaves out the body when it answers a HEAD request.
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(Arc::clone(&observed.request.facts));
    if let Some(errors) = errors {
        request.extensions_mut().insert(errors);
    }
    let span = tracing::info_span!("request", trace_id = %observed.request.trace.id);
    let inner = async { next.call(request).await.map(ServiceResponse::map_into_boxed_body) };
    let done = panic::caught(inner).instrument(span).await;
    if let Some(talk) = &talk {
        talk.answered(body.and_then(Body::unread));
    }
    match done {
        Ok(response) => {
            let route = response.request().match_pattern();
            let (request, response) = response.into_parts();
            let problem = refusal::problem_of(&response, response.error());
            Ok(ServiceResponse::new(request, sliced(observed.answer(response, problem, route).await)))
        }
        // A layer in between failed and dropped the request: the answer is passed on as an error.
        Err(error) => {
            let routes = observed.routes.as_ref();
            let route = routes.and_then(|routes| routes.template(&observed.request.facts.path));
            let route = route.map(str::to_owned);
            // The response that actix makes has the headers that layers have added (CORS).
            let response = error.error_response();
            let problem = refusal::problem_of(&response, Some(&error));
            Err(Refused::from(observed.answer(response, problem, route).await).into())
        }
    }
}

/// A request while it is being answered.
struct Observed {
    request: RequestHeaders,
    services: web::Data<Services>,
    routes: Option<web::Data<Routes>>,
    started: Instant,
}

impl Observed {
    async fn answer(
        &self,
        response: HttpResponse<BoxBody>,
        problem: Option<Problem>,
        route: Option<String>,
    ) -> HttpResponse<BoxBody> {
        let is_page = self.routes.as_ref().is_some_and(|routes| routes.is_page(&self.request.facts.path));
        let mut answered = match &problem {
            Some(_) if response.extensions().contains::<Shown>() => response,
            Some(problem) if is_page => pages::refusal(response, problem, self.request.facts.language),
            Some(problem) => {
                refusal::written(response, problem, &self.request, &self.services.addresses.public_url)
            }
            None => response,
        };
        let status = answered.status();
        self.add_headers(status, answered.headers_mut());
        let answered = packed(answered, self.request.coding).await;
        self.record(status, problem.as_ref(), route);
        answered
    }

    /// The headers of every answer.
    fn add_headers(&self, status: StatusCode, headers: &mut HeaderMap) {
        let path = self.request.facts.path.as_str();
        announce(WITHDRAWAL, path, headers);
        let is_docs = path == "/docs" || path.starts_with("/docs/");
        if let Ok(traceparent) = HeaderValue::try_from(self.request.trace.traceparent()) {
            headers.insert(HeaderName::from_static("traceparent"), traceparent);
        }
        let mut set = |name: HeaderName, value: &'static str| {
            headers.insert(name, HeaderValue::from_static(value));
        };
        set(header::CONTENT_LANGUAGE, self.request.facts.language.tag());
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::REFERRER_POLICY, "no-referrer");
        if self.services.addresses.public_url.starts_with("https://") {
            set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
            let policy = HeaderValue::from_static(if is_docs { SWAGGER_UI } else { NOTHING });
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
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
        let method = self.request.method.as_str();
        let trace_id = self.request.trace.id.as_str();
        let route = route.unwrap_or_else(|| "unmatched".to_owned());
        if let Some(internal) = problem.and_then(|problem| problem.internal.as_deref()) {
            tracing::error!(trace_id, method, route, internal, "request failed");
        }
        let (status, duration_ms) = (status.as_u16(), (took.as_secs_f64() * 1e6).round() / 1e3);
        // Probes call every few seconds and would fill the log.
        if matches!(route.as_str(), "/health/live" | "/health/ready" | "/metrics") {
            tracing::debug!(method, route, status, duration_ms, trace_id, "request");
        } else {
            let code = problem.map(|problem| problem.code.as_str());
            tracing::info!(method, route, status, duration_ms, trace_id, code, "request");
        }
        self.services.metrics.exchanged(Exchange { method, route, status, took });
    }
}

/// Announces on the answers of the API that this version will be withdrawn.
fn announce(withdrawal: &[(&'static str, &'static str)], path: &str, headers: &mut HeaderMap) {
    for (name, value) in withdrawal.iter().filter(|_| path.starts_with(BASE_PATH)) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawal_is_announced_on_every_answer_of_the_api() {
        let withdrawal = [("deprecation", "@1803855600"), ("sunset", "Tue, 31 Aug 2027 22:00:00 GMT")];
        let announced = |path| {
            let mut headers = HeaderMap::new();
            announce(&withdrawal, path, &mut headers);
            headers
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect::<Vec<_>>()
        };
        let mut of_api = announced("/api/v1/kommuner");
        of_api.sort();
        assert_eq!(of_api, ["deprecation: @1803855600", "sunset: Tue, 31 Aug 2027 22:00:00 GMT"]);
        assert!(announced("/docs/").is_empty());
    }
}
