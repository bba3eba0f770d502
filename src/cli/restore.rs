//! `samverkan restore`: puts a backup in the place of the database, and says so in the audit trail. `samverkan release-mail` sends
//! what waited then.

use std::path::PathBuf;

use actix_web::web;
use clap::Args;
use serde_json::json;

use super::{message, output};
use crate::app;
use crate::identity::{keys, links, sessions};
use crate::platform::audit::outside;
use crate::platform::audit::restorations::{self, MAIL_RELEASED};
use crate::platform::auth::password::PasswordCost;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Location, backup, known, migrations, serving};
use crate::platform::ids::Ids;
use crate::platform::jobs;
use crate::platform::outbox;
use crate::platform::services::Services;
use crate::platform::text::counted;

/// What to restore.
#[derive(Args)]
#[command(override_usage = "samverkan restore [--replace] FILE\n       samverkan restore --in-place")]
pub struct Restore {
    /// The backup, on SQLite; without one --in-place
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

/// What a restoration did.
struct Done {
    events: i64,
    sessions: usize,
    links: usize,
    invitations: usize,
    mails: usize,
}

/// Restores, ends sessions and links, and holds mail.
pub fn run(config: Config, wanted: &Restore) -> Result<(), String> {
    let location = super::writable(&config)?;
    if wanted.file.is_none() && known::check(&location).map_err(message)? == known::Known::Empty {
        return Err(format!("there is no database yet: {location}"));
    }
    // Nobody may serve it until the end.
    let _alone = serving::alone(&location).map_err(message)?;
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
    }
    migrations::run(&location).map_err(message)?;
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let folder = services.config.checkpoints();
    let done = services.database.write_blocking(&services.system(), |tx| {
        let lost = outside::missing(&mut tx.as_read(), &folder)?;
        let events = restorations::record(tx, lost.as_ref())?;
        jobs::free_lease(tx)?;
        let sessions = sessions::end_all(tx, sessions::EndReason::Ended)?;
        let (links, invitations) = links::end_every(tx)?;
        Ok(Done { events, sessions, links, invitations, mails: outbox::hold(tx)? })
    });
    tell(&done.map_err(message)?, &location);
    tell_of_keys(&services)
}

fn tell(done: &Done, location: &Location) {
    output::line(&format!("{location} is restored, with {} of the audit trail.", {
        counted(done.events, "event", "events")
    }));
    output::line(&format!(
        "{} and {} ended; people log in again.",
        counted(done.sessions, "session", "sessions"),
        counted(done.links, "link", "links")
    ));
    if done.invitations > 0 {
        output::line(&format!(
            "{} had not been used: a new one is sent by POST /api/v1/invitations, or by the page /forgotten-password.",
            counted(done.invitations, "of them, an invitation,", "of them, invitations,")
        ));
    }
    if done.mails > 0 {
        output::line(&format!(
            "{} held, because they may have been sent after the backup: `samverkan release-mail` sends them.",
            counted(done.mails, "mail is", "mails are")
        ));
    }
    output::line("`samverkan verify-audit --full` says what was lost, as far as kept checkpoints know.");
}

/// Says which key is missing, because `serve` will refuse without it.
fn tell_of_keys(services: &web::Data<Services>) -> Result<(), String> {
    let path = services.config.record_key();
    let keys = if path.exists() { Some(RecordKeys::read(&path)?) } else { None };
    let record =
        services.database.read_blocking(&services.system(), |rx| keys::fault(rx, keys.as_ref(), &path));
    let secrets = outbox::key_fault(services);
    for fault in [record, secrets] {
        if let Some(fault) = fault.map_err(message)? {
            output::line(&format!("Before the start: {fault}"));
        }
    }
    Ok(())
}

/// Releases mail that is held since a restoration.
pub fn release_mail(config: Config) -> Result<(), String> {
    known::check_current(&app::location(&config)).map_err(message)?;
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let released = services.database.write_blocking(&services.system(), |tx| {
        let mails = outbox::release(tx)?;
        if mails > 0 {
            restorations::add_event(tx, MAIL_RELEASED, &json!({"mails": mails}))?;
        }
        Ok(mails)
    });
    let released = released.map_err(message)?;
    output::line(&format!("{} released", counted(released, "mail is", "mails are")));
    Ok(())
}
