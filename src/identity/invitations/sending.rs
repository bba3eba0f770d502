//! Inviting a person by address (`POST /people`). The answer is an invitation with an id of its own and what was sent, the same
//! for an address that belongs to somebody and for one that does not: an address must not tell who has an account, nor name
//! and state of its owner. The sender sees the person when they next log in or accept.

use super::InvitationRow;
use crate::identity::links::Kind;
use crate::identity::people::{self, NewPerson, PersonRow, PersonState};
use crate::identity::policy::Role;
use crate::identity::roles;
use crate::platform::change::Changed;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;

/// Why a person is invited who gets an account but no role yet.
const NEW_ACCOUNT: Localized =
    Localized::fixed("Du har fått ett konto i samverkan.", "You have been given an account in samverkan.");

/// What the mail tells about who sees the person; the second to somebody who has no password yet.
const SEEN: Localized = Localized::fixed(
    "När du loggar in nästa gång ser den som bjöd in dig ditt namn och din e-postadress.",
    "When you next log in, whoever invited you sees your name and e-mail address.",
);
const SEEN_FIRST: Localized = Localized::fixed(
    "När du väljer ett lösenord ser den som bjöd in dig ditt namn och din e-postadress.",
    "When you choose a password, whoever invited you sees your name and e-mail address.",
);

/// Invites the person with the address, whom the program adds if it belongs to nobody, and grants the role if there is one.
pub fn send(tx: &mut Tx<'_>, new: &NewPerson) -> Result<InvitationRow, Problem> {
    // Two invitations of one new address must not meet at its unique key: the answer of the second would be another.
    tx.lock_name(&format!("address:{}", new.email.to_lowercase()))?;
    let person = match people::unscoped_by_email(tx.db, &new.email)? {
        Some(person) => {
            people::pretend_to_invite(tx, &new.name)?;
            person
        }
        None => people::add(tx, &new.name, &new.email)?,
    };
    let granted = match &new.role {
        Some(role) => {
            let wanted = role.clone().wanted(person.id, tx.ctx.today());
            Some(roles::create(tx, &wanted).map_err(within_role)?.role)
        }
        None => None,
    };
    tell(tx, &person, granted)?;
    let sender = tx.ctx.caller.person_id();
    let sender = sender.ok_or_else(|| Problem::internal("an invitation that nobody sends"))?;
    let row = InvitationRow::new(tx.ctx, sender, person.id, new);
    tx.insert(&row)?;
    Ok(row)
}

/// Withdraws an invitation, for example to a wrong address: the role that was granted with it ends. The answer is the same whether
/// the person had the role before, in which case they keep it.
pub fn withdraw(tx: &mut Tx<'_>, id: Id) -> Result<InvitationRow, Problem> {
    let Changed { before, after } = tx.change_if_any(id, "withdrawn", |tx, before: &InvitationRow| {
        let is_open = before.withdrawn_at.is_none();
        Ok(is_open.then(|| InvitationRow { withdrawn_at: Some(tx.ctx.now), ..before.clone() }))
    })?;
    let Some(sent) = before.role.as_ref().filter(|_| before.withdrawn_at.is_none()) else { return Ok(after) };
    let wanted = sent.0.clone().wanted(before.invited_id, before.created_at.day());
    roles::end_granted(tx, &wanted, before.person_id, before.created_at)?;
    Ok(after)
}

/// Points the errors of a role at the field `role` of the body.
fn within_role(mut problem: Problem) -> Problem {
    for fault in &mut problem.errors {
        fault.pointer.insert_str(0, "/role");
    }
    problem
}

fn tell(tx: &mut Tx<'_>, person: &PersonRow, role: Option<Role>) -> Result<(), Problem> {
    let why = match role.map(Role::label) {
        Some(label) => Localized::new(
            format!("Du har fått rollen {} i samverkan.", label.sv),
            format!("You have been given the role {} in samverkan.", label.en),
        ),
        None if person.status == PersonState::Active => Localized::fixed(
            "Någon har velat ge dig ett konto i samverkan, men du har redan ett.",
            "Somebody wanted to give you an account in samverkan, but you have one already.",
        ),
        None => NEW_ACCOUNT,
    };
    let seen = if person.status == PersonState::Invited { SEEN_FIRST } else { SEEN };
    let why = Localized::new(format!("{} {}", why.sv, seen.sv), format!("{} {}", why.en, seen.en));
    match person.status {
        PersonState::Invited => people::invite(tx, person, &why).map(drop),
        PersonState::Active => {
            let subject = match role {
                Some(_) => Localized::fixed(
                    "Du har fått en roll i samverkan",
                    "You have been given a role in samverkan",
                ),
                None => Localized::fixed("Inbjudan till samverkan", "Invitation to samverkan"),
            };
            tx.mail(&person.email, &subject, &why, None)
        }
        PersonState::Disabled => Ok(()),
    }
}

impl InvitationRow {
    /// The row of an invitation that is sent now.
    pub(super) fn new(ctx: &Context, sender: Id, invited: Id, new: &NewPerson) -> Self {
        Self {
            id: ctx.new_id(),
            person_id: sender,
            invited_id: invited,
            name: new.name.to_string(),
            email: new.email.to_string(),
            role: new.role.clone().map(Json),
            expires_at: Kind::Invitation.ends(ctx.now),
            acknowledged_at: None,
            withdrawn_at: None,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}
