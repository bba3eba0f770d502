//! The commands, one file each. Settings come from the environment (README, "Configuration").

mod create_admin;
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
    Migrate,
    /// Add a system administrator and print a link to choose a password with
    CreateAdmin(create_admin::CreateAdmin),
    /// Write the OpenAPI document as openapi.json and openapi.yaml
    Openapi {
        /// Folder to write to
        #[arg(long, default_value = "openapi")]
        out: PathBuf,
    },
    /// Check every audit chain; exit status 1 when one has been tampered with
    VerifyAudit,
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
                Command::Migrate => migrate::run(&config),
                Command::CreateAdmin(who) => create_admin::run(config, &who),
                Command::VerifyAudit => verify_audit::run(config),
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

/// A problem as a message to the operator, with the details that otherwise only the log shows.
fn message(problem: Problem) -> String {
    problem.to_string()
}
