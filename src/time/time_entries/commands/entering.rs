//! Entering time: one entry or many, by one path.

use std::collections::{BTreeSet, HashMap};

use super::check_editable;
use super::surroundings::{MonthFacts, Surroundings, Wanted, lost};
use crate::identity::policy::TimeEntryCreate;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::set::WriteSet;
use crate::platform::tx::Tx;
use crate::programmes::programme;
use crate::team::participants;
use crate::time::months;
use crate::time::time_entries::requests::NewEntry;
use crate::time::time_entries::store::EntryRow;
use crate::time::time_reports;

/// New entries, their surroundings and their months.
pub struct Entering {
    around: Surroundings,
    months: HashMap<(Id, Month), MonthFacts>,
}

impl WriteSet<NewEntry> for Entering {
    type Accepted = EntryRow;
    type Row = EntryRow;

    fn changed_row(_: &NewEntry) -> Option<Id> {
        None
    }

    fn load(tx: &mut Tx<'_>, items: &[NewEntry]) -> Result<Self, Problem> {
        let named = items.iter().map(|item| item.participant_id).collect();
        let visible = participants::visible_with_people_locked(tx, &named)?;
        let mut wanted = Wanted::default();
        visible.iter().for_each(|participant| wanted.participant(participant));
        items.iter().for_each(|item| wanted.day(item.work_date));
        let of_item = |item: &NewEntry| (item.participant_id, item.work_date.month());
        let visible: BTreeSet<Id> = visible.iter().map(|participant| participant.id).collect();
        let keys = items.iter().map(of_item).filter(|(id, _)| visible.contains(id));
        let keys: BTreeSet<(Id, Month)> = keys.collect();
        let mut reports = time_reports::unscoped_newest_locked_among(tx, &keys)?;
        let around = Surroundings::load(tx, &wanted)?;
        let mut months = HashMap::new();
        for key in keys {
            months.insert(key, around.month(tx, key.0, key.1, reports.remove(&key))?);
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
        month.check()?;
        if let Some(report) = &month.report {
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
        let named: BTreeSet<(Id, Month)> = rows.iter().map(|row| (row.participant_id, row.month)).collect();
        let mut added = Vec::new();
        for key in named {
            let participant = self.around.participants.get(&key.0).ok_or_else(lost)?;
            if self.months.get(&key).ok_or_else(lost)?.report.is_none() {
                let report = time_reports::report_for(tx, participant, key.1)?;
                // Somebody else may have added it meanwhile, and signed it.
                check_editable(&report)?;
                added.push((participant, report));
            }
        }
        let checked: Vec<_> = added.iter().map(|(participant, report)| (*participant, report)).collect();
        let exceptions = months::check_new_reports(tx, &checked)?;
        for ((participant, report), exception) in added.into_iter().zip(exceptions) {
            let key = (participant.id, report.month);
            self.months.insert(key, MonthFacts { report: Some(report), exception: Ok(exception) });
        }
        for row in &mut rows {
            let month = self.months.get(&(row.participant_id, row.month)).ok_or_else(lost)?;
            month.note_use(tx)?;
            row.time_report_id = month.report.as_ref().ok_or_else(lost)?.id;
        }
        tx.insert_all(&rows)?;
        Ok(rows)
    }
}
