//! The page to which mails about a letter lead when there is no frontend: whoever may read the letter reads it here, and a
//! signer signs or declines. It does what `getAvsiktsforklaring`, `signAvsiktsforklaring` and
//! `changeAvsiktsforklaringStatus` do.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::requests::{LetterChangeData, NewSignature};
use super::{Avsiktsforklaring, LetterRow, LetterState, commands};
use crate::calls::swedish_time::{swedish_deadline, swedish_time};
use crate::identity::policy::{LetterChangeStatus, LetterRead, LetterSign};
use crate::identity::signatures::{Signature, SignatureMethod};
use crate::identity::visits::{PASSWORD, USER_NAME, Visit, visited};
use crate::platform::auth::found::{Found, Seen};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body;
use crate::platform::http::form::Form;
use crate::platform::http::pages::{
    Button, FORGOTTEN_PASSWORD, Field, FieldKind, FormPage, Page, Reading, read, refused, way_in,
};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::http::ChangeRequest;
use crate::platform::workflow::status_changes::ChangeStatus as _;

/// The page.
pub const PAGES: &[Page] =
    &[Page { path: "/avsiktsforklaringar/{avsiktsforklaringId}", handlers: |at| at.get(ask).post(act) }];

static ASK: FormPage = FormPage {
    title: Localized::fixed("Avsiktsförklaring", "Avsiktsförklaring (letter of intent)"),
    intro: Localized::fixed(
        "Logga in för att läsa avsiktsförklaringen. Är du utsedd att underteckna gör du det på nästa sida.",
        "Log in to read the letter. If you are named to sign it, you do so on the next page.",
    ),
    // What a signer has typed below the text is kept when the password was wrong.
    fields: &[USER_NAME, PASSWORD, Field::hidden("delegationRef"), Field::hidden("comment")],
    buttons: &[Button::only("Läs", "Read")],
    further: &[FORGOTTEN_PASSWORD],
};

const SIGN: &str = "sign";
const DECLINE: &str = "decline";

static SIGNING: FormPage = FormPage {
    title: Localized::fixed("Avsiktsförklaring att underteckna", "Avsiktsförklaring to sign"),
    intro: Localized::fixed(
        "Läs texten. Du undertecknar exakt den genom att ange ditt lösenord en gång till.",
        "Read the text. You sign exactly this text by giving your password once more.",
    ),
    fields: &[
        Field::hidden("email"),
        Field::hidden("sha256"),
        Field {
            name: "delegationRef",
            label: Localized::fixed("Delegation", "Delegation"),
            hint: Localized::fixed(
                "Bara för den som undertecknar i någon annans ställe: beslutet som ger rätt till det.",
                "Only for a deputy: the decision that gives the right to sign.",
            ),
            kind: FieldKind::Line,
            is_required: false,
        },
        Field {
            name: "comment",
            label: Localized::fixed("Kommentar", "Comment"),
            hint: Localized::fixed(
                "Bara om du avböjer: varför. Den som ansöker får läsa den.",
                "Only if you decline: why. The applicant reads it.",
            ),
            kind: FieldKind::Lines,
            is_required: false,
        },
        PASSWORD,
    ],
    buttons: &[
        Button { step: SIGN, text: Localized::fixed("Underteckna", "Sign") },
        Button { step: DECLINE, text: Localized::fixed("Avböj", "Decline") },
    ],
    further: &[],
};

async fn ask(request: HttpRequest) -> HttpResponse {
    ASK.blank(&request)
}

async fn act(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    visited(request, payload, &ASK, answer).await
}

/// Does what the form asks for, and shows the letter as it then is.
async fn answer(visit: &Visit) -> Result<HttpResponse, Problem> {
    let done = match visit.form.value("step") {
        Some(SIGN) => sign(visit).await,
        Some(DECLINE) => decline(visit).await,
        _ => Ok(None),
    };
    let (permit, letter) = match seen(visit).await {
        Ok(seen) => seen,
        // What was done is told, also when the letter cannot be shown after it.
        Err(problem) => match done? {
            Some(told) => return Ok(read(&visit.place, &ASK.title, &[told], &Reading::default(), &[])),
            None => return Err(problem),
        },
    };
    let reading = reading(&letter);
    if letter.links.iter().any(|link| link.rel == "sign") {
        let value = |name| (name, visit.form.value(name).unwrap_or_default());
        let [email, delegation, comment] = ["email", "delegationRef", "comment"].map(value);
        let values = Form::of(&[email, ("sha256", &letter.text_sha256), delegation, comment]);
        return Ok(SIGNING.show(&visit.place, &values, &reading, done.err().map(in_words)));
    }
    let (where_to, further) = way_in(&permit.context().addresses);
    let next = (!letter.allowed_transitions.is_empty()).then_some(where_to);
    match done {
        Ok(told) => {
            let told: Vec<Localized> = told.or(next).into_iter().collect();
            Ok(read(&visit.place, &ASK.title, &told, &reading, &[further]))
        }
        Err(problem) => Ok(refused(&visit.place, &ASK.title, &reading, &[further], in_words(problem))),
    }
}

