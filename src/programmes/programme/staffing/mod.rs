//! Which actions nobody may take in a programme, on any day from today (or the first day of work) to the last day, as the
//! roles are dated (guide §1: "If the dated roles leave an action without an allowed person, that is reported").

pub mod rules;

pub use rules::{Gap, Staff};

use super::ProgrammeRow;
use super::ProgrammeState::{Cancelled, Completed};
use crate::identity::policy::Role;
use crate::identity::roles::{self, AssignmentRow};
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::settings::{self, SettingsRow};

const OWNERS: [Role; 4] = [Role::ProgrammeManager, Role::Economist, Role::Attester, Role::Participant];
const KOMMUNS: [Role; 3] = [Role::Coordinator, Role::Attester, Role::Participant];

/// The role assignments of the rest of the programme, and the settings that say who attests.
struct Ahead {
    from: Day,
    last: Day,
    held: Vec<AssignmentRow>,
    settings: Vec<SettingsRow>,
}

impl Ahead {
    fn load(
        rx: &mut Rx<'_>,
        programme: &ProgrammeRow,
        roles: &[Role],
        belongs_to_owner: bool,
    ) -> Result<Self, Problem> {
        let from = programme.starts_on.max(rx.ctx.today());
        Ok(Self {
            from,
            last: programme.ends_on,
            held: roles::unscoped_held_from(rx, programme.id, roles, belongs_to_owner, from)?,
            settings: settings::unscoped_all(rx.db, programme.id)?,
        })
    }

    fn requires_attest(&self, day: Day) -> bool {
        settings::holding(&self.settings, day).is_none_or(|row| row.content.0.requires_attest)
    }

    fn gaps(&self, kommunkod: Option<&str>, gaps_on: impl Fn(&Staff, bool) -> Vec<Gap>) -> Vec<(Gap, Day)> {
        let here = self.held.iter().filter(|row| row.kommunkod.as_deref() == kommunkod);
        let here: Vec<AssignmentRow> = here.cloned().collect();
        let turns: Vec<Day> = self.settings.iter().map(|row| row.valid_from).collect();
        let days = rules::days(self.from, self.last, &here, &turns);
        rules::first_of(&days, |day| gaps_on(&Staff::on(day, here.iter()), self.requires_attest(day)))
    }
}

/// What the owner's staff cannot do, each gap with its first day; nothing once the programme is over.
pub fn owner_gaps(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<(Gap, Day)>, Problem> {
    if matches!(programme.status, Completed | Cancelled) {
        return Ok(Vec::new());
    }
    let ahead = Ahead::load(rx, programme, &OWNERS, true)?;
    Ok(ahead.gaps(None, Staff::owner_gaps))
}

/// What the people of each kommun cannot do, each gap with its first day.
pub fn kommun_gaps<'k>(
    rx: &mut Rx<'_>,
    programme: &ProgrammeRow,
    kommuner: impl Iterator<Item = &'k str>,
) -> Result<Vec<(&'k str, Gap, Day)>, Problem> {
    let ahead = Ahead::load(rx, programme, &KOMMUNS, false)?;
    let gaps = kommuner.flat_map(|kommun| {
        let gaps = ahead.gaps(Some(kommun), Staff::kommun_gaps);
        gaps.into_iter().map(move |(gap, day)| (kommun, gap, day))
    });
    Ok(gaps.collect())
}
