//! Mail leaves only from here: it is written in the transaction of what it tells, and sent after it by a job, to a folder
//! of .eml files (`MAIL_DIR`).

use std::path::Path;

use diesel::prelude::*;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{FileTransport, Message, Transport as _};

use crate::platform::db::schema::outbox_mails;
use crate::platform::db::{Rx, Tx};
use crate::platform::http::language::Words;
use crate::platform::http::problem::Problem;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::services::Services;

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox_mails)]
struct MailRow {
    id: Id,
    recipient: String,
    subject: String,
    body: String,
    created_at: Instant,
    send_after: Instant,
    sent_at: Option<Instant>,
    attempts: i32,
    last_error: Option<String>,
}

impl Tx<'_> {
    /// Puts a mail into the outbox: Swedish first, English after, and the programme's funding sentence if it has one.
    pub fn mail(
        &mut self,
        recipient: &str,
        subject: &Words,
        body: &Words,
        funding: Option<&Words>,
    ) -> Result<(), Problem> {
        let footer = funding.map_or(String::new(), |words| format!("\n\n{}\n{}", words.sv, words.en));
        let mail = MailRow {
            id: self.ctx.new_id(),
            recipient: recipient.to_owned(),
            subject: format!("{} / {}", subject.sv, subject.en),
            body: format!("{}\n\n---\n\n{}{footer}\n", body.sv, body.en),
            created_at: self.ctx.wall,
            send_after: self.ctx.wall,
            sent_at: None,
            attempts: 0,
            last_error: None,
        };
        diesel::insert_into(outbox_mails::table).values(&mail).execute(self.db)?;
        Ok(())
    }
}

/// So many mails at a time.
const PORTION: i64 = 100;

/// The job: sends what waits. Without `MAIL_DIR` it waits on.
pub fn send(services: &Services) -> Result<usize, Problem> {
    let Some(folder) = services.config.mail_dir.clone() else { return Ok(0) };
    std::fs::create_dir_all(&folder).map_err(Problem::internal)?;
    let ctx = services.system();
    let due = services.database.read_now(&ctx, due)?;
    for mail in &due {
        let result = deliver(&folder, &services.config.mail_from, mail);
        services.database.write_now(&ctx, |tx| settle(tx, mail, &result))?;
    }
    Ok(due.len())
}

fn due(rx: &mut Rx<'_>) -> Result<Vec<MailRow>, Problem> {
    let mails = outbox_mails::table
        .filter(outbox_mails::sent_at.is_null())
        .filter(outbox_mails::send_after.le(rx.ctx.wall))
        .order(outbox_mails::send_after)
        .limit(PORTION)
        .select(MailRow::as_select())
        .load(rx.db)?;
    Ok(mails)
}

fn deliver(folder: &Path, from: &str, mail: &MailRow) -> Result<(), String> {
    let mailbox = |address: &str| address.parse::<Mailbox>().map_err(|error| error.to_string());
    let message = Message::builder()
        .from(mailbox(from)?)
        .to(mailbox(&mail.recipient)?)
        .subject(&mail.subject)
        .message_id(Some(format!("<{}@samverkan>", mail.id)))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|error| error.to_string())?;
    FileTransport::new(folder).send(&message).map(|_| ()).map_err(|error| error.to_string())
}

/// After a failure the next try waits twice as long as the one before.
fn settle(tx: &mut Tx<'_>, mail: &MailRow, result: &Result<(), String>) -> Result<(), Problem> {
    let wait = 1_i64 << mail.attempts.clamp(0, 10);
    let sent_at = result.is_ok().then_some(tx.ctx.wall);
    diesel::update(outbox_mails::table.find(mail.id))
        .set((
            outbox_mails::sent_at.eq(sent_at),
            outbox_mails::attempts.eq(mail.attempts + 1),
            outbox_mails::send_after.eq(tx.ctx.wall.plus_minutes(wait)),
            outbox_mails::last_error.eq(result.as_ref().err()),
        ))
        .execute(tx.db)?;
    Ok(())
}
