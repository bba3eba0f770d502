//! The rate limit middleware: counts each request against the bucket of its caller or address.

pub mod buckets;

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use self::buckets::{BucketState, Key};
use crate::platform::auth::permit::caller_of;
use crate::platform::context::RequestFacts;
use crate::platform::problem::Problem;
use crate::platform::services::Services;

/// Middleware that runs after authentication: counts the request, and refuses it if its bucket is empty.
pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let services = Services::of(request.request())?;
    let state = services.limits.check(&key_of(&request));
    let mut response = match state.as_ref().and_then(BucketState::refusal) {
        Some(problem) => request.error_response(problem),
        None => next.call(request).await?.map_into_boxed_body(),
    };
    if let Some(state) = state {
        state.add_to(response.headers_mut());
    }
    Ok(response)
}

/// Refuses a request whose authentication failed. The request is counted against its address, so that guessing
/// credentials is rate limited.
pub fn refuse(request: ServiceRequest, problem: Problem) -> Result<ServiceResponse<BoxBody>, Error> {
    let services = Services::of(request.request())?;
    let state = services.limits.check(&key_of(&request));
    let refusal = state.as_ref().and_then(BucketState::refusal);
    let mut response = request.error_response(refusal.unwrap_or(problem));
    if let Some(state) = state {
        state.add_to(response.headers_mut());
    }
    Ok(response)
}

fn key_of(request: &ServiceRequest) -> Key {
    match caller_of(request.request()).id() {
        Some(id) => Key::Caller(id),
        None => {
            let address =
                request.extensions().get::<Arc<RequestFacts>>().map(|facts| facts.client_address.clone());
            Key::Address(address.unwrap_or_default())
        }
    }
}
