//! The mails about an application, in Swedish and English, each with the programme's funding sentence.

use super::store::ApplicationRow;
use super::{ApplicationState, EndReason, rules};
use crate::calls::swedish_time::{swedish_deadline, swedish_time};
use crate::platform::context::Context;
use crate::platform::moment::Instant;
use crate::platform::phrases::genitive;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState, funding_sentence};
use crate::reference::kommuner;

/// Sends a mail with the programme's funding sentence.
pub fn send(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    recipient: &str,
    subject: &Localized,
    body: &Localized,
) -> Result<(), Problem> {
    tx.mail(recipient, subject, body, Some(&funding_sentence(programme.profile)))
}

/// The text followed by the programme's funding sentence, for a mail that another area sends.
pub fn with_funding(programme: &ProgrammeRow, words: &Localized) -> Localized {
    let funding = funding_sentence(programme.profile);
    Localized::new(format!("{}\n\n{}", words.sv, funding.sv), format!("{}\n\n{}", words.en, funding.en))
}

/// Why a person is invited as the application's contact.
pub fn contact_words(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    kommunkod: &str,
) -> Result<Localized, Problem> {
    let kommun = kommuner::name_of(tx.db, kommunkod)?;
    Ok(Localized::new(
        format!("Du är kontaktperson för {} intresseanmälan till {}.", genitive(&kommun), programme.name),
        format!("You are the contact for the application of {kommun} to {}.", programme.name),
    ))
}

/// Why a person is invited to whom the manager hands the application over.
pub fn new_contact_words(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    kommunkod: &str,
    reason: &str,
) -> Result<Localized, Problem> {
    let why = contact_words(tx, programme, kommunkod)?;
    Ok(Localized::new(
        format!("{} Projektledaren har lämnat över den till dig. Skäl: {reason}", why.sv),
        format!("{} The programme manager has handed it over to you. Reason: {reason}", why.en),
    ))
}

/// Tells the earlier contact that the application was handed over. `before`: the application with that contact.
pub fn handed_over(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    before: &ApplicationRow,
    reason: &str,
) -> Result<(), Problem> {
    let kommun = kommuner::name_of(tx.db, &before.kommunkod)?;
    let subject = Localized::fixed("Du är inte längre kontaktperson", "You are no longer the contact");
    let body = Localized::new(
        format!(
            "Hej {}!\n\nProjektledaren har lämnat över {} intresseanmälan till {} till en annan kontaktperson. Skäl: \
             {reason}",
            before.contact_name,
            genitive(&kommun),
            programme.name
        ),
        format!(
            "Hello {}!\n\nThe programme manager has handed over the application of {kommun} to {} to another contact. \
             Reason: {reason}",
            before.contact_name, programme.name
        ),
    );
    send(tx, programme, &before.contact_email, &subject, &body)
}

/// Tells who sent a later interest that the kommun's contact stays. It does not name the contact.
pub fn contact_kept(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    application: &ApplicationRow,
    recipient: &str,
    reason: &str,
) -> Result<(), Problem> {
    let kommun = kommuner::name_of(tx.db, &application.kommunkod)?;
    let subject = Localized::fixed("Kontaktpersonen är prövad", "The contact has been reviewed");
    let body = Localized::new(
        format!(
            "Hej!\n\nDu har anmält {kommun} till {}. Projektledaren har prövat vem som är kommunens kontaktperson, och det \
             ändras inte. Skäl: {reason}",
            programme.name
        ),
        format!(
            "Hello!\n\nYou have expressed interest in {} on behalf of {kommun}. The programme manager has reviewed who is \
             the contact of the kommun, and this does not change. Reason: {reason}",
            programme.name
        ),
    );
    send(tx, programme, recipient, &subject, &body)
}

/// Tells a contact who already has an account that they are the contact.
pub fn contact(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    recipient: &str,
    why: &Localized,
) -> Result<(), Problem> {
    let subject = Localized::fixed("Du är kontaktperson", "You are the contact");
    send(tx, programme, recipient, &subject, why)
}

