//! Whether a month takes a person's time now. Checked before an entry is added, changed, confirmed or voided, before a report
//! is signed for the first time, and before it is declared empty (guide §4).
//!
//! The month's row is not locked: its instants decide. Every caller has locked the report, and locking a month locks the
//! reports first. An entry that adds its report checks again with the month locked
//! ([`check_new_reports`]).

use std::collections::BTreeSet;

use super::{MonthRow, rules, store};
use crate::platform::context::Context;
use crate::platform::db::together::{Rows, Together as _};
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::{self, ProgrammeRow, Programmes};
use crate::team::participants::ParticipantRow;
use crate::time::month_exceptions::{self, ExceptionRow};
use crate::time::months::MonthState;
use crate::time::time_reports::TimeReportRow;

/// The reason why a month takes a person's time.
pub enum Opening {
    /// It is open or in grace, until this instant; without a row yet, until the month ends.
    Month(Option<Instant>),
    /// The report is a correction, which no month prevents.
    Correction,
    /// The report was returned to the caller, who may edit it until this instant.
    Returned(Instant),
    /// The programme's last month is over: every closed month takes late reports.
    Settlement,
    /// An exception that the programme manager has granted.
    Exception(ExceptionRow),
}

impl Opening {
    /// The end of the opening, if it is known.
    pub fn until(&self) -> Option<Instant> {
        match self {
            Opening::Month(until) => *until,
            Opening::Returned(until) => Some(*until),
            Opening::Exception(exception) => Some(exception.expires_at),
            Opening::Correction | Opening::Settlement => None,
        }
    }
}

/// Where the rest of what [`opening_of`] asks comes from. Most months are open, and then nothing more is asked.
trait Sources {
    fn programme(&mut self, id: Id) -> Result<ProgrammeRow, Problem>;

    fn exception(
        &mut self,
        participant: &ParticipantRow,
        month: Month,
    ) -> Result<Option<ExceptionRow>, Problem>;
}

impl Sources for Rx<'_> {
    fn programme(&mut self, id: Id) -> Result<ProgrammeRow, Problem> {
        programme::unscoped_by_id(self.db, id)
    }

    fn exception(
        &mut self,
        participant: &ParticipantRow,
        month: Month,
    ) -> Result<Option<ExceptionRow>, Problem> {
        month_exceptions::unscoped_valid_for(self.db, participant, month, self.ctx.now)
    }
}

/// What decides whether months take time, loaded at once for all the people and months of an answer.
pub struct Openings {
    months: Vec<MonthRow>,
    programmes: Programmes,
    exceptions: Vec<ExceptionRow>,
}

impl Openings {
    /// For these months of these programmes.
    pub fn of(rx: &mut Rx<'_>, programmes: &BTreeSet<Id>, months: &BTreeSet<Month>) -> Result<Self, Problem> {
        Ok(Self::from_rows(Self::queries(programmes, months, rx.ctx.now).load(rx.db)?))
    }

    /// What must be loaded for it, to be run together with other queries.
    pub fn queries(
        programmes: &BTreeSet<Id>,
        months: &BTreeSet<Month>,
        now: Instant,
    ) -> (Rows<MonthRow>, Rows<ProgrammeRow>, Rows<ExceptionRow>) {
        (
            store::unscoped_among(programmes, months),
            programme::unscoped_among(programmes),
            month_exceptions::unscoped_valid_among(programmes, months, now),
        )
    }

    /// Of the rows that [`Openings::queries`] finds.
    pub fn from_rows(rows: (Vec<MonthRow>, Vec<ProgrammeRow>, Vec<ExceptionRow>)) -> Self {
        let (months, programmes, mut exceptions) = rows;
        exceptions.sort_by_key(|row| (row.created_at, row.id));
        Self { months, programmes: programmes.into_iter().collect(), exceptions }
    }

    /// One of the programmes.
    pub fn programme(&self, id: Id) -> Result<&ProgrammeRow, Problem> {
        self.programmes.of(id)
    }

    /// One of the months, if it has a row.
    pub fn month(&self, programme_id: Id, month: Month) -> Option<&MonthRow> {
        self.months.iter().find(|row| (row.programme_id, row.month) == (programme_id, month))
    }

    /// Like [`opening`].
    pub fn opening(
        &self,
        ctx: &Context,
        participant: &ParticipantRow,
        month: Month,
        report: Option<&TimeReportRow>,
    ) -> Result<Option<Opening>, Problem> {
        let row = self.month(participant.programme_id, month);
        opening_of(ctx, &mut &*self, participant, month, row, report)
    }
}

impl Sources for &Openings {
    fn programme(&mut self, id: Id) -> Result<ProgrammeRow, Problem> {
        self.programmes.of(id).cloned()
    }

