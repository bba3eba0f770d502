//! Puts the areas together: `serve`, the demonstration and every test build the same application from here. One line per
//! area in each list.

use std::net::TcpListener;
use std::sync::{Arc, OnceLock};

use actix_cors::Cors;
use actix_server::{Server, ServerBuilder};
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, web};
use utoipa::openapi::path::Paths;
use utoipa_actix_web::AppExt as _;

use crate::demonstration::clock;
use crate::identity::callers::StoredCallers;
use crate::identity::keys;
use crate::oversight::audit_events;
use crate::platform::audit::AuditedType;
use crate::platform::audit::outside;
use crate::platform::audit::verification::verified::VerifiedType;
use crate::platform::auth::authentication::authenticate;
use crate::platform::auth::callers::Callers;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::composing;
use crate::platform::config::{Config, DatabaseUrl};
use crate::platform::context::{Addresses, BASE_PATH, ContextParts};
use crate::platform::db::Location;
use crate::platform::hooks::Hooks;
use crate::platform::http::connections::Connections;
use crate::platform::http::connections::listen::listen;
use crate::platform::http::door::Door;
use crate::platform::http::doorkeeper;
use crate::platform::http::fallback::{Routes, fallback};
use crate::platform::http::kept_answers::KeptAnswers;
use crate::platform::http::limits::buckets::Limits;
use crate::platform::http::limits::limit;
use crate::platform::http::metrics::Metrics;
use crate::platform::http::observe::observe;
use crate::platform::http::operations::{Operations, Served};
use crate::platform::http::pages::Page;
use crate::platform::http::readiness::Readiness;
use crate::platform::http::{openapi, service, swagger};
use crate::platform::ids::Ids;
use crate::platform::jobs::{self, Job, Runner};
use crate::platform::outbox;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::secrets::{KeySource, Secrets};
use crate::platform::services::Services;
use crate::platform::text::counted;
use crate::platform::tx::{Database, Options};
use crate::platform::workers::Workers;
use crate::platform::workflow::WorkflowTable;
use crate::{calls, goals, identity, oversight, programmes, reference, team, time};

/// The areas from the bottom. The clock follows this order too: programmes first, because the others follow their states.
const AREAS: &[&[Part]] = &[
    identity::PARTS,
    reference::PARTS,
    programmes::PARTS,
    team::PARTS,
    time::PARTS,
    calls::PARTS,
    goals::PARTS,
    oversight::PARTS,
];

fn parts() -> impl Iterator<Item = &'static Part> {
    AREAS.iter().copied().flatten()
}

/// Every area's operations, below the base path. The demonstration has one of its own.
fn operations(cfg: &mut Operations, is_demonstration: bool) {
    cfg.service(service::api_info).service(openapi::openapi_json).service(openapi::openapi_yaml);
    parts().for_each(|part| (part.routes)(cfg));
    if is_demonstration {
        clock::routes(cfg);
    }
}

/// The jobs of one process, mail last.
pub fn jobs(services: &web::Data<Services>) -> web::Data<Runner> {
    let platform = [
        Job { name: "idempotencyKeys", run: jobs::forget_idempotency_keys },
        Job { name: "sealedMail", run: outbox::seal_old },
        Job { name: "mail", run: outbox::send },
        Job { name: "oldMail", run: outbox::clear_old },
    ];
    let all = parts().flat_map(|part| part.jobs).copied().chain(platform).collect();
    web::Data::new(Runner::new(services.clone(), all))
}

/// Every area's pages, at the root.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    parts().flat_map(|part| part.pages)
}

/// Every resource's states and steps, in the order of the areas.
pub fn workflows() -> Vec<WorkflowTable> {
    parts().filter_map(|part| part.workflow).map(|table| table()).collect()
}

/// Every type of the audit trail, in the order of the areas.
pub fn audited() -> Vec<&'static AuditedType> {
    parts().flat_map(|part| part.verified).map(|known| &known.audited).collect()
}

/// The same types, with their rows.
pub fn verified() -> Vec<&'static VerifiedType> {
    parts().flat_map(|part| part.verified).collect()
}

/// Where the configured database is.
pub fn location(config: &Config) -> Location {
    match config.database() {
        DatabaseUrl::Sqlite(path) => Location::Sqlite(path),
        DatabaseUrl::Postgres(url) => Location::Postgres(url),
    }
}

/// What the demonstration has: cheap password hashes, because everybody knows the password, keys that its first start makes on
/// PostgreSQL, too, and the operation that moves its clock.
pub fn demonstration_services(config: Config, clock: Clock) -> web::Data<Services> {
    let key = config.secrets_key();
    let mut services = made(config, clock, Ids::system(), PasswordCost::CHEAP, KeySource::Made(key));
    services.is_demonstration = true;
    web::Data::new(services)
}

