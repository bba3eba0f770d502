//! The call of the offer: forty kommuner express interest by themselves, of which twelve qualify and the others drop out in every
//! possible way; with those for whom an association answers, forty qualify. Twelve get a place.

pub mod associations;
pub mod interest;
mod letters;
mod selection;

use serde_json::{Value, json};

use super::Stage;
use super::outcomes::Outcome;
use super::people::Kommun;
use super::visitor::{Visitor, id};
use crate::platform::moment::{Day, Instant};

/// The result of the call, for the work that follows.
pub struct Call {
    /// The programme's id.
    pub programme: String,
    /// The kommuner that take part.
    pub kommuner: Vec<Kommun>,
    /// SKR's programme manager.
    pub manager: Visitor,
    /// SKR's economist.
    pub economist: Visitor,
}

/// A kommun that has expressed interest, and its applicant.
pub struct Applied {
    /// The kommun.
    pub kommun: Kommun,
    /// Path of the application.
    pub path: String,
    /// The applicant.
    pub who: Visitor,
}

/// An instant in the autumn of the call.
fn autumn(stage: &Stage, month: u32, day: u32, hour: i64) -> Instant {
    stage.offer_day(2020, month, day).start().plus_minutes(hour * 60)
}

/// Runs the call up to ESF's decision.
pub fn run(stage: &mut Stage) -> Result<Call, String> {
    let Staff { programme, manager, deputy, economist } = add_programme(stage)?;
    let (kommuner, members) = choose_kommuner(stage)?;
    stage.advance_to(autumn(stage, 10, 5, 8))?;
    let mut applied = interest::express(stage, &programme, &kommuner)?;
    stage.advance_to(autumn(stage, 10, 20, 10))?;
    interest::answer(&manager, &applied)?;
    stage.advance_to(autumn(stage, 11, 4, 9))?;
    applied.extend(interest::register_on_paper(stage, &manager, &programme, &kommuner)?);
    let forms = associations::Forms { first: 1, received_at: autumn(stage, 11, 2, 8) };
    let members = associations::apply(stage, (&manager, &programme), &members, forms)?;
    stage.advance_to(autumn(stage, 11, 6, 15))?;
    (stage.tell)(1, "avsiktsförklaringar");
    let mut on_paper = Vec::new();
    for one in &applied {
        on_paper.extend(letters::respond(stage, &manager, one)?);
    }
    associations::confirm(&members)?;
    stage.advance_to(autumn(stage, 11, 12, 10))?;
    letters::register(stage, &manager, &on_paper, |outcome| outcome == Outcome::LetterOnPaper)?;
    associations::commit(&manager, &members, (autumn(stage, 11, 12, 8), signed_on(stage)))?;
    stage.advance_to(autumn(stage, 11, 16, 9))?;
    letters::register(stage, &manager, &on_paper, |outcome| outcome != Outcome::LetterOnPaper)?;
    let path = format!("/programmes/{programme}");
    (stage.tell)(2, "the choice of twelve among forty");
    applied.extend(members);
    let places = selection::Places { programme: &programme, manager: &manager, deputy: &deputy };
    let kommuner = places.give(stage, &applied)?;
    (stage.tell)(3, "ESF's decision");
    stage.advance_to(autumn(stage, 12, 10, 10))?;
    let decided_on = stage.offer_day(2020, 12, 10);
    let decision = json!({"body": "ESF-rådet", "decidedOn": decided_on, "registryNumber": "2020/00373"});
    manager.change_with(
        &path,
        "running",
        &json!({"decision": decision}),
        "ESF-rådet har beslutat om stöd.",
    )?;
    add_supporters(stage, &manager, &programme, &kommuner)?;
    Ok(Call { programme, kommuner, manager, economist })
}

/// The programme's id and those of SKR who lead it.
struct Staff {
    programme: String,
    manager: Visitor,
    /// Another manager: whoever proposes a selection does not adopt it.
    deputy: Visitor,
    economist: Visitor,
}

