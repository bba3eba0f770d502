//! Ends a kommun's team when the kommun leaves the programme (guide §3, `terminated`).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{roles, tell};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme;
use crate::team::ParticipantListener;
use crate::team::participants::store::{self, ParticipantRow, Team};

/// Locks the participants of these teams (programme and kommun) who are going on, and what changes with them: by table, then by
/// id. Called before the teams end one after the other.
pub fn lock_teams(tx: &mut Tx<'_>, teams: &[(Id, &str)]) -> Result<(), Problem> {
    let mut ids = BTreeSet::new();
    for (programme_id, kommunkod) in teams {
        let going_on =
            store::unscoped_going_on(tx.db, *programme_id, Team::Kommun(kommunkod), tx.ctx.today())?;
        ids.extend(going_on.iter().map(|row| row.id));
    }
    tx.lock_all::<ParticipantRow>(ids.iter().copied())?;
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ParticipantListener>() {
        listener.lock(tx, &ids)?;
    }
    Ok(())
}

/// Sets today, or the programme's last day when that has passed, as the last day of everybody in a kommun's team, including
/// those who have not begun. Their time up to today can
/// still be signed, attested, submitted and approved, because their roles last until the month is locked (see
/// [`roles::end_roles`]). The caller has locked the programme, and the teams with [`lock_teams`].
pub fn end_team(tx: &mut Tx<'_>, programme_id: Id, kommunkod: &str) -> Result<(), Problem> {
    let today = tx.ctx.today();
    let programme = programme::unscoped_by_id(tx.db, programme_id)?;
    let before_work = programme.starts_on.plus_days(-1);
    let last = today.min(programme.ends_on);
    for row in store::unscoped_going_on(tx.db, programme_id, Team::Kommun(kommunkod), last)? {
        let before = tx.locked::<ParticipantRow>(row.id)?;
        let mut after = before.clone();
        after.valid_to = Some(last);
        if today < before.valid_from {
            // The participation never began. Its only day becomes one before the programme starts, so that no time is expected.
            after.valid_from = today.min(before_work);
            after.valid_to = Some(after.valid_from);
        }
        let after = tx.update("ended", &before, after)?;
        roles::cancel_future(tx, &after)?;
        tell(tx, Some(&before), &after)?;
    }
    Ok(())
}
