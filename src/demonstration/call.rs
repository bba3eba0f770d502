//! The call: forty kommuner show interest; twelve get a place, the rest drop out in every other way.

use serde_json::{Value, json};

use super::Stage;
use super::cast::{self, Fate, Kommun, PASSWORD};
use super::visitor::{self, Visitor, id, items, text};
use crate::platform::moment::Day;

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

/// Holds the offer's call, up to ESF's decision.
pub fn held(stage: &mut Stage) -> Result<Held, String> {
    let (programme, manager, economist) = programme(stage)?;
    let kommuner = chosen(stage)?;
    stage.until(stage.offers(2020, 10, 5).start().plus_minutes(8 * 60))?;
    let mut applied = Vec::new();
    for kommun in kommuner.iter().filter(|kommun| kommun.fate != Fate::LateOnPaper) {
        applied.extend(interest(stage, &programme, kommun)?.map(|(path, who)| (kommun.clone(), path, who)));
    }
    second_interest(stage, &programme, &kommuner)?;
    answered_by_skr(stage, &manager, &applied)?;
    stage.until(stage.offers(2020, 11, 4).start().plus_minutes(9 * 60))?;
    for kommun in kommuner.iter().filter(|kommun| kommun.fate == Fate::LateOnPaper) {
        on_paper(stage, &manager, &programme, kommun)?;
    }
    stage.until(stage.offers(2020, 11, 6).start().plus_minutes(15 * 60))?;
    for (kommun, path, who) in &applied {
        after_the_meeting(stage, kommun, path, who)?;
    }
    stage.until(stage.offers(2020, 11, 16).start().plus_minutes(9 * 60))?;
    let path = format!("/programmes/{programme}");
    manager.change(&path, "decided")?;
    stage.until(stage.offers(2020, 12, 10).start().plus_minutes(10 * 60))?;
    let decision =
        json!({"body": "ESF-rådet", "decidedOn": stage.offers(2020, 12, 10), "registryNumber": "2020/00373"});
    manager
        .post(&format!("{path}/status-changes"), json!({"to": "running", "data": {"decision": decision}}))?;
    let kommuner = kommuner.into_iter().filter(|kommun| kommun.fate == Fate::TakesPart).collect();
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
        "infoMeetingAt": stage.offers(2020, 11, 6).start().plus_minutes(13 * 60),
        "confirmationDeadline": stage.offers(2020, 11, 10),
        "avsiktsforklaringDeadline": stage.offers(2020, 11, 15),
    });
    let programme = id(&stage.admin.post("/programmes", body)?)?;
    let manager = staff(stage, None, &programme, "programmeManager", "projektledare", "Projektledare SKR")?;
    let lead = Some(&manager);
    let economist = staff(stage, lead, &programme, "economist", "ekonom", "Ekonom SKR")?;
    staff(stage, lead, &programme, "programmeManager", "projektledare2", "Biträdande projektledare SKR")?;
    staff(stage, lead, &programme, "methodDeveloper", "metod", "Metodutvecklare SKR")?;
    staff(stage, lead, &programme, "auditor", "revisor", "Revisor ESF")?;
    manager.change(&format!("/programmes/{programme}"), "scheduled")?;
    Ok((programme, manager, economist))
}

/// Adds a person of SKR's staff, by the administrator or the manager, with a role in all of the programme.
fn staff(
    stage: &mut Stage,
    by: Option<&Visitor>,
    programme: &str,
    role: &str,
    address: &str,
    name: &str,
) -> Result<Visitor, String> {
    let by = by.unwrap_or(&stage.admin).clone();
    let email = format!("{address}@example.org");
    let person = id(&by.post("/people", json!({"name": name, "email": email}))?)?;
    let mut wanted =
        json!({"role": role, "programmeId": programme, "validFrom": stage.services.clock.today()});
    if let Some(wanted) = wanted.as_object_mut().filter(|_| role == "auditor") {
        wanted.insert("validTo".to_owned(), json!(stage.offers(2023, 6, 1)));
    }
    by.post(&format!("/people/{person}/role-assignments"), wanted)?;
    stage.accept(&email, &[role])
}