fn add_programme(stage: &mut Stage) -> Result<Staff, String> {
    let body = json!({
        "name": "Utvecklingsnätverk för samverkan med sociala företag",
        "description": "Ett tvåårigt utvecklingsnätverk där tolv kommuner går från politisk vilja till affärer med \
                        sociala företag.",
        "profile": "esf-2014-2020",
        "places": 12,
        "startsOn": stage.offer_day(2021, 1, 1),
        "endsOn": stage.offer_day(2022, 12, 1).month().last_day(),
        "opensAt": stage.offer_day(2020, 10, 5).start(),
        "interestDeadline": stage.offer_day(2020, 11, 3),
        "infoMeetingAt": autumn(stage, 11, 6, 13),
        "confirmationDeadline": stage.offer_day(2020, 11, 10),
        "avsiktsforklaringDeadline": stage.offer_day(2020, 11, 15),
        "selectionPlan": selection::plan(),
    });
    let admin = stage.admin.clone();
    let programme = id(&admin.post("/programmes", body)?)?;
    let manager =
        add_staff(stage, &admin, &programme, "programmeManager", "projektledare", "Projektledare SKR")?;
    let economist = add_staff(stage, &manager, &programme, "economist", "ekonom", "Ekonom SKR")?;
    let name = "Biträdande projektledare SKR";
    let deputy = add_staff(stage, &manager, &programme, "programmeManager", "projektledare2", name)?;
    add_staff(stage, &manager, &programme, "methodDeveloper", "metod", "Metodutvecklare SKR")?;
    let mut auditor = stage.role_from_today("auditor", &programme, None);
    if let Some(auditor) = auditor.as_object_mut() {
        auditor.insert("validTo".to_owned(), json!(stage.offer_day(2023, 6, 1)));
    }
    stage.appoint(&manager, "revisor@example.org", "Revisor ESF", vec![auditor])?;
    manager.change(&format!("/programmes/{programme}"), "scheduled")?;
    Ok(Staff { programme, manager, deputy, economist })
}

/// Adds a person of SKR's staff with a role in the programme.
pub fn add_staff(
    stage: &mut Stage,
    by: &Visitor,
    programme: &str,
    role: &str,
    address: &str,
    name: &str,
) -> Result<Visitor, String> {
    let role = stage.role_from_today(role, programme, None);
    stage.appoint(by, &format!("{address}@example.org"), name, vec![role])
}

/// Logs in the kommuner's coordinators, and adds SKR's two process supporters, each for half of the kommuner.
fn add_supporters(
    stage: &mut Stage,
    manager: &Visitor,
    programme: &str,
    kommuner: &[Kommun],
) -> Result<(), String> {
    for kommun in kommuner {
        stage.accept(&kommun.email("koordinator"), &["coordinator"])?;
    }
    for (number, half) in kommuner.chunks(kommuner.len().div_ceil(2).max(1)).enumerate() {
        let assigned = half
            .iter()
            .map(|kommun| stage.role_from_today("processSupporter", programme, Some(&kommun.code)));
        let roles: Vec<Value> = assigned.collect();
        let number = number + 1;
        let email = format!("processtod{number}@example.org");
        stage.appoint(manager, &email, &format!("Processtödjare {number} SKR"), roles)?;
    }
    Ok(())
}

/// Every seventh kommun of the register, forty, which apply by themselves; and twenty-eight of the others, for which an
/// association answers. Both are spread over the country.
fn choose_kommuner(stage: &Stage) -> Result<(Vec<Kommun>, Vec<Kommun>), String> {
    let register = associations::register(stage)?;
    let (own, others): (Vec<_>, Vec<_>) =
        register.iter().enumerate().partition(|(index, _)| index % 7 == 0 && index / 7 < 40);
    let own = own.into_iter().map(|(index, row)| Kommun::of(row, Outcome::of(index / 7)));
    let others: Vec<&Value> = others.into_iter().map(|(_, row)| row).collect();
    Ok((own.collect::<Result<_, _>>()?, associations::spread(&others, 28)?))
}

/// The day on which both signers have signed a paper letter.
fn signed_on(stage: &Stage) -> Day {
    stage.offer_day(2020, 11, 11)
}
