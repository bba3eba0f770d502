//! Interest: shown without an account and proved by the mailed link, or sent on paper; and what SKR answers.

use serde_json::{Value, json};

use super::Applied;
use crate::demonstration::Stage;
use crate::demonstration::cast::{Kommun, PASSWORD};
use crate::demonstration::fates::Fate;
use crate::demonstration::visitor::{self, Visitor, id};

/// What a kommun writes; its contact has this address.
pub fn written(kommun: &Kommun, contact: &str, title: &str) -> Value {
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

/// Proves an address with the link that was mailed there; answers the application's path.
pub fn verified(stage: &Stage, email: &str) -> Result<String, String> {
    let (application, token) = visitor::mailed_link(&stage.services, email)?;
    let path = format!("/applications/{application}");
    let proof = json!({"token": token, "password": PASSWORD});
    stage.anyone().post(&format!("{path}/verification"), proof)?;
    Ok(path)
}

/// Shows the interest of those who do it themselves, and answers those that were verified.
pub fn shown(stage: &mut Stage, programme: &str, kommuner: &[Kommun]) -> Result<Vec<Applied>, String> {
    let path = format!("/programmes/{programme}/applications");
    let mut applied = Vec::new();
    for kommun in kommuner.iter().filter(|kommun| !kommun.fate.is_on_paper()) {
        stage.anyone().post(&path, written(kommun, "sokande", "Näringslivschef"))?;
        if kommun.fate != Fate::NeverVerified {
            let email = kommun.email("sokande");
            let path = verified(stage, &email)?;
            stage.credentials.user(&email, &["applicant"]);
            let who = Visitor::logged_in(&stage.base, &email)?;
            applied.push(Applied { kommun: kommun.clone(), path, who });
        }
    }
    // Somebody else in a kommun that has shown interest already: it becomes a note on the first, and no account.
    if let Some(kommun) = kommuner.first() {
        stage.anyone().post(&path, written(kommun, "social", "Socialchef"))?;
        verified(stage, &kommun.email("social"))?;
    }
    Ok(applied)
}

/// SKR's answers, and those who think better of it.
pub fn answered(manager: &Visitor, applied: &[Applied]) -> Result<(), String> {
    for Applied { kommun, path, who } in applied {
        match kommun.fate {
            Fate::Rejected => {
                manager.change_because(path, "rejected", "Anmälan saknar förankring i kommunledningen.")?;
            }
            Fate::ChangesUnanswered | Fate::WithdrawnChanges => {
                manager.change_because(path, "changesRequested", "Vilka förvaltningar ska delta?")?;
            }
            Fate::NeverAnswered | Fate::WithdrawnSubmitted => {}
            _ => {
                manager.change(path, "invited")?;
            }
        }
        if matches!(kommun.fate, Fate::WithdrawnSubmitted | Fate::WithdrawnChanges | Fate::WithdrawnInvited) {
            who.change(path, "withdrawn")?;
        }
    }
    Ok(())
}

/// Paper forms that are registered the day after the deadline: one came before it, and its contact begins; the other
/// did not, and is never answered.
pub fn on_paper(
    stage: &mut Stage,
    manager: &Visitor,
    programme: &str,
    kommuner: &[Kommun],
) -> Result<Vec<Applied>, String> {
    let mut applied = Vec::new();
    for kommun in kommuner.iter().filter(|kommun| kommun.fate.is_on_paper()) {
        let is_late = kommun.fate == Fate::LateOnPaper;
        let mut body = written(kommun, "sokande", "Näringslivschef");
        if let Some(body) = body.as_object_mut() {
            let day = if is_late { stage.offers(2020, 11, 4) } else { stage.offers(2020, 11, 2) };
            body.insert("receivedAt".to_owned(), json!(day.start().plus_minutes(8 * 60)));
            let reason = if is_late { "Blanketten kom med posten dagen efter." } else { "Kom på papper." };
            body.insert("reason".to_owned(), json!(reason));
            if is_late {
                body.insert("respondBy".to_owned(), json!(stage.offers(2020, 11, 12)));
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