/// Every seventh kommun of the register: forty, spread over the country.
fn chosen(stage: &Stage) -> Result<Vec<Kommun>, String> {
    let register = items(&stage.anyone().get("/kommuner?limit=300&sort=kommunkod")?);
    let every_seventh = register.iter().step_by(7).take(40).enumerate();
    let kommun = |(index, row): (usize, &Value)| {
        Ok(Kommun { code: text(row, "kommunkod")?, name: text(row, "name")?, fate: cast::fate(index) })
    };
    every_seventh.map(kommun).collect()
}

fn application(kommun: &Kommun) -> Value {
    let maturity = kommun.code.bytes().map(u32::from).sum::<u32>() % 5 + 1;
    json!({
        "kommunkod": kommun.code,
        "contactName": kommun.person("Näringslivschef"),
        "contactEmail": kommun.email("sokande"),
        "motivation": "Vi vill köpa mer av sociala företag och behöver en gemensam politisk linje.",
        "maturity": maturity,
        "departments": ["Arbetsmarknadsförvaltningen", "Upphandlingsenheten", "Socialförvaltningen"],
        "coordinator": {"name": kommun.person("Koordinator"), "email": kommun.email("koordinator")},
        "knownSocialEnterprises": [format!("Återbruket {}", kommun.name)],
        "registryNumber": format!("KS {}/{}", 100 + maturity, kommun.code),
    })
}

/// An anonymous interest; verified by the mailed link unless that is its fate. Answers the application and its applicant.
fn interest(
    stage: &mut Stage,
    programme: &str,
    kommun: &Kommun,
) -> Result<Option<(String, Visitor)>, String> {
    stage.anyone().post(&format!("/programmes/{programme}/applications"), application(kommun))?;
    if kommun.fate == Fate::NeverVerified {
        return Ok(None);
    }
    let email = kommun.email("sokande");
    let (application, token) = visitor::mailed_link(&stage.services, &email)?;
    let path = format!("/applications/{application}");
    stage.anyone().post(&format!("{path}/verification"), json!({"token": token, "password": PASSWORD}))?;
    stage.credentials.user(&email, &["applicant"]);
    Ok(Some((path, Visitor::logged_in(&stage.base, &email)?)))
}

/// Somebody else in a kommun that has shown interest already: it becomes a note on the first.
fn second_interest(stage: &mut Stage, programme: &str, kommuner: &[Kommun]) -> Result<(), String> {
    let Some(kommun) = kommuner.first() else { return Ok(()) };
    let mut body = application(kommun);
    let email = kommun.email("social");
    if let Some(body) = body.as_object_mut() {
        body.insert("contactEmail".to_owned(), json!(email));
        body.insert("contactName".to_owned(), json!(kommun.person("Socialchef")));
    }
    stage.anyone().post(&format!("/programmes/{programme}/applications"), body)?;
    let (application, token) = visitor::mailed_link(&stage.services, &email)?;
    let path = format!("/applications/{application}/verification");
    stage.anyone().post(&path, json!({"token": token, "password": PASSWORD}))?;
    stage.credentials.user(&email, &[]);
    Ok(())
}

fn answered_by_skr(
    stage: &Stage,
    manager: &Visitor,
    applied: &[(Kommun, String, Visitor)],
) -> Result<(), String> {
    stage.until(stage.offers(2020, 10, 20).start().plus_minutes(10 * 60))?;
    for (kommun, path, who) in applied {
        match kommun.fate {
            Fate::Rejected => {
                manager.change_because(path, "rejected", "Anmälan saknar förankring i kommunledningen.")?;
            }
            Fate::ChangesUnanswered => {
                manager.change_because(path, "changesRequested", "Vilka förvaltningar ska delta?")?;
            }
            Fate::WithdrawnEarly => {
                who.change(path, "withdrawn")?;
            }
            _ => {
                manager.change(path, "invited")?;
            }
        }
    }
    Ok(())
}

/// A paper form that arrived the day after the deadline; it is never confirmed.
fn on_paper(stage: &mut Stage, manager: &Visitor, programme: &str, kommun: &Kommun) -> Result<(), String> {
    let mut body = application(kommun);
    if let Some(body) = body.as_object_mut() {
        body.insert("receivedAt".to_owned(), json!(stage.offers(2020, 11, 4).start()));
        body.insert("reason".to_owned(), json!("Blanketten kom med posten dagen efter."));
        body.insert("respondBy".to_owned(), json!(stage.offers(2020, 11, 12)));
    }
    let made = manager.post(&format!("/programmes/{programme}/applications"), body)?;
    manager.change(&format!("/applications/{}", id(&made)?), "invited")?;
    Ok(())
}

