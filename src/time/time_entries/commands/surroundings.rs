//! What the judgement of entries depends on, loaded once for all entries of a request.

use std::collections::{BTreeSet, HashMap};

use super::check_editable;
use crate::platform::context::Context;
use crate::platform::db::together::Together as _;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow, Programmes};
use crate::programmes::settings::{self, SettingsRow};
use crate::team::employments::{self, EmploymentRow};
use crate::team::participants::{self, ParticipantRow};
use crate::time::month_exceptions::{self, ExceptionRow};
use crate::time::months::{self, MonthRow};
use crate::time::time_entries::EntryState;
use crate::time::time_entries::rules::{self, Facts};
use crate::time::time_entries::store::{self, DayEntry, EntryRow};
use crate::time::time_reports::TimeReportRow;

/// The participants and days whose surroundings are wanted.
#[derive(Default)]
pub struct Wanted {
    programmes: BTreeSet<Id>,
    participants: BTreeSet<Id>,
    people: BTreeSet<Id>,
    days: BTreeSet<Day>,
}

impl Wanted {
    /// A participant.
    pub fn participant(&mut self, participant: &ParticipantRow) {
        self.programmes.insert(participant.programme_id);
        self.participants.insert(participant.id);
        self.people.insert(participant.person_id);
    }

    /// A day.
    pub fn day(&mut self, day: Day) {
        self.days.insert(day);
    }

    /// The participant and the day of an entry.
    pub fn entry(&mut self, row: &EntryRow) {
        self.programmes.insert(row.programme_id);
        self.participants.insert(row.participant_id);
        self.people.insert(row.person_id);
        self.days.insert(row.work_date);
    }
}

/// The rows around entries.
pub struct Surroundings {
    /// The participants, by id.
    pub participants: HashMap<Id, ParticipantRow>,
    programmes: Programmes,
    /// All settings of each programme, oldest first.
    settings: HashMap<Id, Vec<SettingsRow>>,
    employments: Vec<EmploymentRow>,
    months: Vec<MonthRow>,
    /// The entries that count on these days, with those that were judged before.
    days: HashMap<(Id, Day), Vec<DayEntry>>,
}

/// What a participant's month says about changes of its entries.
pub struct MonthFacts {
    /// The report, locked, if there is one.
    pub report: Option<TimeReportRow>,
    /// The exception that is used, if the month takes time only because of it; or the refusal.
    pub exception: Result<Option<ExceptionRow>, Problem>,
}

impl MonthFacts {
    /// 409 unless the month takes the person's time and the report can be changed.
    pub fn check(&self) -> Result<(), Problem> {
        self.exception.as_ref().map_err(Clone::clone)?;
        self.report.as_ref().map_or(Ok(()), check_editable)
    }

    /// Records that a change used the exception, if it needed one.
    pub fn note_use(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        match &self.exception {
            Ok(Some(exception)) => month_exceptions::note_use(tx, exception),
            _ => Ok(()),
        }
    }
}

/// The problem when an entry's surroundings were not loaded: an error of the program.
pub fn lost() -> Problem {
    Problem::internal("an entry whose surroundings were not loaded")
}

impl Surroundings {
    /// Loads what is wanted. The caller has locked the people, so that concurrent entries of one person are checked against
    /// the limits of a day one after the other, even in different programmes; and the reports, because locking a month
    /// locks the reports first.
    pub fn load(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Self, Problem> {
        let Wanted { programmes, participants, people, days } = wanted;
        let months: BTreeSet<Month> = days.iter().map(|day| day.month()).collect();
        let (participants, programmes, mut all_settings, employments, months, entries) = (
            participants::unscoped_among(participants),
            programme::unscoped_among(programmes),
            settings::unscoped_of_programmes(programmes),
            employments::unscoped_of_people(programmes, people),
            months::unscoped_among(programmes, &months),
            store::unscoped_days_of_people(people, days),
        )
            .load(tx.db)?;
        all_settings.sort_by_key(|row| row.valid_from);
        let (mut settings, mut days) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for row in all_settings {
            settings.entry(row.programme_id).or_default().push(row);
        }
        for entry in entries {
            days.entry((entry.person_id, entry.work_date)).or_default().push(entry);
        }
        let participants = participants.into_iter().map(|row| (row.id, row)).collect();
        let programmes = programmes.into_iter().collect();
        Ok(Self { participants, programmes, settings, employments, months, days })
    }

    /// What a participant's month says about changes of its entries now. `report` is locked.
    pub fn month(
        &self,
        tx: &mut Tx<'_>,
        participant_id: Id,
        month: Month,
        report: Option<TimeReportRow>,
    ) -> Result<MonthFacts, Problem> {
        let participant = self.participants.get(&participant_id).ok_or_else(lost)?;
        let is_this = |row: &&MonthRow| (row.programme_id, row.month) == (participant.programme_id, month);
        let row = self.months.iter().find(is_this);
        let exception =
            months::exception_needed(&mut tx.as_read(), participant, month, row, report.as_ref())?;
        Ok(MonthFacts { report, exception })
    }

    /// The participant and the programme of an entry.
    pub fn of(&self, row: &EntryRow) -> Result<(&ParticipantRow, &ProgrammeRow), Problem> {
        let participant = self.participants.get(&row.participant_id).ok_or_else(lost)?;
        Ok((participant, self.programmes.of(row.programme_id)?))
    }

    /// 422 with every error of an entry.
    pub fn check(&self, ctx: &Context, row: &EntryRow) -> Result<(), Problem> {
        let (participant, programme) = self.of(row)?;
        let all = self.settings.get(&programme.id).ok_or_else(lost)?;
        let settings = &settings::holding_in(all, row.work_date.month()).ok_or_else(lost)?.content.0;
        let is_theirs = |post: &&EmploymentRow| {
            (post.programme_id, post.person_id) == (programme.id, participant.person_id)
                && post.is_with(participant.organisation, participant.kommunkod.as_deref())
        };
        let employments: Vec<EmploymentRow> = self.employments.iter().filter(is_theirs).cloned().collect();
        let facts = Facts { programme, participant, employments: &employments, settings, today: ctx.today() };
        let is_person = ctx.caller.is_person(row.person_id);
        let day = self.days.get(&(row.person_id, row.work_date)).map_or(&[][..], Vec::as_slice);
        let others = rules::other_minutes(row, day, is_person);
        let day_fault = rules::day_fault(row.minutes, others, settings.daily_hours_cap, is_person);
        rules::check(rules::faults(row, &facts), day_fault)
    }

    /// From now on this state of an entry counts.
    pub fn count(&mut self, row: &EntryRow) {
        let day = self.days.entry((row.person_id, row.work_date)).or_default();
        day.retain(|other| other.id != row.id);
        if row.status != EntryState::Voided {
            day.push(DayEntry::of(row));
        }
    }
}
