//! Stands at the [`Door`](super::door::Door) of the demonstration.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;

/// After so many seconds the data may be whole.
const TRY_AGAIN: u64 = 2;

/// Middleware: 503 with `Retry-After` while the door is shut.
pub async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if Services::of(request.request())?.door.admits(&request) {
        return next.call(request).await;
    }
    let shut = Problem::new(Code::Overloaded).retry_after(TRY_AGAIN);
    Err(shut
        .detail(
            "Visningens data skapas; försök igen strax.",
            "The demonstration's data is being made; try again shortly.",
        )
        .into())
}
