//! What becomes of a kommun's team when the kommun leaves the programme (guide §3, `terminated`).

use super::changes::tell;
use super::roles;
use super::store::{self, ParticipantRow, Team};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::programmes::programme;

/// Ends with today what goes on or was to begin in a kommun's team. What was worked until then is still signed, attested,
/// submitted and approved: the roles last until the month is locked (see [`roles::end_roles`]). The programme is locked.
pub fn end_team(tx: &mut Tx<'_>, programme_id: Id, kommunkod: &str) -> Result<(), Problem> {
    let today = tx.ctx.today();
    let before_work = programme::by_id(tx.db, programme_id)?.starts_on.plus_days(-1);
    for row in store::going_on(tx.db, programme_id, Team::Kommun(kommunkod), today)? {
        let before = ParticipantRow::locked(tx, row.id)?;
        let mut after = before.clone();
        after.valid_to = Some(today);
        if today < before.valid_from {
            // It never came to be, so it lies on a day on which nobody works and of which nothing is reported.
            after.valid_from = today.min(before_work);
            after.valid_to = Some(after.valid_from);
        }
        let after = tx.update("ended", &before, after)?;
        roles::take_back(tx, &after)?;
        tell(tx, Some(&before), &after)?;
    }
    Ok(())
}
