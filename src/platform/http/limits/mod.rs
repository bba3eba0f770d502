//! How often somebody may call: the middleware that counts each request against its bucket.

pub mod buckets;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use self::buckets::Key;
use crate::platform::auth::permit::caller_of;
use crate::platform::context::RequestFacts;
use crate::platform::problem::Problem;
use crate::platform::services::Services;

/// Middleware, inside authentication: counts the request, and refuses it when it is one too many.
pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let services = Services::of(request.request())?;
    let Some(standing) = services.limits.check(&who(&request)) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let mut response = match standing.refusal() {
        Some(problem) => request.error_response(problem),
        None => next.call(request).await?.map_into_boxed_body(),
    };
    standing.add_to(response.headers_mut());
    Ok(response)
}

/// The answer to somebody who is not let in: counted against the address, so that nobody can guess without end.
pub fn refuse(request: ServiceRequest, problem: Problem) -> Result<ServiceResponse<BoxBody>, Error> {
    let services = Services::of(request.request())?;
    let Some(standing) = services.limits.check(&who(&request)) else {
        return Ok(request.error_response(problem));
    };
    let mut response = request.error_response(standing.refusal().unwrap_or(problem));
    standing.add_to(response.headers_mut());
    Ok(response)
}

fn who(request: &ServiceRequest) -> Key {
    match caller_of(request.request()).id() {
        Some(id) => Key::Caller(id),
        None => {
            let address = request.extensions().get::<RequestFacts>().map(|facts| facts.address.clone());
            Key::Address(address.unwrap_or_default())
        }
    }
}
