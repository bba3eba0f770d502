//! `samverkan demo`: a complete network to try the API with, on the real time plus an offset that a visitor can move. It listens at
//! once, and answers 503 until its data is whole.

mod logins;

use std::io::IsTerminal as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::web;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{message, output, serve};
use crate::app;
use crate::demonstration::{self, Credentials, Entrance, clock};
use crate::platform::audit::outside;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, DatabaseUrl};
use crate::platform::db::known::{self, Known};
use crate::platform::db::{Location, contents, facts, migrations};
use crate::platform::files;
use crate::platform::ids::hex;
use crate::platform::jobs::Runner;
use crate::platform::services::Services;

/// How the demonstration is served.
#[derive(Args)]
pub struct Demo {
    /// Port to listen on, instead of the one of BIND; 0 takes any free one
    #[arg(long)]
    port: Option<u16>,
    /// Folder for database and mail; default: `demo` in DATA_DIR
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Print the address and the logins as one line of JSON
    #[arg(long)]
    json: bool,
    /// Make the demonstration anew
    #[arg(long)]
    reset: bool,
}

/// The name of the fact that marks a demonstration. Its number is 1 when the demonstration is complete.
const FACT: &str = "demonstration";

const SOMETHING_ELSE: &str = "the database holds something else than a demonstration and is left alone; choose another \
                              with DATABASE_URL or --data-dir";

