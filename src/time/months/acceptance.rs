//! Whether a month takes somebody's time just now. Asked before an entry is added, changed, confirmed or voided, before a
//! report is signed for the first time, and before it is declared empty (guide §4).
//!
//! The month's row is not locked: its instants decide, and what locks a month locks the reports first, which everybody
//! who asks here holds.

use super::{MonthRow, rules, store};
use crate::platform::codes::Codes as _;
use crate::platform::db::Tx;
use crate::platform::http::problem::{Code, Problem};
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::programmes::programme;
use crate::team::participants::ParticipantRow;
use crate::time::month_exceptions;
use crate::time::months::MonthState;
use crate::time::time_reports::TimeReportRow;

/// 409 `monthClosed` unless the month takes this person's time: it is open or in grace; or the report is a correction,
/// which no month holds up, or was returned to the person who acts and may still be edited; or the settlement period lets
/// a closed month take it; or an exception lets it (kept in the audit trail as used).
pub fn accepts(
    tx: &mut Tx<'_>,
    programme_id: Id,
    participant: &ParticipantRow,
    month: Month,
    report: Option<&TimeReportRow>,
) -> Result<(), Problem> {
    let row = store::state_on(tx.db, programme_id, month)?;
    if rules::takes_time(row.as_ref(), month, tx.ctx.now)
        || report.is_some_and(|report| is_let_in(tx, report))
    {
        return Ok(());
    }
    let is_closed = row.as_ref().is_some_and(|row| row.status != MonthState::Locked);
    if is_closed && rules::is_settlement(&programme::by_id(tx.db, programme_id)?, tx.ctx.now) {
        return Ok(());
    }
    match month_exceptions::valid_for(tx.db, participant, month, tx.ctx.now)? {
        Some(exception) => month_exceptions::note_use(tx, &exception),
        None => Err(closed(month, row.as_ref())),
    }
}

/// A report that its own state keeps open, whatever its month is.
fn is_let_in(tx: &Tx<'_>, report: &TimeReportRow) -> bool {
    // Recalled after signing it again, a returned report is open, and its days go on.
    let is_returned = report.status.is_editable()
        && report.editable_until.is_some_and(|until| tx.ctx.now < until)
        && tx.ctx.caller.is_person(report.person_id);
    is_returned || report.corrects_id.is_some()
}

fn closed(month: Month, row: Option<&MonthRow>) -> Problem {
    let problem = Problem::new(Code::MonthClosed);
    let Some(row) = row else {
        return problem.detail(
            format!("{month} är inte en månad att rapportera nu."),
            format!("{month} is no month to report now."),
        );
    };
    let label =
        if row.status == MonthState::Locked { MonthState::Locked } else { MonthState::Closed }.label();
    problem
        .detail(
            format!("{month} är {}; projektledaren kan bevilja undantag.", label.sv),
            format!("{month} is {}; the programme manager can grant an exception.", label.en),
        )
        .member("month", month.to_string())
        .member("currentStatus", row.status.as_str())
        .member("graceEndsAt", row.grace_ends_at.to_string())
}
