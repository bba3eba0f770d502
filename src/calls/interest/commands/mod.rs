//! Adds applications (guide §3). Anyone may express interest; a mailed link then proves the address. The programme manager
//! registers applications that came in another way.

mod verification;

use super::requests::NewApplication;
use super::{mails, rules};
use crate::calls::applications::{
    ApplicationRow, check_not_coordinator, check_not_oneself, check_programme_state, invite_contact,
    unscoped_unverified_of,
};
use crate::identity::links::{self, For, Kind};
use crate::identity::policy::ApplicationCreate;
use crate::platform::audit::Audited as _;
use crate::platform::auth::action::Action as _;
use crate::platform::auth::scope::{AuthzKeys, HasKeys as _};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Thing;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow, SELECTION_STATES};
use crate::reference::kommuner;

pub use verification::prove;

/// Adds an application that waits for the proof of its address, even if the kommun already has an application. Returns its
/// id and when the mailed link expires.
pub fn express(tx: &mut Tx<'_>, programme_id: Id, new: NewApplication) -> Result<(Id, Instant), Problem> {
    let kommun = kommun_name(tx, &new.kommunkod)?;
    let programme = programme::unscoped_by_id(tx.db, programme_id)?;
    rules::check_accepts_interest(&programme, tx.ctx.now)?;
    let row = new.into_interest(tx.ctx, &programme, &kommun);
    tx.insert(&row)?;
    let expires_at = send_link(tx, &programme, &row)?;
    Ok((row.id, expires_at))
}

/// Registers an application that came late, on paper or by e-mail: it is submitted at once, and its contact is invited
/// (guide §3).
pub fn register(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    new: NewApplication,
) -> Result<ApplicationRow, Problem> {
    check_may_register(tx, programme)?;
    let keys = AuthzKeys { kommunkod: Some(&new.kommunkod), ..programme.keys() };
    tx.check_not_own_case::<ApplicationCreate>(&Thing::new(tx.ctx, ApplicationRow::TYPE, keys))?;
    let kommun = kommun_name(tx, &new.kommunkod)?;
    let programme = programme::unscoped_by_id(tx.db, programme.id)?;
    let received_at = new.received_at(tx.ctx);
    Code::InvalidInput.refuse_any(rules::registration_faults(&new, received_at, &programme, tx.ctx.now))?;
    let mut row = new.into_registration(tx.ctx, &programme, received_at, &kommun);
    check_programme_state(&programme, SELECTION_STATES)?;
    lock_kommun(tx, row.programme_id, &row.kommunkod)?;
    let contact = invite_contact(tx, &programme, &row)?;
    check_not_oneself(tx.ctx, contact.id)?;
    check_not_coordinator(tx, &row)?;
    row.contact_person_id = Some(contact.id);
    tx.insert(&row)?;
    Ok(row)
}

/// 401 or 403 unless the caller manages the programme: only its manager may say when an application came in.
fn check_may_register(tx: &Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    if tx.ctx.may::<ApplicationCreate>(programme) {
        return Ok(());
    }
    if !tx.ctx.caller.is_logged_in() {
        return Err(Problem::new(Code::Unauthenticated));
    }
    let roles = ApplicationCreate::ROW.role_names();
    Err(Problem::new(Code::NotYours).detail(
        format!("receivedAt, respondBy och reason kräver rollen {roles} i programmet."),
        format!("receivedAt, respondBy and reason require the role {roles} in the programme."),
    ))
}

/// The name of the kommun; 422 when the register has no such code.
fn kommun_name(tx: &mut Tx<'_>, kommunkod: &str) -> Result<String, Problem> {
    let found = kommuner::find(tx.db, kommunkod)?.map(|kommun| kommun.name);
    found.ok_or_else(|| {
        let words =
            Localized::fixed("Finns inte i registret över kommuner.", "Is not in the register of kommuner.");
        Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/kommunkod", "unknownKommun", words)])
    })
}

/// Serialises the transactions that make an application of a kommun live, so that the second sees what the first did.
fn lock_kommun(tx: &mut Tx<'_>, programme_id: Id, kommunkod: &str) -> Result<(), Problem> {
    tx.lock_name(&format!("application:{programme_id}:{kommunkod}"))
}

/// Sends new links for the unverified applications of an address, unless one was sent a moment ago.
pub fn send_links(tx: &mut Tx<'_>, programme_id: Id, email: &str) -> Result<(), Problem> {
    if !links::lately(tx, Kind::Verification, email)?.may_ask(tx.ctx.wall) {
        return Ok(());
    }
    let programme = programme::unscoped_by_id(tx.db, programme_id)?;
    for row in unscoped_unverified_of(tx.db, programme_id, email)? {
        send_link(tx, &programme, &row)?;
    }
    Ok(())
}

/// Mails the link that proves an application's address, and returns when it expires. A mailbox that has had too much
/// mail gets none (see `platform::outbox`); its owner can ask for one later.
fn send_link(tx: &mut Tx<'_>, programme: &ProgrammeRow, row: &ApplicationRow) -> Result<Instant, Problem> {
    let target = For { person_id: None, subject_id: Some(row.id) };
    let (link, secret) = links::issue(tx, Kind::Verification, &row.contact_email, target)?;
    mails::verification(tx, programme, row, &secret, link.expires_at)?;
    Ok(link.expires_at)
}
