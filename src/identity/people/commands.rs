//! The changes of a person: name, address, and the state of the login.

use std::sync::Arc;

use super::requests::PersonPatch;
use super::rules;
use super::store::PersonRow;
use super::{PersonListener, PersonState, invite};
use crate::identity::links;
use crate::identity::roles;
use crate::identity::sessions::{self, EndReason};
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::change::Changed;
use crate::platform::http::body::NoData;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;

/// Changes name or address, and tells the areas that show them.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: PersonPatch) -> Result<PersonRow, Problem> {
    let Changed { before, after } = tx.change(id, "changed", |tx, before: &PersonRow| {
        let after = patch.apply(before.clone());
        rules::may_change_email(&tx.ctx.scope.roles_for(&before.keys()), before, &after)?;
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
    links::end_all(tx, after.id)?;
    if after.status == PersonState::Invited {
        invite::invite(tx, after, &invite::NEW_ACCOUNT)?;
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
    let changed = tx.step_by(id, wanted, |tx, before: &PersonRow| {
        rules::may_disable(before, tx.ctx.caller.is_person(id), wanted.to)?;
        let roles = tx.ctx.scope.roles_for(&before.keys());
        let (transition, role) =
            rules::WORKFLOW.requested(before.status, wanted.to, &roles, wanted.comment.as_deref())?;
        Ok((transition, role, before.clone()))
    })?;
    Ok(changed.after)
}
