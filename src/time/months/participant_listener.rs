//! Ends the role of those whose last day is set to a month that is locked already.

use super::commands;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::team::ParticipantListener;
use crate::team::participants::ParticipantRow;

/// Ends roles when a last day is set afterwards.
pub struct Leavers;

impl ParticipantListener for Leavers {
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        _: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<(), Problem> {
        after.valid_to.map_or(Ok(()), |last| commands::end_roles(tx, after.programme_id, last.month()))
    }
}
