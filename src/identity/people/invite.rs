//! Adding people by invitation: the person gets a single-use link by mail and chooses a password.

use super::information::{INFORMATION_VERSION, information};
use super::store;
use super::{PersonRow, PersonState};
use crate::identity::links::{self, For, Kind, LinkRow};
use crate::platform::context::Context;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::reference::swedish_key;

/// Why somebody is invited who gets an account and nothing more yet.
pub(super) const NEW_ACCOUNT: Localized =
    Localized::fixed("Du har fått ett konto i samverkan.", "You have been given an account in samverkan.");

/// The person with this address, who can get in from now on, and whether an invitation was sent: one is when there was no
/// such person, and also when they had not accepted an earlier one, whose link may have ended.
pub fn invited(
    tx: &mut Tx<'_>,
    name: &str,
    email: &str,
    why: &Localized,
) -> Result<(PersonRow, bool), Problem> {
    let person = match store::by_email(tx.db, email)? {
        Some(person) if person.status != PersonState::Invited => return Ok((person, false)),
        Some(person) => person,
        None => add(tx, name, email)?,
    };
    invite(tx, &person, why)?;
    Ok((person, true))
}

/// Adds a person who cannot log in yet.
pub fn add(tx: &mut Tx<'_>, name: &str, email: &str) -> Result<PersonRow, Problem> {
    let person = row(tx.ctx, name, email);
    tx.insert(&person)?;
    Ok(person)
}

/// The row of a person who cannot log in yet.
pub(super) fn row(ctx: &Context, name: &str, email: &str) -> PersonRow {
    let email = email.to_lowercase();
    PersonRow {
        id: ctx.new_id(),
        name: name.to_owned(),
        status: PersonState::Invited,
        password_hash: None,
        password_set_at: None,
        information_version: Some(INFORMATION_VERSION.to_owned()),
        sort_name: swedish_key(name),
        search_text: format!("{} {email}", name.to_lowercase()),
        email,
        created_at: ctx.now,
        updated_at: ctx.now,
        version: 1,
        added_by: ctx.caller.person_id(),
    }
}

/// A (new) link to choose a password with, and its address in the frontend. The earlier ones end.
pub fn link_to(tx: &mut Tx<'_>, person: &PersonRow) -> Result<(LinkRow, String), Problem> {
    let target = For { person_id: Some(person.id()), subject_id: None };
    let (link, secret) = links::issue(tx, Kind::Invitation, &person.email, target)?;
    let address = format!("{}#{}.{}", tx.ctx.addresses.public_app_url, link.id, secret.reveal());
    Ok((link, address))
}

/// Keeps which information text the person has been given now.
pub fn informed(tx: &mut Tx<'_>, person: PersonRow) -> Result<PersonRow, Problem> {
    if person.information_version.as_deref() == Some(INFORMATION_VERSION) {
        return Ok(person);
    }
    let before = PersonRow::locked(tx, person.id)?;
    let mut after = before.clone();
    after.information_version = Some(INFORMATION_VERSION.to_owned());
    tx.update("informed", &before, after)
}

/// Sends a (new) link to choose a password with.
pub fn invite(tx: &mut Tx<'_>, person: &PersonRow, why: &Localized) -> Result<LinkRow, Problem> {
    let (link, address) = link_to(tx, person)?;
    informed(tx, person.clone())?;
    let information = information();
    tx.mail(
        &person.email,
        &Localized::fixed("Inbjudan till samverkan", "Invitation to samverkan"),
        &Localized::new(
            format!(
                "Hej {}!\n\n{}\n\nVälj lösenord inom 14 dagar: {address}\n\n{}",
                person.name, why.sv, information.sv
            ),
            format!(
                "Hello {}!\n\n{}\n\nChoose a password within 14 days: {address}\n\n{}",
                person.name, why.en, information.en
            ),
        ),
        None,
    )?;
    Ok(link)
}

/// Stores a new password's hash and makes an invited person active.
pub fn set_password(tx: &mut Tx<'_>, person: PersonRow, hash: String) -> Result<PersonRow, Problem> {
    let mut after = person.clone();
    after.password_hash = Some(hash);
    after.password_set_at = Some(tx.ctx.wall);
    if person.status == PersonState::Invited {
        return tx.automatic(&person, after, PersonState::Active, None);
    }
    tx.update("passwordSet", &person, after)
}
