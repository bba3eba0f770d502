//! The services of a process: database, clock, randomness, settings. `app.rs` creates them for `serve` and for every
//! test.

use std::sync::{Arc, OnceLock};

use actix_web::{HttpRequest, web};

use crate::platform::auth::callers::Callers;
use crate::platform::auth::password::PasswordCost;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::clock::Clock;
use crate::platform::codes::CodeList;
use crate::platform::config::Config;
use crate::platform::context::{Addresses, Context, ContextParts};
use crate::platform::hooks::Hooks;
use crate::platform::http::door::Door;
use crate::platform::http::kept_answers::KeptAnswers;
use crate::platform::http::limits::buckets::Limits;
use crate::platform::http::metrics::Metrics;
use crate::platform::http::readiness::Readiness;
use crate::platform::ids::Ids;
use crate::platform::problem::Problem;
use crate::platform::secrets::Secrets;
use crate::platform::tx::{Database, Rx, Tx};
use crate::platform::workers::Workers;

/// The services of a process.
pub struct Services {
    /// Whether this is the demonstration, whose clock can be moved.
    pub is_demonstration: bool,
    /// The database.
    pub database: Database,
    /// The only source of time.
    pub clock: Clock,
    /// The only source of randomness.
    pub ids: Ids,
    /// The settings.
    pub config: Config,
    /// What upper areas have registered.
    pub hooks: Arc<Hooks>,
    /// All code lists.
    pub code_lists: Vec<&'static CodeList>,
    /// Addresses for links.
    pub addresses: Arc<Addresses>,
    /// What seals texts that the database must not hold in clear.
    pub secrets: Arc<Secrets>,
    /// The parts of every context.
    pub context: ContextParts,
    /// The cache of callers and keys.
    pub callers: Callers,
    /// The metrics of `/metrics`.
    pub metrics: Metrics,
    /// Whether the database responds.
    pub readiness: Readiness,
    /// Who comes in while the data of a demonstration is made.
    pub door: Door,
    /// How much is kept for each caller's `Idempotency-Key`s.
    pub kept_answers: KeptAnswers,
    /// The rate limits.
    pub limits: Limits,
    /// The keys that sign records, when they have been read.
    pub record_keys: OnceLock<Arc<RecordKeys>>,
    /// The cost of hashing a password.
    pub password_cost: PasswordCost,
    /// Threads of their own for long computations.
    pub computing: Workers,
    /// The name of this process, for what only one process does at a time.
    pub process: Arc<str>,
    /// Limits how many passwords are hashed at once: each takes 19 MiB and a core for tens of milliseconds.
    pub hashing: tokio::sync::Semaphore,
}

impl Services {
    /// The services of the process that a request came to.
    pub fn of(request: &HttpRequest) -> Result<web::Data<Services>, Problem> {
        request.app_data::<web::Data<Services>>().cloned().ok_or_else(|| Problem::internal("no services"))
    }

    /// A new context in which the program itself acts.
    pub fn system(&self) -> Context {
        self.context.system()
    }

    /// For jobs: lists what may be due and takes every step of each that is due, each step in a transaction of its own.
    /// `step` checks again what is due, because the list may be out of date. It returns true only if it changed what
    /// made the step due, because it is then called again. Returns the number of steps.
    pub fn take_due_steps<T>(
        &self,
        list: impl Fn(&mut Rx<'_>) -> Result<Vec<T>, Problem>,
        step: impl Fn(&mut Tx<'_>, &T) -> Result<bool, Problem>,
    ) -> Result<usize, Problem> {
        let mut count = 0;
        for item in self.database.read_blocking(&self.system(), list)? {
            while self.database.write_blocking(&self.system(), |tx| step(tx, &item))? {
                count += 1;
            }
        }
        Ok(count)
    }
}
