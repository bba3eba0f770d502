//! Those who have left keep the role of a participant until the month of their last day is locked (guide §4).

use super::{MonthState, store};
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::team::ParticipantListener;
use crate::team::participants::{self, ParticipantRow};

/// Ends the roles of those whose last day lies in this month, if it is locked.
pub(super) fn end_roles(tx: &mut Tx<'_>, programme_id: Id, month: Month) -> Result<(), Problem> {
    let months = store::of_programme(tx.db, programme_id)?.into_iter();
    let locked: Vec<Month> =
        months.filter(|row| row.status == MonthState::Locked).map(|row| row.month).collect();
    if locked.contains(&month) {
        participants::end_roles(tx, programme_id, month, &locked)?;
    }
    Ok(())
}

/// Sees to those whose last day is set to a month that is locked already.
pub struct Leavers;

impl ParticipantListener for Leavers {
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        _: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<(), Problem> {
        after.valid_to.map_or(Ok(()), |last| end_roles(tx, after.programme_id, last.month()))
    }
}
