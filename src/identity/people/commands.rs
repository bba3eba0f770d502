//! The changes of a person: adding and inviting one, name and address, the state of the login, passwords, and who sees them.

use std::sync::Arc;

use super::information::{INFORMATION_VERSION, information};
use super::requests::PersonPatch;
use super::rules;
use super::store::{self, PersonRow};
use super::{PersonListener, PersonState};
use crate::identity::links::{self, For, Kind, LinkRow, Mailed};
use crate::identity::policy::PersonRead;
use crate::identity::sessions::{self, EndReason};
use crate::identity::{invitations, roles};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::change::Changed;
use crate::platform::http::body::NoData;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;

/// Why a person is invited whose address has changed.
const NEW_ACCOUNT: Localized =
    Localized::fixed("Du har fått ett konto i samverkan.", "You have been given an account in samverkan.");

/// Whether the caller sees the person.
pub fn is_seen(tx: &mut Tx<'_>, id: Id) -> Result<bool, Problem> {
    let scope = tx.ctx.scope_of(PersonRead::ROW);
    Ok(PersonRow::find(tx.db, &scope, id)?.is_some())
}

/// Does what adding and inviting a new person does, and takes it back, so that the duration of a request does not reveal whether
/// an address is known.
pub fn pretend_to_invite(tx: &mut Tx<'_>, name: &str) -> Result<(), Problem> {
    let address = format!("{}@samverkan.invalid", tx.ctx.new_id());
    let pretended = tx.attempt(|tx| {
        let nobody = add(tx, name, &address)?;
        invite(tx, &nobody, &NEW_ACCOUNT)?;
        Err::<(), Problem>(Problem::not_found())
    });
    match pretended {
        Err(problem) if problem.code != Code::NotFound => Err(problem),
        _ => Ok(()),
    }
}

/// Called when a person logs in or accepts: those who have invited them or given them a role see them from now on.
pub fn acknowledge(tx: &mut Tx<'_>, person: &PersonRow) -> Result<(), Problem> {
    invitations::acknowledge(tx, person.id)?;
    let roles = roles::unscoped_to_acknowledge(tx, person.id)?;
    if roles.is_empty() {
        return Ok(());
    }
    // Participants are locked before roles.
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn PersonListener>() {
        listener.acknowledged(tx, person)?;
    }
    roles::acknowledge(tx, &roles)
}

/// Changes name or address, and tells the areas that show them.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: PersonPatch) -> Result<PersonRow, Problem> {
    let Changed { before, after } = tx.change(id, "changed", |tx, before: &PersonRow| {
        let mut after = patch.apply(before.clone());
        after.renamed_from(before, tx.ctx.now);
        rules::may_change_email(&tx.ctx.scope.roles_for(before), before, &after)?;
        Ok(after)
    })?;
    if before.email != after.email {
        address_changed(tx, &before, &after)?;
    }
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn PersonListener>() {
        listener.changed(tx, &before, &after)?;
    }
    Ok(after)
}

fn address_changed(tx: &mut Tx<'_>, before: &PersonRow, after: &PersonRow) -> Result<(), Problem> {
    // Whoever had the login with the old address must not keep it. Administrators who change their own stay logged in here.
    sessions::end_of_person(tx, after.id, tx.ctx.caller.session_id, EndReason::EmailChanged)?;
    links::end_all(tx, after.id)?;
    if after.status == PersonState::Invited {
        invite(tx, after, &NEW_ACCOUNT)?;
        return Ok(());
    }
    tx.mail(
        &before.email,
        &Localized::fixed("Din e-postadress i samverkan är ändrad", "Your e-mail address in samverkan has been changed"),
        &Localized::new(
            format!("Hej {}!\n\nEn systemadministratör har bytt din e-postadress i samverkan. Hör av dig om det inte stämmer.", after.name),
            format!("Hello {}!\n\nA system administrator has changed your e-mail address in samverkan. Get in touch if that is wrong.", after.name),
        ),
        None,
    )
}