/// Why a person is invited as the kommun's coordinator.
pub fn coordinator_words(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    application: &ApplicationRow,
) -> Result<Localized, Problem> {
    let kommun = kommuner::name_of(tx.db, &application.kommunkod)?;
    Ok(Localized::new(
        format!(
            "Du är lokal projektkoordinator för {kommun} i {}, som börjar {}.",
            programme.name, programme.starts_on
        ),
        format!(
            "You are the local coordinator of {kommun} in {}, which begins {}.",
            programme.name, programme.starts_on
        ),
    ))
}

/// Tells a coordinator who already has an account that they are the coordinator.
pub fn coordinator(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    recipient: &str,
    why: &Localized,
) -> Result<(), Problem> {
    let subject = Localized::fixed("Du är lokal projektkoordinator", "You are the local coordinator");
    send(tx, programme, recipient, &subject, why)
}

/// Tells the contact about a step. For some steps no mail is sent.
pub fn of_step(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    application: &ApplicationRow,
    comment: Option<&str>,
) -> Result<(), Problem> {
    let Some((subject, what)) = step_words(tx.ctx, programme, application) else { return Ok(()) };
    let kommun = kommuner::name_of(tx.db, &application.kommunkod)?;
    let said = said(application, comment);
    let (name, called, whose) = (&application.contact_name, &programme.name, genitive(&kommun));
    let body = Localized::new(
        format!("Hej {name}!\n\nDet gäller {whose} intresseanmälan till {called}. {}{}", what.sv, said.sv),
        format!(
            "Hello {name}!\n\nThis is about the application of {kommun} to {called}. {}{}",
            what.en, said.en
        ),
    );
    send(tx, programme, &application.contact_email, &subject, &body)
}

/// The reason in words: the label of an end reason, or the comment of a person.
fn said(application: &ApplicationRow, comment: Option<&str>) -> Localized {
    let Some(comment) = comment else { return Localized::fixed("", "") };
    let reason = EndReason::from_code(comment).filter(|_| application.reason.as_deref() == Some(comment));
    match reason.map(EndReason::label) {
        Some(label) => {
            Localized::new(format!("\n\nSkäl: {}.", label.sv), format!("\n\nReason: {}.", label.en))
        }
        None => Localized::new(format!("\n\n{comment}"), format!("\n\n{comment}")),
    }
}

fn step_words(
    ctx: &Context,
    programme: &ProgrammeRow,
    application: &ApplicationRow,
) -> Option<(Localized, Localized)> {
    let words = match application.status {
        ApplicationState::ChangesRequested => (
            Localized::fixed("Intresseanmälan behöver kompletteras", "The application needs to be completed"),
            Localized::fixed(
                "Den behöver kompletteras. Logga in, ändra och skicka in den igen.",
                "It needs to be completed. Log in, change it and submit it again.",
            ),
        ),
        ApplicationState::Invited => (
            Localized::fixed("Inbjudan till informationsmöte", "Invitation to the information meeting"),
            invited(programme, application, ctx.now),
        ),
        ApplicationState::Declined if application.reason.as_deref() == Some(EndReason::NoAnswer.as_str()) => {
            (
                Localized::fixed("Inget svar i tid", "No answer in time"),
                Localized::fixed(
                    "Vi har inte fått veta om kommunen fortfarande är intresserad, och den har därför avslutats.",
                    "We have not heard whether the kommun is still interested. The application has therefore ended.",
                ),
            )
        }
        ApplicationState::NotQualified => (
            Localized::fixed("Ingen avsiktsförklaring i tid", "No letter of intent in time"),
            Localized::fixed(
                "Ingen underskriven avsiktsförklaring har kommit in i tid. Har den skickats, hör av er till projektledaren.",
                "We have not received a signed letter of intent in time. If it was sent, please contact the programme manager.",
            ),
        ),
        ApplicationState::Rejected => (
            Localized::fixed("Intresseanmälan har avvisats", "The application has been rejected"),
            Localized::fixed("Den har avvisats.", "It has been rejected."),
        ),
        // In a running programme a selected kommun takes part at once, and gets one mail for both.
        ApplicationState::Selected if programme.status != ProgrammeState::Running => (
            Localized::fixed("Kommunen har fått en plats", "The kommun has a place"),
            selected(ctx, programme, application),
        ),
        ApplicationState::Reserve | ApplicationState::NotSelected => without_place(ctx, application),
        ApplicationState::Participating => (
            Localized::fixed("Kommunen deltar", "The kommun takes part"),
            Localized::new(
                format!("Kommunen deltar. Arbetet pågår {}–{}.", programme.starts_on, programme.ends_on),
                format!(
                    "The kommun takes part. The work lasts from {} to {}.",
                    programme.starts_on, programme.ends_on
                ),
            ),
        ),
        ApplicationState::Terminated => (
            Localized::fixed("Deltagandet har avslutats", "The participation has ended"),
            Localized::fixed("Deltagandet har avslutats i förtid.", "The participation has ended early."),
        ),
        _ => return None,
    };
    Some(words)
}