/// What a process has, made from its settings, clock and randomness.
pub fn services(config: Config, clock: Clock, ids: Ids, password_cost: PasswordCost) -> web::Data<Services> {
    let key = secrets_key(&config);
    web::Data::new(made(config, clock, ids, password_cost, key))
}

fn made(
    config: Config,
    clock: Clock,
    ids: Ids,
    password_cost: PasswordCost,
    secrets_key: KeySource,
) -> Services {
    let database = Database::open(Options {
        location: location(&config),
        connections: config.database_connections,
        wait: config.database_wait,
        write_limit: config.write_limit,
    });
    let addresses =
        Addresses { public_url: config.public_url.clone(), public_app_url: config.public_app_url.clone() };
    let addresses = Arc::new(addresses);
    let mut hooks = Hooks::default();
    parts().for_each(|part| (part.hooks)(&mut hooks));
    let hooks = Arc::new(hooks);
    let context = ContextParts {
        clock: clock.clone(),
        ids: ids.clone(),
        addresses: Arc::clone(&addresses),
        hooks: Arc::clone(&hooks),
        secrets: Arc::new(Secrets::new(secrets_key, ids.clone())),
        mails_per_hour: config.mails_per_hour,
    };
    let process = ids.id(clock.wall()).to_string().into();
    let hashing = tokio::sync::Semaphore::new(config.workers.max(1));
    Services {
        is_demonstration: false,
        metrics: Metrics::new(database.waits(), database.commits()),
        secrets: Arc::clone(&context.secrets),
        callers: Callers::new(Arc::new(StoredCallers), database.clone(), context.clone()),
        context,
        database,
        ids,
        hooks,
        code_lists: parts().flat_map(|part| part.code_lists).collect(),
        addresses,
        readiness: Readiness::default(),
        door: Door::default(),
        kept_answers: KeptAnswers::new(config.kept_answers),
        limits: Limits::new(&config, &clock),
        record_keys: OnceLock::new(),
        password_cost,
        computing: Workers::start(computing_threads(config.workers)),
        process,
        hashing,
        clock,
        config,
    }
}

/// How many threads compute: half of those that answer, so that a server with two cores still answers while it computes.
fn computing_threads(workers: usize) -> usize {
    (workers / 2).max(1)
}

/// What must be true before the first request: there are keys, and a checkpoint covers all events.
pub fn prepare(services: &Services) -> Result<(), Problem> {
    outbox::check_key(services)?;
    keys::renew(services)?;
    keys::check_record_keys(services)?;
    compose_texts(services)?;
    hold_mail_of_a_copy(services)?;
    // A folder that cannot be written must not keep the program from serving: the job tries again, and verification tells.
    if let Err(problem) = audit_events::write_checkpoint_at_start(services) {
        tracing::error!(%problem, "no checkpoint of the audit trail was written");
    }
    Ok(())
}

/// A database that lacks what was kept outside of it is perhaps a copy from before, and the mail that waits in it was sent long ago:
/// it is held until somebody says so (`restore --in-place`, `release-mail`).
fn hold_mail_of_a_copy(services: &Services) -> Result<(), Problem> {
    let folder = services.config.checkpoints();
    let copy = services.database.read_blocking(&services.system(), |rx| outside::unexplained(rx, &folder));
    // A file that cannot be read is told of below.
    if !copy.is_ok_and(|copy| copy.is_some()) {
        return Ok(());
    }
    let held = services.database.write_blocking(&services.system(), outbox::hold)?;
    if held > 0 {
        tracing::error!(
            "{} held: the database may be a copy from before",
            counted(held, "mail is", "mails are")
        );
    }
    Ok(())
}

/// Brings the texts of older rows to NFC, once.
pub fn compose_texts(services: &Services) -> Result<usize, Problem> {
    let count = composing::run(services, &verified())?;
    if count > 0 {
        tracing::info!(count, "rows were brought to NFC");
    }
    Ok(count)
}

/// On SQLite there is one process, which makes its key. On PostgreSQL all processes need the same, and the operator makes it.
fn secrets_key(config: &Config) -> KeySource {
    match (config.database(), &config.secrets_key_file) {
        (DatabaseUrl::Sqlite(_), Some(path)) => KeySource::Made(path.clone()),
        (DatabaseUrl::Sqlite(_), None) => KeySource::Made(config.beside_database("secrets.key")),
        (DatabaseUrl::Postgres(_), Some(path)) => KeySource::Given(path.clone()),
        (DatabaseUrl::Postgres(_), None) => KeySource::None,
    }
}

/// The finished OpenAPI document of this very code; the demonstration has one operation more.
pub fn document(is_demonstration: bool) -> Result<serde_json::Value, Problem> {
    let scope = utoipa_actix_web::scope::scope(BASE_PATH)
        .configure(|cfg| operations(&mut Operations::Described(cfg), is_demonstration));
    let collected = App::new().into_utoipa_app().service(scope).split_for_parts().1;
    openapi::finish(&collected, identity::policy::ACTIONS, &workflows())
}

