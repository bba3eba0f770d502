//! Expressions of interest: without an account and verified by the mailed link, or on paper; and SKR's answers.

use serde_json::{Value, json};

use super::Applied;
use crate::demonstration::Stage;
use crate::demonstration::outcomes::Outcome;
use crate::demonstration::people::{Kommun, PASSWORD};
use crate::demonstration::visitor::{self, Visitor, id};

/// The body of a kommun's expression of interest, with this contact.
pub fn body(kommun: &Kommun, contact: &str, title: &str) -> Value {
    let maturity = kommun.code.bytes().map(u32::from).sum::<u32>() % 5 + 1;
    json!({
        "kommunkod": kommun.code,
        "contactName": kommun.person(title),
        "contactEmail": kommun.email(contact),
        "motivation": "Vi vill köpa mer av sociala företag och behöver en gemensam politisk linje.",
        "maturity": maturity,
        "departments": ["Arbetsmarknadsförvaltningen", "Upphandlingsenheten", "Socialförvaltningen"],
        "coordinator": {"name": kommun.person("Koordinator"), "email": kommun.email("koordinator")},
        "knownSocialEnterprises": [format!("Återbruket {}", kommun.name)],
        "registryNumber": format!("KS {}/{}", 100 + maturity, kommun.code),
    })
}

/// Verifies an address with the link that was mailed there; returns the path of the application.
pub fn verify(stage: &Stage, email: &str) -> Result<String, String> {
    let (application, token) = visitor::mailed_link(&stage.services, email)?;
    let path = format!("/applications/{application}");
    let proof = json!({"token": token, "password": PASSWORD});
    stage.anonymous().post(&format!("{path}/verification"), proof)?;
    Ok(path)
}

/// Expresses the interest of the kommuner that do so online; returns those that verified it.
pub fn express(stage: &mut Stage, programme: &str, kommuner: &[Kommun]) -> Result<Vec<Applied>, String> {
    let path = format!("/programmes/{programme}/applications");
    let mut applied = Vec::new();
    for kommun in kommuner.iter().filter(|kommun| !kommun.outcome.is_on_paper()) {
        stage.anonymous().post(&path, body(kommun, "sokande", "Näringslivschef"))?;
        if kommun.outcome != Outcome::NeverVerified {
            let email = kommun.email("sokande");
            let path = verify(stage, &email)?;
            stage.credentials.user(&email, &["applicant"]);
            let who = Visitor::logged_in(&stage.entrance, &email)?;
            applied.push(Applied { kommun: kommun.clone(), path, who });
        }
    }
    // Another person of a kommun that has applied already: it becomes a note on the first application, without an account.
    if let Some(kommun) = kommuner.first() {
        stage.anonymous().post(&path, body(kommun, "social", "Socialchef"))?;
        verify(stage, &kommun.email("social"))?;
    }
    Ok(applied)
}

/// SKR's answers, and the withdrawals.
pub fn answer(manager: &Visitor, applied: &[Applied]) -> Result<(), String> {
    for Applied { kommun, path, who } in applied {
        match kommun.outcome {
            Outcome::Rejected => {
                manager.change_because(path, "rejected", "Anmälan saknar förankring i kommunledningen.")?;
            }
            Outcome::ChangesUnanswered | Outcome::WithdrawnChanges => {
                manager.change_because(path, "changesRequested", "Vilka förvaltningar ska delta?")?;
            }
            Outcome::NeverAnswered | Outcome::WithdrawnSubmitted => {}
            _ => {
                manager.change(path, "invited")?;
            }
        }
        if matches!(
            kommun.outcome,
            Outcome::WithdrawnSubmitted | Outcome::WithdrawnChanges | Outcome::WithdrawnInvited
        ) {
            who.change(path, "withdrawn")?;
        }
    }
    Ok(())
}

/// Registers paper forms on the day after the deadline. One came in time, and its contact becomes the applicant; the other came
/// late, and the kommun never confirms.
pub fn register_on_paper(
    stage: &mut Stage,
    manager: &Visitor,
    programme: &str,
    kommuner: &[Kommun],
) -> Result<Vec<Applied>, String> {
    let mut applied = Vec::new();
    for kommun in kommuner.iter().filter(|kommun| kommun.outcome.is_on_paper()) {
        let is_late = kommun.outcome == Outcome::LateOnPaper;
        let mut body = body(kommun, "sokande", "Näringslivschef");
        if let Some(body) = body.as_object_mut() {
            let day = if is_late { stage.offer_day(2020, 11, 4) } else { stage.offer_day(2020, 11, 2) };
            body.insert("receivedAt".to_owned(), json!(day.start().plus_minutes(8 * 60)));
            let reason = if is_late { "Blanketten kom med posten dagen efter." } else { "Kom på papper." };
            body.insert("reason".to_owned(), json!(reason));
            if is_late {
                body.insert("respondBy".to_owned(), json!(stage.offer_day(2020, 11, 12)));
            }
        }
        let made = manager.post(&format!("/programmes/{programme}/applications"), body)?;
        let path = format!("/applications/{}", id(&made)?);
        manager.change(&path, "invited")?;
        if !is_late {
            let who = stage.accept(&kommun.email("sokande"), &["applicant"])?;
            applied.push(Applied { kommun: kommun.clone(), path, who });
        }
    }
    Ok(applied)
}
