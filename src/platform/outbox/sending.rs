//! The jobs of the outbox: sealing what older versions have left in clear, sending, clearing.

use std::path::{Path, PathBuf};

use diesel::prelude::*;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::{ContentTransferEncoding, ContentType, MIME_VERSION_1_0};

use super::{MailRow, text_of};
use crate::platform::db::columns::Whole as _;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::outbox_mails;
use crate::platform::files;
use crate::platform::ids::Id;
use crate::platform::mailbox::mailbox;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::text::counted;
use crate::platform::tx::{Rx, Tx};

/// The most mails sent in one run.
const BATCH_SIZE: i64 = 100;

/// How long a sent mail's row (without its text) is kept, in days.
const KEPT_DAYS: i64 = 30;

/// After this many days an unsent mail is deleted: the links in it have expired.
const GIVEN_UP_DAYS: i64 = 14;

/// The path of a mail's file.
pub fn file_of(folder: &Path, id: Id) -> PathBuf {
    folder.join(format!("{id}.eml"))
}

/// The job that seals mail which an older version of the program has left in clear.
pub fn seal_old(services: &Services) -> Result<usize, Problem> {
    let seal = |tx: &mut Tx<'_>, _: &()| {
        let clear = outbox_mails::table
            .filter(outbox_mails::sent_at.is_null())
            .filter(outbox_mails::is_sealed.eq(false))
            .order(outbox_mails::id)
            .select(MailRow::whole());
        let Some(mail) = clear.first::<MailRow>(tx.db).optional()? else { return Ok(false) };
        let sealed = tx.ctx.secrets.seal(&super::purpose(mail.id), &mail.body)?;
        let this = outbox_mails::table.find(mail.id).filter(outbox_mails::is_sealed.eq(false));
        let change = (outbox_mails::body.eq(sealed), outbox_mails::is_sealed.eq(true));
        diesel::update(this).set(change).kept().execute(tx.db)?;
        Ok(true)
    };
    services.take_due_steps(|_| Ok(vec![()]), seal)
}

/// The job that sends mail. Without `MAIL_DIR` the mail stays in the outbox.
pub fn send(services: &Services) -> Result<usize, Problem> {
    let Some(folder) = services.config.mail_dir.clone() else { return Ok(0) };
    files::private_folder(&folder).map_err(Problem::internal)?;
    let ctx = services.system();
    let (mut sent, mut failed) = (0, 0);
    for mail in services.database.read_blocking(&ctx, due)? {
        if !services.database.write_blocking(&ctx, |tx| claim(tx, &mail))? {
            continue;
        }
        let result = text_of(&services.secrets, &mail)
            .map_err(|problem| problem.to_string())
            .and_then(|text| deliver(&folder, &services.config.mail_from, &mail, text));
        services.database.write_blocking(&ctx, |tx| record(tx, mail.id, &result))?;
        match result {
            Ok(()) => sent += 1,
            Err(error) => {
                failed += 1;
                tracing::debug!(id = %mail.id, error, "a mail could not be sent");
            }
        }
    }
    if failed > 0 {
        // The text of an error may name a recipient: it is kept with the mail.
        tracing::warn!(
            "{} could not be sent; why is in outbox_mails.last_error",
            counted(failed, "mail", "mails")
        );
    }
    Ok(sent)
}

/// The job that deletes the rows of mail that was sent long ago, and mail that could not be sent.
pub fn clear_old(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let (forgotten, given_up) = services.database.write_blocking(&ctx, |tx| {
        let wall = tx.ctx.wall;
        let sent = outbox_mails::sent_at.assume_not_null().lt(wall.plus_days(-KEPT_DAYS));
        let forgotten =
            diesel::delete(outbox_mails::table.filter(outbox_mails::sent_at.is_not_null().and(sent)))
                .kept()
                .execute(tx.db)?;
        let unsent = outbox_mails::table
            .filter(outbox_mails::sent_at.is_null())
            .filter(outbox_mails::is_held.eq(false))
            .filter(outbox_mails::created_at.lt(wall.plus_days(-GIVEN_UP_DAYS)));
        Ok((forgotten, diesel::delete(unsent).kept().execute(tx.db)?))
    })?;
    if given_up > 0 {
        tracing::warn!(
            "{} not be sent for {GIVEN_UP_DAYS} days and {} deleted",
            counted(given_up, "mail could", "mails could"),
            if given_up == 1 { "is" } else { "are" }
        );
    }
    Ok(forgotten + given_up)
}

fn due(rx: &mut Rx<'_>) -> Result<Vec<MailRow>, Problem> {
    let mails = outbox_mails::table
        .filter(outbox_mails::sent_at.is_null())
        .filter(outbox_mails::is_held.eq(false))
        .filter(outbox_mails::send_after.le(rx.ctx.wall))
        .order(outbox_mails::send_after)
        .limit(BATCH_SIZE)
        .select(MailRow::whole())
        .load(rx.db)?;
    Ok(mails)
}

/// Claims the mail for this process; false when another process has tried it since it was read. Also sets the time of
/// the next attempt, so that a retry follows even if this process dies. The wait doubles with each attempt.
fn claim(tx: &mut Tx<'_>, mail: &MailRow) -> Result<bool, Problem> {
    let wait = 1_i64 << mail.attempts.clamp(0, 10);
    let unclaimed = outbox_mails::table
        .find(mail.id)
        .filter(outbox_mails::sent_at.is_null())
        .filter(outbox_mails::is_held.eq(false))
        .filter(outbox_mails::attempts.eq(mail.attempts));
    let claimed = diesel::update(unclaimed)
        .set((
            outbox_mails::attempts.eq(mail.attempts + 1),
            outbox_mails::send_after.eq(tx.ctx.wall.plus_minutes(wait)),
        ))
        .kept()
        .execute(tx.db)?;
    Ok(claimed == 1)
}

fn deliver(folder: &Path, from: &str, mail: &MailRow, text: String) -> Result<(), String> {
    let from = from.parse::<Mailbox>().map_err(|error| error.to_string())?;
    let to = mailbox(&mail.recipient).ok_or("this address cannot be mailed")?;
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(&mail.subject)
        .message_id(Some(format!("<{}@samverkan>", mail.id)))
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text)
        .map_err(|error| error.to_string())?;
    files::write_private(&file_of(folder, mail.id), &message.formatted()).map_err(|error| error.to_string())
}

fn record(tx: &mut Tx<'_>, id: Id, result: &Result<(), String>) -> Result<(), Problem> {
    let mail = outbox_mails::table.find(id);
    match result {
        Ok(()) => {
            let sent = (
                outbox_mails::sent_at.eq(Some(tx.ctx.wall)),
                outbox_mails::body.eq(""),
                outbox_mails::last_error.eq(None::<String>),
            );
            diesel::update(mail).set(sent).kept().execute(tx.db)?;
        }
        Err(error) => {
            diesel::update(mail).set(outbox_mails::last_error.eq(Some(error))).kept().execute(tx.db)?;
        }
    }
    Ok(())
}
