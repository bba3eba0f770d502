//! Puts the areas together: `serve`, the demonstration and every test build the same application from here. One line per
//! area in each list.

use std::sync::Arc;

use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::identity::callers::StoredCallers;
use crate::platform::auth::authentication::Callers;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::codes::CodeList;
use crate::platform::config::{Config, DatabaseUrl};
use crate::platform::context::Addresses;
use crate::platform::db::{Database, Location, Options};
use crate::platform::hooks::Hooks;
use crate::platform::http::limits::Limits;
use crate::platform::http::metrics::Metrics;
use crate::platform::ids::Ids;
use crate::platform::jobs::{self, Job};
use crate::platform::outbox;
use crate::platform::services::Services;
use crate::{calls, goals, identity, oversight, programmes, reference, team, time};

/// Every area's operations, below `/api/v1`.
pub fn operations(cfg: &mut ServiceConfig) {
    identity::routes(cfg);
    reference::routes(cfg);
    programmes::routes(cfg);
    team::routes(cfg);
    time::routes(cfg);
    calls::routes(cfg);
    goals::routes(cfg);
    oversight::routes(cfg);
}

fn code_lists() -> Vec<&'static CodeList> {
    let areas = [
        identity::CODE_LISTS,
        reference::CODE_LISTS,
        programmes::CODE_LISTS,
        team::CODE_LISTS,
        time::CODE_LISTS,
        calls::CODE_LISTS,
        goals::CODE_LISTS,
        oversight::CODE_LISTS,
    ];
    areas.into_iter().flatten().collect()
}

/// What the clock does, in this order: programmes first, because the others follow their states; mail last.
fn all_jobs() -> Vec<Job> {
    let platform = [
        Job { name: "idempotencyKeys", run: jobs::forget_idempotency_keys },
        Job { name: "mail", run: outbox::send },
    ];
    let areas =
        [identity::JOBS, programmes::JOBS, team::JOBS, time::JOBS, calls::JOBS, goals::JOBS, oversight::JOBS];
    areas.into_iter().flatten().copied().chain(platform).collect()
}

fn all_hooks() -> Hooks {
    let mut hooks = Hooks::default();
    team::hooks(&mut hooks);
    time::hooks(&mut hooks);
    calls::hooks(&mut hooks);
    goals::hooks(&mut hooks);
    oversight::hooks(&mut hooks);
    hooks
}

/// What a process has, made from its settings, clock and randomness.
pub fn services(config: Config, clock: Clock, ids: Ids, password_cost: PasswordCost) -> web::Data<Services> {
    let location = match &config.database_url {
        DatabaseUrl::Sqlite(path) => Location::Sqlite(path.clone()),
        DatabaseUrl::Postgres(url) => Location::Postgres(url.clone()),
    };
    let database = Database::open(Options {
        location,
        connections: config.database_connections,
        wait: config.database_wait,
        write_limit: config.write_limit,
    });
    let addresses =
        Addresses { public_url: config.public_url.clone(), public_app_url: config.public_app_url.clone() };
    let hashing = tokio::sync::Semaphore::new(config.workers.max(1));
    web::Data::new(Services {
        database,
        clock,
        ids,
        hooks: Arc::new(all_hooks()),
        code_lists: code_lists(),
        jobs: all_jobs(),
        addresses: Arc::new(addresses),
        callers: Callers::new(Box::new(StoredCallers)),
        metrics: Metrics::default(),
        limits: Limits::of(&config),
        password_cost,
        hashing,
        config,
    })
}
