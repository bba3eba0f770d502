//! The reports of each month (signed, empty or left unsigned, attested, submitted, returned, approved), and its lock.

use serde_json::{Value, json};

use super::teams::Team;
use super::{Progress, WorkMonth};
use crate::demonstration::Stage;
use crate::demonstration::call::Call;
use crate::demonstration::visitor::{id, items};
use crate::platform::moment::Month;

const RETURNED: &str = "Beskrivningen av nätverksträffen behöver säga vad teamet bidrog med.";

/// Processes the reports of a month as far as each team gets, and locks the month when all are approved.
pub fn process(stage: &Stage, call: &Call, teams: &[Team], work: WorkMonth) -> Result<(), String> {
    let next = work.month.next().first_day();
    stage.advance_to(next.plus_days(1).start().plus_minutes(9 * 60))?;
    for (index, team) in teams.iter().enumerate() {
        let reports = reports_of(team, call, work.month)?;
        let signed = declare(team, work, index, &reports)?;
        let progress = work.progress(index);
        if progress >= Progress::Attested {
            team.attester.change_all("/time-reports", &signed, "attested")?;
        }
        if progress >= Progress::Submitted {
            submit(team, call, work.month)?;
        }
        match progress {
            Progress::Returned => {
                let path = signed.get(1).copied().unwrap_or_default();
                call.economist.change_because(path, "returned", RETURNED)?;
            }
            Progress::Approved => {
                if work.number == 1 && index == 2 {
                    return_and_resubmit(team, call, work.month, &reports)?;
                }
                call.economist.change_all("/time-reports", &signed, "approved")?;
            }
            _ => {}
        }
    }
    if work.is_last() {
        return Ok(());
    }
    stage.advance_to(next.plus_days(20).start().plus_minutes(9 * 60))?;
    let path = format!("/programmes/{}/months/{}", call.programme, work.month);
    call.economist.change(&path, "locked").map(|_| ())
}

/// Each member signs, declares the month empty, or has left; with the progress `Begun` some have not signed yet. Returns the
/// signed reports.
fn declare<'r>(
    team: &Team,
    work: WorkMonth,
    index: usize,
    reports: &'r [String],
) -> Result<Vec<&'r str>, String> {
    let mut signed = Vec::new();
    for (number, (member, report)) in team.members.iter().zip(reports).enumerate() {
        if work.leaves(index, number) {
            let why = "Har slutat i kommunen och når inte längre systemet.";
            team.coordinator.change_because(report, "unsigned", why)?;
        } else if work.is_idle(index, number) {
            member.who.change(report, "empty")?;
        } else if work.progress(index) > Progress::Begun || number < 4 {
            member.who.change(report, "signed")?;
            signed.push(report.as_str());
        }
    }
    Ok(signed)
}

fn submit(team: &Team, call: &Call, month: Month) -> Result<(), String> {
    let code = &team.kommun.code;
    let body =
        json!({"programmeId": call.programme, "organisation": "kommun", "kommunkod": code, "month": month});
    team.coordinator.post("/month-submissions", body).map(|_| ())
}

/// One report that goes back and forth: returned by SKR, signed again unchanged, attested and submitted.
fn return_and_resubmit(team: &Team, call: &Call, month: Month, reports: &[String]) -> Result<(), String> {
    let (Some(member), Some(report)) = (team.members.get(1), reports.get(1)) else { return Ok(()) };
    call.economist.change_because(report, "returned", RETURNED)?;
    member.who.change(report, "signed")?;
    team.attester.change(report, "attested")?;
    submit(team, call, month)
}

/// The members' reports of a month, in the members' order.
fn reports_of(team: &Team, call: &Call, month: Month) -> Result<Vec<String>, String> {
    let (programme, code) = (&call.programme, &team.kommun.code);
    let path = format!("/time-reports?programmeId={programme}&kommunkod={code}&month={month}&limit=50");
    let all = items(&team.coordinator.get(&path)?);
    let is_of = |report: &&Value, participant: &str| {
        report.get("participantId").and_then(Value::as_str) == Some(participant)
    };
    let found = team.members.iter().map(|member| {
        let report = all.iter().find(|report| is_of(report, &member.participant));
        let report = report.ok_or_else(|| format!("no report of {} for {month}", member.participant))?;
        Ok(format!("/time-reports/{}", id(report)?))
    });
    found.collect()
}
