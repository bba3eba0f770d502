//! `samverkan migrate`: migrates the database.

use clap::Args;

use super::{message, output};
use crate::app;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Location, migrations, rights};
use crate::platform::ids::Ids;
use crate::platform::text::counted;

/// What else to do.
#[derive(Args)]
pub struct Migrate {
    /// Give this role of PostgreSQL the rights that `serve` needs, and no others (README)
    #[arg(long, value_name = "ROLE")]
    serving_role: Option<String>,
}

/// Migrates the database to the schema of this program.
pub fn run(config: &Config, wanted: &Migrate) -> Result<(), String> {
    let location = super::writable(config)?;
    let config = config.clone();
    let done = migrations::run(&location).map_err(message)?;
    match done.len() {
        0 => output::line(&format!("{location} is up to date")),
        count => output::line(&format!("{location}: {} run", counted(count, "migration", "migrations"))),
    }
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    match app::compose_texts(&services).map_err(message)? {
        0 => {}
        count => output::line(&format!("{} brought to NFC", counted(count, "row", "rows"))),
    }
    services.database.settle();
    let Some(role) = &wanted.serving_role else { return Ok(()) };
    let Location::Postgres(url) = &location else { return Err("SQLite has no roles".to_owned()) };
    rights::grant(url, role).map_err(message)?;
    output::line(&format!("{role} has the rights to serve"));
    Ok(())
}
