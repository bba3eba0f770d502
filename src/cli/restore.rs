//! `samverkan restore`: puts a backup in the place of the database, and says so in the audit trail. `samverkan release-mail` sends
//! what waited then.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{message, output};
use crate::app;
use crate::identity::{links, sessions};
use crate::platform::audit::restorations::{self, MAIL_RELEASED};
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Location, backup, known, migrations};
use crate::platform::ids::Ids;
use crate::platform::jobs;
use crate::platform::outbox;

/// What to restore.
#[derive(Args)]
pub struct Restore {
    /// The backup, on SQLite
    #[arg(required_unless_present = "in_place", conflicts_with = "in_place")]
    file: Option<PathBuf>,
    /// The database has been restored already, by `pg_restore` or by copying a file: only say so in the audit trail, end sessions
    /// and links, and hold mail
    #[arg(long)]
    in_place: bool,
    /// Replace a database that is there; it is kept under another name
    #[arg(long, conflicts_with = "in_place")]
    replace: bool,
}

/// Restores, ends sessions and links, and holds mail.
pub fn run(config: Config, wanted: &Restore) -> Result<(), String> {
    let location = app::location(&config);
    if let Some(file) = &wanted.file {
        let Location::Sqlite(database) = &location else {
            return Err(
                "on PostgreSQL use pg_restore, then `restore --in-place` (docs/OPERATION.md)".to_owned()
            );
        };
        let end = format!(".replaced-{}", Clock::system().wall().millis());
        let old = backup::put(file, database, wanted.replace.then_some(end.as_str()))?;
        if let Some(old) = old {
            output::line(&format!("the database that was there is now {}", old.display()));
        }
    } else if known::check(&location).map_err(message)? == known::Known::Empty {
        return Err(format!("there is no database yet: {location}"));
    }
    migrations::run(&location).map_err(message)?;
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let done = services.database.write_blocking(&services.system(), |tx| {
        let events = restorations::record(tx)?;
        jobs::free_lease(tx)?;
        let sessions = sessions::end_all(tx, sessions::EndReason::Ended)?;
        Ok((events, sessions, links::end_every(tx)?, outbox::set_held(tx, true)?))
    });
    let (events, sessions, links, mails) = done.map_err(message)?;
    output::line(&format!("{location} is restored, with {events} events of the audit trail."));
    output::line(&format!("{sessions} sessions and {links} links ended; people log in again."));
    if mails > 0 {
        output::line(&format!(
            "{mails} mails are held, because they may have been sent after the backup: `samverkan release-mail` sends them."
        ));
    }
    output::line("`samverkan verify-audit --full` says what was lost, as far as kept checkpoints know.");
    Ok(())
}

/// Releases mail that is held since a restoration.
pub fn release_mail(config: Config) -> Result<(), String> {
    known::check_current(&app::location(&config)).map_err(message)?;
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let released = services.database.write_blocking(&services.system(), |tx| {
        let mails = outbox::set_held(tx, false)?;
        if mails > 0 {
            restorations::add_event(tx, MAIL_RELEASED, &json!({"mails": mails}))?;
        }
        Ok(mails)
    });
    output::line(&format!("{} mails are released", released.map_err(message)?));
    Ok(())
}