fn after_the_meeting(stage: &mut Stage, kommun: &Kommun, path: &str, who: &Visitor) -> Result<(), String> {
    match kommun.fate {
        Fate::TakesPart => {
            who.change(path, "confirmed")?;
            let letter = letter(stage, kommun, path, who)?;
            for signer in ["kommundirektor", "ordforande"] {
                let signer = stage.accept(&kommun.email(signer), &["signatory"])?;
                let sha256 = text(&signer.get(&letter)?, "textSha256")?;
                signer
                    .post(&format!("{letter}/signatures"), json!({"method": "account", "sha256": sha256}))?;
            }
        }
        Fate::Declined => {
            who.change(path, "declined")?;
        }
        Fate::NoLetter => {
            who.change(path, "confirmed")?;
        }
        Fate::LetterDeclined => {
            who.change(path, "confirmed")?;
            let letter = letter(stage, kommun, path, who)?;
            let chair = stage.accept(&kommun.email("ordforande"), &["signatory"])?;
            chair.change_because(&letter, "declined", "Frågan ska först till kommunstyrelsen.")?;
        }
        Fate::WithdrawnLate => {
            who.change(path, "confirmed")?;
            who.change(path, "withdrawn")?;
        }
        _ => {}
    }
    Ok(())
}

/// Writes the avsiktsförklaring and sends it to both signers.
fn letter(stage: &Stage, kommun: &Kommun, path: &str, who: &Visitor) -> Result<String, String> {
    let _ = stage;
    let application = path.trim_start_matches("/applications/");
    let signer = |role: &str, title: &str, address: &str| json!({"signerRole": role, "name": kommun.person(title), "title": title, "email": kommun.email(address)});
    let signers = [
        signer("municipalDirector", "Kommundirektör", "kommundirektor"),
        signer("executiveBoardChair", "Kommunstyrelsens ordförande", "ordforande"),
    ];
    let made = who.post("/avsiktsforklaringar", json!({"applicationId": application, "signers": signers}))?;
    let letter = format!("/avsiktsforklaringar/{}", id(&made)?);
    who.change(&letter, "sentForSignature")?;
    Ok(letter)
}

/// The second programme, whose call is open today, with a few interests.
pub fn open_today(stage: &mut Stage, today: Day) -> Result<(), String> {
    stage.until(today.plus_days(-2).start().plus_minutes(9 * 60))?;
    let body = json!({
        "name": "Utvecklingsnätverk 2: inköp av sociala företag",
        "description": "En andra omgång, med plats för tolv kommuner till.",
        "profile": "esf-2014-2020",
        "places": 12,
        "startsOn": today.plus_days(120).month().next().first_day(),
        "endsOn": today.plus_days(120).month().plus_months(24).last_day(),
        "opensAt": today.plus_days(-1).start(),
        "interestDeadline": today.plus_days(28),
        "infoMeetingAt": today.plus_days(31).start().plus_minutes(13 * 60),
        "confirmationDeadline": today.plus_days(38),
        "avsiktsforklaringDeadline": today.plus_days(60),
    });
    let programme = id(&stage.admin.post("/programmes", body)?)?;
    let manager =
        staff(stage, None, &programme, "programmeManager", "projektledare3", "Projektledare 2 SKR")?;
    staff(stage, Some(&manager), &programme, "economist", "ekonom2", "Ekonom 2 SKR")?;
    manager.change(&format!("/programmes/{programme}"), "scheduled")?;
    stage.until(today.start())?;
    let register = items(&stage.anyone().get("/kommuner?limit=300&sort=-kommunkod")?);
    for row in register.iter().step_by(31).take(5) {
        let kommun =
            Kommun { code: text(row, "kommunkod")?, name: text(row, "name")?, fate: Fate::TakesPart };
        let mut body = application(&kommun);
        let email = kommun.email("intresse");
        if let Some(body) = body.as_object_mut() {
            body.insert("contactEmail".to_owned(), json!(email));
        }
        stage.anyone().post(&format!("/programmes/{programme}/applications"), body)?;
    }
    Ok(())
}
