//! `/applications`: list, get, change, and the changes of state. `calls::interest` has the operations that add applications.

use actix_web::{get, patch, post};
use serde_json::json;

use super::requests::{ApplicationPatch, NewContactDecision};
use super::store::{self, ApplicationList, ApplicationRow};
use super::view::Related;
use super::{Application, commands};
use crate::identity::policy::{
    ApplicationChangeStatus, ApplicationDecideContact, ApplicationRead, ApplicationUpdate,
};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;

/// List applications
///
/// Intresseanmälningarna: projektledaren ser programmets alla, ekonom och revisor alla som är bekräftade, en kommun sina
/// egna. Söktexten prövas mot kommunens namn, kontaktpersonen och motiveringen.
///
/// The applications. The programme manager sees all of the programme, the economist and the auditor see the verified ones,
/// and a kommun sees its own. The search text is compared with the kommun's name, the contact and the motivation.
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
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(Application::for_caller(ctx, row, &related)))
    });
    answer.await
}

/// Get an application
///
/// En intresseanmälan med sitt tillstånd, och vad du kan göra härnäst.
///
/// An application with its state and what you may do next.
#[utoipa::path(
    tag = "applications",
    operation_id = "getApplication",
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
/// Kommunen ändrar innehållet tills den har bekräftat sitt intresse, och vem som är kontaktperson; kontaktpersonens namn,
/// koordinator och diarienummer ändras av kommunen eller projektledaren; `respondBy` och närvaron på informationsmötet av
/// projektledaren. En ny kontaktperson bjuds in och får rollen sökande; den som är utsedd att underteckna kommunens
/// avsiktsförklaring kan inte bli det. Projektledaren byter kontaktperson med `contact-decisions`.
///
/// The kommun changes the content until it has confirmed its interest, and who its contact is. The kommun or the programme
/// manager changes the contact's name, coordinator and registry number; the programme manager changes `respondBy` and the
/// attendance at the information meeting. A new contact is invited and gets the role applicant; a person who is named to
/// sign the kommun's letter cannot become the contact. The programme manager changes the contact with `contact-decisions`.
#[utoipa::path(
    tag = "applications",
    operation_id = "updateApplication",
    request_body = ApplicationPatch,
    security(("bearer" = ["application.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict"]))),
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
            let after = commands::change(tx, application.id, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// Decide who the contact is
///
/// Ett senare, bekräftat intresse från en annan adress kan betyda att den första kontaktpersonen inte företräder kommunen.
/// Projektledaren prövar det: `kept` låter kontaktpersonen vara kvar; `handedOver` lämnar över intresseanmälan till den
/// som anmälde senare, eller till någon annan, som bjuds in. Då upphör den förra kontaktpersonens roll som sökande, den nya
/// får den, och båda får veta det och skälet. Den som har bytt kontakt fattar inga fler beslut om anmälan den dagen.
///
/// A later, verified interest from another address may mean that the first contact does not act for the kommun. The
/// programme manager decides about it: with `kept` the contact stays; `handedOver` hands the application over to the contact
/// of the later interest, or to somebody else, who is invited. The role applicant of the earlier contact then ends, the new
/// contact gets it, and both are told, with the reason. Whoever changed the contact decides nothing more about the application
/// that day.
#[utoipa::path(
    tag = "applications",
    operation_id = "decideApplicationContact",
    request_body = NewContactDecision,
    security(("bearer" = ["application.decideContact"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict"]))),
    responses((status = 200, description = "The application with its contact", body = Application)),
)]
#[post("/applications/{applicationId}/contact-decisions")]
async fn decide_contact(
    InOrder((permit, application, body)): InOrder<(
        Permit<ApplicationDecideContact>,
        Found<ApplicationRow>,
        Body<NewContactDecision>,
    )>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    let answer = permit.write(move |tx| {
        let after = commands::decide_contact(tx, application.id, &new)?;
        tx.answer(after)
    });
    answer.await
}

/// The texts of its status changes in OpenAPI.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "applications",
    many: "applications",
    steps: Localized::fixed(
        "Projektledaren begär komplettering eller avvisar (med kommentar) och bjuder in till informationsmötet; \
         kommunen svarar efter mötet och kan ta tillbaka sin anmälan. En bekräftad med avsiktsförklaring i tid blir \
         genast `qualified`. Platserna ges när programmet blir `decided`; en reserv kan sedan få en ledig plats. \
         Får en annan än den bästa ersättaren den, anges varför i `publicReason`, som alla sökande kommuner läser; en kommentar \
         läses bara av dem som ser anmälan.",
        "The programme manager requests changes or rejects (both with a comment), or invites to the information \
         meeting. The kommun answers after the meeting and may withdraw its application. A confirmed application \
         whose letter came in time becomes `qualified` at once. The places are given when the programme becomes \
         `decided`; after that a reserve may get a free place. If another than the best replacement gets it, `publicReason` says \
         why, which all kommuner that applied read; a comment is read only by those who see the application.",
    ),
    problems: &[Code::DeadlinePassed, Code::NotEnoughPlaces],
    example: || json!({"to": "invited"}),
};

/// The operations on applications.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get).service(update).service(decide_contact);
    cfg.status_changes::<ApplicationRow, ApplicationRead, ApplicationChangeStatus>(&STATUS_CHANGES);
}
