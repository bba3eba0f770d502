//! The outbox for mail. A mail is stored in the transaction of the change that it reports. After the commit a job sends
//! it, as an .eml file in the folder `MAIL_DIR`. The text may contain a single-use link, so it is stored sealed, and deleted
//! as soon as it is sent. How much mail may be caused is in [`limits`].

mod limits;
mod sealing;
mod sending;

use diesel::prelude::*;

use self::limits::{Cause, Counted};
pub use self::sealing::{check_key, forget_key, key_fault, unopened};
pub use self::sending::{clear_old, file_of, seal_old, send};
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::outbox_mails;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::secrets::Secrets;
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};

/// A mail as stored.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox_mails, treat_none_as_default_value = false)]
struct MailRow {
    id: Id,
    recipient: String,
    subject: String,
    /// Sealed, if `is_sealed`; empty when it is sent.
    body: String,
    /// When it was made, or released.
    created_at: Instant,
    /// The next attempt.
    send_after: Instant,
    sent_at: Option<Instant>,
    attempts: i32,
    last_error: Option<String>,
    is_sealed: bool,
    /// When it was to be sent first; what counts for limits.
    due_at: Instant,
    mailbox: String,
    sender: String,
    kommun: Option<String>,
    is_limited: bool,
    /// Whether an administrator must release it first: it waited when a backup was restored.
    is_held: bool,
}

impl Tx<'_> {
    /// Puts a mail into the outbox: the Swedish text, the English text, and the programme's funding sentence if there
    /// is one. 429 `tooMuchMail` if a kommun has caused too much; too much that a caller without login causes is left out
    /// without a word, because such a caller must not learn who gets mail. What the clock or SKR causes is sent later.
    pub fn mail(
        &mut self,
        recipient: &str,
        subject: &Localized,
        body: &Localized,
        funding: Option<&Localized>,
    ) -> Result<(), Problem> {
        self.ctx.refuse_invalid_body()?;
        let wall = self.ctx.wall;
        let counted = Counted::of(self.ctx, recipient);
        let due_at = counted.earliest(self, self.ctx.mails_per_hour)?;
        if wall < due_at && counted.cause.is_limited() {
            return refusal(counted.cause, wall, due_at);
        }
        let footer = funding.map_or(String::new(), |words| format!("\n\n{}\n{}", words.sv, words.en));
        let text = format!("{}\n\n---\n\n{}{footer}\n", body.sv, body.en);
        let id = self.ctx.new_id();
        let is_limited = counted.cause.is_limited();
        let Counted { cause: _, mailbox, sender, kommun } = counted;
        let mail = MailRow {
            id,
            recipient: recipient.to_owned(),
            subject: format!("{} / {}", subject.sv, subject.en),
            body: self.ctx.secrets.seal(&purpose(id), &text)?,
            created_at: wall,
            send_after: due_at,
            sent_at: None,
            attempts: 0,
            last_error: None,
            is_sealed: true,
            due_at,
            mailbox,
            sender,
            kommun,
            is_limited,
            is_held: false,
        };
        diesel::insert_into(outbox_mails::table).values(&mail).kept().execute(self.db)?;
        Ok(())
    }
}

fn refusal(cause: Cause, wall: Instant, due_at: Instant) -> Result<(), Problem> {
    if cause == Cause::Anonymous {
        tracing::info!("mail that a caller without login would cause is left out: too much");
        return Ok(());
    }
    let seconds = u64::try_from((due_at.millis() - wall.millis()) / 1000 + 1).unwrap_or(1);
    Err(Problem::new(Code::TooMuchMail).retry_after(seconds))
}

/// What the text of a mail is sealed for.
fn purpose(id: Id) -> String {
    format!("mail {id}")
}

/// The text of a mail that is not sent.
fn text_of(secrets: &Secrets, mail: &MailRow) -> Result<String, Problem> {
    if mail.is_sealed { secrets.open(&purpose(mail.id), &mail.body) } else { Ok(mail.body.clone()) }
}

/// How many mails wait to be sent, and how many of them are held until somebody releases them.
pub fn unscoped_waiting(rx: &mut Rx<'_>) -> Result<(i64, i64), Problem> {
    let waiting = outbox_mails::table.filter(outbox_mails::sent_at.is_null());
    let held = waiting.filter(outbox_mails::is_held.eq(true)).count().get_result(rx.db)?;
    Ok((waiting.count().get_result(rx.db)?, held))
}

/// Holds what waits; returns how many mails.
pub fn hold(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let waiting = outbox_mails::table.filter(outbox_mails::sent_at.is_null());
    let others = waiting.filter(outbox_mails::is_held.eq(false));
    Ok(diesel::update(others).set(outbox_mails::is_held.eq(true)).kept().execute(tx.db)?)
}

/// Releases what is held; returns how many mails. The days after which mail is given up begin anew.
pub fn release(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let waiting = outbox_mails::table.filter(outbox_mails::sent_at.is_null());
    let held = waiting.filter(outbox_mails::is_held.eq(true));
    let released = (outbox_mails::is_held.eq(false), outbox_mails::created_at.eq(tx.ctx.wall));
    Ok(diesel::update(held).set(released).kept().execute(tx.db)?)
}

/// The id, recipient and text of every mail, or of every mail to one address, oldest first; the text of a mail that is sent is
/// empty. For the demonstration and tests, which use the links.
pub fn unscoped_texts(
    rx: &mut Rx<'_>,
    recipient: Option<&str>,
) -> Result<Vec<(Id, String, String)>, Problem> {
    let all = outbox_mails::table.order((outbox_mails::created_at, outbox_mails::id));
    let all = all.select(MailRow::as_select());
    let rows: Vec<MailRow> = match recipient {
        Some(recipient) => all.filter(outbox_mails::recipient.eq(recipient)).load(rx.db)?,
        None => all.load(rx.db)?,
    };
    let text = |mail: &MailRow| match mail.sent_at {
        Some(_) => Ok(String::new()),
        None => text_of(&rx.ctx.secrets, mail),
    };
    rows.iter().map(|mail| Ok((mail.id, mail.recipient.clone(), text(mail)?))).collect()
}
