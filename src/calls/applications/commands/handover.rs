//! The manager's decision about the contact of an application.

use super::contact;
use crate::calls::applications::requests::NewContactDecision;
use crate::calls::applications::store::{self, ApplicationRow};
use crate::calls::applications::{ContactDecision, mails, rules};
use crate::identity::policy::ApplicationDecideContact;
use crate::platform::change::Changed;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::relations::Thing;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow};
use crate::reference::kommuner;

/// Keeps the contact in spite of a later interest, or hands the application over: the new contact is invited and becomes the
/// only applicant of the kommun. Those concerned are told, with the reason.
pub fn decide_contact(tx: &mut Tx<'_>, id: Id, new: &NewContactDecision) -> Result<ApplicationRow, Problem> {
    let action = match new.decision {
        ContactDecision::Kept => "contactKept",
        ContactDecision::HandedOver => "handedOver",
    };
    let Changed { before, after } = tx.change(id, action, |tx, before: &ApplicationRow| {
        let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
        tx.check_not_own_case::<ApplicationDecideContact>(&Thing::of(before))?;
        Code::InvalidInput.refuse_any(rules::decision_faults(before, new))?;
        rules::check_undecided(before, new.interest_id)?;
        let mut after = rules::decided(before, new, tx.ctx.now);
        if new.decision == ContactDecision::HandedOver {
            hand_over(tx, &programme, &mut after, new)?;
        }
        Ok(after)
    })?;
    let programme = programme::unscoped_by_id(tx.db, after.programme_id)?;
    match new.decision {
        ContactDecision::HandedOver => mails::handed_over(tx, &programme, &before, &new.reason)?,
        ContactDecision::Kept => {
            let notes = after.notes.0.iter();
            let of_interest = notes.filter(|note| note.application_id == new.interest_id);
            let email = of_interest.filter_map(|note| note.contact_email.clone()).next();
            if let Some(email) = email {
                mails::contact_kept(tx, &programme, &after, &email, &new.reason)?;
            }
        }
    }
    Ok(after)
}

/// Makes the new contact the applicant. 403 when that is the caller, 409 when it is a signer of the letter under way.
fn hand_over(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    after: &mut ApplicationRow,
    new: &NewContactDecision,
) -> Result<(), Problem> {
    contact::check_no_signer(tx, after)?;
    let why = mails::new_contact_words(tx, programme, &after.kommunkod, &new.reason)?;
    let person = contact::invite_because(tx, programme, after, &why)?;
    contact::check_not_oneself(tx.ctx, person.id)?;
    let kommun = kommuner::name_of(tx.db, &after.kommunkod)?;
    after.search_text =
        store::search_text(&kommun, &after.contact_name, &after.contact_email, &after.motivation);
    after.contact_person_id = Some(person.id);
    Ok(())
}
