//! Kommuner for which an association answers (a kommunförbund): its coordinator is the contact of many, and their forms and letters
//! come to SKR on paper. So a large pool of real applications is made with few requests.

use serde_json::{Value, json};

use super::{Applied, interest, letters};
use crate::demonstration::Stage;
use crate::demonstration::outcomes::Outcome;
use crate::demonstration::people::Kommun;
use crate::demonstration::visitor::{Visitor, id, items};
use crate::platform::moment::{Day, Instant};

/// How many kommuner an association answers for.
const MEMBERS: usize = 15;

/// The forms of the members.
#[derive(Clone, Copy)]
pub struct Forms {
    /// The number of the first association, which is part of its coordinator's address.
    pub first: usize,
    /// When the forms came.
    pub received_at: Instant,
}

/// The kommuner of the register, in the order of their codes, as the API shows them.
pub fn register(stage: &Stage) -> Result<Vec<Value>, String> {
    Ok(items(&stage.anonymous().get("/kommuner?limit=300&sort=kommunkod")?))
}

/// So many of these kommuner, evenly spread over the list.
pub fn spread(rows: &[&Value], count: usize) -> Result<Vec<Kommun>, String> {
    let of = rows.len().max(1);
    let chosen = rows.iter().enumerate().filter(|(index, _)| index * count % of < count);
    chosen.map(|(_, row)| Kommun::of(row, Outcome::Qualifies)).collect()
}

/// Lets SKR register the forms and invite the kommuner. Each association's coordinator gets an account.
pub fn apply(
    stage: &mut Stage,
    (manager, programme): (&Visitor, &str),
    kommuner: &[Kommun],
    forms: Forms,
) -> Result<Vec<Applied>, String> {
    let mut applied: Vec<Applied> = Vec::with_capacity(kommuner.len());
    for (number, members) in (forms.first..).zip(kommuner.chunks(MEMBERS)) {
        let email = format!("forbund{number}@example.org");
        let mut paths = Vec::with_capacity(members.len());
        for kommun in members {
            let body = form(kommun, &email, number, forms.received_at);
            let made = manager.post(&format!("/programmes/{programme}/applications"), body)?;
            paths.push(format!("/applications/{}", id(&made)?));
        }
        let who = stage.accept(&email, &["applicant"])?;
        let member =
            |(kommun, path): (&Kommun, String)| Applied { kommun: kommun.clone(), path, who: who.clone() };
        applied.extend(members.iter().zip(paths).map(member));
    }
    let paths: Vec<&str> = applied.iter().map(|one| one.path.as_str()).collect();
    manager.change_all("/applications", &paths, "invited")?;
    Ok(applied)
}

fn form(kommun: &Kommun, email: &str, number: usize, received_at: Instant) -> Value {
    let mut body = interest::body(kommun, "kommun", "Samordnare");
    let own = [
        ("contactName", json!(format!("Samordnare, kommunförbund {number}"))),
        ("contactEmail", json!(email)),
        ("receivedAt", json!(received_at)),
        ("reason", json!("Kommunförbundet skickade in medlemmarnas blanketter på papper.")),
    ];
    if let Some(body) = body.as_object_mut() {
        body.extend(own.map(|(member, value)| (member.to_owned(), value)));
    }
    body
}

/// All are still interested: each coordinator says so for the association's members.
pub fn confirm(applied: &[Applied]) -> Result<(), String> {
    for members in applied.chunks(MEMBERS) {
        let paths: Vec<&str> = members.iter().map(|one| one.path.as_str()).collect();
        if let Some(first) = members.first() {
            first.who.change_all("/applications", &paths, "confirmed")?;
        }
    }
    Ok(())
}

/// Writes the letters of all; SKR registers them when they have come back on paper.
pub fn commit(
    manager: &Visitor,
    applied: &[Applied],
    (received_at, signed_on): (Instant, Day),
) -> Result<(), String> {
    let mut received = Vec::with_capacity(applied.len());
    for one in applied {
        let letter = letters::draft(one)?;
        received.push(json!({
            "id": letter.trim_start_matches("/avsiktsforklaringar/"),
            "to": "received",
            "comment": "Underskrifterna är kontrollerade mot delegationsordningen.",
            "data": letters::on_paper(&one.kommun, received_at, signed_on),
        }));
    }
    manager.all("/avsiktsforklaringar/status-changes/batch", received).map(|_| ())
}
