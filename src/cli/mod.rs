//! The commands, one file each. Settings come from the environment (README, "Configuration").

mod backup;
mod create_admin;
mod create_record_key;
mod demo;
mod forget_secrets_key;
mod health;
mod migrate;
mod openapi;
mod output;
mod restore;
mod select;
mod serve;
mod verify_audit;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::app;
use crate::platform::config::{self, Config};
use crate::platform::db::Location;
use crate::platform::files;
use crate::platform::problem::Problem;

/// The backend of a development network of kommuner: a JSON REST API with OpenAPI at /docs.
#[derive(Parser)]
#[command(name = "samverkan", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (the default); creates and migrates the database first
    Serve,
    /// Serve a demonstration with programmes, kommuner, people and three months of time
    Demo(demo::Demo),
    /// Bring the database to the schema of this program
    Migrate(migrate::Migrate),
    /// Add a system administrator and print a link to choose a password with
    CreateAdmin(create_admin::CreateAdmin),
    /// Make the key file that signs checkpoints of the audit trail (`RECORD_KEY_FILE`)
    CreateRecordKey(create_record_key::CreateRecordKey),
    /// Write the OpenAPI document as openapi.json and openapi.yaml
    Openapi {
        /// Folder to write to
        #[arg(long, default_value = "openapi")]
        out: PathBuf,
    },
    /// Check the audit trail and the data against it; exit status 1 when something has been tampered with
    VerifyAudit(verify_audit::VerifyAudit),
    /// Copy the SQLite database to a file while the program goes on (PostgreSQL: `pg_dump`)
    Backup(backup::Backup),
    /// Put a backup in the place of the database: ends sessions and links, holds mail, and says so in the audit trail
    Restore(restore::Restore),
    /// Go on without a lost key of `SECRETS_KEY_FILE`: says how much mail nobody can open any more, and with --delete-mail deletes it
    ForgetSecretsKey(forget_secrets_key::ForgetSecretsKey),
    /// Repeat a selection from its recorded input, without a database; exit status 0 proven optimal, 3 feasible with an open goal,
    /// 1 infeasible, 2 malformed
    Select(select::Select),
    /// Send the mail that is held since a backup was restored
    ReleaseMail,
    /// Ask a running server whether it is ready (container health checks)
    Health(health::Health),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let told = Arguments::command().after_long_help(config::table_text());
    let arguments = Arguments::from_arg_matches(&told.get_matches()).unwrap_or_else(|error| error.exit());
    let command = arguments.command.unwrap_or(Command::Serve);
    if let Command::Select(wanted) = &command {
        return select::run(wanted);
    }
    match done(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            output::error(&message);
            ExitCode::FAILURE
        }
    }
}

fn done(command: Command) -> Result<(), String> {
    if let Command::Openapi { out } = &command {
        return openapi::run(out);
    }
    let config = Config::from_environment();
    output::begin(config.as_ref().map_or_else(|error| error.log_format, |config| config.log_format));
    let config = config.map_err(|error| error.to_string())?;
    match command {
        Command::Demo(demo) => demo::run(config, &demo),
        Command::Migrate(wanted) => migrate::run(&config, &wanted),
        Command::CreateAdmin(who) => create_admin::run(config, &who),
        Command::CreateRecordKey(wanted) => create_record_key::run(config, &wanted),
        Command::VerifyAudit(wanted) => verify_audit::run(config, &wanted),
        Command::Backup(wanted) => backup::run(&config, &wanted),
        Command::Restore(wanted) => restore::run(config, &wanted),
        Command::ForgetSecretsKey(wanted) => forget_secrets_key::run(config, &wanted),
        Command::ReleaseMail => restore::release_mail(config),
        Command::Health(wanted) => health::run(&config, &wanted),
        Command::Serve | Command::Openapi { .. } | Command::Select(_) => serve::run(config),
    }
}

/// Where the database is, with its folder on SQLite. An error names the setting.
fn writable(config: &Config) -> Result<Location, String> {
    let location = app::location(config);
    let Location::Sqlite(path) = &location else { return Ok(location) };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let setting = if config.database_url.is_some() { "DATABASE_URL" } else { "DATA_DIR" };
        files::private_folder(folder).map_err(|error| format!("{setting} {}: {error}", folder.display()))?;
    }
    Ok(location)
}

/// A problem as a message to the operator: what the log shows of it, without the code that HTTP knows it by.
fn message(problem: Problem) -> String {
    let what = problem.internal.or_else(|| problem.detail.map(|detail| detail.en.into_owned()));
    let mut text = what.unwrap_or_else(|| problem.code.title().en.into_owned());
    for fault in &problem.errors {
        text.push_str(&format!("\n  {}: {}", fault.pointer, fault.detail.en));
    }
    text
}
