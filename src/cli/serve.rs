//! `samverkan serve`: migrates the database, listens, runs the jobs, and stops cleanly: running requests finish before the process
//! ends.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::{rt, web};
use tokio::sync::oneshot;

use super::create_admin::SERVED_AT;
use super::{message, output};
use crate::app::{self, Listeners};
use crate::identity::people;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, LogFormat};
use crate::platform::db::serving::{self, Held};
use crate::platform::db::{Location, facts, known, migrations, rights};
use crate::platform::files;
use crate::platform::ids::Ids;
use crate::platform::jobs::Runner;
use crate::platform::outbox;
use crate::platform::services::Services;

/// Serves until a signal stops it.
pub fn run(config: Config) -> Result<(), String> {
    start_log(&config);
    let location = super::writable(&config)?;
    let _serving = begin(&location)?;
    migrations::run(&location).map_err(message)?;
    tell_of_open_files(&location);
    try_folders(&config)?;
    if matches!(location, Location::Postgres(_)) && rights::is_owner(&location).map_err(message)? {
        tracing::warn!(
            "the user of DATABASE_URL owns the tables and could change the audit trail: serve as a role that owns nothing \
             (README, Production with PostgreSQL)"
        );
    }
    let listener =
        TcpListener::bind(config.bind).map_err(|error| format!("BIND {}: {error}", config.bind))?;
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    app::prepare(&services).map_err(message)?;
    tell_of_start(&services, &location)?;
    remember_address(&services)?;
    if !services.database.read_blocking(&services.system(), people::unscoped_any).map_err(message)? {
        output::note("Nobody can log in yet. Make an administrator:");
        output::note("  samverkan create-admin --email you@example.org --name \"Your Name\"");
    }
    let runner = app::jobs(&services);
    serve(services, runner, listener, None)
}

/// Takes the right to serve the database, after a look at what it is.
pub fn begin(location: &Location) -> Result<Held, String> {
    known::check(location).map_err(message)?;
    let held = serving::serve(location).map_err(message)?;
    // Any number of processes may serve a database of PostgreSQL.
    if !held.is_alone && matches!(location, Location::Sqlite(_)) {
        tracing::warn!(
            "another process serves {location} too: one is enough on SQLite, and each has its own limits"
        );
    }
    Ok(held)
}

/// For commands that make links without the settings of this process.
fn remember_address(services: &Services) -> Result<(), String> {
    let address = &services.config.public_app_url;
    let known = services.database.read_blocking(&services.system(), |rx| facts::text(rx.db, SERVED_AT));
    if known.map_err(message)?.as_ref() == Some(address) {
        return Ok(());
    }
    let kept = services
        .database
        .write_blocking(&services.system(), |tx| facts::remember(tx.db, SERVED_AT, address, 0));
    kept.map_err(message)
}

/// Tries what is written later, so that a folder without room or rights is found now. (The folder of the checkpoints is tried by
/// the first of them, and its fault is in the log.)
pub fn try_folders(config: &Config) -> Result<(), String> {
    let Some(folder) = &config.mail_dir else { return Ok(()) };
    files::try_folder(folder).map_err(|error| format!("MAIL_DIR {}: {error}", folder.display()))
}

/// Says what is served: the first thing that somebody looks for in a log.
pub fn tell_of_start(services: &Services, location: &Location) -> Result<(), String> {
    let mail = outbox::unscoped_waiting;
    let (mails_waiting, mails_held) =
        services.database.read_blocking(&services.system(), mail).map_err(message)?;
    let mail = match &services.config.mail_dir {
        Some(folder) => format!("goes to {}", folder.display()),
        None => "is not sent, though pages and answers promise it: MAIL_DIR is not set".to_owned(),
    };
    tracing::info!(
        version = known::VERSION,
        %location,
        public_url = services.config.public_url,
        mail,
        mails_waiting,
        "starting"
    );
    if mails_held > 0 {
        tracing::warn!(
            mails_held,
            "mail that waited when a backup was restored is not sent until `samverkan release-mail`"
        );
    }
    Ok(())
}