    fn exception(
        &mut self,
        participant: &ParticipantRow,
        month: Month,
    ) -> Result<Option<ExceptionRow>, Problem> {
        Ok(month_exceptions::valid_for(&self.exceptions, participant, month).cloned())
    }
}

/// The reason why a month takes this person's time now, if there is one. A locked month takes only corrections and what an
/// exception allows.
pub fn opening(
    rx: &mut Rx<'_>,
    participant: &ParticipantRow,
    month: Month,
    report: Option<&TimeReportRow>,
) -> Result<Option<Opening>, Problem> {
    let row = store::unscoped_by_month(rx.db, participant.programme_id, month)?;
    opening_of(rx.ctx, rx, participant, month, row.as_ref(), report)
}

/// Like [`opening`], when the month's row is loaded already.
fn opening_of(
    ctx: &Context,
    sources: &mut impl Sources,
    participant: &ParticipantRow,
    month: Month,
    row: Option<&MonthRow>,
    report: Option<&TimeReportRow>,
) -> Result<Option<Opening>, Problem> {
    let now = ctx.now;
    if rules::takes_time(row, month, now) {
        return Ok(Some(Opening::Month(row.map(|row| row.grace_ends_at))));
    }
    if report.is_some_and(|report| report.corrects_id.is_some()) {
        return Ok(Some(Opening::Correction));
    }
    if row.is_none_or(|row| row.status != MonthState::Locked) {
        // A returned report that was signed again and recalled is open, and keeps its instant.
        let theirs =
            report.filter(|report| report.status.is_editable() && ctx.caller.is_person(report.person_id));
        if let Some(until) = theirs.and_then(|report| report.editable_until).filter(|until| now < *until) {
            return Ok(Some(Opening::Returned(until)));
        }
        if row.is_some() && rules::is_settlement(&sources.programme(participant.programme_id)?, now) {
            return Ok(Some(Opening::Settlement));
        }
    }
    Ok(sources.exception(participant, month)?.map(Opening::Exception))
}

/// 409 `monthClosed` unless the month takes this person's time. The use of an exception is recorded in the audit trail.
pub fn accepts(
    tx: &mut Tx<'_>,
    participant: &ParticipantRow,
    month: Month,
    report: Option<&TimeReportRow>,
) -> Result<(), Problem> {
    let row = store::unscoped_by_month(tx.db, participant.programme_id, month)?;
    match exception_needed(&mut tx.as_read(), participant, month, row.as_ref(), report)?? {
        Some(exception) => month_exceptions::note_use(tx, &exception),
        None => Ok(()),
    }
}

/// Like [`exception_needed`], for reports that have just been added: until now nothing kept their months from being locked.
/// So the months are locked here, in the order of their ids.
pub fn check_new_reports(
    tx: &mut Tx<'_>,
    added: &[(&ParticipantRow, &TimeReportRow)],
) -> Result<Vec<Option<ExceptionRow>>, Problem> {
    if added.is_empty() {
        return Ok(Vec::new());
    }
    let programmes = added.iter().map(|(_, report)| report.programme_id).collect();
    let months = added.iter().map(|(_, report)| report.month).collect();
    let seen = store::unscoped_among(&programmes, &months).load(tx.db)?;
    let rows = tx.locked_all::<MonthRow>(seen.iter().map(|row| row.id).collect())?;
    let mut needed = Vec::with_capacity(added.len());
    for (participant, report) in added {
        let is_this = |row: &&MonthRow| (row.programme_id, row.month) == (report.programme_id, report.month);
        let row = rows.iter().find(is_this);
        needed.push(exception_needed(&mut tx.as_read(), participant, report.month, row, Some(report))??);
    }
    Ok(needed)
}

/// The exception that must be noted as used when the month takes this person's time only because of it. The inner error is
/// the 409 of [`accepts`].
pub fn exception_needed(
    rx: &mut Rx<'_>,
    participant: &ParticipantRow,
    month: Month,
    row: Option<&MonthRow>,
    report: Option<&TimeReportRow>,
) -> Result<Result<Option<ExceptionRow>, Problem>, Problem> {
    Ok(match opening_of(rx.ctx, rx, participant, month, row, report)? {
        Some(Opening::Exception(exception)) => Ok(Some(exception)),
        Some(_) => Ok(None),
        None => Err(closed(month, row)),
    })
}

fn closed(month: Month, row: Option<&MonthRow>) -> Problem {
    let problem = Problem::new(Code::MonthClosed);
    let Some(row) = row else {
        return problem.detail(
            format!("{month} är inte en månad att rapportera nu."),
            format!("{month} is not a month that can be reported now."),
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
