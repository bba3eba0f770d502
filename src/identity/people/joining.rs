//! Adding a person by address, with a role or without. Who has an account is told to nobody who does not see the person
//! anyway: a role by address joins whoever it belongs to, and tells them.

use super::requests::NewPerson;
use super::store::{self, PersonRow};
use super::{PersonState, invite};
use crate::identity::policy::{PersonRead, Role};
use crate::identity::roles;
use crate::platform::auth::action::Action as _;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::codes::Codes as _;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;

/// Adds and invites the person, or finds and tells who has the address; with the role that comes along.
pub(super) fn join(tx: &mut Tx<'_>, new: NewPerson) -> Result<PersonRow, Problem> {
    let NewPerson { name, email, role } = new;
    let known = store::by_email(tx.db, &email)?;
    let Some(role) = role else {
        if let Some(person) = known {
            return Err(taken(tx, &person)?);
        }
        let person = invite::add(tx, &name, &email)?;
        invite::invite(tx, &person, &invite::NEW_ACCOUNT)?;
        return Ok(person);
    };
    let person = match known {
        Some(person) => person,
        None => invite::add(tx, &name, &email)?,
    };
    let granted = roles::by_hand(tx, &role.wanted(person.id, tx.ctx.today())).map_err(within_role)?;
    tell(tx, &person, granted.role)?;
    Ok(person)
}

/// The 409 of a known address; the id is for those who see the person.
fn taken(tx: &mut Tx<'_>, person: &PersonRow) -> Result<Problem, Problem> {
    let problem = Problem::new(Code::AlreadyExists).detail(
        "E-postadressen tillhör redan en person. Med role får den personen en roll.",
        "The e-mail address belongs to a person already. With role, that person is given a role.",
    );
    let scope = tx.ctx.scope_of(PersonRead::ROW);
    let is_seen = PersonRow::find(tx.db, &scope, person.id)?.is_some();
    Ok(if is_seen { problem.member("personId", person.id.to_string()) } else { problem })
}

/// The faults of a role, as they lie in this body.
fn within_role(mut problem: Problem) -> Problem {
    for fault in &mut problem.errors {
        fault.pointer.insert_str(0, "/role");
    }
    problem
}

fn tell(tx: &mut Tx<'_>, person: &PersonRow, role: Role) -> Result<(), Problem> {
    let label = role.label();
    let why = Localized::new(
        format!("Du har fått rollen {} i samverkan.", label.sv),
        format!("You have been given the role {} in samverkan.", label.en),
    );
    match person.status {
        PersonState::Invited => invite::invite(tx, person, &why).map(drop),
        PersonState::Active => {
            let subject = Localized::fixed(
                "Du har fått en roll i samverkan",
                "You have been given a role in samverkan",
            );
            tx.mail(&person.email, &subject, &why, None)
        }
        PersonState::Disabled => Ok(()),
    }
}
