//! From when settings may hold, as things are now. Asked before a proposal is made or adopted, and for what is offered.

use std::sync::Arc;

use super::rules::Moment;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::ApprovedTime;
use crate::programmes::programme::ProgrammeRow;

/// What decides now from when settings with this first day may hold.
pub fn moment(rx: &mut Rx<'_>, programme: &ProgrammeRow, valid_from: Day) -> Result<Moment, Problem> {
    let (hooks, today) = (Arc::clone(&rx.ctx.hooks), rx.ctx.today());
    let mut is_approved = false;
    if valid_from <= today {
        for time in hooks.of::<dyn ApprovedTime>() {
            is_approved |= time.any_since(rx, programme.id, valid_from.month())?;
        }
    }
    Ok(Moment { programme: programme.status, today, is_approved })
}
