//! Entering time: one entry or many, by one path.

use std::collections::{BTreeSet, HashMap};

use super::check_editable;
use super::surroundings::{Surroundings, lost};
use crate::identity::policy::TimeEntryCreate;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::set::WriteSet;
use crate::platform::tx::Tx;
use crate::programmes::programme;
use crate::team::participants::ParticipantRow;
use crate::time::month_exceptions::{self, ExceptionRow};
use crate::time::months;
use crate::time::time_entries::requests::NewEntry;
use crate::time::time_entries::store::EntryRow;
use crate::time::time_reports::{self, TimeReportRow};

/// New entries, their surroundings and their months.
pub struct Entering {
    around: Surroundings,
    months: HashMap<(Id, Month), MonthFacts>,
}

/// What a participant's month says about new entries.
struct MonthFacts {
    /// The newest version of the report, locked, if there is one.
    report: Option<TimeReportRow>,
    /// The exception that is used, if the month takes time only because of it; or the refusal.
    opening: Result<Option<ExceptionRow>, Problem>,
}

impl WriteSet<NewEntry> for Entering {
    type Accepted = EntryRow;
    type Row = EntryRow;

    fn load(tx: &mut Tx<'_>, items: &[NewEntry]) -> Result<Self, Problem> {
        let named: BTreeSet<Id> = items.iter().map(|item| item.participant_id).collect();
        let participants = tx.visible_among::<ParticipantRow>(named)?;
        let days = items.iter().map(|item| item.work_date).collect();
        let around = Surroundings::load(tx, participants, &days)?;
        let of_item = |item: &NewEntry| (item.participant_id, item.work_date.month());
        let keys: BTreeSet<(Id, Month)> =
            items.iter().map(of_item).filter(|(id, _)| around.participants.contains_key(id)).collect();
        let mut reports = time_reports::unscoped_newest_locked_among(tx, &keys)?;
        let wanted: BTreeSet<Month> = keys.iter().map(|(_, month)| *month).collect();
        let rows = months::unscoped_among(tx.db, &around.programme_ids(), &wanted)?;
        let mut months = HashMap::new();
        for key in keys {
            let participant = around.participants.get(&key.0).ok_or_else(lost)?;
            let report = reports.remove(&key);
            let row =
                rows.iter().find(|row| (row.programme_id, row.month) == (participant.programme_id, key.1));
            let opening =
                months::exception_needed(&mut tx.as_read(), participant, key.1, row, report.as_ref())?;
            months.insert(key, MonthFacts { report, opening });
        }
        Ok(Self { around, months })
    }

    fn judge(&mut self, ctx: &Context, item: NewEntry) -> Result<EntryRow, Problem> {
        let participant =
            self.around.participants.get(&item.participant_id).ok_or_else(Problem::not_found)?;
        ctx.check_reach::<TimeEntryCreate>(participant)?;
        let mut row = item.into_row(ctx, participant);
        self.around.check(ctx, &row)?;
        let (participant, programme) = self.around.of(&row)?;
        programme::check_running(programme)?;
        let month = self.months.get(&(row.participant_id, row.month)).ok_or_else(lost)?;
        if month.report.is_none() {
            time_reports::check_begun(ctx, participant, row.month)?;
        }
        month.opening.as_ref().map_err(Clone::clone)?;
        if let Some(report) = &month.report {
            check_editable(report)?;
            row.time_report_id = report.id;
        }
        self.around.count(&row);
        Ok(row)
    }

    fn id(row: &EntryRow) -> Id {
        row.id
    }

    fn write(&mut self, tx: &mut Tx<'_>, mut rows: Vec<EntryRow>) -> Result<Vec<EntryRow>, Problem> {
        // Missing reports are added in the order in which the job of the months adds them.
        let missing: BTreeSet<(Id, Month)> = rows.iter().map(|row| (row.participant_id, row.month)).collect();
        for key in missing {
            let participant = self.around.participants.get(&key.0).ok_or_else(lost)?;
            let month = self.months.get_mut(&key).ok_or_else(lost)?;
            if month.report.is_none() {
                let report = time_reports::report_for(tx, participant, key.1)?;
                // Somebody else may have added it meanwhile, and signed it.
                check_editable(&report)?;
                month.report = Some(report);
            }
        }
        for row in &mut rows {
            let month = self.months.get(&(row.participant_id, row.month)).ok_or_else(lost)?;
            if let Ok(Some(exception)) = &month.opening {
                month_exceptions::note_use(tx, exception)?;
            }
            row.time_report_id = month.report.as_ref().ok_or_else(lost)?.id;
        }
        tx.insert_all(&rows)?;
        Ok(rows)
    }
}
