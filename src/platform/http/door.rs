//! The door of the demonstration: while its data is made, everybody else gets 503 for everything but `/health/live`. Those who
//! make it know a secret that only this process has.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;

/// The header with the secret.
pub const SECRET: &str = "x-samverkan-door";

/// After so many seconds the data may be whole.
const TRY_AGAIN: u64 = 2;

/// Open, unless it was shut.
#[derive(Debug, Default)]
pub struct Door {
    is_shut: AtomicBool,
    secret: OnceLock<String>,
}

impl Door {
    /// Shuts it for all who do not know the secret.
    pub fn shut(&self, secret: &str) {
        self.is_shut.store(self.secret.set(secret.to_owned()).is_ok(), Ordering::SeqCst);
    }

    /// Opens it for all.
    pub fn open(&self) {
        self.is_shut.store(false, Ordering::SeqCst);
    }

    fn admits(&self, request: &ServiceRequest) -> bool {
        !self.is_shut.load(Ordering::SeqCst)
            || request.path() == "/health/live"
            || request.headers().get(SECRET).map(|given| given.as_bytes())
                == self.secret.get().map(String::as_bytes)
    }
}

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
