//! The page to which a mail about a kommun without a place leads when there is no frontend: what became of the application, and
//! why. It does what `getApplication` and `getSelectionExplanations` do.

use actix_web::{HttpRequest, HttpResponse, web};

use super::explanations::SelectionExplanations;
use super::reading::reserves_in_words;
use super::store;
use crate::calls::applications::{Application, ApplicationRow, ApplicationState};
use crate::identity::policy::ApplicationRead;
use crate::identity::visits::{PASSWORD, USER_NAME, visited};
use crate::platform::auth::found::Seen;
use crate::platform::auth::permit::Permit;
use crate::platform::http::pages::{Button, FORGOTTEN_PASSWORD, FormPage, Page, Reading, read, way_in};
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Rx;

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
    let facts = vec![
        (
            Localized::fixed("Kommun", "Kommun"),
            Localized::same(application.kommun_name.clone().unwrap_or_default()),
        ),
        (Localized::fixed("Nummer", "Number"), Localized::same(application.id.to_string())),
        (Localized::fixed("Status", "Status"), application.status.label()),
    ];
    let mut texts = Vec::new();
    if let Some(proposal) = store::unscoped_announced(rx.db, application.programme_id)? {
        let explained = SelectionExplanations::of(rx, &proposal)?;
        let all = explained.left_out.iter().chain(&explained.chosen);
        if let Some(own) = all.into_iter().find(|one| one.kommunkod == application.kommunkod) {
            texts.push((Localized::fixed("Varför", "Why"), own.text.clone()));
        }
        if let Some(since) = explained.since_announcement {
            texts.push((Localized::fixed("Efter beskedet", "After the announcement"), since.text));
        }
        if application.status == ApplicationState::Reserve {
            let reserve = reserves_in_words(rx.ctx.language());
            texts.push((
                Localized::fixed("Vad det är att vara reserv", "What it is to be a reserve"),
                reserve,
            ));
        }
    }
    Ok(Reading { facts, texts })
}
