//! The page to which a mail about a milestone leads when there is no frontend: what the review said. It does what
//! `getMilestone` does.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Milestone, MilestoneRow};
use crate::identity::policy::MilestoneRead;
use crate::identity::visits::{PASSWORD, USER_NAME, visited};
use crate::platform::auth::found::Seen;
use crate::platform::auth::permit::Permit;
use crate::platform::http::pages::{Button, FORGOTTEN_PASSWORD, FormPage, Page, Reading, read, way_in};
use crate::platform::text::Localized;

/// The page.
pub const PAGES: &[Page] =
    &[Page { path: "/milestones/{milestoneId}", handlers: |at| at.get(ask).post(show) }];

static ASK: FormPage = FormPage {
    title: Localized::fixed("Milstolpe", "Milestone"),
    intro: Localized::fixed("Logga in för att läsa om milstolpen.", "Log in to read about the milestone."),
    fields: &[USER_NAME, PASSWORD],
    buttons: &[Button::only("Läs", "Read")],
    further: &[FORGOTTEN_PASSWORD],
};

async fn ask(request: HttpRequest) -> HttpResponse {
    ASK.blank(&request)
}

async fn show(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    visited(request, payload, &ASK, async |visit| {
        let permit: Permit<MilestoneRead> = visit.take().await?;
        let Seen::<MilestoneRow>(milestone) = visit.take().await?;
        let (where_to, further) = way_in(&permit.context().addresses);
        let title = milestone.kind.label();
        let next = (!milestone.allowed_transitions.is_empty()).then_some(where_to);
        let told: Vec<Localized> = next.into_iter().collect();
        Ok(read(&visit.place, &title, &told, &reading(&milestone), &[further]))
    })
    .await
}

/// What the page tells of the milestone.
fn reading(milestone: &Milestone) -> Reading {
    let mut facts = vec![
        (
            Localized::fixed("Kommun", "Kommun"),
            Localized::same(milestone.kommun_name.clone().unwrap_or_default()),
        ),
        (Localized::fixed("Status", "Status"), milestone.status.label()),
        (
            Localized::fixed("Lämnas in senast", "To be submitted by"),
            Localized::same(milestone.due_on.to_string()),
        ),
    ];
    if let Some(decision) = &milestone.decision {
        let day = decision.decided_on.to_string();
        let parts = [
            Some(&*decision.body),
            Some(&day),
            decision.paragraph.as_deref(),
            Some(&*decision.registry_number),
        ];
        let told = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        facts.push((Localized::fixed("Beslut", "Decision"), Localized::same(told)));
    }
    let mut texts = Vec::new();
    if let Some(last) = &milestone.last_comment {
        texts.push((Localized::fixed("Kommentar", "Comment"), last.comment.clone()));
    }
    if let Some(description) = &milestone.description {
        texts.push((Localized::fixed("Beskrivning", "Description"), description.clone()));
    }
    Reading { facts, texts }
}
