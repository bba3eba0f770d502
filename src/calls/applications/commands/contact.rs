//! The contact of an application, who has the role applicant.

use std::sync::Arc;

use crate::calls::applications::store::ApplicationRow;
use crate::calls::applications::{LetterFacts, mails, rules};
use crate::identity::people::{self, PersonRow};
use crate::identity::policy::Role;
use crate::identity::roles;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::ProgrammeRow;

/// Gives the role applicant to the person with the contact's address. A person without an account is invited.
pub fn invite(tx: &mut Tx<'_>, programme: &ProgrammeRow, row: &ApplicationRow) -> Result<PersonRow, Problem> {
    let why = mails::contact_words(tx, programme, &row.kommunkod)?;
    invite_because(tx, programme, row, &why)
}

/// Like [`invite`], with other words in the mail.
pub fn invite_because(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    row: &ApplicationRow,
    why: &Localized,
) -> Result<PersonRow, Problem> {
    let with_funding = mails::with_funding(programme, why);
    let (person, is_invited) = people::invited(tx, &row.contact_name, &row.contact_email, &with_funding)?;
    if !is_invited {
        mails::contact(tx, programme, &person.email, why)?;
    }
    grant_applicant(tx, row, person.id)?;
    Ok(person)
}

/// 403 when SKR's manager would make themself the contact: they would decide about their own case.
pub fn check_not_oneself(ctx: &Context, contact: Id) -> Result<(), Problem> {
    if !ctx.caller.is_person(contact) {
        return Ok(());
    }
    Err(Problem::new(Code::OwnWork).detail(
        "Ingen gör sig själv till kommunens kontaktperson som projektledare.",
        "Nobody makes themself the kommun's contact as its programme manager.",
    ))
}

/// 403 when SKR's manager would name themself as the kommun's coordinator.
pub fn check_not_coordinator(tx: &mut Tx<'_>, row: &ApplicationRow) -> Result<(), Problem> {
    let (Some(caller), Some(named)) = (tx.ctx.caller.person_id(), &row.coordinator_email) else {
        return Ok(());
    };
    if people::unscoped_by_id(tx.db, caller)?.email != *named {
        return Ok(());
    }
    Err(Problem::new(Code::OwnWork).detail(
        "Ingen gör sig själv till kommunens koordinator som projektledare.",
        "Nobody makes themself the kommun's coordinator as its programme manager.",
    ))
}

/// 409 when the contact is named as a signer of the kommun's letter: the applicant must not sign it.
pub fn check_no_signer(tx: &mut Tx<'_>, row: &ApplicationRow) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    for letters in hooks.of::<dyn LetterFacts>() {
        if letters.names(tx, row, &row.contact_email)? {
            let words = Localized::fixed(
                "Adressen är en undertecknares på den avsiktsförklaring som är på väg: den som ansöker undertecknar \
                 inte själv.",
                "A signer of the letter under way has this address: the applicant must not sign it.",
            );
            let fault = FieldError::new("/contactEmail", "isSigner", words);
            return Err(Problem::new(Code::StateConflict).errors(vec![fault]));
        }
    }
    Ok(())
}

/// Gives the role applicant. If the application is new, the kommun's earlier applicants lose the role: their application has
/// ended, and the new one is not theirs.
pub fn grant_applicant(tx: &mut Tx<'_>, row: &ApplicationRow, person_id: Id) -> Result<(), Problem> {
    let today = tx.ctx.today();
    let kommun = Some(row.kommunkod.as_str());
    if !rules::LIVE.contains(&row.status) || row.contact_person_id.is_none() {
        for held in roles::unscoped_holders(&mut tx.as_read(), Role::Applicant, row.programme_id, kommun)? {
            if held.person_id != person_id {
                roles::end(tx, held, today.plus_days(-1))?;
            }
        }
    }
    let wanted = roles::Wanted::new(person_id, Role::Applicant, row.programme_id, kommun, today);
    roles::grant(tx, &wanted)?;
    Ok(())
}
