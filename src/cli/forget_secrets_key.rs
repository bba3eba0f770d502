//! `samverkan forget-secrets-key`: goes on when the file of `SECRETS_KEY_FILE` is lost.

use super::{message, output};
use crate::app;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{known, serving};
use crate::platform::ids::Ids;
use crate::platform::outbox;
use crate::platform::text::counted;

/// Deletes mail that nobody can open any more, and lets the next start take another key. Refused when the key is there.
pub fn run(config: Config) -> Result<(), String> {
    let location = app::location(&config);
    known::check_current(&location).map_err(message)?;
    let _alone = serving::alone(&location).map_err(message)?;
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    if outbox::key_fault(&services).map_err(message)?.is_none() {
        return Err("nothing is lost: SECRETS_KEY_FILE names the key of this database".to_owned());
    }
    let lost = services.database.write_blocking(&services.system(), outbox::forget_key).map_err(message)?;
    output::line(&format!(
        "{} that nobody can open any more deleted; who waits for a link gets a new one by POST /api/v1/invitations or by the page \
         /forgotten-password.",
        counted(lost, "mail is", "mails are")
    ));
    output::line(
        "The next start takes the key that SECRETS_KEY_FILE names; on SQLite it makes one if there is none.",
    );
    Ok(())
}