impl ChangeStatus for PersonRow {
    type Data = NoData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<PersonState, NoData>,
    ) -> Result<Self, Problem> {
        let id = seen.id;
        if wanted.to != PersonState::Disabled {
            return take_step(tx, id, wanted);
        }
        let after = roles::keeping_an_administrator(tx, |tx| take_step(tx, id, wanted))?;
        sessions::end_of_person(tx, id, None, EndReason::PersonDisabled)?;
        links::end_all(tx, id)?;
        Ok(after)
    }
}

fn take_step(tx: &mut Tx<'_>, id: Id, wanted: &Wanted<PersonState, NoData>) -> Result<PersonRow, Problem> {
    Ok(tx.step(id, wanted, |_, before: &PersonRow, _| Ok(before.clone()))?.after)
}

/// Finds or adds the person with this address and makes sure that they can log in. The flag tells whether an invitation
/// was sent: a new person gets one, and so does a person who has not accepted an earlier one, because that link may have
/// expired.
pub fn invited(
    tx: &mut Tx<'_>,
    name: &str,
    email: &str,
    why: &Localized,
) -> Result<(PersonRow, bool), Problem> {
    let person = match store::unscoped_by_email(tx.db, email)? {
        Some(person) if person.status != PersonState::Invited => {
            pretend_to_invite(tx, name)?;
            return Ok((person, false));
        }
        Some(person) => person,
        None => add(tx, name, email)?,
    };
    invite(tx, &person, why)?;
    Ok((person, true))
}

/// Adds a person who cannot log in yet.
pub fn add(tx: &mut Tx<'_>, name: &str, email: &str) -> Result<PersonRow, Problem> {
    let person = PersonRow::new(tx.ctx, name, email);
    tx.insert(&person)?;
    Ok(person)
}

/// Creates a link for choosing a password, and returns it as a mail shows it. Earlier links end.
pub fn link_to(tx: &mut Tx<'_>, person: &PersonRow) -> Result<(LinkRow, Mailed), Problem> {
    let target = For { person_id: Some(person.id), subject_id: None };
    let (link, secret) = links::issue(tx, Kind::Invitation, &person.email, target)?;
    let mailed = Mailed::new(tx.ctx, Kind::Invitation, link.id, &secret);
    Ok((link, mailed))
}

/// Records that the person has been given the current information text.
pub fn informed(tx: &mut Tx<'_>, person: PersonRow) -> Result<PersonRow, Problem> {
    if person.information_version.as_deref() == Some(INFORMATION_VERSION) {
        return Ok(person);
    }
    let before = tx.locked::<PersonRow>(person.id)?;
    let mut after = before.clone();
    after.information_version = Some(INFORMATION_VERSION.to_owned());
    tx.update("informed", &before, after)
}

/// Mails a new link for choosing a password.
pub fn invite(tx: &mut Tx<'_>, person: &PersonRow, why: &Localized) -> Result<LinkRow, Problem> {
    // The person is locked before the links.
    informed(tx, person.clone())?;
    let (link, mailed) = link_to(tx, person)?;
    let (address, code) = (&mailed.address, mailed.code_sentence());
    let information = information();
    tx.mail(
        &person.email,
        &Localized::fixed("Inbjudan till samverkan", "Invitation to samverkan"),
        &Localized::new(
            format!(
                "Hej {}!\n\n{}\n\nVälj lösenord inom 14 dagar: {address}\n\n{}\n\n{}",
                person.name, why.sv, code.sv, information.sv
            ),
            format!(
                "Hello {}!\n\n{}\n\nChoose a password within 14 days: {address}\n\n{}\n\n{}",
                person.name, why.en, code.en, information.en
            ),
        ),
        None,
    )?;
    Ok(link)
}

/// Stores the hash of a new password and makes an invited person active. Whoever chooses a password is seen from then on:
/// [`acknowledge`] follows, after the links and sessions.
pub fn set_password(tx: &mut Tx<'_>, person: PersonRow, hash: String) -> Result<PersonRow, Problem> {
    let mut after = person.clone();
    after.password_hash = Some(hash);
    after.password_set_at = Some(tx.ctx.wall);
    match person.status {
        PersonState::Invited => tx.automatic(&person, after, PersonState::Active, None),
        _ => tx.update("passwordSet", &person, after),
    }
}
