//! Entering time: one entry or many, by one path. What the entries share is loaded once, each is judged against it, and those
//! that are accepted are inserted together.

use std::collections::{BTreeSet, HashMap};

use super::check_editable;
use crate::identity::people::PersonRow;
use crate::identity::policy::TimeEntryCreate;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::Problem;
use crate::platform::set::WriteSet;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow};
use crate::programmes::settings::{self, SettingsRow};
use crate::team::employments::{self, EmploymentRow};
use crate::team::participants::ParticipantRow;
use crate::time::month_exceptions::{self, ExceptionRow};
use crate::time::months;
use crate::time::time_entries::requests::NewEntry;
use crate::time::time_entries::rules::{self, Facts};
use crate::time::time_entries::store::{self, DayEntry, EntryRow};
use crate::time::time_reports::{self, TimeReportRow};

/// The rows that the judgement of the entries depends on. The people and the reports are locked.
pub struct Entering {
    participants: HashMap<Id, ParticipantRow>,
    programmes: HashMap<Id, ProgrammeRow>,
    /// All settings of each programme.
    settings: HashMap<Id, Vec<SettingsRow>>,
    employments: Vec<EmploymentRow>,
    months: HashMap<(Id, Month), MonthFacts>,
    /// The entries that count on the days of the items, also those that were accepted before.
    days: HashMap<(Id, Day), Vec<DayEntry>>,
}

/// What a participant's month says about new entries.
struct MonthFacts {
    /// The newest version of the report, if there is one.
    report: Option<TimeReportRow>,
    /// The exception that is used, if the month takes time only because of it; or the refusal.
    opening: Result<Option<ExceptionRow>, Problem>,
}

impl WriteSet<NewEntry> for Entering {
    type Row = EntryRow;

    fn load(tx: &mut Tx<'_>, items: &[NewEntry]) -> Result<Self, Problem> {
        let named: BTreeSet<Id> = items.iter().map(|item| item.participant_id).collect();
        let participants = tx.visible_among::<ParticipantRow>(named)?;
        // Concurrent entries of one person are checked against the limits of a day one after the other, even in different
        // programmes.
        let people: BTreeSet<Id> = participants.iter().map(|participant| participant.person_id).collect();
        tx.lock_all::<PersonRow>(people.iter().copied())?;
        let participants: HashMap<Id, ParticipantRow> =
            participants.into_iter().map(|participant| (participant.id, participant)).collect();
        let of_items =
            || items.iter().filter_map(|item| Some((item, participants.get(&item.participant_id)?)));
        let programme_ids: BTreeSet<Id> =
            participants.values().map(|participant| participant.programme_id).collect();
        let days: BTreeSet<Day> = of_items().map(|(item, _)| item.work_date).collect();
        let months: BTreeSet<Month> = days.iter().map(|day| day.month()).collect();
        let keys: BTreeSet<(Id, Month)> =
            of_items().map(|(item, _)| (item.participant_id, item.work_date.month())).collect();
        let programmes = programme::unscoped_by_ids(tx.db, programme_ids.iter().copied())?;
        let mut reports = time_reports::unscoped_newest_locked_among(tx, &keys)?;
        let rows = months::unscoped_among(tx.db, &programme_ids, &months)?;
        let mut facts = HashMap::new();
        for (participant_id, month) in keys {
            let Some(participant) = participants.get(&participant_id) else { continue };
            let report = reports.remove(&(participant_id, month));
            let row =
                rows.iter().find(|row| (row.programme_id, row.month) == (participant.programme_id, month));
            let opening =
                months::exception_needed(&mut tx.as_read(), participant, month, row, report.as_ref())?;
            facts.insert((participant_id, month), MonthFacts { report, opening });
        }
        Ok(Self {
            settings: settings::unscoped_of_programmes(tx.db, &programme_ids)?,
            employments: employments::unscoped_of_people(tx.db, &programme_ids, &people)?,
            days: store::unscoped_days_of_people(tx.db, &people, &days)?,
            months: facts,
            programmes: programmes.into_iter().map(|programme| (programme.id, programme)).collect(),
            participants,
        })
    }

    fn judge(&mut self, ctx: &Context, item: NewEntry) -> Result<EntryRow, Problem> {
        let participant = self.participants.get(&item.participant_id).ok_or_else(Problem::not_found)?;
        ctx.check_reach::<TimeEntryCreate>(participant)?;
        let lost = || Problem::internal("an entry whose surroundings were not loaded");
        let programme = self.programmes.get(&participant.programme_id).ok_or_else(lost)?;
        let mut row = item.into_row(ctx, participant);
        let all = self.settings.get(&programme.id).ok_or_else(lost)?;
        let settings = &settings::holding(all, row.work_date).ok_or_else(lost)?.content.0;
        let is_theirs = |post: &&EmploymentRow| {
            (post.programme_id, post.person_id) == (programme.id, participant.person_id)
                && post.is_with(participant.organisation, participant.kommunkod.as_deref())
        };
        let employments: Vec<EmploymentRow> = self.employments.iter().filter(is_theirs).cloned().collect();
        let facts = Facts { programme, participant, employments: &employments, settings, today: ctx.today() };
        let is_person = ctx.caller.is_person(row.person_id);
        let day = self.days.entry((row.person_id, row.work_date)).or_default();
        rules::check(
            rules::faults(&row, &facts),
            rules::day_fault(
                row.minutes,
                rules::other_minutes(&row, day, is_person),
                settings.daily_hours_cap,
                is_person,
            ),
        )?;
        programme::check_running(programme)?;
        let month = self.months.get(&(participant.id, row.month)).ok_or_else(lost)?;
        match &month.report {
            Some(report) => {
                month.opening.as_ref().map_err(Clone::clone)?;
                check_editable(report)?;
                row.time_report_id = report.id;
            }
            None => {
                time_reports::check_begun(ctx, participant, row.month)?;
                month.opening.as_ref().map_err(Clone::clone)?;
            }
        }
        day.push(DayEntry::of(&row));
        Ok(row)
    }

    fn write(&mut self, tx: &mut Tx<'_>, mut rows: Vec<EntryRow>) -> Result<Vec<EntryRow>, Problem> {
        for row in &mut rows {
            let lost = || Problem::internal("an entry whose surroundings were not loaded");
            let month = self.months.get_mut(&(row.participant_id, row.month)).ok_or_else(lost)?;
            if let Ok(Some(exception)) = &month.opening {
                month_exceptions::note_use(tx, exception)?;
            }
            if month.report.is_none() {
                let participant = self.participants.get(&row.participant_id).ok_or_else(lost)?;
                month.report = Some(time_reports::report_for(tx, participant, row.month)?);
            }
            row.time_report_id = month.report.as_ref().ok_or_else(lost)?.id;
        }
        tx.insert_all(&rows)?;
        Ok(rows)
    }
}
