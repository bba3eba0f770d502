//! What a process has: database, clock, randomness, settings. Made once in `app.rs`, the same for `serve` and every test.

use std::sync::Arc;

use actix_web::{HttpRequest, web};

use crate::platform::auth::callers::Callers;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::codes::CodeList;
use crate::platform::config::Config;
use crate::platform::context::{Addresses, Context};
use crate::platform::hooks::Hooks;
use crate::platform::http::limits::buckets::Limits;
use crate::platform::http::metrics::Metrics;
use crate::platform::ids::Ids;
use crate::platform::problem::Problem;
use crate::platform::tx::Database;

/// What a process has.
pub struct Services {
    /// Whether this is the demonstration, whose clock can be moved.
    pub is_demonstration: bool,
    /// The database behind its two doors.
    pub database: Database,
    /// The one source of time.
    pub clock: Clock,
    /// The one source of randomness.
    pub ids: Ids,
    /// The settings.
    pub config: Config,
    /// What lower areas set off above themselves.
    pub hooks: Arc<Hooks>,
    /// Every closed list of codes.
    pub code_lists: Vec<&'static CodeList>,
    /// Addresses for links.
    pub addresses: Arc<Addresses>,
    /// Who calls.
    pub callers: Callers,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// How often somebody may call.
    pub limits: Limits,
    /// How slow a password's hash is made.
    pub password_cost: PasswordCost,
    /// How many passwords are hashed at once: each takes 19 MiB and a core for some tens of milliseconds.
    pub hashing: tokio::sync::Semaphore,
}

impl Services {
    /// The services of the process that a request came to.
    pub fn of(request: &HttpRequest) -> Result<web::Data<Services>, Problem> {
        request.app_data::<web::Data<Services>>().cloned().ok_or_else(|| Problem::internal("no services"))
    }

    /// The program itself as caller.
    pub fn system(&self) -> Context {
        Context::system(&self.clock, &self.ids, &self.addresses, &self.hooks)
    }
}
