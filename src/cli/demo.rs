//! `samverkan demo`: a complete network to try the API with, on the real time plus an offset that a visitor can move.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use actix_web::web;
use clap::Args;

use super::{message, output, serve};
use crate::app;
use crate::demonstration::{self, Credentials, clock};
use crate::platform::audit::outside;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, DatabaseUrl};
use crate::platform::db::known::{self, Known};
use crate::platform::db::{Location, contents, migrations};
use crate::platform::files;
use crate::platform::ids::Ids;
use crate::platform::jobs::Runner;
use crate::platform::key_file;
use crate::platform::services::Services;

/// How the demonstration is served.
#[derive(Args)]
pub struct Demo {
    /// Port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Folder for database and mail; default: `demo` in DATA_DIR
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Print the address and the logins as JSON
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
    files::private_folder(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    config.database_url.get_or_insert_with(|| DatabaseUrl::Sqlite(folder.join("demo.db")));
    config.mail_dir.get_or_insert_with(|| folder.join("mail"));
    if matches!(config.database(), DatabaseUrl::Postgres(_)) {
        config.record_key_file.get_or_insert_with(|| folder.join("record-key.pem"));
        config.checkpoint_dir.get_or_insert_with(|| folder.join("checkpoints"));
    }
    let key = config.secrets_key_file.get_or_insert_with(|| folder.join("secrets.key"));
    key_file::read_or_make(key, &Ids::system())?;
    // Forty kommuner apply from one address: the limits would slow down the filling.
    (config.requests_per_minute, config.anonymous_requests_per_minute) = (0, 0);
    config.mails_per_hour = 0;
    let listener = TcpListener::bind((config.bind.ip(), demo.port)).map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    if config.public_url == format!("http://{}", config.bind) {
        config.public_url = format!("http://{address}");
        config.public_app_url.clone_from(&config.public_url);
    }
    let location = app::location(&config);
    let stored = if demo.reset {
        emptied(&location, &outside::file_in(&config.checkpoints()))?
    } else {
        stored(&location)?
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
    let base = format!("http://{address}");
    let runner = app::jobs(&services);
    let server = std::thread::spawn({
        let (services, runner) = (services.clone(), runner.clone());
        move || serve::serve(services, runner, listener)
    });
    let credentials = match stored {
        Some((_, credentials)) => Credentials { base_url: base, ..credentials },
        None => make(&services, &runner, &base)?,
    };
    // Filling takes two thousand requests, whose log would hide the logins.
    serve::start_log(&services.config);
    print(&credentials, demo.json)?;
    server.join().map_err(|_| "the server stopped with a fault".to_owned())?
}

fn make(
    services: &web::Data<Services>,
    runner: &web::Data<Runner>,
    base: &str,
) -> Result<Credentials, String> {
    let credentials = demonstration::fill(services, runner, base)?;
    let text = serde_json::to_string(&credentials).map_err(|error| error.to_string())?;
    remember(services, &format!("{VERSION}\n{text}"), 1)?;
    Ok(credentials)
}

fn remember(services: &Services, fact: &str, number: i64) -> Result<(), String> {
    let kept =
        services.database.write_blocking(&services.system(), |tx| clock::remember(tx, FACT, fact, number));
    kept.map_err(message)
}

/// The offset and the logins of the stored demonstration; none for an empty database. Other content is refused, before a
/// migration changes it.
fn stored(location: &Location) -> Result<Option<(i64, Credentials)>, String> {
    if known::check(location).map_err(message)? == Known::Empty {
        return Ok(None);
    }
    let (text, is_whole) = contents::fact(location, FACT).map_err(message)?.ok_or(SOMETHING_ELSE)?;
    let credentials = text.split_once('\n').filter(|(version, _)| is_whole == 1 && *version == VERSION);
    let (_, credentials) = credentials.ok_or(
        "the database holds a demonstration that is not whole or of another version; make it anew with --reset",
    )?;
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

fn print(credentials: &Credentials, as_json: bool) -> Result<(), String> {
    if as_json {
        output::line(&serde_json::to_string(credentials).map_err(|error| error.to_string())?);
        return Ok(());
    }
    output::line(&format!(
        "samverkan demonstration: {}  (documentation: {}/docs/)",
        credentials.base_url, credentials.base_url
    ));
    output::line(&format!("password of everyone: {}", demonstration::PASSWORD));
    let mut shown: Vec<String> = Vec::new();
    for user in &credentials.users {
        let roles = user.roles.join(", ");
        if !shown.contains(&roles) {
            output::line(&format!("  {:<42} {roles}", user.username));
            shown.push(roles);
        }
    }
    output::line(&format!("{} people in all; --json lists every one", credentials.users.len()));
    Ok(())
}