/// The letter as the visitor sees it.
async fn seen(visit: &Visit) -> Result<(Permit<LetterRead>, Avsiktsforklaring), Problem> {
    let permit = visit.take().await?;
    let Seen::<LetterRow>(letter) = visit.take().await?;
    Ok((permit, letter))
}

/// A person reads the text, not its hash.
fn in_words(problem: Problem) -> Problem {
    match problem.code {
        Code::TextChanged => problem.detail(
            "Texten har ändrats sedan du läste den. Läs den igen innan du undertecknar.",
            "The text has changed since you read it. Read it again before you sign.",
        ),
        _ => problem,
    }
}

/// Signs, and says so.
async fn sign(visit: &Visit) -> Result<Option<Localized>, Problem> {
    // Enter in the field of the password presses the first button.
    if visit.form.value("comment").is_some() {
        let words = Localized::fixed(
            "Du har skrivit varför du avböjer: välj Avböj, eller töm fältet.",
            "You have written why you decline: choose Decline, or empty this field.",
        );
        return Code::InvalidInput
            .refuse_any(vec![FieldError::new("/comment", "notExpected", words)])
            .map(|()| None);
    }
    let new: NewSignature = body::check(json!({
        "method": SignatureMethod::Account,
        "sha256": visit.form.value("sha256"),
        "delegationRef": visit.form.value("delegationRef"),
    }))?;
    let permit: Permit<LetterSign> = visit.take().await?;
    let letter: Found<LetterRow> = visit.take().await?;
    let write = move |tx: &mut Tx<'_>| {
        commands::sign(tx, letter.id, new.clone())?;
        Ok(Answer::no_content())
    };
    permit.write(write).await?;
    Ok(Some(Localized::fixed("Tack! Din underskrift är sparad.", "Thank you! Your signature is kept.")))
}

/// Declines, and says so.
async fn decline(visit: &Visit) -> Result<Option<Localized>, Problem> {
    let request = json!({"to": LetterState::Declined, "comment": visit.form.value("comment")});
    let request: ChangeRequest<LetterState, LetterChangeData> = body::check(request)?;
    let wanted = Wanted::from(request);
    let permit: Permit<LetterChangeStatus> = visit.take().await?;
    let letter: Found<LetterRow> = visit.take().await?;
    let write = move |tx: &mut Tx<'_>| {
        LetterRow::change_status(tx, &letter, &wanted)?;
        Ok(Answer::no_content())
    };
    permit.write(write).await?;
    Ok(Some(Localized::fixed(
        "Du har avböjt. Den som ansöker har fått din kommentar.",
        "You have declined. The applicant has got your comment.",
    )))
}

/// What the page tells of the letter.
fn reading(letter: &Avsiktsforklaring) -> Reading {
    let deadline = swedish_deadline(letter.deadline);
    let mut facts = vec![
        (
            Localized::fixed("Kommun", "Kommun"),
            Localized::same(letter.kommun_name.clone().unwrap_or_default()),
        ),
        (Localized::fixed("Status", "Status"), letter.status.label()),
        (
            Localized::fixed("Ska vara inne senast", "Must be received by"),
            Localized::new(format!("{deadline} (svensk tid)"), format!("{deadline} (Swedish time)")),
        ),
    ];
    for signer in &letter.signers {
        let given =
            letter.signatures.iter().find(|given| !given.is_void && given.signer_role == signer.signer_role);
        facts.push((signer.signer_role.label(), signed(&signer.name, given)));
    }
    let mut texts = Vec::new();
    if let Some(last) = &letter.last_comment {
        texts.push((Localized::fixed("Kommentar", "Comment"), last.comment.clone()));
    }
    texts.push((Localized::fixed("Text", "Text"), letter.text.clone()));
    Reading { facts, texts }
}

fn signed(name: &str, given: Option<&Signature>) -> Localized {
    match given {
        Some(given) => {
            let (name, at) = (&given.name, swedish_time(given.signed_at));
            Localized::new(format!("{name}, undertecknade {at}"), format!("{name}, signed {at}"))
        }
        None => Localized::new(format!("{name}, har inte undertecknat"), format!("{name}, has not signed")),
    }
}
