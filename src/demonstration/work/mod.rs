//! The work: teams of seven with a coordinator each, three months of time in all states, milestones under way.

mod milestones;
mod reports;
mod teams;
mod time;

pub use teams::teams;
use teams::{LEAVER, Team};

use super::Stage;
use super::call::Held;
use crate::platform::moment::Month;

/// How far a team's month comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Progress {
    /// Some have signed; the others have time that waits for them.
    Begun,
    /// All have signed.
    Signed,
    /// The attester has attested.
    Attested,
    /// The coordinator has submitted.
    Submitted,
    /// SKR has returned one report.
    Returned,
    /// SKR has approved.
    Approved,
}

/// A month of the story.
#[derive(Clone, Copy)]
struct Told {
    /// Its place, from 0.
    number: i32,
    month: Month,
}

impl Told {
    fn is_last(self) -> bool {
        self.number == super::MONTHS_OF_WORK - 1
    }

    /// Earlier months are done with; of the last one some of everything is still to be done.
    fn progress(self, team: usize) -> Progress {
        use Progress::{Approved, Attested, Begun, Returned, Signed, Submitted};
        const LAST: [Progress; 6] = [Begun, Signed, Attested, Submitted, Returned, Approved];
        if self.is_last() { LAST.get(team % LAST.len()).copied().unwrap_or(Begun) } else { Approved }
    }

    /// Whether this member of the team leaves in the middle of this month.
    fn leaves(self, team: usize, member: usize) -> bool {
        self.is_last() && member == LEAVER && team % 6 == 5
    }

    /// Whether this member of the team has nothing to report.
    fn is_idle(self, team: usize, member: usize) -> bool {
        member == 4 && team % 3 == 1 && self.number > 0
    }
}

/// Lets every team work for a month, and reports it.
pub fn month(stage: &Stage, held: &Held, teams: &[Team], number: i32) -> Result<(), String> {
    let told = Told { number, month: stage.first_month.plus_months(number) };
    stage.until(told.month.last_day().start().plus_minutes(16 * 60))?;
    for (index, team) in teams.iter().enumerate() {
        time::worked(team, told, index)?;
    }
    milestones::taken_on(held, teams, told)?;
    reports::reported(stage, held, teams, told)
}
