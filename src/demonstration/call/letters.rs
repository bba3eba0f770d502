//! After the information meeting: who is still interested, and what becomes of the letters.

use serde_json::{Value, json};

use super::{Applied, autumn, signed_on};
use crate::demonstration::Stage;
use crate::demonstration::cast::Kommun;
use crate::demonstration::fates::Fate;
use crate::demonstration::visitor::{Visitor, id, text};

const DIRECTOR: &str = "kommundirektor";
const CHAIR: &str = "ordforande";

/// A letter that is signed on paper.
pub struct Paper {
    kommun: Kommun,
    letter: String,
}

/// Whether the kommun is still interested, and its letter. Answers one that is signed on paper.
pub fn after_the_meeting(
    stage: &mut Stage,
    manager: &Visitor,
    applied: &Applied,
) -> Result<Option<Paper>, String> {
    let Applied { kommun, path, who } = applied;
    match kommun.fate {
        Fate::Rejected
        | Fate::NeverAnswered
        | Fate::ChangesUnanswered
        | Fate::WithdrawnSubmitted
        | Fate::WithdrawnChanges
        | Fate::WithdrawnInvited
        | Fate::NoAnswer => return Ok(None),
        Fate::Declined => {
            who.change(path, "declined")?;
            return Ok(None);
        }
        _ => {
            who.change(path, "confirmed")?;
        }
    }
    match kommun.fate {
        Fate::NoLetter => {}
        Fate::WithdrawnConfirmed => {
            who.change(path, "withdrawn")?;
        }
        Fate::LetterOnPaper | Fate::LetterFoundLater | Fate::LetterTooLate => {
            return Ok(Some(Paper { kommun: kommun.clone(), letter: drafted(applied)? }));
        }
        _ => signed_by_account(stage, manager, applied)?,
    }
    Ok(None)
}

fn signed_by_account(stage: &mut Stage, manager: &Visitor, applied: &Applied) -> Result<(), String> {
    let Applied { kommun, path, who } = applied;
    let letter = drafted(applied)?;
    who.change(&letter, "sentForSignature")?;
    if kommun.fate == Fate::LetterDeclined {
        let chair = signer(stage, kommun, CHAIR)?;
        chair.change_because(&letter, "declined", "Frågan ska först till kommunstyrelsen.")?;
        return Ok(());
    }
    let director = signer(stage, kommun, DIRECTOR)?;
    sign(&director, &letter)?;
    if matches!(kommun.fate, Fate::LetterReturned | Fate::LetterSentAgain) {
        manager.change_because(&letter, "returned", "Diarienumret saknas i texten.")?;
    }
    match kommun.fate {
        Fate::LetterHalfSigned | Fate::LetterReturned => return Ok(()),
        Fate::LetterSentAgain => {
            who.change(&letter, "draft")?;
            who.change(&letter, "sentForSignature")?;
            sign(&director, &letter)?;
        }
        _ => {}
    }
    sign(&signer(stage, kommun, CHAIR)?, &letter)?;
    match kommun.fate {
        Fate::LetterRevoked => who.change(&letter, "revoked").map(|_| ()),
        Fate::WithdrawnQualified => who.change(path, "withdrawn").map(|_| ()),
        _ => Ok(()),
    }
}

/// Writes the avsiktsförklaring and names both signers.
fn drafted(applied: &Applied) -> Result<String, String> {
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

/// SKR registers those of the letters on paper that are meant, each with the day on which it came.
pub fn registered(
    stage: &Stage,
    manager: &Visitor,
    papers: &[Paper],
    is_meant: impl Fn(Fate) -> bool,
) -> Result<(), String> {
    for Paper { kommun, letter } in papers.iter().filter(|paper| is_meant(paper.kommun.fate)) {
        let (day, comment) = match kommun.fate {
            Fate::LetterTooLate => (16, "Kom med posten dagen efter sista dagen; bevaras i ärendet."),
            Fate::LetterFoundLater => (12, "Kom i tid men låg kvar i registraturen."),
            _ => (12, "Underskrifterna är kontrollerade mot delegationsordningen."),
        };
        let signers: Vec<Value> =
            [("municipalDirector", "Kommundirektör"), ("executiveBoardChair", "Kommunstyrelsens ordförande")]
                .into_iter()
                .map(|(role, title)| {
                    json!({"signerRole": role, "name": kommun.person(title), "signedOn": signed_on(stage)})
                })
                .collect();
        let received = json!({"receivedAt": autumn(stage, 11, day, 8), "signers": signers});
        manager.change_with(letter, "received", &received, comment)?;
    }
    Ok(())
}
