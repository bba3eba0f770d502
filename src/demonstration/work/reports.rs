//! The months' reports: signed, empty or left unsigned, attested, submitted, returned, approved; and the months' locks.

use serde_json::{Value, json};

use super::teams::Team;
use super::{Progress, Told};
use crate::demonstration::Stage;
use crate::demonstration::call::Held;
use crate::demonstration::visitor::{id, items};
use crate::platform::moment::Month;

const RETURNED: &str = "Beskrivningen av nätverksträffen behöver säga vad teamet bidrog med.";

/// Reports a month as far as each team comes with it, and locks it when all is done.
pub fn reported(stage: &Stage, held: &Held, teams: &[Team], told: Told) -> Result<(), String> {
    let next = told.month.next().first_day();
    stage.until(next.plus_days(1).start().plus_minutes(9 * 60))?;
    for (index, team) in teams.iter().enumerate() {
        let reports = of_month(team, held, told.month)?;
        let signed = declared(team, told, index, &reports)?;
        let progress = told.progress(index);
        if progress >= Progress::Attested {
            team.attester.change_all("/time-reports", &signed, "attested")?;
        }
        if progress >= Progress::Submitted {
            submitted(team, held, told.month)?;
        }
        match progress {
            Progress::Returned => {
                let path = signed.get(1).copied().unwrap_or_default();
                held.economist.change_because(path, "returned", RETURNED)?;
            }
            Progress::Approved => {
                if told.number == 1 && index == 2 {
                    returned_and_sent_again(team, held, told.month, &reports)?;
                }
                held.economist.change_all("/time-reports", &signed, "approved")?;
            }
            _ => {}
        }
    }
    if told.is_last() {
        return Ok(());
    }
    stage.until(next.plus_days(20).start().plus_minutes(9 * 60))?;
    let path = format!("/programmes/{}/months/{}", held.programme, told.month);
    held.economist.change(&path, "locked").map(|_| ())
}

/// Each signs, says that there is nothing to report, or has left; in a month that is only begun some still wait. Answers
/// the signed reports.
fn declared<'r>(
    team: &Team,
    told: Told,
    index: usize,
    reports: &'r [String],
) -> Result<Vec<&'r str>, String> {
    let mut signed = Vec::new();
    for (number, (member, report)) in team.members.iter().zip(reports).enumerate() {
        if told.leaves(index, number) {
            let why = "Har slutat i kommunen och når inte längre systemet.";
            team.coordinator.change_because(report, "unsigned", why)?;
        } else if told.is_idle(index, number) {
            member.who.change(report, "empty")?;
        } else if told.progress(index) > Progress::Begun || number < 4 {
            member.who.change(report, "signed")?;
            signed.push(report.as_str());
        }
    }
    Ok(signed)
}

fn submitted(team: &Team, held: &Held, month: Month) -> Result<(), String> {
    let code = &team.kommun.code;
    let body =
        json!({"programmeId": held.programme, "organisation": "kommun", "kommunkod": code, "month": month});
    team.coordinator.post("/month-submissions", body).map(|_| ())
}

/// One report on its way round: returned by SKR, signed as it stands after a word with the team, attested and submitted.
fn returned_and_sent_again(team: &Team, held: &Held, month: Month, reports: &[String]) -> Result<(), String> {
    let (Some(member), Some(report)) = (team.members.get(1), reports.get(1)) else { return Ok(()) };
    held.economist.change_because(report, "returned", RETURNED)?;
    member.who.change(report, "signed")?;
    team.attester.change(report, "attested")?;
    submitted(team, held, month)
}

/// The members' reports of a month, in the members' order.
fn of_month(team: &Team, held: &Held, month: Month) -> Result<Vec<String>, String> {
    let (programme, code) = (&held.programme, &team.kommun.code);
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
