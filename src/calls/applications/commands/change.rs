//! A change of an application's fields.

use super::contact;
use crate::calls::applications::requests::ApplicationPatch;
use crate::calls::applications::rules;
use crate::calls::applications::store::ApplicationRow;
use crate::identity::policy::{ApplicationUpdate, Role};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::relations::Thing;
use crate::platform::tx::Tx;
use crate::programmes::programme;
use crate::reference::kommuner;

/// Changes content, contact, deadline or attendance, each by its own roles and in its own states. A new contact is
/// invited and becomes the applicant.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: ApplicationPatch) -> Result<ApplicationRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &ApplicationRow| {
        let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
        let kommun = kommuner::name_of(tx.db, &before.kommunkod)?;
        let fields = patch.fields();
        let may = |roles: &[&str]| rules::check_roles(&fields, roles);
        let roles = tx.check_roles_without_own_case::<ApplicationUpdate>(&Thing::of(before), may)?;
        if let Some(respond_by) = patch.respond_by.value() {
            let faults = rules::respond_by_faults("/respondBy", respond_by.0, &programme, tx.ctx.now);
            Code::InvalidInput.refuse_any(faults)?;
        }
        rules::check_open(&fields, before.status)?;
        rules::check_any_open(before.status, &roles)?;
        let mut after = patch.apply(before.clone(), &kommun);
        if after.coordinator_email != before.coordinator_email && !roles.contains(&Role::Applicant.as_str()) {
            contact::check_not_coordinator(tx, &after)?;
        }
        if after.contact_email != before.contact_email {
            contact::check_no_signer(tx, &after)?;
            let person = contact::invite(tx, &programme, &after)?.id;
            if !roles.contains(&Role::Applicant.as_str()) {
                contact::check_not_oneself(tx.ctx, person)?;
            }
            after.contact_person_id = Some(person);
        }
        Ok(after)
    })?;
    Ok(changed.after)
}
