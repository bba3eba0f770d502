//! The teams: seven people from as many förvaltningar and a coordinator, their attester, and who else has a part in the
//! kommun.

use serde_json::{Value, json};

use crate::demonstration::Stage;
use crate::demonstration::call::Held;
use crate::demonstration::cast::{Client, Kommun};
use crate::demonstration::visitor::{Visitor, id, text};
use crate::platform::moment::Day;

/// A team at work.
pub struct Team {
    pub kommun: Kommun,
    pub coordinator: Visitor,
    pub attester: Visitor,
    /// The coordinator first, then the seven.
    pub members: Vec<Member>,
}

/// One of them.
pub struct Member {
    pub participant: String,
    pub who: Visitor,
}

struct Post {
    title: &'static str,
    address: &'static str,
    department: &'static str,
}

const fn post(title: &'static str, address: &'static str, department: &'static str) -> Post {
    Post { title, address, department }
}

const COORDINATOR: Post = post("Koordinator", "koordinator", "Kommunledningskontoret");

const SEVEN: [Post; 7] = [
    post("Upphandlare", "medarbetare1", "Upphandlingsenheten"),
    post("Arbetsmarknadssekreterare", "medarbetare2", "Arbetsmarknadsförvaltningen"),
    post("Socialsekreterare", "medarbetare3", "Socialförvaltningen"),
    post("Näringslivsutvecklare", "medarbetare4", "Näringslivskontoret"),
    post("Fritidsledare", "medarbetare5", "Kultur- och fritidsförvaltningen"),
    post("Rektor", "medarbetare6", "Utbildningsförvaltningen"),
    post("Planarkitekt", "medarbetare7", "Samhällsbyggnadsförvaltningen"),
];

/// Place of the last of the seven, who leaves some of the teams.
pub const LEAVER: usize = SEVEN.len();

/// The teams of the kommuner that take part, and the first kommun's HR system.
pub fn teams(stage: &mut Stage, held: &Held) -> Result<Vec<Team>, String> {
    stage.until(stage.first_month.first_day().start().plus_minutes(9 * 60))?;
    let mut teams = Vec::new();
    for kommun in &held.kommuner {
        teams.push(team(stage, held, kommun)?);
    }
    for team in teams.iter().step_by(4) {
        readers(stage, held, team)?;
    }
    if let Some(team) = teams.first() {
        hr_system(stage, held, &team.kommun)?;
    }
    Ok(teams)
}

fn team(stage: &mut Stage, held: &Held, kommun: &Kommun) -> Result<Team, String> {
    let coordinator = Visitor::logged_in(&stage.base, &kommun.email(COORDINATOR.address))?;
    let first = stage.first_month.first_day();
    let own = joined(&held.manager, &coordinator, held, kommun, &COORDINATOR, first)?;
    stage.credentials.user(&kommun.email(COORDINATOR.address), &["participant"]);
    let mut members = vec![Member { participant: own, who: coordinator.clone() }];
    for post in &SEVEN {
        let participant = joined(&coordinator, &coordinator, held, kommun, post, first)?;
        let who = stage.accept(&kommun.email(post.address), &["participant"])?;
        members.push(Member { participant, who });
    }
    let attests = stage.role("attester", &held.programme, Some(&kommun.code));
    let (email, name) = (kommun.email("attestant"), kommun.person("Förvaltningschef"));
    let attester = stage.appointed(&coordinator, &email, &name, vec![attests])?;
    Ok(Team { kommun: kommun.clone(), coordinator, attester, members })
}

/// Adds a participant, and the employment by the coordinator's hand. Answers the participant's id.
fn joined(
    by: &Visitor,
    coordinator: &Visitor,
    held: &Held,
    kommun: &Kommun,
    post: &Post,
    from: Day,
) -> Result<String, String> {
    let participant = json!({
        "programmeId": held.programme,
        "organisation": "kommun",
        "kommunkod": kommun.code,
        "name": kommun.person(post.title),
        "email": kommun.email(post.address),
        "function": post.title,
        "department": post.department,
        "isCoordinator": post.address == COORDINATOR.address,
        "validFrom": from,
    });
    let made = by.post("/participants", participant)?;
    coordinator.post("/employments", employment(held, kommun, &text(&made, "personId")?, from))?;
    id(&made)
}

fn employment(held: &Held, kommun: &Kommun, person: &str, from: Day) -> Value {
    json!({
        "programmeId": held.programme,
        "personId": person,
        "organisation": "kommun",
        "kommunkod": kommun.code,
        "employerName": format!("{} kommun", kommun.name),
        "organisationNumber": "2120001355",
        "employerKind": "kommun",
        "employmentPercent": 100,
        "jobCategory": "handlaggare",
        "validFrom": from,
    })
}

/// Those who read the kommun's progress and keep its case.
fn readers(stage: &mut Stage, held: &Held, team: &Team) -> Result<(), String> {
    let kommun = &team.kommun;
    let reads = stage.role("kommunReader", &held.programme, Some(&kommun.code));
    let name = kommun.person("Nämndordförande");
    stage.appointed(&team.coordinator, &kommun.email("namnd"), &name, vec![reads])?;
    let keeps = stage.role("registrar", &held.programme, Some(&kommun.code));
    stage.appointed(
        &held.manager,
        &kommun.email("registrator"),
        &kommun.person("Registrator"),
        vec![keeps],
    )?;
    Ok(())
}

/// A kommun's HR system, which logs in by itself.
fn hr_system(stage: &mut Stage, held: &Held, kommun: &Kommun) -> Result<(), String> {
    let name = format!("Tidsystemet i {}", kommun.name);
    let client = json!({"name": name, "programmeId": held.programme, "kommunkod": kommun.code});
    let made = held.manager.post("/api-clients", client)?;
    let client = Client { client_id: id(&made)?, client_secret: text(&made, "clientSecret")? };
    stage.credentials.clients.push(client);
    Ok(())
}
