//! Tells the team area which kommuner have a place.

use super::ApplicationState;
use super::store::{self, ApplicationRow};
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::team::Membership;

/// Implements the team's hook. `hooks` in `mod.rs` registers it.
pub struct Members;

impl Membership for Members {
    fn takes_part(&self, rx: &mut Rx<'_>, programme_id: Id, kommunkod: &str) -> Result<bool, Problem> {
        let has_place = |row: &ApplicationRow| {
            matches!(row.status, ApplicationState::Selected | ApplicationState::Participating)
        };
        Ok(store::unscoped_live(rx.db, programme_id, kommunkod)?.as_ref().is_some_and(has_place))
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
