//! From when settings may hold, as things are now. Asked before a proposal is made or adopted, and for what is offered.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::rules::Moment;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::ApprovedTime;
use crate::programmes::programme::ProgrammeState;

/// The newest month with approved time of each of these programmes that has any.
pub fn approved(rx: &mut Rx<'_>, programmes: &BTreeSet<Id>) -> Result<HashMap<Id, Month>, Problem> {
    let hooks = Arc::clone(&rx.ctx.hooks);
    let mut newest: HashMap<Id, Month> = HashMap::new();
    for time in hooks.of::<dyn ApprovedTime>() {
        for (programme, month) in time.newest(rx, programmes)? {
            newest.entry(programme).and_modify(|known| *known = month.max(*known)).or_insert(month);
        }
    }
    Ok(newest)
}

/// What decides from when settings with this first day may hold; `approved` is the programme's newest month with approved time.
pub fn moment(status: ProgrammeState, today: Day, valid_from: Day, approved: Option<Month>) -> Moment {
    let is_approved = valid_from <= today && approved.is_some_and(|newest| valid_from.month() <= newest);
    Moment { programme: status, today, is_approved }
}
