//! The door of the demonstration: while its data is made, everybody else gets 503 for everything but `/health/live`. Those who
//! make it know a secret that only this process has.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::ServiceRequest;

/// The header with the secret.
pub const SECRET: &str = "x-samverkan-door";

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

    /// Whether the request comes in.
    pub fn admits(&self, request: &ServiceRequest) -> bool {
        !self.is_shut.load(Ordering::SeqCst)
            || request.path() == "/health/live"
            || request.headers().get(SECRET).map(|given| given.as_bytes())
                == self.secret.get().map(String::as_bytes)
    }
}
