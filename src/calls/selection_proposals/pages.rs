//! The page to which a mail about a kommun without a place leads when there is no frontend: what became of the application, and
//! why. It does what `getApplication` and `getSelectionExplanations` do.

use actix_web::{HttpRequest, HttpResponse, web};

use super::explanations::{ExplainedKommun, SelectionExplanations};
use super::in_words::InWords;
use super::store::{self, ProposalRow};
use super::telling::Told;
use crate::calls::applications::{Application, ApplicationRow, ApplicationState};
use crate::identity::policy::ApplicationRead;
use crate::identity::visits::{PASSWORD, USER_NAME, visited};
use crate::platform::auth::found::Seen;
use crate::platform::auth::permit::Permit;
use crate::platform::http::pages::{Button, FORGOTTEN_PASSWORD, FormPage, Page, Reading, read, way_in};
use crate::platform::problem::Problem;
use crate::platform::text::{Language, Localized};
use crate::platform::tx::Rx;
use crate::programmes::programme::{self, Decision};

/// The page.
pub const PAGES: &[Page] =
    &[Page { path: "/applications/{applicationId}", handlers: |at| at.get(ask).post(show) }];

static ASK: FormPage = FormPage {
    title: Localized::fixed("Intresseanmälan", "Application"),
    intro: Localized::fixed(
        "Logga in för att läsa vad som har hänt med intresseanmälan, och varför.",
        "Log in to read what has become of the application, and why.",
    ),
    fields: &[USER_NAME, PASSWORD],
    buttons: &[Button::only("Läs", "Read")],
    further: &[FORGOTTEN_PASSWORD],
};

async fn ask(request: HttpRequest) -> HttpResponse {
    ASK.blank(&request)
}

async fn show(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    visited(request, payload, &ASK, async |visit| {
        let permit: Permit<ApplicationRead> = visit.take().await?;
        let Seen::<ApplicationRow>(application) = visit.take().await?;
        let (_, further) = way_in(&permit.context().addresses);
        let database = permit.services().database.clone();
        let reading = database.read(permit.context(), move |rx| reading(rx, &application)).await?;
        Ok(read(&visit.place, &ASK.title, &[], &reading, &[further]))
    })
    .await
}

/// What the page tells of the application.
fn reading(rx: &mut Rx<'_>, application: &Application) -> Result<Reading, Problem> {
    let programme = programme::unscoped_by_id(rx.db, application.programme_id)?;
    let kommun = application.kommun_name.clone().unwrap_or_default();
    let mut facts = vec![
        (Localized::fixed("Kommun", "Kommun"), Localized::same(kommun)),
        (Localized::fixed("Program", "Programme"), Localized::same(programme.name)),
        (Localized::fixed("Nummer", "Number"), Localized::same(application.id.to_string())),
        (Localized::fixed("Status", "Status"), application.status.label()),
    ];
    let Some(proposal) = store::unscoped_announced(rx.db, application.programme_id)? else {
        return Ok(Reading { facts, texts: Vec::new() });
    };
    if let Some(decision) = &proposal.decision {
        facts
            .push((Localized::fixed("Beslut om urvalet", "Decision on the selection"), decided(&decision.0)));
    }
    Ok(Reading { facts, texts: texts(rx, application, &proposal)? })
}

/// Who decided, when and under which number.
fn decided(decision: &Decision) -> Localized {
    let Decision { body, decided_on, paragraph, registry_number } = decision;
    let paragraph = paragraph.as_ref().map_or_else(String::new, |paragraph| format!("{}, ", &**paragraph));
    Localized::new(
        format!("{}, {decided_on}, {paragraph}diarienummer {}", &**body, &**registry_number),
        format!("{}, {decided_on}, {paragraph}case number {}", &**body, &**registry_number),
    )
}

/// Why it has, or has not, a place, and what was decided about all.
fn texts(
    rx: &mut Rx<'_>,
    application: &Application,
    proposal: &ProposalRow,
) -> Result<Vec<(Localized, String)>, Problem> {
    let language = rx.ctx.language();
    let told = Told::of(rx, proposal)?;
    let explained = SelectionExplanations::with(rx, proposal, &told)?;
    let words = InWords::with(proposal, &told, language);
    let mut texts = Vec::new();
    let mut add = |sv, en, text: Option<String>| {
        texts.extend(text.filter(|text| !text.is_empty()).map(|text| (Localized::fixed(sv, en), text)));
    };
    let said = |words: Option<Localized>| words.map(|words| words.get(language).to_owned());
    let why = why(application, proposal, &explained, &words);
    add("Varför", "Why", why.map(|why| with_areas_explained(why, language)));
    let is_own = |code: &String| *code == application.kommunkod;
    let rank = proposal.reserves.0.iter().position(is_own);
    let rank = rank.filter(|_| application.status == ApplicationState::Reserve);
    let reserve = rank.map(|index| told.teller().reserve(&application.kommunkod, index + 1));
    add("Vad det är att vara reserv", "What it is to be a reserve", said(reserve));
    add(
        "Efter beskedet",
        "After the announcement",
        explained.since_announcement.as_ref().map(|since| since.text.clone()),
    );
    add("Platser som har getts sedan", "Places given since", Some(words.given.join("\n")));
    let goals = (1..).zip(&explained.goals).map(|(number, goal)| format!("{number}. {}", goal.text));
    add(
        "Målen, det viktigaste först, och vad de nådde",
        "The goals, the most important first, and what they reached",
        Some(goals.collect::<Vec<_>>().join("\n")),
    );
    add("Beslut om enskilda kommuner", "Decisions about single kommuner", said(told.teller().decisions()));
    add("Avvikelser från utlysningen", "Departures from the call", said(told.departure(proposal)));
    Ok(texts)
}

/// Why it has a place, or got none. One that has left reads nothing of what would be without it.
fn why(
    application: &Application,
    proposal: &ProposalRow,
    explained: &SelectionExplanations,
    words: &InWords,
) -> Option<String> {
    use ApplicationState::{Completed, Participating, Selected};
    let own = |all: &[ExplainedKommun]| {
        all.iter().find(|one| one.kommunkod == application.kommunkod).map(|one| one.text.clone())
    };
    let later = proposal.replacements.0.iter().rposition(|place| place.kommunkod == application.kommunkod);
    match later {
        Some(index) => words.given.get(index).cloned(),
        None if matches!(application.status, Selected | Participating | Completed) => own(&explained.chosen),
        None => own(&explained.left_out),
    }
}

/// With what a riksområde is, if the text names one.
fn with_areas_explained(text: String, language: Language) -> String {
    let (word, what) = match language {
        Language::Sv => ("riksområde", "Riksområdena är de åtta delar som SCB delar in landet i."),
        Language::En => (
            "national area",
            "The national areas (riksområden) are the eight parts into which Statistics Sweden divides the country.",
        ),
    };
    if text.contains(word) { format!("{text} {what}") } else { text }
}
