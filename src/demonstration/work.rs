//! The work: teams of seven with a coordinator each, three months of time in all states, milestones under way.

use serde_json::{Value, json};

use super::call::Held;
use super::cast::Kommun;
use super::visitor::{Visitor, id, items, text};
use super::{Stage, working_days};
use crate::platform::http::language::Words;
use crate::platform::moment::{Day, Month};

/// A team at work.
struct Team {
    kommun: Kommun,
    coordinator: Visitor,
    attester: Visitor,
    members: Vec<Member>,
}

/// One of the seven.
struct Member {
    participant: String,
    who: Visitor,
}

const POSTS: [(&str, &str); 6] = [
    ("Upphandlare", "Upphandlingsenheten"),
    ("Arbetsmarknadssekreterare", "Arbetsmarknadsförvaltningen"),
    ("Socialsekreterare", "Socialförvaltningen"),
    ("Näringslivsutvecklare", "Kommunledningskontoret"),
    ("Utredare", "Kommunledningskontoret"),
    ("Rektor", "Utbildningsförvaltningen"),
];

/// Lets every team work from the first month to the end of the third.
pub fn done(stage: &mut Stage, held: &Held, today: Day) -> Result<(), String> {
    stage.until(stage.first_month.first_day().start().plus_minutes(9 * 60))?;
    let mut teams = Vec::new();
    for kommun in &held.kommuner {
        teams.push(team(stage, held, kommun)?);
    }
    for offset in 0..3 {
        let month = stage.first_month.plus_months(offset);
        stage.until(month.last_day().start().plus_minutes(16 * 60))?;
        for (index, team) in teams.iter().enumerate() {
            worked(team, month, index)?;
        }
        milestones(held, &teams, offset)?;
        reported(stage, held, &teams, month, offset == 2, today)?;
    }
    Ok(())
}

fn team(stage: &mut Stage, held: &Held, kommun: &Kommun) -> Result<Team, String> {
    let coordinator = Visitor::logged_in(&stage.base, &kommun.email("koordinator"))?;
    let first = stage.first_month.first_day();
    let mut members = Vec::new();
    let own = participant(
        held,
        kommun,
        "Koordinator",
        "koordinator",
        "Projektkoordinator",
        "Kommunledningskontoret",
        first,
        true,
    );
    let made = held.manager.post("/participants", own)?;
    employ(&coordinator, held, kommun, &made, first)?;
    members.push(Member { participant: id(&made)?, who: coordinator.clone() });
    for (index, (post, department)) in POSTS.iter().enumerate() {
        let address = format!("medarbetare{}", index + 1);
        let body = participant(held, kommun, post, &address, post, department, first, false);
        let made = coordinator.post("/participants", body)?;
        employ(&coordinator, held, kommun, &made, first)?;
        let who = stage.accept(&kommun.email(&address), &["participant"])?;
        members.push(Member { participant: id(&made)?, who });
    }
    let chef = json!({"name": kommun.person("Förvaltningschef"), "email": kommun.email("attestant")});
    let person = id(&coordinator.post("/people", chef)?)?;
    let role = json!({"role": "attester", "programmeId": held.programme, "kommunkod": kommun.code, "validFrom": first});
    coordinator.post(&format!("/people/{person}/role-assignments"), role)?;
    let attester = stage.accept(&kommun.email("attestant"), &["attester"])?;
    Ok(Team { kommun: kommun.clone(), coordinator, attester, members })
}

#[expect(clippy::too_many_arguments, reason = "one argument per field of the request")]
fn participant(
    held: &Held,
    kommun: &Kommun,
    title: &str,
    address: &str,
    function: &str,
    department: &str,
    from: Day,
    is_coordinator: bool,
) -> Value {
    json!({
        "programmeId": held.programme,
        "organisation": "kommun",
        "kommunkod": kommun.code,
        "name": kommun.person(title),
        "email": kommun.email(address),
        "function": function,
        "department": department,
        "isCoordinator": is_coordinator,
        "validFrom": from,
    })
}

fn employ(by: &Visitor, held: &Held, kommun: &Kommun, participant: &Value, from: Day) -> Result<(), String> {
    let body = json!({
        "programmeId": held.programme,
        "personId": text(participant, "personId")?,
        "organisation": "kommun",
        "kommunkod": kommun.code,
        "employerName": format!("{} kommun", kommun.name),
        "organisationNumber": "2120001355",
        "employerKind": "kommun",
        "employmentPercent": 100,
        "jobCategory": "handlaggare",
        "validFrom": from,
    });
    by.post("/employments", body)?;
    Ok(())
}

