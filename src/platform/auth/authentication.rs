//! Turns the bearer token into a caller, for every request below the base path.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use crate::platform::auth::caller::Caller;
use crate::platform::auth::token::TokenFault;
use crate::platform::context::BASE_PATH;
use crate::platform::http::limits;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::services::Services;
use crate::platform::text::Localized;

/// Middleware: puts the caller into the request's extensions, or refuses an invalid token.
pub async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.headers().get_all(header::AUTHORIZATION).nth(1).is_some() {
        return limits::refuse(request, two_callers());
    }
    // Not below /oauth: a client may send its expired token along when it asks for a new one.
    let is_oauth = request.path().contains("/oauth/");
    if let Some(value) = request.headers().get(header::AUTHORIZATION).filter(|_| !is_oauth) {
        let services = Services::of(request.request())?;
        let bearer = str::from_utf8(value.as_bytes()).ok().and_then(|text| text.split_once(' '));
        let caller = match bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
            Some((_, token)) => caller_of_token(&services, token.trim()).await,
            None => Err(Problem::new(Code::Unauthenticated)),
        };
        match caller {
            Ok(caller) => request.extensions_mut().insert(caller),
            Err(problem) if problem.code == Code::Unauthenticated => return limits::refuse(request, problem),
            Err(problem) => return Err(problem.into()),
        };
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// A proxy and the program could each believe another of the two.
fn two_callers() -> Problem {
    let words = Localized::fixed("Ange sidhuvudet en gång.", "Give this header once.");
    Problem::new(Code::InvalidHeader).errors(vec![FieldError::new("Authorization", "repeated", words)])
}

async fn caller_of_token(services: &Services, token: &str) -> Result<Arc<Caller>, Problem> {
    let issuer = services.addresses.public_url.as_str();
    let audience = format!("{issuer}{BASE_PATH}");
    let keys = services.callers.key_ring().await?;
    let mut claims = keys.verify(token, issuer, &audience, services.clock.wall());
    if claims == Err(TokenFault::UnknownKey) {
        // Another process may have created the key a moment ago.
        let keys = services.callers.fresh_key_ring().await?;
        claims = keys.verify(token, issuer, &audience, services.clock.wall());
    }
    let claims = claims.map_err(|_| Problem::new(Code::Unauthenticated))?;
    services.callers.caller(claims).await
}
