//! `samverkan create-admin`: adds the first person of an installation.

use clap::Args;

use super::{message, output};
use crate::app;
use crate::identity::admin::{self, Done};
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Location, contents, migrations};
use crate::platform::ids::Ids;
use crate::platform::text::counted;

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
    #[arg(long, value_name = "FILE")]
    password_file: Option<std::path::PathBuf>,
    /// Let the password of the file replace the one that the person has
    #[arg(long, requires = "password_file")]
    reset_password: bool,
}

/// The fact that holds the address which links of the program as it was last served lead to.
pub const SERVED_AT: &str = "publicAppUrl";

/// Adds the person with the role, and prints a single-use link to set the password unless a file holds it.
pub fn run(mut config: Config, who: &CreateAdmin) -> Result<(), String> {
    let location = super::writable(&config)?;
    let password = match &who.password_file {
        Some(file) => Some(
            std::fs::read_to_string(file)
                .map_err(|error| format!("--password-file {}: {error}", file.display()))?,
        ),
        None => None,
    };
    migrations::run(&location).map_err(message)?;
    let where_from = choose_address(&mut config, &location)?;
    let app = config.public_app_url.clone();
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let password = password.as_deref().map(|password| (password.trim_end(), who.reset_password));
    let done = admin::run(&services, &who.name, &who.email, password).map_err(message)?;
    let email = who.email.to_lowercase();
    match done {
        Done::Nothing => {
            output::line(&format!(
                "nothing was done: {email} is a system administrator in {location} already, and has a password. A new one: by \
                 {app}/forgotten-password (if mail is sent), or --password-file FILE --reset-password"
            ));
            return Ok(());
        }
        _ => output::line(&format!("{email} is a system administrator in {location}.")),
    }
    match done {
        Done::Password { had_one: false, .. } => output::line("The password is that of the file."),
        Done::Password { had_one: true, sessions } => output::line(&format!(
            "{email} has a new password, that of the file; {} ended.",
            counted(sessions, "session", "sessions")
        )),
        Done::Link { address, code, until } => {
            output::line(&format!(
                "Choose a password with this link, which can be used once and is valid until {until}. No mail is sent:"
            ));
            output::line(&address);
            output::line(&format!("If the page asks for a code, it is this: {code}"));
            output::line(&where_from);
        }
        Done::Role => output::line("The password is as before."),
        Done::Nothing => {}
    }
    Ok(())
}

/// Links must lead where `serve` serves, whose settings this shell may not have. Returns a sentence that says where they lead, and
/// how that is known.
fn choose_address(config: &mut Config, location: &Location) -> Result<String, String> {
    if config.is_public_url_given {
        return Ok(format!("The link leads to {}, as the settings say.", config.public_app_url));
    }
    match contents::fact(location, SERVED_AT).map_err(message)? {
        Some((address, _)) => {
            config.public_app_url = address;
            Ok(format!("The link leads to {}, as the program was last served.", config.public_app_url))
        }
        None => Ok(format!(
            "The link leads to {}, because PUBLIC_URL is not set and nobody has served yet.",
            config.public_app_url
        )),
    }
}
