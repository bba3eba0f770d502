//! Actions that no person may do because of the dates of the roles. The task goes to those who grant the roles: the manager
//! for SKR's staff and the kommuner, the coordinator for the attesters of the kommun (guide §1).

use super::TaskCode;
use super::collect::Here;
use super::rules::Waiting;
use super::store;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::programmes::programme::staffing::{self, Gap};
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// The present and future gaps in SKR's staff and, when the work has begun, in the kommuner.
pub fn for_manager(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let programme = &here.programme;
    let (today, path) = (rx.ctx.today(), format!("/programmes/{}", programme.id));
    if programme.status == ProgrammeState::Draft {
        return Ok(Vec::new());
    }
    let mut waiting: Vec<Waiting> = staffing::owner_gaps(rx, programme)?
        .into_iter()
        .map(|(gap, from)| {
            let task = gap_from(from, today, path.clone()).about(gap.words(from, today));
            Waiting { part: gap.code(), ..task }
        })
        .collect();
    if !is_running(programme) {
        return Ok(waiting);
    }
    let kommuner = store::unscoped_participating(rx, programme.id)?;
    let gaps = staffing::kommun_gaps(rx, programme, kommuner.iter().map(String::as_str))?;
    for (wanted, words) in [
        (Gap::Coordinator, Localized::fixed("kommuner utan koordinator", "kommuner without coordinator")),
        (Gap::Attester, Localized::fixed("kommuner utan attestant", "kommuner without attester")),
    ] {
        let lacking = gaps.iter().filter(|(_, gap, _)| *gap == wanted);
        let Some(from) = lacking.clone().map(|(.., from)| *from).min() else { continue };
        let query: String = lacking.clone().map(|(kommun, ..)| format!("&kommunkod={kommun}")).collect();
        let list = here.list("/applications", &format!("&status=participating{query}"));
        let only = lacking.clone().map(|(kommun, ..)| kommun.to_string()).next();
        let count = i64::try_from(lacking.count()).unwrap_or(i64::MAX);
        let kommunkod = only.filter(|_| count == 1);
        waiting.push(Waiting {
            count,
            kommunkod,
            part: wanted.code(),
            ..gap_from(from, today, list).about(words)
        });
    }
    Ok(waiting)
}

/// Missing attesters of the kommun, whom the coordinator appoints: each person in the team needs an attester who is somebody
/// else.
pub fn for_coordinator(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let Some(kommunkod) = here.kommunkod.as_deref().filter(|_| is_running(&here.programme)) else {
        return Ok(Vec::new());
    };
    let today = rx.ctx.today();
    let gaps = staffing::kommun_gaps(rx, &here.programme, std::iter::once(kommunkod))?;
    let attesters = gaps.into_iter().filter(|(_, gap, _)| *gap == Gap::Attester);
    let task = |from| {
        let words = Localized::fixed("attestant för alla i teamet", "an attester for everyone in the team");
        gap_from(from, today, here.list("/participants", "")).about(words)
    };
    Ok(attesters.map(|(.., from)| task(from)).collect())
}

fn is_running(programme: &ProgrammeRow) -> bool {
    programme.status == ProgrammeState::Running
}

/// A present gap has no due date; a future gap should be closed before it begins.
fn gap_from(from: Day, today: Day, path: String) -> Waiting {
    Waiting { due_at: (today < from).then(|| from.start()), ..Waiting::one(TaskCode::StaffingGap, path) }
}
