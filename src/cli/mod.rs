//! The commands, one file each. Settings come from the environment (README, "Configuration").

mod create_admin;
mod create_record_key;
mod demo;
mod health;
mod migrate;
mod openapi;
mod output;
mod serve;
mod verify_audit;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::platform::config::Config;
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
    /// Ask a running server whether it is ready (container health checks)
    Health,
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command.unwrap_or(Command::Serve) {
        Command::Openapi { out } => openapi::run(&out),
        command => {
            Config::from_environment().map_err(|error| error.to_string()).and_then(|config| match command {
                Command::Demo(demo) => demo::run(config, &demo),
                Command::Migrate(wanted) => migrate::run(&config, &wanted),
                Command::CreateAdmin(who) => create_admin::run(config, &who),
                Command::CreateRecordKey(wanted) => create_record_key::run(config, &wanted),
                Command::VerifyAudit(wanted) => verify_audit::run(config, &wanted),
                Command::Health => health::run(&config),
                Command::Serve | Command::Openapi { .. } => serve::run(config),
            })
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            output::error(&message);
            ExitCode::FAILURE
        }
    }
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
