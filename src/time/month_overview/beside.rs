//! What the overview tells beside the teams: whom the lock of the month waits for, and the exceptions that were made.

use super::view::View;
use super::{OverviewAwaited, view};
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow::AllowedTransition;
use crate::team::participants::Named;
use crate::time::month_exceptions::{self, MonthException};
use crate::time::months::{self, MonthRow, MonthState};
use crate::time::time_reports::{self, TimeReportState};

/// The steps of the month, and whom a closed month waits for.
pub fn steps_and_awaited(
    rx: &mut Rx<'_>,
    row: &MonthRow,
    shown: &View,
) -> Result<(Vec<AllowedTransition>, Vec<OverviewAwaited>), Problem> {
    let all = match row.status {
        MonthState::Closed => time_reports::unscoped_awaited(rx, row.programme_id, row.month)?,
        _ => Vec::new(),
    };
    let steps = months::steps(rx.ctx, row, !all.is_empty());
    Ok((steps, awaited(rx, row, shown, all)?))
}

/// Those whose reports the lock of the month waits for, as far as the caller sees persons.
fn awaited(
    rx: &mut Rx<'_>,
    row: &MonthRow,
    shown: &View,
    awaited: Vec<(Id, Option<TimeReportState>)>,
) -> Result<Vec<OverviewAwaited>, Problem> {
    if !view::sees_persons(&rx.ctx.scope, row.programme_id, shown) {
        return Ok(Vec::new());
    }
    let named = Named::of(rx, awaited.iter().map(|(id, _)| *id))?;
    let mut all: Vec<OverviewAwaited> = awaited
        .into_iter()
        .map(|(participant_id, status)| OverviewAwaited {
            participant_id,
            participant_name: named.name(participant_id),
            kommunkod: named.row(participant_id).and_then(|row| row.kommunkod.clone()),
            status,
        })
        .collect();
    let scope = &rx.ctx.scope;
    all.retain(|person| shown.shows(scope, row.programme_id, &person.kommunkod));
    all.sort_by(|a, b| (&a.kommunkod, &a.participant_name).cmp(&(&b.kommunkod, &b.participant_name)));
    Ok(all)
}

/// The exceptions that were made for the month, of the teams that are shown, oldest first.
pub fn exceptions(
    rx: &mut Rx<'_>,
    programme_id: Id,
    month: Month,
    shown: &View,
) -> Result<Vec<MonthException>, Problem> {
    let scope = &rx.ctx.scope;
    month_exceptions::of_month(rx, programme_id, month, |team| shown.shows(scope, programme_id, team))
}