/// Two joint days and six of one's own for each, on working days; the coordinator's own time is coordination.
fn worked(team: &Team, month: Month, index: usize) -> Result<(), String> {
    let days = working_days(month);
    for (number, member) in team.members.iter().enumerate() {
        let mut entries = Vec::new();
        for (slot, day) in days.iter().skip((number + index) % 3).step_by(2).take(8).enumerate() {
            let (kind, activity, minutes, description) = match slot {
                0 | 4 => ("joint", "network", 240, "Nätverksträff med de andra kommunerna"),
                _ if number == 0 => {
                    ("coordination", "coordination", 180, "Planering och uppföljning med förvaltningarna")
                }
                _ => ("own", "development", 150, "Arbete med policy och handlingsplan"),
            };
            entries.push(json!({
                "participantId": member.participant,
                "workDate": day,
                "minutes": minutes,
                "kind": kind,
                "activityCode": activity,
                "description": description,
            }));
        }
        let result = member.who.post("/time-entries/batch", json!({"atomic": true, "items": entries}))?;
        if result.get("failed").and_then(Value::as_i64) != Some(0) {
            return Err(format!("entries were refused: {result}"));
        }
    }
    Ok(())
}

/// Signs, attests, submits and approves a month. Of the third month (`is_last`) some of everything is still to be done.
fn reported(
    stage: &Stage,
    held: &Held,
    teams: &[Team],
    month: Month,
    is_last: bool,
    today: Day,
) -> Result<(), String> {
    let next = month.next().first_day();
    stage.until(next.plus_days(1).start().plus_minutes(9 * 60))?;
    for (index, team) in teams.iter().enumerate() {
        let stops = if is_last { index % 4 } else { 9 };
        let reports = reports(team, held, month)?;
        for (number, (member, report)) in team.members.iter().zip(&reports).enumerate() {
            if stops == 0 && number > 3 {
                continue;
            }
            member.who.change(report, "signed")?;
            if stops > 1 {
                team.attester.change(report, "attested")?;
            }
        }
        if stops > 2 {
            let body = json!({"programmeId": held.programme, "organisation": "kommun", "kommunkod": team.kommun.code, "month": month});
            team.coordinator.post("/month-submissions", body)?;
        }
        if stops > 3 {
            for report in &reports {
                held.economist.change(report, "approved")?;
            }
        }
    }
    if !is_last && next.plus_days(20) < today {
        stage.until(next.plus_days(20).start().plus_minutes(9 * 60))?;
        held.economist.change(&format!("/programmes/{}/months/{month}", held.programme), "locked")?;
    }
    Ok(())
}

/// The members' reports of a month, in the members' order.
fn reports(team: &Team, held: &Held, month: Month) -> Result<Vec<String>, String> {
    let path = format!(
        "/time-reports?programmeId={}&kommunkod={}&month={month}&limit=50",
        held.programme, team.kommun.code
    );
    let all = items(&team.coordinator.get(&path)?);
    let of = |member: &Member| {
        let report = all
            .iter()
            .find(|report| report.get("participantId").and_then(Value::as_str) == Some(&member.participant));
        let report = report.ok_or_else(|| format!("no report of {} for {month}", member.participant))?;
        Ok(format!("/time-reports/{}", id(report)?))
    };
    team.members.iter().map(of).collect()
}

/// A step on the chain each month: anchoring approved first, then the political direction, then the policy document.
fn milestones(held: &Held, teams: &[Team], offset: i32) -> Result<(), String> {
    let kinds = ["anchoring", "politicalDirection", "policyDocument"];
    let Some(kind) = usize::try_from(offset).ok().and_then(|offset| kinds.get(offset)) else { return Ok(()) };
    for (index, team) in teams.iter().enumerate() {
        let path =
            format!("/milestones?programmeId={}&kommunkod={}&kind={kind}", held.programme, team.kommun.code);
        let list = items(&team.coordinator.get(&path)?);
        let Some(milestone) = list.first() else { return Err(format!("no milestone {kind}")) };
        let path = format!("/milestones/{}", id(milestone)?);
        team.coordinator.change(&path, "inProgress")?;
        if offset == 2 && index % 3 == 0 {
            continue;
        }
        let decided = working_days(held_month(milestone, offset)?).first().copied();
        let decision = json!({"body": "Kommunstyrelsen", "decidedOn": decided, "paragraph": format!("§ {}", 40 + index), "registryNumber": format!("KS {}", team.kommun.code)});
        let involvement =
            json!({"date": decided, "departments": ["Arbetsmarknadsförvaltningen"], "number": 14});
        let evidence = if *kind == "anchoring" {
            json!({"decision": decision, "staffInvolvement": involvement})
        } else {
            json!({"decision": decision})
        };
        team.coordinator.patch(&path, evidence)?;
        team.coordinator.change(&path, "submitted")?;
        match (offset, index % 4) {
            (2, 1) => {}
            (2, 2) => {
                held.manager.change_because(&path, "returned", "Vilken nämnd ansvarar för uppföljningen?")?;
            }
            _ => {
                held.manager.change(&path, "approved")?;
            }
        }
    }
    Ok(())
}

/// The month in which the decision of this step was taken: the one before the step's own.
fn held_month(milestone: &Value, offset: i32) -> Result<Month, String> {
    let made = text(milestone, "createdAt")?;
    let at: crate::platform::moment::Instant = made.parse().map_err(|wrong: Words| wrong.to_string())?;
    Ok(at.month().plus_months(offset))
}
