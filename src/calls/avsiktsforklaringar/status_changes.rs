//! `/avsiktsforklaringar/{id}/status-changes`: sending, returning, declining, revoking a letter, and registering one on
//! paper.

use actix_web::{get, post};

use super::requests::{ChangeBatch, ChangeBody, LetterChangeData};
use super::rules::WORKFLOW;
use super::store::LetterRow;
use super::{Avsiktsforklaring, LetterState, steps, writing};
use crate::identity::policy::{LetterChangeStatus, LetterRead};
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::batch::BatchResult;
use crate::platform::http::body::Body;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::platform::workflow;
use crate::platform::workflow::http::StatusHistory;
use crate::platform::workflow::status_changes::{self, ChangeStatus};
use crate::programmes::programme::ProgrammeRow;

impl ChangeStatus for LetterRow {
    type Data = LetterChangeData;

    fn step(
        tx: &mut Tx<'_>,
        seen: &Self,
        version: Option<i32>,
        wanted: &ChangeBody,
    ) -> Result<Self, Problem> {
        if wanted.to == LetterState::Received {
            // Its receipt may take a place: the programme is locked before the application, as everywhere.
            ProgrammeRow::locked(tx, seen.programme_id)?;
        }
        let application = writing::locked_application(tx, seen.id)?;
        let before = Self::locked(tx, seen.id)?;
        let roles = tx.ctx.scope.roles_for(&before.keys());
        let comment = wanted.comment.as_deref();
        let requested = WORKFLOW.requested(before.status, wanted.to, &roles, comment);
        let (transition, role) = tx.ctx.item_in_order(version, before.version, requested)?;
        let after = steps::prepared(tx, &before, &application, wanted)?;
        let after = workflow::apply(tx, transition, &before, after, role, comment)?;
        steps::follow(tx, &before, &after, &application, wanted)?;
        Ok(after)
    }
}

/// List a letter's status changes
///
/// Alla byten av tillstånd, det första först.
///
/// Every change of state, the first first.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "listAvsiktsforklaringStatusChanges",
    params(("avsiktsforklaringId" = Id, Path, description = "Avsiktsförklaringens id / the letter's id")),
    security(("bearer" = ["avsiktsforklaring.read"])),
    responses((status = 200, description = "The history", body = StatusHistory)),
)]
#[get("/avsiktsforklaringar/{avsiktsforklaringId}/status-changes")]
async fn history(permit: Permit<LetterRead>, letter: Found<LetterRow>) -> Result<Answer, Problem> {
    status_changes::list(permit, letter).await
}

/// Change a letter's status
///
/// Den som ansöker skickar (`sentForSignature`, bjuder in båda undertecknarna), tar tillbaka en mottagen (`revoked`) och
/// öppnar en återsänd eller avböjd igen (`draft`). En undertecknare avböjer (`declined`, med kommentar). Projektledaren
/// återsänder (`returned`, med kommentar) och registrerar papper (`received`, med `data`; kom det för sent krävs en
/// kommentar). Underskrifter och klockan gör resten.
///
/// The applicant sends it (`sentForSignature`, invites both signers), takes a received one back (`revoked`) and opens a
/// returned or declined one again (`draft`). A signer declines (`declined`, with a comment). The programme manager returns
/// it (`returned`, with a comment) and registers paper (`received`, with `data`; a comment when it came too late).
/// Signatures and the clock do the rest.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "changeAvsiktsforklaringStatus",
    params(("avsiktsforklaringId" = Id, Path, description = "Avsiktsförklaringens id / the letter's id")),
    request_body(content = ChangeBody, example = json!(LetterChangeData::request_example())),
    security(("bearer" = ["avsiktsforklaring.changeStatus"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "transitionNotAllowed", "stateConflict", "deadlinePassed"]))),
    responses((status = 200, description = "The letter in its new state", body = Avsiktsforklaring)),
)]
#[post("/avsiktsforklaringar/{avsiktsforklaringId}/status-changes")]
async fn change(
    permit: Permit<LetterChangeStatus>,
    letter: Found<LetterRow>,
    body: Body<ChangeBody>,
) -> Result<Answer, Problem> {
    status_changes::change(permit, letter, body).await
}

/// Change the status of many letters
///
/// Flera byten i ett anrop, vart och ett för sig eller alla tillsammans (`atomic`); `dryRun` provar bara.
///
/// Several changes in one request, each alone or all together (`atomic`); `dryRun` only tries.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "changeAvsiktsforklaringStatusBatch",
    request_body(content = ChangeBatch, example = json!({"atomic": true, "items": [{"id": "0175a2e1-7c00-7000-8000-000000000001", "to": "returned", "comment": "Titeln saknas."}]})),
    security(("bearer" = ["avsiktsforklaring.changeStatus"])),
    responses((status = 200, description = "One result per item", body = BatchResult)),
)]
#[post("/avsiktsforklaringar/status-changes/batch")]
async fn change_batch(
    permit: Permit<LetterChangeStatus>,
    body: Body<ChangeBatch>,
) -> Result<Answer, Problem> {
    status_changes::change_many::<_, LetterRow>(permit, body).await
}

/// The operations on a letter's states.
pub fn routes(cfg: &mut Operations) {
    cfg.service(change_batch).service(history).service(change);
}
