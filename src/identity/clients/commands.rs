//! The changes of an API client.

use super::{ClientRow, ClientState};
use crate::identity::sessions::{self, EndReason};
use crate::platform::http::body::{Change, NoData};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;

/// Gives a client another name.
pub fn rename(tx: &mut Tx<'_>, id: Id, name: Change<String>) -> Result<ClientRow, Problem> {
    let changed = tx.change(id, "changed", |_, before: &ClientRow| {
        let mut after = before.clone();
        name.apply(&mut after.name);
        Ok(after)
    })?;
    Ok(changed.after)
}

/// Replaces a client's secret, and ends the sessions that the old one opened.
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
