//! Tells the team area which kommuner have a place.

use std::collections::{BTreeSet, HashSet};

use super::ApplicationState;
use super::store;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::team::Membership;

/// Implements the team's hook. `hooks` in `mod.rs` registers it.
pub struct Members;

impl Membership for Members {
    fn with_place(
        &self,
        rx: &mut Rx<'_>,
        programmes: &BTreeSet<Id>,
    ) -> Result<HashSet<(Id, String)>, Problem> {
        store::unscoped_with_place(rx, programmes)
    }

    fn left(&self, tx: &mut Tx<'_>, programme_id: Id) -> Result<Vec<(String, Day)>, Problem> {
        let terminated = [ApplicationState::Terminated];
        let mut left = Vec::new();
        for row in store::unscoped_in_states(&mut tx.as_read(), programme_id, &terminated)? {
            // It is the last step, because nothing follows it.
            if let Some(step) = tx.status_history(row.id)?.last() {
                left.push((row.kommunkod, step.at.day()));
            }
        }
        Ok(left)
    }
}