/// Tells of files of the database that others can read, and that the program could not take from them.
pub fn tell_of_open_files(location: &Location) {
    for file in migrations::open_to_others(location) {
        output::note(&format!(
            "Others can read {}, which holds personal data; take the right from them: chmod go-rwx",
            file.display()
        ));
    }
}

/// Serves on a bound listener, and `/metrics` on its own, and runs the jobs beside.
pub fn serve(
    services: web::Data<Services>,
    runner: web::Data<Runner>,
    listener: TcpListener,
    own: Option<TcpListener>,
) -> Result<(), String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let bind =
        |address| TcpListener::bind(address).map_err(|error| format!("METRICS_BIND {address}: {error}"));
    let metrics = services.config.metrics_bind.map(bind).transpose()?;
    let listeners = Listeners { clients: listener, metrics, own };
    rt::System::new().block_on(async move {
        // Before a client can see that it is served: who stops it then would kill it otherwise.
        let stopping = stop_signal();
        let server =
            app::server(services.clone(), runner.clone(), listeners).map_err(|error| error.to_string())?;
        tracing::info!(%address, "listening");
        let handle = server.handle();
        let (stop_jobs, stopped) = oneshot::channel();
        let jobs = rt::spawn(run_jobs(services.clone(), runner.clone(), stopped));
        rt::spawn(async move {
            stopping.await;
            tracing::info!("stopping: running requests finish");
            handle.stop(true).await;
        });
        let done = server.await.map_err(|error| error.to_string());
        // Wait for the running job, which ends between two of its transactions, so that the next process can start at once.
        runner.stop();
        drop(stop_jobs);
        let _ = jobs.await;
        services.database.settle();
        done
    })
}

/// Runs the jobs that are due, repeatedly on a worker thread, until the sender of `stopped` is dropped.
async fn run_jobs(
    services: web::Data<Services>,
    runner: web::Data<Runner>,
    mut stopped: oneshot::Receiver<()>,
) {
    let holder = services.ids.id(services.clock.wall()).to_string();
    loop {
        let (runner, name) = (runner.clone(), holder.clone());
        match web::block(move || runner.run_due(&name)).await {
            Ok(Ok(_)) => {}
            Ok(Err(problem)) => tracing::error!(%problem, "jobs could not run"),
            Err(_) => return,
        }
        if rt::time::timeout(services.config.job_interval, &mut stopped).await.is_ok() {
            break;
        }
    }
    if let Ok(Err(problem)) = web::block(move || runner.give_back_lease(&holder)).await {
        tracing::warn!(%problem, "the lease of the jobs could not be given back");
    }
}

/// Minds the signals that stop a program from the call on; the future ends with the first of them.
fn stop_signal() -> impl Future<Output = ()> {
    use rt::signal::unix::{SignalKind, signal};
    let minded = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = minded else {
            // Without signals the process can only be killed. No answered request is lost then.
            return rt::time::sleep(Duration::MAX).await;
        };
        let terminated = rt::spawn(async move { terminate.recv().await });
        let interrupted = rt::spawn(async move { interrupt.recv().await });
        while !terminated.is_finished() && !interrupted.is_finished() {
            rt::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Starts the log: one line per event, as text or JSON, to standard error.
pub fn start_log(config: &Config) {
    // actix writes a line for each malformed request, at the level of errors. Clients can send any number of them, so they
    // are counted and sampled where connections end (`http::connections`).
    let quiet = ["actix_http=off", &config.log_level].join(",");
    let filter = tracing_subscriber::EnvFilter::try_new(quiet).unwrap_or_default();
    // A line that cannot be written (a full disk, a closed pipe) is lost. The library would report that with `eprintln!`, which
    // would panic: every logged request would end without an answer.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    let started = match config.log_format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.try_init(),
    };
    if started.is_err() {
        output::note("the log was started already");
    }
    for suspect in &config.suspects {
        tracing::warn!(variable = suspect.name, "{}", suspect.what);
    }
}
