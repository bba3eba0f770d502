//! `/applications`: list, get, change, and the changes of state. How they come in stands in [`super::interest`].

use actix_web::{get, patch, post};

use super::requests::ApplicationPatch;
use super::shown::Related;
use super::steps::{self, ChangeBody};
use super::store::{self, ApplicationList, ApplicationRow};
use super::{Application, ApplicationState, keys, verification};
use crate::identity::policy::{ApplicationChangeStatus, ApplicationRead, ApplicationUpdate};
use crate::platform::auth::action::{Action as _, ActionRow};
use crate::platform::auth::found::{Found, IntoRepresentation, Resource, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scope::{AuthzKeys, Scope};
use crate::platform::http::answer::Answer;
use crate::platform::http::batch::{Batch, BatchResult};
use crate::platform::http::body::{Body, Unjudged};
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::{Rx, Tx};
use crate::platform::workflow::http::{ChangeItem, StatusHistory};
use crate::platform::workflow::status_changes::{self, ChangeStatus};
use crate::programmes::programme;
use crate::reference::kommuner;

type ChangeBatch = Batch<ChangeItem<ApplicationState, super::requests::ApplicationChangeData>>;

impl Resource for ApplicationRow {
    type Key = Id;
    const PARAMETER: &'static str = "applicationId";
    const READ: &'static ActionRow = ApplicationRead::ROW;

    fn find(rx: &mut Rx<'_>, scope: &Scope, key: &Id) -> Result<Option<Self>, Problem> {
        store::find(rx.db, scope, *key)
    }

    fn keys(&self) -> AuthzKeys {
        keys(self)
    }
}

impl IntoRepresentation for ApplicationRow {
    type As = Application;

    fn shown(self, rx: &mut Rx<'_>) -> Result<Application, Problem> {
        Application::new(rx, self)
    }
}

impl ChangeStatus for ApplicationRow {
    type Data = super::requests::ApplicationChangeData;

    fn step(
        tx: &mut Tx<'_>,
        seen: &Self,
        version: Option<i32>,
        wanted: &ChangeBody,
    ) -> Result<Self, Problem> {
        steps::requested(tx, seen.id, version, wanted)
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
async fn list(permit: Permit<ApplicationRead>, list: ApplicationList) -> Result<Answer, Problem> {
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
async fn get(_permit: Permit<ApplicationRead>, application: Show<ApplicationRow>) -> Answer {
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
    permit: Permit<ApplicationUpdate>,
    application: Found<ApplicationRow>,
    body: Unjudged<ApplicationPatch>,
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
    let before = ApplicationRow::locked(tx, id)?;
    let programme = programme::by_id(tx.db, before.programme_id)?;
    let kommun = kommuner::name_of(tx.db, &before.kommunkod)?;
    let held = tx.ctx.scope.roles_for(&keys(&before));
    let changed = patch.apply(before.clone(), &programme, &kommun, &held, tx.ctx.now);
    let mut after = tx.ctx.in_order(before.version, changed)?;
    if after.contact_email != before.contact_email {
        verification::check_contact(tx, &after)?;
        after.contact_person_id = Some(verification::contact_person(tx, &programme, &after)?.id);
    }
    tx.update("changed", &before, after)
}

/// List an application's status changes
///
/// Alla byten av tillstånd, det första först.
///
/// Every change of state, the first first.
#[utoipa::path(
    tag = "applications",
    operation_id = "listApplicationStatusChanges",
    params(("applicationId" = Id, Path, description = "Intresseanmälans id / the application's id")),
    security(("bearer" = ["application.read"])),
    responses((status = 200, description = "The history", body = StatusHistory)),
)]
#[get("/applications/{applicationId}/status-changes")]
async fn history(
    permit: Permit<ApplicationRead>,
    application: Found<ApplicationRow>,
) -> Result<Answer, Problem> {
    status_changes::list(permit, application).await
}

/// Change an application's status
///
/// Projektledaren begär komplettering eller avvisar (med kommentar) och bjuder in till informationsmötet; kommunen svarar
/// efter mötet och kan ta tillbaka sin anmälan. En bekräftad med avsiktsförklaring i tid blir genast `qualified`. Platserna
/// ges när programmet blir `decided`; en reserv kan sedan få en ledig plats.
///
/// The programme manager asks for completion or rejects (with a comment) and invites to the information meeting; the
/// kommun answers after the meeting and may take its application back. A confirmed one with its letter in time becomes
/// `qualified` at once. The places are given when the programme becomes `decided`; a reserve may then get a free one.
#[utoipa::path(
    tag = "applications",
    operation_id = "changeApplicationStatus",
    params(("applicationId" = Id, Path, description = "Intresseanmälans id / the application's id")),
    request_body(content = ChangeBody, example = json!({"to": "invited"})),
    security(("bearer" = ["application.changeStatus"])),
    extensions(("x-problem-codes" = json!([
        "notYours", "ownWork", "transitionNotAllowed", "stateConflict", "deadlinePassed", "notEnoughPlaces"
    ]))),
    responses((status = 200, description = "The application in its new state", body = Application)),
)]
#[post("/applications/{applicationId}/status-changes")]
async fn change(
    permit: Permit<ApplicationChangeStatus>,
    application: Found<ApplicationRow>,
    body: Body<ChangeBody>,
) -> Result<Answer, Problem> {
    status_changes::change(permit, application, body).await
}

/// Change the status of many applications
///
/// Flera byten i ett anrop, vart och ett för sig eller alla tillsammans (`atomic`); `dryRun` provar bara.
///
/// Several changes in one request, each alone or all together (`atomic`); `dryRun` only tries.
#[utoipa::path(
    tag = "applications",
    operation_id = "changeApplicationStatusBatch",
    request_body(content = ChangeBatch, example = json!({"atomic": true, "items": [{"id": "0175a2e1-7c00-7000-8000-000000000001", "to": "invited"}]})),
    security(("bearer" = ["application.changeStatus"])),
    responses((status = 200, description = "One result per item", body = BatchResult)),
)]
#[post("/applications/status-changes/batch")]
async fn change_batch(
    permit: Permit<ApplicationChangeStatus>,
    body: Body<ChangeBatch>,
) -> Result<Answer, Problem> {
    status_changes::change_many::<_, ApplicationRow>(permit, body).await
}

/// The operations on applications.
pub fn routes(cfg: &mut Operations) {
    super::interest::routes(cfg);
    cfg.service(list).service(change_batch).service(get).service(update).service(history).service(change);
}
