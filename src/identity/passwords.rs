//! Checks, hashes and verifies the passwords of requests. A worker thread computes the hashes, only a few at a time and never
//! inside a database transaction, because each hash takes 19 MiB and a core for some tens of milliseconds.

use std::time::Duration;

use actix_web::web;
use tokio::sync::SemaphorePermit;

use crate::platform::auth::password;
use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;

/// 422 with every reason why the password is too weak for the person with this address.
pub fn check_strength(password: &str, email: &str, pointer: &str) -> Result<(), Problem> {
    Code::InvalidInput.refuse_any(password::weaknesses(password, email, pointer))
}

/// How long a request waits for its turn to hash.
const WAIT: Duration = Duration::from_secs(5);

/// Waits for a turn to hash; 503 when it takes too long.
pub async fn turn(services: &Services) -> Result<SemaphorePermit<'_>, Problem> {
    match tokio::time::timeout(WAIT, services.hashing.acquire()).await {
        Ok(turn) => turn.map_err(Problem::internal),
        Err(_) => Err(Problem::new(Code::Overloaded).retry_after(5)),
    }
}

/// Hashes a password, which has been checked, for storage.
pub async fn hash(services: &web::Data<Services>, password: String) -> Result<String, Problem> {
    let _turn = turn(services).await?;
    let (ids, cost) = (services.ids.clone(), services.password_cost);
    let hash = web::block(move || password::hash(&password, &ids, cost)).await;
    hash.map_err(|_| Problem::internal("hashing was cancelled"))?
}

/// Whether the password has this hash. Without a hash the answer is no, after the same time. Take a [`turn`] before you call
/// this.
pub async fn verify(
    services: &web::Data<Services>,
    password: String,
    stored: Option<String>,
) -> Result<bool, Problem> {
    let cost = services.password_cost;
    let verified = web::block(move || match stored {
        Some(stored) => password::verify(&password, &stored),
        None => password::verify_against_nothing(&password, cost),
    });
    verified.await.map_err(|_| Problem::internal("hashing was cancelled"))
}
