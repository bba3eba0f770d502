//! `samverkan forget-secrets-key`: goes on when the file of `SECRETS_KEY_FILE` is lost.

use clap::Args;

use super::{message, output};
use crate::app;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{known, serving};
use crate::platform::ids::Ids;
use crate::platform::outbox;
use crate::platform::text::counted;

/// What may be lost.
#[derive(Args)]
pub struct ForgetSecretsKey {
    /// Delete the mail that nobody can open without the key, and let the next start take another
    #[arg(long)]
    delete_mail: bool,
}

/// Says which mail would be lost, or deletes it and lets the next start take another key. Refused when the key is there.
pub fn run(config: Config, wanted: &ForgetSecretsKey) -> Result<(), String> {
    let location = app::location(&config);
    known::check_current(&location).map_err(message)?;
    let _alone = serving::alone(&location).map_err(message)?;
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    // A shell without the settings of the service has lost no key.
    let Some(path) = services.secrets.file() else {
        return Err("SECRETS_KEY_FILE is not set: set it as `serve` has it".to_owned());
    };
    let path = path.display();
    let Some(fault) = outbox::key_fault(&services).map_err(message)? else {
        return Err(format!(
            "nothing is lost: no mail in this database was sealed with another key than that of {path}"
        ));
    };
    if !wanted.delete_mail {
        let lost = outbox::unopened(&services).map_err(message)?;
        return Err(format!(
            "{fault}\nNothing is deleted. If the key is elsewhere, SECRETS_KEY_FILE must name it instead of {path}. If it is lost for \
             good, `samverkan forget-secrets-key --delete-mail` goes on without it and deletes {} that nobody can open any more.",
            counted(lost, "mail", "mails")
        ));
    }
    let lost = services.database.write_blocking(&services.system(), outbox::forget_key).map_err(message)?;
    output::line(&format!("The key that {path} should have held is forgotten."));
    output::line(&match lost {
        0 => "No mail waited for it.".to_owned(),
        1 => "1 mail was deleted that nobody can open any more.".to_owned(),
        count => format!("{count} mails were deleted that nobody can open any more."),
    });
    if lost > 0 {
        output::line(
            "Who waits for a link gets a new one by POST /api/v1/invitations or by the page /forgotten-password.",
        );
    }
    output::line(
        "The next start takes the key that SECRETS_KEY_FILE names; on SQLite it makes one if there is none.",
    );
    Ok(())
}
