//! After the information meeting: who is still interested, and the letters (avsiktsförklaringar).

use serde_json::{Value, json};

use super::{Applied, autumn, signed_on};
use crate::demonstration::Stage;
use crate::demonstration::outcomes::Outcome;
use crate::demonstration::people::Kommun;
use crate::demonstration::visitor::{Visitor, id, text};
use crate::platform::moment::{Day, Instant};

const DIRECTOR: &str = "kommundirektor";
const CHAIR: &str = "ordforande";

/// A letter that is signed on paper.
pub struct Paper {
    kommun: Kommun,
    letter: String,
}

/// Answers whether the kommun is still interested, and signs its letter; returns a letter that is signed on paper.
pub fn respond(stage: &mut Stage, manager: &Visitor, applied: &Applied) -> Result<Option<Paper>, String> {
    let Applied { kommun, path, who } = applied;
    match kommun.outcome {
        Outcome::Rejected
        | Outcome::NeverAnswered
        | Outcome::ChangesUnanswered
        | Outcome::WithdrawnSubmitted
        | Outcome::WithdrawnChanges
        | Outcome::WithdrawnInvited
        | Outcome::NoAnswer => return Ok(None),
        Outcome::Declined => {
            who.change(path, "declined")?;
            return Ok(None);
        }
        _ => {
            who.change(path, "confirmed")?;
        }
    }
    match kommun.outcome {
        Outcome::NoLetter => {}
        Outcome::WithdrawnConfirmed => {
            who.change(path, "withdrawn")?;
        }
        Outcome::LetterOnPaper | Outcome::LetterFoundLater | Outcome::LetterTooLate => {
            return Ok(Some(Paper { kommun: kommun.clone(), letter: draft(applied)? }));
        }
        _ => sign_with_accounts(stage, manager, applied)?,
    }
    Ok(None)
}

fn sign_with_accounts(stage: &mut Stage, manager: &Visitor, applied: &Applied) -> Result<(), String> {
    let Applied { kommun, path, who } = applied;
    let letter = draft(applied)?;
    who.change(&letter, "sentForSignature")?;
    if kommun.outcome == Outcome::LetterDeclined {
        let chair = signer(stage, kommun, CHAIR)?;
        chair.change_because(&letter, "declined", "Frågan ska först till kommunstyrelsen.")?;
        return Ok(());
    }
    let director = signer(stage, kommun, DIRECTOR)?;
    sign(&director, &letter)?;
    if matches!(kommun.outcome, Outcome::LetterReturned | Outcome::LetterSentAgain) {
        manager.change_because(&letter, "returned", "Diarienumret saknas i texten.")?;
    }
    match kommun.outcome {
        Outcome::LetterHalfSigned | Outcome::LetterReturned => return Ok(()),
        Outcome::LetterSentAgain => {
            who.change(&letter, "draft")?;
            who.change(&letter, "sentForSignature")?;
            sign(&director, &letter)?;
        }
        _ => {}
    }
    sign(&signer(stage, kommun, CHAIR)?, &letter)?;
    match kommun.outcome {
        Outcome::LetterRevoked => who.change(&letter, "revoked").map(|_| ()),
        Outcome::WithdrawnQualified => who.change(path, "withdrawn").map(|_| ()),
        _ => Ok(()),
    }
}

/// Writes the avsiktsförklaring and names both signers.
pub fn draft(applied: &Applied) -> Result<String, String> {
    let Applied { kommun, path, who } = applied;
    let signer = |role: &str, title: &str, address: &str| {
        let (name, email) = (kommun.person(title), kommun.email(address));
        json!({"signerRole": role, "name": name, "title": title, "email": email})
    };
    let signers = [
        signer("municipalDirector", "Kommundirektör", DIRECTOR),
        signer("executiveBoardChair", "Kommunstyrelsens ordförande", CHAIR),
    ];
    let application = path.trim_start_matches("/applications/");
    let made = who.post("/avsiktsforklaringar", json!({"applicationId": application, "signers": signers}))?;
    Ok(format!("/avsiktsforklaringar/{}", id(&made)?))
}

fn signer(stage: &mut Stage, kommun: &Kommun, address: &str) -> Result<Visitor, String> {
    stage.accept(&kommun.email(address), &["signatory"])
}

fn sign(signer: &Visitor, letter: &str) -> Result<(), String> {
    let sha256 = text(&signer.get(letter)?, "textSha256")?;
    signer.post(&format!("{letter}/signatures"), json!({"method": "account", "sha256": sha256}))?;
    Ok(())
}

/// What SKR registers of a letter that both have signed on paper.
pub fn on_paper(kommun: &Kommun, received_at: Instant, signed_on: Day) -> Value {
    let signer = |role: &str, title: &str| json!({"signerRole": role, "name": kommun.person(title), "signedOn": signed_on});
    let signers = [
        signer("municipalDirector", "Kommundirektör"),
        signer("executiveBoardChair", "Kommunstyrelsens ordförande"),
    ];
    json!({"receivedAt": received_at, "signers": signers})
}

/// Lets SKR register the chosen paper letters, each with the day on which it came.
pub fn register(
    stage: &Stage,
    manager: &Visitor,
    papers: &[Paper],
    is_chosen: impl Fn(Outcome) -> bool,
) -> Result<(), String> {
    for Paper { kommun, letter } in papers.iter().filter(|paper| is_chosen(paper.kommun.outcome)) {
        let (day, comment) = match kommun.outcome {
            Outcome::LetterTooLate => (16, "Kom med posten dagen efter sista dagen; bevaras i ärendet."),
            Outcome::LetterFoundLater => (12, "Kom i tid men låg kvar i registraturen."),
            _ => (12, "Underskrifterna är kontrollerade mot delegationsordningen."),
        };
        let received = on_paper(kommun, autumn(stage, 11, day, 8), signed_on(stage));
        manager.change_with(letter, "received", &received, comment)?;
    }
    Ok(())
}
