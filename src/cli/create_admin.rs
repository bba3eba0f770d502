//! `samverkan create-admin`: adds the first person of an installation.

use clap::Args;

use super::{message, output};
use crate::app;
use crate::identity::admin;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::migrations;
use crate::platform::ids::Ids;

/// The new administrator.
#[derive(Args)]
pub struct CreateAdmin {
    /// Work e-mail: the user name
    #[arg(long)]
    email: String,
    /// Name
    #[arg(long)]
    name: String,
    /// File that holds the password; without it a single-use link is printed
    #[arg(long)]
    password_file: Option<std::path::PathBuf>,
}

/// Adds the person with the role, and prints a single-use link to set the password unless a file holds it.
pub fn run(config: Config, who: &CreateAdmin) -> Result<(), String> {
    let location = app::location(&config);
    migrations::run(&location).map_err(message)?;
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let password = match &who.password_file {
        Some(file) => {
            Some(std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?)
        }
        None => None,
    };
    let password = password.as_deref().map(str::trim_end);
    let link = admin::run(&services, &who.name, &who.email, password).map_err(message)?;
    output::line(&format!("{} is a system administrator in {location}.", who.email.to_lowercase()));
    if let Some(link) = link {
        output::line("Choose a password with this link, which can be used once:");
        output::line(&link);
    }
    Ok(())
}
