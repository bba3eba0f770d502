//! Confirming and voiding: one entry or many, by one path.

use std::collections::{BTreeSet, HashMap};

use super::surroundings::{Surroundings, lost};
use super::{check_author, check_editable};
use crate::identity::people::PersonRow;
use crate::identity::policy::TimeEntryChangeStatus;
use crate::platform::context::Context;
use crate::platform::http::body::NoData;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::set::WriteSet;
use crate::platform::tx::Tx;
use crate::platform::workflow::{StepItem, TakenStep, judge_step};
use crate::programmes::programme;
use crate::team::participants;
use crate::time::month_exceptions::{self, ExceptionRow};
use crate::time::months;
use crate::time::time_entries::EntryState;
use crate::time::time_entries::store::{self, EntryRow};
use crate::time::time_reports::TimeReportRow;

/// Entries that change their state, with their surroundings and their reports. The people, the reports and the entries are
/// locked, in this order.
pub struct Stepping {
    around: Surroundings,
    entries: HashMap<Id, EntryRow>,
    reports: HashMap<Id, ReportFacts>,
}

/// What an entry's report and its month say about a change.
struct ReportFacts {
    report: TimeReportRow,
    /// The exception that is used, if the month takes time only because of it; or the refusal.
    opening: Result<Option<ExceptionRow>, Problem>,
}

impl WriteSet<StepItem<EntryState, NoData>> for Stepping {
    type Accepted = TakenStep<EntryRow>;
    type Row = EntryRow;

    fn load(tx: &mut Tx<'_>, items: &[StepItem<EntryState, NoData>]) -> Result<Self, Problem> {
        let named: BTreeSet<Id> = items.iter().map(|item| item.id).collect();
        let seen = tx.visible_among::<EntryRow>(named)?;
        let people: BTreeSet<Id> = seen.iter().map(|row| row.person_id).collect();
        tx.lock_all::<PersonRow>(people)?;
        let ids: Vec<Id> = seen.iter().map(|row| row.id).collect();
        let report_ids = store::unscoped_reports_of(tx.db, &ids)?;
        let locked = tx.locked_all::<TimeReportRow>(report_ids)?;
        let entries = tx.locked_all::<EntryRow>(ids)?;
        let participant_ids: BTreeSet<Id> = entries.iter().map(|row| row.participant_id).collect();
        let participants = participants::unscoped_by_ids(tx.db, participant_ids.into_iter().collect())?;
        let days = entries.iter().map(|row| row.work_date).collect();
        let around = Surroundings::load(tx, participants, &days)?;
        let wanted = locked.iter().map(|report| report.month).collect();
        let rows = months::unscoped_among(tx.db, &around.programme_ids(), &wanted)?;
        let mut reports = HashMap::new();
        for report in locked {
            let participant = around.participants.get(&report.participant_id).ok_or_else(lost)?;
            let row =
                rows.iter().find(|row| (row.programme_id, row.month) == (report.programme_id, report.month));
            let opening =
                months::exception_needed(&mut tx.as_read(), participant, report.month, row, Some(&report))?;
            reports.insert(report.id, ReportFacts { report, opening });
        }
        Ok(Self { around, entries: entries.into_iter().map(|row| (row.id, row)).collect(), reports })
    }

    fn judge(
        &mut self,
        ctx: &Context,
        item: StepItem<EntryState, NoData>,
    ) -> Result<TakenStep<EntryRow>, Problem> {
        let before = self.entries.get(&item.id).ok_or_else(Problem::not_found)?;
        ctx.check_reach::<TimeEntryChangeStatus>(before)?;
        let taken = judge_step(ctx, before, &item.wanted, |before: &EntryRow, step| {
            check_author(ctx, before)?;
            if step.to == EntryState::Recorded {
                // Other entries of that day may have been recorded since this one was proposed. Other proposals do not count.
                self.around.check(ctx, &EntryRow { status: EntryState::Recorded, ..before.clone() })?;
            }
            programme::check_running(self.around.of(before)?.1)?;
            let facts = self.reports.get(&before.time_report_id).ok_or_else(lost)?;
            facts.opening.as_ref().map_err(Clone::clone)?;
            check_editable(&facts.report)?;
            Ok(before.clone())
        })?;
        self.around.count(&taken.after);
        // A second step of the same entry in one batch starts from this one.
        self.entries.insert(taken.after.id, taken.after.clone());
        Ok(taken)
    }

    fn id(taken: &TakenStep<EntryRow>) -> Id {
        taken.after.id
    }

    fn write(&mut self, tx: &mut Tx<'_>, taken: Vec<TakenStep<EntryRow>>) -> Result<Vec<EntryRow>, Problem> {
        for step in &taken {
            let facts = self.reports.get(&step.before.time_report_id).ok_or_else(lost)?;
            if let Ok(Some(exception)) = &facts.opening {
                month_exceptions::note_use(tx, exception)?;
            }
        }
        tx.take_steps(taken)
    }
}
