//! The changes of an API client.

use super::requests::{ApiClientPatch, NewApiClient};
use super::{ClientRow, ClientState};
use crate::identity::policy::ClientManage;
use crate::identity::roles;
use crate::identity::sessions::{self, EndReason};
use crate::platform::http::body::NoData;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;

/// Adds a client with the hash of its secret.
pub fn create(tx: &mut Tx<'_>, new: NewApiClient, secret_hash: &str) -> Result<ClientRow, Problem> {
    let row = new.into_row(tx.ctx, secret_hash.to_owned());
    tx.ctx.check_reach::<ClientManage>(&row)?;
    let faults = roles::unknown_place(tx, Some(row.programme_id), Some(&row.kommunkod))?;
    Code::InvalidInput.refuse_any(faults)?;
    tx.insert(&row)?;
    Ok(row)
}

/// Changes the name of a client.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: ApiClientPatch) -> Result<ClientRow, Problem> {
    let changed = tx.change(id, "changed", |_, before: &ClientRow| Ok(patch.apply(before.clone())))?;
    Ok(changed.after)
}

/// Replaces a client's secret, and ends the sessions that were opened with the old one.
pub fn replace_secret(tx: &mut Tx<'_>, id: Id, secret_hash: &str) -> Result<ClientRow, Problem> {
    let changed = tx.change(id, "secretRotated", |_, before: &ClientRow| {
        Ok(ClientRow { secret_hash: secret_hash.to_owned(), ..before.clone() })
    })?;
    sessions::end_of_client(tx, id, EndReason::ClientChanged)?;
    Ok(changed.after)
}

impl ChangeStatus for ClientRow {
    type Data = NoData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<ClientState, NoData>,
    ) -> Result<Self, Problem> {
        let after = tx.step(seen.id, wanted, |_, before: &Self, _| Ok(before.clone()))?.after;
        if after.status == ClientState::Disabled {
            sessions::end_of_client(tx, seen.id, EndReason::ClientChanged)?;
        }
        Ok(after)
    }
}