/// The version of the program. A demonstration of another version may lack data of this one.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Makes the demonstration if the database is empty, prints who can log in, and serves.
pub fn run(mut config: Config, demo: &Demo) -> Result<(), String> {
    let folder = demo.data_dir.clone().unwrap_or_else(|| config.data_dir.join("demo"));
    let port = demo.port.unwrap_or(config.bind.port());
    let setting = if demo.data_dir.is_some() { "--data-dir" } else { "DATA_DIR" };
    files::private_folder(&folder).map_err(|error| format!("{setting} {}: {error}", folder.display()))?;
    config.database_url.get_or_insert_with(|| DatabaseUrl::Sqlite(folder.join("demo.db")));
    config.mail_dir.get_or_insert_with(|| folder.join("mail"));
    if matches!(config.database(), DatabaseUrl::Postgres(_)) {
        config.record_key_file.get_or_insert_with(|| folder.join("record-key.pem"));
        config.checkpoint_dir.get_or_insert_with(|| folder.join("checkpoints"));
    }
    config.secrets_key_file.get_or_insert_with(|| folder.join("secrets.key"));
    // Forty kommuner apply from one address: the limits would slow down the filling.
    (config.requests_per_minute, config.anonymous_requests_per_minute) = (0, 0);
    config.mails_per_hour = 0;
    serve::try_folders(&config)?;
    let listener = TcpListener::bind((config.bind.ip(), port)).map_err(|error| {
        format!("{}:{port}: {error}; --port names another, 0 any free one", config.bind.ip())
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    if config.public_url == format!("http://{}", config.bind) {
        config.public_url = format!("http://{address}");
        config.public_app_url.clone_from(&config.public_url);
    }
    let location = app::location(&config);
    let serving = serve::begin(&location)?;
    if !serving.is_alone {
        return Err(format!(
            "another process serves {location}: stop it first, or choose another with DATABASE_URL or --data-dir"
        ));
    }
    let stored = if demo.reset {
        emptied(&location, &outside::file_in(&config.checkpoints()))?
    } else {
        stored(&location, &outside::file_in(&config.checkpoints()))?
    };
    migrations::run(&location).map_err(message)?;
    serve::tell_of_open_files(&location);
    let offset = match &stored {
        Some((offset, _)) => *offset,
        None => demonstration::first_offset(Clock::system().wall()),
    };
    let services = app::demonstration_services(config, Clock::with_offset(offset));
    if stored.is_none() {
        remember(&services, "unfinished", 0)?;
    }
    app::prepare(&services).map_err(message)?;
    let served = Served { base: format!("http://{address}"), location, folder };
    serve_and_tell(&services, listener, stored, &served, demo.json)
}

/// Where the demonstration is.
struct Served {
    base: String,
    location: Location,
    folder: PathBuf,
}

fn serve_and_tell(
    services: &web::Data<Services>,
    listener: TcpListener,
    stored: Option<(i64, Credentials)>,
    served: &Served,
    as_json: bool,
) -> Result<(), String> {
    let runner = app::jobs(services);
    // Those who make the data have their own listener: no client can take their connections.
    let own = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    let inside = own.local_addr().map_err(|error| error.to_string())?;
    let secret = hex(&services.ids.bytes::<32>());
    if stored.is_none() {
        services.door.shut(&secret);
    }
    let server = std::thread::spawn({
        let (services, runner) = (services.clone(), runner.clone());
        move || serve::serve(services, runner, listener, Some(own))
    });
    let credentials = match stored {
        Some((_, credentials)) => Credentials { base_url: served.base.clone(), ..credentials },
        None => {
            let entrance = Entrance { base: format!("http://{inside}"), secret };
            make(services, &runner, entrance, served).map_err(|error| {
                if server.is_finished() {
                    "stopped before the demonstration was whole: the next start makes it anew".to_owned()
                } else {
                    error
                }
            })?
        }
    };
    services.door.open();
    // Filling takes two thousand requests, whose log would hide the logins.
    serve::start_log(&services.config);
    serve::tell_of_start(services, &served.location)?;
    if as_json {
        output::line(&serde_json::to_string(&credentials).map_err(|error| error.to_string())?);
    } else {
        logins::lines(&credentials).iter().for_each(|line| output::line(line));
    }
    server.join().map_err(|_| "the server stopped with a fault".to_owned())?
}

/// A bar on a terminal, else a line for each step.
fn progress(served: &Served) -> demonstration::Tell {
    output::note(&format!(
        "Making the demonstration in {}, once. {} answers 503 until it is whole.",
        served.folder.display(),
        served.base
    ));
    if output::is_json() || !std::io::stderr().is_terminal() {
        return Box::new(|done, next| output::note(&format!("  {done} of {}: {next}", demonstration::STEPS)));
    }
    let bar = ProgressBar::new(demonstration::STEPS as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len}: {msg}, {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    Box::new(move |done, next| {
        bar.set_position(done as u64);
        bar.set_message(next.to_owned());
        if done == demonstration::STEPS {
            bar.finish_and_clear();
        }
    })
}

fn make(
    services: &web::Data<Services>,
    runner: &web::Data<Runner>,
    entrance: Entrance,
    served: &Served,
) -> Result<Credentials, String> {
    let tell = progress(served);
    let credentials = demonstration::fill(services, runner, (entrance, &served.base), tell)?;
    let text = serde_json::to_string(&credentials).map_err(|error| error.to_string())?;
    remember(services, &format!("{VERSION}\n{text}"), 1)?;
    Ok(credentials)
}

fn remember(services: &Services, fact: &str, number: i64) -> Result<(), String> {
    let kept =
        services.database.write_blocking(&services.system(), |tx| facts::remember(tx.db, FACT, fact, number));
    kept.map_err(message)
}

/// The offset and the logins of the stored demonstration; none for an empty database. Other content is refused, before a
/// migration changes it.
fn stored(location: &Location, checkpoints: &Path) -> Result<Option<(i64, Credentials)>, String> {
    if known::check(location).map_err(message)? == Known::Empty {
        return Ok(None);
    }
    let (text, is_whole) = contents::fact(location, FACT).map_err(message)?.ok_or(SOMETHING_ELSE)?;
    if is_whole != 1 {
        // Nobody could use it, so nothing is lost.
        return emptied(location, checkpoints);
    }
    let credentials = text.split_once('\n').filter(|(version, _)| *version == VERSION);
    let (_, credentials) = credentials
        .ok_or("the database holds a demonstration of another version; make it anew with --reset")?;
    let offset = contents::fact(location, clock::OFFSET).map_err(message)?.map_or(0, |(_, offset)| offset);
    Ok(Some((offset, serde_json::from_str(credentials).map_err(|error| error.to_string())?)))
}

/// Removes a stored demonstration, complete or not, and never other content.
fn emptied(location: &Location, checkpoints: &Path) -> Result<Option<(i64, Credentials)>, String> {
    if known::check(location).map_err(message)? != Known::Empty {
        contents::fact(location, FACT).map_err(message)?.ok_or(SOMETHING_ELSE)?;
        contents::remove(location).map_err(message)?;
        // The copies of the checkpoints are those of the removed database.
        if checkpoints.exists() {
            std::fs::remove_file(checkpoints)
                .map_err(|error| format!("{}: {error}", checkpoints.display()))?;
        }
    }
    Ok(None)
}
