//! The teams: seven people from seven departments (förvaltningar) and a coordinator, their attester, and others of the kommun.

use serde_json::{Value, json};

use crate::demonstration::Stage;
use crate::demonstration::call::Call;
use crate::demonstration::people::{Client, Kommun};
use crate::demonstration::visitor::{Visitor, id, text};
use crate::platform::moment::Day;

/// A team.
pub struct Team {
    pub kommun: Kommun,
    pub coordinator: Visitor,
    pub attester: Visitor,
    /// The coordinator first, then the seven members.
    pub members: Vec<Member>,
}

/// A member of a team.
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

/// The number of the last member, who leaves some of the teams.
pub const LEAVER: usize = SEVEN.len();

/// Adds the teams of the kommuner that take part, and the first kommun's HR system.
pub fn add_teams(stage: &mut Stage, call: &Call) -> Result<Vec<Team>, String> {
    stage.advance_to(stage.first_month.first_day().start().plus_minutes(9 * 60))?;
    let mut teams = Vec::new();
    for kommun in &call.kommuner {
        teams.push(add_team(stage, call, kommun)?);
    }
    for team in teams.iter().step_by(4) {
        add_readers(stage, call, team)?;
    }
    if let Some(team) = teams.first() {
        add_hr_system(stage, call, &team.kommun)?;
    }
    Ok(teams)
}

fn add_team(stage: &mut Stage, call: &Call, kommun: &Kommun) -> Result<Team, String> {
    let coordinator = Visitor::logged_in(&stage.entrance, &kommun.email(COORDINATOR.address))?;
    let first = stage.first_month.first_day();
    let own = add_member(&call.manager, call, kommun, &COORDINATOR, first)?;
    stage.credentials.user(&kommun.email(COORDINATOR.address), &["participant"]);
    let mut members = vec![Member { participant: own, who: coordinator.clone() }];
    for post in &SEVEN {
        let participant = add_member(&coordinator, call, kommun, post, first)?;
        let who = stage.accept(&kommun.email(post.address), &["participant"])?;
        members.push(Member { participant, who });
    }
    let attests = stage.role_from_today("attester", &call.programme, Some(&kommun.code));
    let (email, name) = (kommun.email("attestant"), kommun.person("Förvaltningschef"));
    let attester = stage.appoint(&coordinator, &email, &name, vec![attests])?;
    Ok(Team { kommun: kommun.clone(), coordinator, attester, members })
}

/// Adds a participant with their employment; returns the participant's id. Nobody registers their own employment, so the
/// manager adds the coordinator.
fn add_member(by: &Visitor, call: &Call, kommun: &Kommun, post: &Post, from: Day) -> Result<String, String> {
    let participant = json!({
        "programmeId": call.programme,
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
    by.post("/employments", employment(call, kommun, &text(&made, "personId")?, from))?;
    id(&made)
}

fn employment(call: &Call, kommun: &Kommun, person: &str, from: Day) -> Value {
    json!({
        "programmeId": call.programme,
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

/// Adds a reader and a registrar of the kommun.
fn add_readers(stage: &mut Stage, call: &Call, team: &Team) -> Result<(), String> {
    let kommun = &team.kommun;
    let reads = stage.role_from_today("kommunReader", &call.programme, Some(&kommun.code));
    let name = kommun.person("Nämndordförande");
    stage.appoint(&team.coordinator, &kommun.email("namnd"), &name, vec![reads])?;
    let keeps = stage.role_from_today("registrar", &call.programme, Some(&kommun.code));
    stage.appoint(&call.manager, &kommun.email("registrator"), &kommun.person("Registrator"), vec![keeps])?;
    Ok(())
}

/// Adds a kommun's HR system as an API client.
fn add_hr_system(stage: &mut Stage, call: &Call, kommun: &Kommun) -> Result<(), String> {
    let name = format!("Tidsystemet i {}", kommun.name);
    let client = json!({"name": name, "programmeId": call.programme, "kommunkod": kommun.code});
    let made = call.manager.post("/api-clients", client)?;
    let client = Client { client_id: id(&made)?, client_secret: text(&made, "clientSecret")? };
    stage.credentials.clients.push(client);
    Ok(())
}
