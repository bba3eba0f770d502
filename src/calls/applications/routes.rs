//! `/applications`: list, get, change, and the changes of state. How they come in stands in [`super::interest`].

use actix_web::{get, patch};

use serde_json::json;

use super::requests::ApplicationPatch;
use super::shown::Related;
use super::store::{self, ApplicationList, ApplicationRow};
use super::{Application, verification};
use crate::identity::policy::{ApplicationChangeStatus, ApplicationRead, ApplicationUpdate};
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::platform::workflow::status_changes::StatusChangeDocs;
use crate::programmes::programme;
use crate::reference::kommuner;

impl IntoRepresentation for ApplicationRow {
    type As = Application;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Application, Problem> {
        Application::new(rx, self)
    }
}

/// List applications
///
/// Intresseanmälningarna: projektledaren ser programmets alla, ekonom och revisor alla som är bekräftade, en kommun sina
/// egna. Söktexten prövas mot kommunens namn, kontaktpersonen och motiveringen.
///
/// The applications: the programme manager sees all of the programme's, the economist and the auditor all that have been
/// verified, a kommun its own. The search text is held against the kommun's name, the contact and the motivation.
#[utoipa::path(
    tag = "applications",
    operation_id = "listApplications",
    params(ApplicationList),
    security(("bearer" = ["application.read"])),
    responses((status = 200, description = "A page of applications", body = Listing<Application>)),
)]
#[get("/applications")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<ApplicationRead>, ApplicationList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(Application::to_caller(rx.ctx, row, &related)))
    });
    answer.await
}

/// Get an application
///
/// En intresseanmälan med sitt tillstånd, och vad du kan göra härnäst.
///
/// An application with its state, and what you may do next.
#[utoipa::path(
    tag = "applications",
    operation_id = "getApplication",
    params(("applicationId" = Id, Path, description = "Intresseanmälans id / the application's id")),
    security(("bearer" = ["application.read"])),
    responses((status = 200, description = "The application", body = Application)),
)]
#[get("/applications/{applicationId}")]
async fn get(
    InOrder((_permit, application)): InOrder<(Permit<ApplicationRead>, Show<ApplicationRow>)>,
) -> Answer {
    application.into_answer()
}

/// Change an application
///
/// Kommunen ändrar innehållet tills den har bekräftat sitt intresse; kontaktperson, koordinator och diarienummer ändras
/// av kommunen eller projektledaren; `respondBy` och närvaron på informationsmötet av projektledaren. En ny kontaktperson
/// bjuds in och får rollen sökande; den som är utsedd att underteckna kommunens avsiktsförklaring kan inte bli det.
///
/// The kommun changes the content until it has confirmed its interest; contact, coordinator and registry number are
/// changed by the kommun or the programme manager; `respondBy` and the attendance at the information meeting by the
/// programme manager. A new contact is invited and gets the role applicant; somebody who is named to sign the kommun's
/// letter cannot become it.
#[utoipa::path(
    tag = "applications",
    operation_id = "updateApplication",
    params(("applicationId" = Id, Path, description = "Intresseanmälans id / the application's id")),
    request_body = ApplicationPatch,
    security(("bearer" = ["application.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "stateConflict"]))),
    responses((status = 200, description = "The changed application", body = Application)),
)]
#[patch("/applications/{applicationId}")]
async fn update(
    InOrder((permit, application, body)): InOrder<(
        Permit<ApplicationUpdate>,
        Found<ApplicationRow>,
        Body<ApplicationPatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = update_one(tx, application.id, patch.clone())?;
            Answer::one(&Application::new(&mut tx.as_read(), after)?)
        })
        .await
}

fn update_one(tx: &mut Tx<'_>, id: Id, patch: ApplicationPatch) -> Result<ApplicationRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &ApplicationRow| {
        let programme = programme::by_id(tx.db, before.programme_id)?;
        let kommun = kommuner::name_of(tx.db, &before.kommunkod)?;
        let held = tx.ctx.scope.roles_for(&before.keys());
        let mut after = patch.apply(before.clone(), &programme, &kommun, &held, tx.ctx.now)?;
        if after.contact_email != before.contact_email {
            verification::check_contact(tx, &after)?;
            after.contact_person_id = Some(verification::contact_person(tx, &programme, &after)?.id);
        }
        Ok(after)
    })?;
    Ok(changed.after)
}

/// Its steps, as OpenAPI tells of them.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "applications",
    many: "applications",
    steps: Localized::fixed(
        "Projektledaren begär komplettering eller avvisar (med kommentar) och bjuder in till informationsmötet; kommunen svarar efter mötet och kan ta tillbaka sin anmälan. En bekräftad med avsiktsförklaring i tid blir genast `qualified`. Platserna ges när programmet blir `decided`; en reserv kan sedan få en ledig plats.",
        "The programme manager asks for completion or rejects (with a comment) and invites to the information meeting; the kommun answers after the meeting and may take its application back. A confirmed one with its letter in time becomes `qualified` at once. The places are given when the programme becomes `decided`; a reserve may then get a free one.",
    ),
    problems: &[Code::OwnWork, Code::DeadlinePassed, Code::NotEnoughPlaces],
    example: || json!({"to": "invited"}),
};

/// The operations on applications.
pub fn routes(cfg: &mut Operations) {
    super::interest::routes(cfg);
    cfg.service(list).service(get).service(update);
    cfg.status_changes::<ApplicationRow, ApplicationRead, ApplicationChangeStatus>(&STATUS_CHANGES);
}