/// A kommun that got no place when the places were given: what that means, and where it reads why.
fn without_place(ctx: &Context, application: &ApplicationRow) -> (Localized, Localized) {
    let (subject, what) = if application.status == ApplicationState::Reserve {
        (
            Localized::fixed("Kommunen är reserv", "The kommun is a reserve"),
            Localized::fixed(
                "Tack för intresset! Kommunen fick ingen plats, men är reserv. Om en plats blir ledig prövas det på nytt \
                 vem som ersätter bäst. Det kan bli er kommun, men också en annan, även en som inte är reserv: listan över \
                 reserver är ingen kö. Ni behöver inte göra något.",
                "Thank you for your interest! The kommun has no place, but is a reserve. If a place becomes free, it is \
                 considered anew who replaces best. That may be your kommun, but also another, even one that is not a \
                 reserve: the list of reserves is not a queue. You need not do anything.",
            ),
        )
    } else {
        (
            Localized::fixed("Kommunen fick ingen plats", "The kommun has no place"),
            Localized::fixed(
                "Tack för intresset! Tyvärr fick kommunen ingen plats: fler kommuner hade kvalificerat sig än det fanns \
                 platser. Om en plats blir ledig prövas det på nytt vem som får den, och det kan bli er kommun. Ni behöver \
                 inte göra något.",
                "Thank you for your interest! Unfortunately the kommun has no place: more kommuner had qualified than there \
                 were places. If a place becomes free, it is considered anew who gets it, and that may be your kommun. You \
                 need not do anything.",
            ),
        )
    };
    (subject, with_link(ctx, application, &what))
}

/// A kommun that got a place before the work begins: what comes next, and where it reads why.
fn selected(ctx: &Context, programme: &ProgrammeRow, application: &ApplicationRow) -> Localized {
    let starts_on = programme.starts_on;
    let what = Localized::new(
        format!(
            "Kommunen har fått en plats. Arbetet börjar {starts_on}, och ni får ett mejl till när kommunen deltar. Kan \
             kommunen inte ta platsen, meddela det så snart som möjligt, så att en annan kan få den."
        ),
        format!(
            "The kommun has been given a place. The work begins {starts_on}, and you get another mail when the kommun takes \
             part. If the kommun cannot take the place, please say so as soon as possible, so that another can have it."
        ),
    );
    with_link(ctx, application, &what)
}

/// The words with the application's number and the address where those who log in read why.
fn with_link(ctx: &Context, application: &ApplicationRow, what: &Localized) -> Localized {
    let (id, link) = (application.id, ctx.app_href(&format!("/applications/{}", application.id)));
    Localized::new(
        format!(
            "{} Varför går att läsa här, för den som loggar in:\n\n{link}\n\nIntresseanmälans nummer: {id}",
            what.sv
        ),
        format!("{} Those who log in can read why:\n\n{link}\n\nNumber of the application: {id}", what.en),
    )
}

fn invited(programme: &ProgrammeRow, application: &ApplicationRow, now: Instant) -> Localized {
    let until = swedish_deadline(rules::answer_by(application, programme));
    let meeting = swedish_time(programme.info_meeting_at);
    if now < programme.info_meeting_at {
        Localized::new(
            format!(
                "Ni är välkomna till informationsmötet {meeting}. Svara efter mötet, senast {until}, om ni fortfarande är intresserade."
            ),
            format!(
                "You are welcome to the information meeting on {meeting}. After it, by {until}, please say whether you are still interested."
            ),
        )
    } else {
        Localized::new(
            format!(
                "Informationsmötet hölls {meeting}. Svara senast {until} om ni fortfarande är intresserade."
            ),
            format!(
                "The information meeting was held on {meeting}. By {until}, please say whether you are still interested."
            ),
        )
    }
}
