//! The work: teams of seven with a coordinator each, three months of time in all states, milestones in progress.

mod milestones;
mod reports;
mod teams;
mod time;

pub use teams::add_teams;
use teams::{LEAVER, Team};

use super::Stage;
use super::call::Call;
use crate::platform::moment::Month;

/// How far a team gets with a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Progress {
    /// Some have signed; the others have proposed entries left.
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

/// A month of work.
#[derive(Clone, Copy)]
struct WorkMonth {
    /// Its number, from 0.
    number: i32,
    month: Month,
}

impl WorkMonth {
    fn is_last(self) -> bool {
        self.number == super::MONTHS_OF_WORK - 1
    }

    /// Earlier months are finished; in the last one the teams have got to different points.
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

/// Lets every coordinator propose time of the running month, which the members have not confirmed yet.
pub fn propose_now(stage: &Stage, teams: &[Team]) -> Result<(), String> {
    let today = stage.services.clock.today();
    teams.iter().try_for_each(|team| time::propose_now(team, today))
}

/// Lets every team work for a month and report it.
pub fn run_month(stage: &Stage, call: &Call, teams: &[Team], number: i32) -> Result<(), String> {
    let work = WorkMonth { number, month: stage.first_month.plus_months(number) };
    stage.advance_to(work.month.last_day().start().plus_minutes(16 * 60))?;
    for (index, team) in teams.iter().enumerate() {
        time::enter(team, work, index)?;
    }
    milestones::work_on(call, teams, work)?;
    reports::process(stage, call, teams, work)
}
