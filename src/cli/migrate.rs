//! `samverkan migrate`: migrates the database.

use super::{message, output};
use crate::app;
use crate::platform::config::Config;
use crate::platform::db::migrations;

/// Migrates the database to the schema of this program.
pub fn run(config: &Config) -> Result<(), String> {
    let done = migrations::run(&app::location(config)).map_err(message)?;
    match done.len() {
        0 => output::line("the database is up to date"),
        count => output::line(&format!("{count} migrations run")),
    }
    Ok(())
}
