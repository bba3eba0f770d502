//! What the judgement of entries depends on, loaded once for all entries of a request.

use std::collections::{BTreeSet, HashMap};

use crate::identity::people::PersonRow;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow};
use crate::programmes::settings::{self, SettingsRow};
use crate::team::employments::{self, EmploymentRow};
use crate::team::participants::ParticipantRow;
use crate::time::time_entries::EntryState;
use crate::time::time_entries::rules::{self, Facts};
use crate::time::time_entries::store::{self, DayEntry, EntryRow};

/// The rows around entries. The people are locked.
pub struct Surroundings {
    /// The participants, by id.
    pub participants: HashMap<Id, ParticipantRow>,
    programmes: HashMap<Id, ProgrammeRow>,
    /// All settings of each programme.
    settings: HashMap<Id, Vec<SettingsRow>>,
    employments: Vec<EmploymentRow>,
    /// The entries that count on these days, with those that were judged before.
    days: HashMap<(Id, Day), Vec<DayEntry>>,
}

/// The problem when an entry's surroundings were not loaded: an error of the program.
pub fn lost() -> Problem {
    Problem::internal("an entry whose surroundings were not loaded")
}

impl Surroundings {
    /// Locks the people, so that concurrent entries of one person are checked against the limits of a day one after the
    /// other, even in different programmes. Then loads the rest.
    pub fn load(
        tx: &mut Tx<'_>,
        participants: Vec<ParticipantRow>,
        days: &BTreeSet<Day>,
    ) -> Result<Self, Problem> {
        let people: BTreeSet<Id> = participants.iter().map(|participant| participant.person_id).collect();
        let programmes: BTreeSet<Id> =
            participants.iter().map(|participant| participant.programme_id).collect();
        tx.lock_all::<PersonRow>(people.iter().copied())?;
        Ok(Self {
            settings: settings::unscoped_of_programmes(tx.db, &programmes)?,
            employments: employments::unscoped_of_people(tx.db, &programmes, &people)?,
            days: store::unscoped_days_of_people(tx.db, &people, days)?,
            programmes: programme::unscoped_by_ids(tx.db, programmes)?
                .into_iter()
                .map(|programme| (programme.id, programme))
                .collect(),
            participants: participants.into_iter().map(|participant| (participant.id, participant)).collect(),
        })
    }

    /// The ids of the programmes.
    pub fn programme_ids(&self) -> BTreeSet<Id> {
        self.programmes.keys().copied().collect()
    }

    /// The participant and the programme of an entry.
    pub fn of(&self, row: &EntryRow) -> Result<(&ParticipantRow, &ProgrammeRow), Problem> {
        let participant = self.participants.get(&row.participant_id).ok_or_else(lost)?;
        Ok((participant, self.programmes.get(&row.programme_id).ok_or_else(lost)?))
    }

    /// 422 with every error of an entry.
    pub fn check(&self, ctx: &Context, row: &EntryRow) -> Result<(), Problem> {
        let (participant, programme) = self.of(row)?;
        let all = self.settings.get(&programme.id).ok_or_else(lost)?;
        let settings = &settings::holding(all, row.work_date).ok_or_else(lost)?.content.0;
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