/// Every path with its methods and parameters.
fn routes(is_demonstration: bool) -> Routes {
    let mut paths = Paths::new();
    operations(&mut Operations::Listed(&mut paths), is_demonstration);
    let pages: Vec<&str> = pages().map(|page| page.path).collect();
    Routes::new(BASE_PATH, &paths, &[service::OUTSIDE, swagger::PATHS, identity::WELL_KNOWN].concat(), &pages)
}

/// Where a process listens.
pub struct Listeners {
    /// For clients.
    pub clients: TcpListener,
    /// For `/metrics`, if anybody is to see them.
    pub metrics: Option<TcpListener>,
    /// For those who make a demonstration: no client can take their connections.
    pub own: Option<TcpListener>,
}

/// Starts the HTTP server on bound listeners. The future ends when the server has stopped and every running request has
/// been answered.
pub fn server(
    services: web::Data<Services>,
    runner: web::Data<Runner>,
    listeners: Listeners,
) -> std::io::Result<Server> {
    let connections = Connections::new(services.clone());
    let builder = Server::build()
        .workers(services.config.workers)
        .shutdown_timeout(services.config.shutdown.as_secs())
        .disable_signals();
    let builder = match listeners.metrics {
        Some(listener) => {
            let services = services.clone();
            listen(builder, listener, &connections, move || {
                let routes = Routes::new("", &Paths::new(), &[service::METRICS], &[]);
                App::new()
                    .app_data(services.clone())
                    .app_data(web::Data::new(routes))
                    .configure(service::metrics)
                    .default_service(web::to(fallback))
                    .wrap(from_fn(observe))
            })?
        }
        None => builder,
    };
    let builder = match listeners.own {
        Some(own) => {
            let connections = Connections::new(services.clone());
            for_clients(builder, services.clone(), runner.clone(), own, &connections)?
        }
        None => builder,
    };
    Ok(for_clients(builder, services, runner, listeners.clients, &connections)?.run())
}

fn for_clients(
    builder: ServerBuilder,
    services: web::Data<Services>,
    runner: web::Data<Runner>,
    listener: TcpListener,
    connections: &Arc<Connections>,
) -> std::io::Result<ServerBuilder> {
    let is_demonstration = services.is_demonstration;
    let routes = web::Data::new(routes(is_demonstration));
    let document = openapi::Document::new(move || document(is_demonstration), &services.config.public_url);
    let document = web::Data::new(document);
    listen(builder, listener, connections, move || {
        let scope = web::scope(BASE_PATH).wrap(from_fn(limit)).wrap(from_fn(authenticate)).configure(|cfg| {
            let mut served = Served::default();
            operations(&mut Operations::Served(&mut served), is_demonstration);
            served.register(BASE_PATH, cfg);
        });
        let app = App::new()
            .app_data(services.clone())
            .app_data(runner.clone())
            .app_data(routes.clone())
            .app_data(document.clone())
            .service(scope);
        let outside = web::scope("")
            .wrap(from_fn(limit))
            .configure(service::outside)
            .configure(identity::well_known)
            .configure(swagger::routes)
            .configure(|cfg| pages().for_each(|page| page.register(cfg)))
            .default_service(web::to(fallback));
        app.configure(service::probes)
            .service(outside)
            .default_service(web::to(fallback))
            .wrap(Condition::new(is_demonstration, from_fn(doorkeeper::admit)))
            .wrap(cors(&services.config.cors_origins, is_demonstration))
            .wrap(from_fn(observe))
    })
}

/// Browsers of the configured origins may call; without origins none may. The demonstration also lets in what is developed on the
/// same machine: its own page under its other name, and a frontend's development server, on any port.
fn cors(origins: &[String], is_demonstration: bool) -> Cors {
    let mut cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .expose_headers([
            "Allow",
            "Deprecation",
            "ETag",
            "Idempotency-Replayed",
            "Link",
            "Location",
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            "Sunset",
            "WWW-Authenticate",
            "traceparent",
        ])
        .max_age(3600);
    for origin in origins {
        cors = cors.allowed_origin(origin);
    }
    if is_demonstration {
        cors = cors.allowed_origin_fn(|origin, _| origin.to_str().is_ok_and(is_of_this_machine));
    }
    cors
}

/// Whether an origin is `http://localhost` or `http://127.0.0.1`, with any port.
fn is_of_this_machine(origin: &str) -> bool {
    let host = origin.strip_prefix("http://").unwrap_or_default();
    let port = ["localhost", "127.0.0.1"].iter().find_map(|name| host.strip_prefix(name));
    port.is_some_and(|port| {
        let digits = port.strip_prefix(':');
        port.is_empty()
            || digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    })
}
