//! The key that seals mail, held against the database at the start. The database knows its fingerprint: a start with another key would
//! leave mail that nobody can open, and two processes with different keys could not send each other's.

use diesel::prelude::*;

use super::{MailRow, text_of};
use crate::platform::audit::restorations;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::facts;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::outbox_mails;
use crate::platform::key_file;
use crate::platform::problem::Problem;
use crate::platform::secrets::Secrets;
use crate::platform::services::Services;
use crate::platform::text::counted;
use crate::platform::tx::{Rx, Tx};

/// The name of the fact that holds the key's fingerprint.
const FACT: &str = "secretsKey";

/// The action of the event when an operator goes on without a lost key.
const FORGOTTEN: &str = "installation.secretsKeyForgotten";

/// What a database has been sealed with.
struct Sealed {
    fingerprint: Option<String>,
    waiting: Vec<MailRow>,
}

fn sealed(rx: &mut Rx<'_>) -> Result<Sealed, Problem> {
    let waiting = outbox_mails::table
        .filter(outbox_mails::sent_at.is_null())
        .filter(outbox_mails::is_sealed.eq(true))
        .select(MailRow::whole())
        .load(rx.db)?;
    Ok(Sealed { fingerprint: facts::text(rx.db, FACT)?, waiting })
}

impl Sealed {
    /// How many mails the key does not open.
    fn unopened(&self, secrets: &Secrets) -> usize {
        self.waiting.iter().filter(|mail| text_of(secrets, mail).is_err()).count()
    }

    /// Why the key is not the one of this database; none when it is, or when nothing was sealed yet.
    fn fault(&self, secrets: &Secrets) -> Option<String> {
        let is_used = self.fingerprint.is_some() || !self.waiting.is_empty();
        let path = secrets.file().map_or_else(|| "it".to_owned(), |path| path.display().to_string());
        let what = match secrets.fingerprint() {
            Err(_) if is_used && secrets.file().is_some_and(|path| !path.exists()) => {
                format!("{path} is not there")
            }
            // What else keeps the file from being read says its own error.
            Err(error) => return Some(format!("SECRETS_KEY_FILE: {error}")),
            Ok(own) => {
                let is_other = match &self.fingerprint {
                    Some(known) => *known != own,
                    None => !self.waiting.is_empty() && self.unopened(secrets) == self.waiting.len(),
                };
                if !is_other {
                    return None;
                }
                format!("{path} is another key")
            }
        };
        Some(format!(
            "SECRETS_KEY_FILE must name the key that sealed mail in this database: {what}, and {} with it. If it is lost, see \
             docs/OPERATION.md, Lost keys",
            match self.waiting.len() {
                1 => "1 mail waits".to_owned(),
                count => format!("{count} mails wait"),
            }
        ))
    }
}

/// Refuses a key that is not the one of this database; makes one when nothing was sealed yet; and tells of mail that it does not
/// open.
pub fn check_key(services: &Services) -> Result<(), Problem> {
    let (secrets, ctx) = (&services.secrets, services.system());
    let found = services.database.read_blocking(&ctx, sealed)?;
    if found.fingerprint.is_none() && found.waiting.is_empty() {
        let named = |error| Problem::internal(format!("SECRETS_KEY_FILE {error}"));
        if let (true, Some(path)) = (secrets.make_missing().map_err(named)?, secrets.file()) {
            key_file::tell_of_made(path);
        }
    }
    if let Some(fault) = found.fault(secrets) {
        return Err(Problem::internal(fault));
    }
    let unopened = found.unopened(secrets);
    if unopened > 0 {
        tracing::warn!(
            "{} cannot be opened with the key of SECRETS_KEY_FILE and will not be sent",
            counted(unopened, "mail", "mails")
        );
    }
    if found.fingerprint.is_some() {
        return Ok(());
    }
    let own = secrets.fingerprint().map_err(Problem::internal)?;
    services.database.write_blocking(&ctx, |tx| facts::add(tx.db, FACT, &own, 0))?;
    // Another process may have stored that of its own key meanwhile.
    let found = services.database.read_blocking(&services.system(), sealed)?;
    found.fault(secrets).map_or(Ok(()), |fault| Err(Problem::internal(fault)))
}

/// Why the key cannot serve this database, as a sentence for the operator; none when it can.
pub fn key_fault(services: &Services) -> Result<Option<String>, Problem> {
    let found = services.database.read_blocking(&services.system(), sealed)?;
    let is_new = found.fingerprint.is_none() && found.waiting.is_empty();
    Ok(found.fault(&services.secrets).filter(|_| !is_new))
}

/// How many mails wait that the key does not open.
pub fn unopened(services: &Services) -> Result<usize, Problem> {
    let found = services.database.read_blocking(&services.system(), sealed)?;
    Ok(found.unopened(&services.secrets))
}

/// Goes on without a lost key: deletes the mail that waits and cannot be opened, and forgets the key, so that the next start takes
/// another. Returns how many mails were deleted.
pub fn forget_key(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let secrets = std::sync::Arc::clone(&tx.ctx.secrets);
    let found = sealed(&mut tx.as_read())?;
    let lost: Vec<&MailRow> = found.waiting.iter().filter(|mail| text_of(&secrets, mail).is_err()).collect();
    for mail in &lost {
        diesel::delete(outbox_mails::table.find(mail.id)).kept().execute(tx.db)?;
    }
    facts::forget(tx.db, FACT)?;
    restorations::add_event(tx, FORGOTTEN, &serde_json::json!({"mails": lost.len()}))?;
    Ok(lost.len())
}
