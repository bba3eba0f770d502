//! Time: entered by the members, proposed by the coordinator, confirmed, left unconfirmed or voided.

use serde_json::{Value, json};

use super::teams::{Member, Team};
use super::{Progress, WorkMonth};
use crate::demonstration::visitor::id;
use crate::demonstration::working_days;
use crate::platform::moment::Day;

/// Two joint days and six own days for each member, on working days. The coordinator's own days are coordination.
pub fn enter(team: &Team, work: WorkMonth, index: usize) -> Result<(), String> {
    let days = working_days(work.month);
    let middle = work.month.first_day().plus_days(14);
    for (number, member) in
        team.members.iter().enumerate().filter(|(number, _)| !work.is_idle(index, *number))
    {
        let leaves = work.leaves(index, number);
        let own = days.iter().skip((number + index) % 3).step_by(2).take(8);
        let own = own.filter(|day| !leaves || **day < middle);
        let entries = own.enumerate().map(|(slot, day)| entry(member, number, slot, *day)).collect();
        member.who.all("/time-entries/batch", entries)?;
        if number == 3 {
            enter_twice(member, &days)?;
        }
        if leaves {
            let path = format!("/participants/{}", member.participant);
            team.coordinator.patch(&path, json!({"validTo": middle}))?;
        }
    }
    propose(team, work, index, &days)
}

fn entry(member: &Member, number: usize, slot: usize, day: Day) -> Value {
    let (kind, activity, minutes, description) = match slot {
        0 | 4 => ("joint", "network", 240, "Nätverksträff med de andra kommunerna"),
        _ if number == 0 => {
            ("coordination", "coordination", 180, "Planering och uppföljning med förvaltningarna")
        }
        _ => ("own", "development", 150, "Arbete med policy och handlingsplan"),
    };
    json!({
        "participantId": member.participant,
        "workDate": day,
        "minutes": minutes,
        "kind": kind,
        "activityCode": activity,
        "description": description,
    })
}

/// Enters the same time twice and voids the second entry.
fn enter_twice(member: &Member, days: &[Day]) -> Result<(), String> {
    let Some(day) = days.first() else { return Ok(()) };
    let again = id(&member.who.post("/time-entries", entry(member, 3, 1, *day))?)?;
    member.who.change(&format!("/time-entries/{again}"), "voided")?;
    Ok(())
}

/// Lets the coordinator propose the last days of the running month, at most two, to two of the members.
pub fn propose_now(team: &Team, today: Day) -> Result<(), String> {
    let worked: Vec<Day> = working_days(today.month()).into_iter().filter(|day| *day <= today).collect();
    let days = if worked.is_empty() { vec![today] } else { worked.into_iter().rev().take(2).collect() };
    for (number, member) in team.members.iter().enumerate().skip(1).take(2) {
        let entries = days.iter().map(|day| entry(member, number, 0, *day)).collect();
        team.coordinator.all("/time-entries/batch", entries)?;
    }
    Ok(())
}

/// Lets the coordinator enter two days for each of two members. They confirm one entry and void the other; with the progress
/// `Begun` they leave both.
fn propose(team: &Team, work: WorkMonth, index: usize, days: &[Day]) -> Result<(), String> {
    let two: Vec<&Day> = days.iter().rev().take(2).collect();
    for (number, member) in team.members.iter().enumerate().skip(5).take(2) {
        let entries = two.iter().map(|day| entry(member, number, 0, **day)).collect();
        let made = team.coordinator.all("/time-entries/batch", entries)?;
        if work.progress(index) > Progress::Begun {
            let steps = made.iter().zip(["recorded", "voided"]);
            let steps = steps.map(|(made, to)| Ok(json!({"id": id(made)?, "to": to})));
            let steps = steps.collect::<Result<Vec<_>, String>>()?;
            member.who.all("/time-entries/status-changes/batch", steps)?;
        }
    }
    Ok(())
}
