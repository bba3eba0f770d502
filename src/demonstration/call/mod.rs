//! The offer's call: forty kommuner show interest; twelve get a place, the rest drop out in every other way.

pub mod interest;
mod letters;

use serde_json::{Value, json};

use super::Stage;
use super::cast::Kommun;
use super::fates::Fate;
use super::visitor::{Visitor, id, items, text};
use crate::platform::moment::{Day, Instant};

/// What the work needs to know of the call.
pub struct Held {
    /// The programme's id.
    pub programme: String,
    /// The kommuner that take part.
    pub kommuner: Vec<Kommun>,
    /// SKR's programme manager.
    pub manager: Visitor,
    /// SKR's economist.
    pub economist: Visitor,
}

/// A kommun whose interest has come in, and its applicant.
pub struct Applied {
    /// The kommun.
    pub kommun: Kommun,
    /// Path of the application.
    pub path: String,
    /// Who applies for it.
    pub who: Visitor,
}

/// The autumn of the offer's call.
fn autumn(stage: &Stage, month: u32, day: u32, hour: i64) -> Instant {
    stage.offers(2020, month, day).start().plus_minutes(hour * 60)
}

/// Holds the offer's call, up to ESF's decision.
pub fn held(stage: &mut Stage) -> Result<Held, String> {
    let (programme, manager, economist) = programme(stage)?;
    let kommuner = chosen(stage)?;
    stage.until(autumn(stage, 10, 5, 8))?;
    let mut applied = interest::shown(stage, &programme, &kommuner)?;
    stage.until(autumn(stage, 10, 20, 10))?;
    interest::answered(&manager, &applied)?;
    stage.until(autumn(stage, 11, 4, 9))?;
    applied.extend(interest::on_paper(stage, &manager, &programme, &kommuner)?);
    stage.until(autumn(stage, 11, 6, 15))?;
    let mut on_paper = Vec::new();
    for one in &applied {
        on_paper.extend(letters::after_the_meeting(stage, &manager, one)?);
    }
    stage.until(autumn(stage, 11, 12, 10))?;
    letters::registered(stage, &manager, &on_paper, |fate| fate == Fate::LetterOnPaper)?;
    stage.until(autumn(stage, 11, 16, 9))?;
    letters::registered(stage, &manager, &on_paper, |fate| fate != Fate::LetterOnPaper)?;
    let path = format!("/programmes/{programme}");
    manager.change(&path, "decided")?;
    stage.until(autumn(stage, 12, 10, 10))?;
    let decided_on = stage.offers(2020, 12, 10);
    let decision = json!({"body": "ESF-rådet", "decidedOn": decided_on, "registryNumber": "2020/00373"});
    manager.change_with(
        &path,
        "running",
        &json!({"decision": decision}),
        "ESF-rådet har beslutat om stöd.",
    )?;
    let kommuner: Vec<Kommun> = kommuner.into_iter().filter(|kommun| kommun.fate.takes_part()).collect();
    supported(stage, &manager, &programme, &kommuner)?;
    Ok(Held { programme, kommuner, manager, economist })
}

fn programme(stage: &mut Stage) -> Result<(String, Visitor, Visitor), String> {
    let body = json!({
        "name": "Utvecklingsnätverk för samverkan med sociala företag",
        "description": "Ett tvåårigt utvecklingsnätverk där tolv kommuner går från politisk vilja till affärer med \
                        sociala företag.",
        "profile": "esf-2014-2020",
        "places": 12,
        "startsOn": stage.offers(2021, 1, 1),
        "endsOn": stage.offers(2022, 12, 1).month().last_day(),
        "opensAt": stage.offers(2020, 10, 5).start(),
        "interestDeadline": stage.offers(2020, 11, 3),
        "infoMeetingAt": autumn(stage, 11, 6, 13),
        "confirmationDeadline": stage.offers(2020, 11, 10),
        "avsiktsforklaringDeadline": stage.offers(2020, 11, 15),
    });
    let admin = stage.admin.clone();
    let programme = id(&admin.post("/programmes", body)?)?;
    let manager = staff(stage, &admin, &programme, "programmeManager", "projektledare", "Projektledare SKR")?;
    let economist = staff(stage, &manager, &programme, "economist", "ekonom", "Ekonom SKR")?;
    let deputy = "Biträdande projektledare SKR";
    staff(stage, &manager, &programme, "programmeManager", "projektledare2", deputy)?;
    staff(stage, &manager, &programme, "methodDeveloper", "metod", "Metodutvecklare SKR")?;
    let mut auditor = stage.role("auditor", &programme, None);
    if let Some(auditor) = auditor.as_object_mut() {
        auditor.insert("validTo".to_owned(), json!(stage.offers(2023, 6, 1)));
    }
    stage.appointed(&manager, "revisor@example.org", "Revisor ESF", vec![auditor])?;
    manager.change(&format!("/programmes/{programme}"), "scheduled")?;
    Ok((programme, manager, economist))
}

/// Somebody of SKR's staff, with a role in all of the programme.
pub fn staff(
    stage: &mut Stage,
    by: &Visitor,
    programme: &str,
    role: &str,
    address: &str,
    name: &str,
) -> Result<Visitor, String> {
    let role = stage.role(role, programme, None);
    stage.appointed(by, &format!("{address}@example.org"), name, vec![role])
}

/// The kommuner's coordinators begin, and SKR's process supporters, each for half of the kommuner.
fn supported(
    stage: &mut Stage,
    manager: &Visitor,
    programme: &str,
    kommuner: &[Kommun],
) -> Result<(), String> {
    for kommun in kommuner {
        stage.accept(&kommun.email("koordinator"), &["coordinator"])?;
    }
    for (number, half) in kommuner.chunks(kommuner.len().div_ceil(2).max(1)).enumerate() {
        let assigned =
            half.iter().map(|kommun| stage.role("processSupporter", programme, Some(&kommun.code)));
        let roles: Vec<Value> = assigned.collect();
        let number = number + 1;
        let email = format!("processtod{number}@example.org");
        stage.appointed(manager, &email, &format!("Processtödjare {number} SKR"), roles)?;
    }
    Ok(())
}

/// Every seventh kommun of the register: forty, spread over the country.
fn chosen(stage: &Stage) -> Result<Vec<Kommun>, String> {
    let register = items(&stage.anyone().get("/kommuner?limit=300&sort=kommunkod")?);
    let every_seventh = register.iter().step_by(7).take(40).enumerate();
    let kommun = |(index, row): (usize, &Value)| {
        Ok(Kommun { code: text(row, "kommunkod")?, name: text(row, "name")?, fate: Fate::of(index) })
    };
    every_seventh.map(kommun).collect()
}

/// The day on which both have signed what comes on paper.
fn signed_on(stage: &Stage) -> Day {
    stage.offers(2020, 11, 11)
}
