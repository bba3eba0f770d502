//! One milestone each month: first the anchoring, then the political direction, then the policy document.

use serde_json::{Value, json};

use super::WorkMonth;
use super::teams::Team;
use crate::demonstration::call::Call;
use crate::demonstration::visitor::{id, items, text};
use crate::demonstration::working_days;
use crate::platform::moment::{Instant, Month};
use crate::platform::text::ParseError;

const KINDS: [&str; 3] = ["anchoring", "politicalDirection", "policyDocument"];

/// Lets every team work on the milestone of the month; in the last month some are still in progress.
pub fn work_on(call: &Call, teams: &[Team], work: WorkMonth) -> Result<(), String> {
    let Some(kind) = usize::try_from(work.number).ok().and_then(|number| KINDS.get(number)) else {
        return Ok(());
    };
    for (index, team) in teams.iter().enumerate() {
        let (programme, code) = (&call.programme, &team.kommun.code);
        let path = format!("/milestones?programmeId={programme}&kommunkod={code}&kind={kind}");
        let list = items(&team.coordinator.get(&path)?);
        let milestone = list.first().ok_or_else(|| format!("no milestone {kind}"))?;
        let path = format!("/milestones/{}", id(milestone)?);
        team.coordinator.change(&path, "inProgress")?;
        if work.is_last() && index % 3 == 0 {
            continue;
        }
        team.coordinator.patch(&path, evidence(team, kind, index, decided_in(milestone, work.number)?))?;
        team.coordinator.change(&path, "submitted")?;
        match index % 4 {
            1 if work.is_last() => {}
            2 if work.is_last() => {
                let why = "Vilken nämnd ansvarar för uppföljningen?";
                call.manager.change_because(&path, "returned", why)?;
            }
            _ => {
                call.manager.change(&path, "approved")?;
            }
        }
    }
    Ok(())
}

fn evidence(team: &Team, kind: &str, index: usize, month: Month) -> Value {
    let decided = working_days(month).first().copied();
    let decision = json!({
        "body": "Kommunstyrelsen",
        "decidedOn": decided,
        "paragraph": format!("§ {}", 40 + index),
        "registryNumber": format!("KS {}", team.kommun.code),
    });
    if kind == "anchoring" {
        let departments = ["Arbetsmarknadsförvaltningen"];
        let involvement = json!({"date": decided, "departments": departments, "number": 14});
        return json!({"decision": decision, "staffInvolvement": involvement});
    }
    json!({"decision": decision})
}

/// The month of the decision of this milestone. The milestones were added in the month before the first month of work.
fn decided_in(milestone: &Value, number: i32) -> Result<Month, String> {
    let made: Instant =
        text(milestone, "createdAt")?.parse().map_err(|wrong: ParseError| wrong.to_string())?;
    Ok(made.month().plus_months(number))
}
