//! Confirming and voiding: one entry or many, by one path.

use std::collections::{BTreeSet, HashMap};

use super::check_author;
use super::surroundings::{MonthFacts, Surroundings, Wanted, lost};
use crate::identity::policy::TimeEntryChangeStatus;
use crate::platform::audit::Audited as _;
use crate::platform::context::Context;
use crate::platform::http::body::NoData;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::set::Touched;
use crate::platform::tx::Tx;
use crate::platform::workflow::steps::{ItemOf, JudgeSteps, StepOf};
use crate::platform::workflow::{StepItem, TakenStep};
use crate::programmes::programme;
use crate::time::time_entries::EntryState;
use crate::time::time_entries::store::{self, EntryRow};
use crate::time::time_reports::{self, TimeReportRow};

/// The surroundings of entries that change their state, and their months, by report.
pub struct StepFacts {
    around: Surroundings,
    months: HashMap<Id, MonthFacts>,
}

impl JudgeSteps for EntryRow {
    type Data = NoData;
    type Change = TimeEntryChangeStatus;
    type Facts = StepFacts;

    /// The people, the reports and the entries are locked, in this order.
    fn load(tx: &mut Tx<'_>, steps: &[ItemOf<Self>]) -> Result<(Vec<Self>, StepFacts), Problem> {
        let seen = store::visible_with_people_locked(tx, &StepItem::ids(steps))?;
        let seen: BTreeSet<Id> = seen.iter().map(|row| row.id).collect();
        let reports = store::unscoped_reports_locked(tx, &seen)?;
        let entries = tx.locked_all::<EntryRow>(seen.into_iter().collect())?;
        let mut wanted = Wanted::default();
        entries.iter().for_each(|row| wanted.entry(row));
        let around = Surroundings::load(tx, &wanted)?;
        let mut months = HashMap::new();
        for report in reports {
            let (id, participant_id, month) = (report.id, report.participant_id, report.month);
            months.insert(id, around.month(tx, participant_id, month, Some(report))?);
        }
        Ok((entries, StepFacts { around, months }))
    }

    fn judge(
        facts: &StepFacts,
        ctx: &Context,
        before: &Self,
        step: &StepOf<'_, Self>,
    ) -> Result<Self, Problem> {
        check_author(ctx, before)?;
        if step.to == EntryState::Recorded {
            // Other entries of that day may have been recorded since this one was proposed. Other proposals do not count.
            facts.around.check(ctx, &EntryRow { status: EntryState::Recorded, ..before.clone() })?;
        }
        programme::check_running(facts.around.of(before)?.1)?;
        facts.months.get(&before.time_report_id).ok_or_else(lost)?.check()?;
        Ok(before.clone())
    }

    fn join(facts: &mut StepFacts, taken: &TakenStep<Self>) -> Result<(), Problem> {
        facts.around.count(&taken.after);
        Ok(())
    }

    /// The caller's own reports that can still be signed, as they would be signed now: whoever confirms their entries signs in
    /// the next call.
    fn touched(tx: &mut Tx<'_>, rows: &[Id]) -> Result<Vec<Touched>, Problem> {
        let mut reports = store::unscoped_reports_locked(tx, &rows.iter().copied().collect())?;
        let caller = tx.ctx.caller.person_id();
        reports.retain(|report| Some(report.person_id) == caller && report.status.is_editable());
        let entries = store::unscoped_of_reports(tx.db, reports.iter().map(|report| report.id).collect())?;
        let touched = |report: &TimeReportRow| {
            let entries = entries.get(&report.id).map_or(&[][..], Vec::as_slice);
            Ok(Touched {
                resource_type: TimeReportRow::TYPE.to_owned(),
                id: report.id,
                version: report.version,
                content_sha256: time_reports::content_sha256(report, entries)?,
            })
        };
        reports.iter().map(touched).collect()
    }

    fn follow(
        facts: &mut StepFacts,
        tx: &mut Tx<'_>,
        steps: Vec<TakenStep<Self>>,
    ) -> Result<Vec<Self>, Problem> {
        for step in &steps {
            facts.months.get(&step.before.time_report_id).ok_or_else(lost)?.note_use(tx)?;
        }
        Ok(steps.into_iter().map(|step| step.after).collect())
    }
}
