//! `samverkan migrate`.

use super::{output, told};
use crate::app;
use crate::platform::config::Config;
use crate::platform::db::migrations;

/// Brings the database to the schema of this program.
pub fn run(config: &Config) -> Result<(), String> {
    let done = migrations::run(&app::location(config)).map_err(told)?;
    match done.len() {
        0 => output::line("the database is up to date"),
        count => output::line(&format!("{count} migrations run")),
    }
    Ok(())
}
