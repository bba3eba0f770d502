//! `/milestones`: list, get, change, and the changes of state.

use actix_web::{get, patch};
use serde_json::json;

use super::requests::MilestonePatch;
use super::store::{self, MilestoneList, MilestoneRow};
use super::view::Related;
use super::{Milestone, commands};
use crate::identity::policy::{MilestoneChangeStatus, MilestoneRead, MilestoneUpdate};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;

/// List milestones
///
/// Kommunernas milstolpar. De försenade är `status=planned&status=inProgress&status=returned` med `dueOnTo` igår.
///
/// The milestones of the kommuner. To find the late ones, filter by `status=planned&status=inProgress&status=returned` and
/// `dueOnTo` of yesterday.
#[utoipa::path(
    tag = "goals",
    operation_id = "listMilestones",
    params(MilestoneList),
    security(("bearer" = ["milestone.read"])),
    responses((status = 200, description = "A page of milestones", body = Listing<Milestone>)),
)]
#[get("/milestones")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<MilestoneRead>, MilestoneList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(Milestone::new(ctx, row, &related)))
    });
    answer.await
}

/// Get a milestone
///
/// En milstolpe med sitt underlag. `warnings` nämner tidigare steg som saknas.
///
/// A milestone with its evidence. `warnings` names earlier steps that are missing.
#[utoipa::path(
    tag = "goals",
    operation_id = "getMilestone",
    security(("bearer" = ["milestone.read"])),
    responses((status = 200, description = "The milestone", body = Milestone)),
)]
#[get("/milestones/{milestoneId}")]
async fn get(InOrder((_permit, milestone)): InOrder<(Permit<MilestoneRead>, Show<MilestoneRow>)>) -> Answer {
    milestone.into_answer()
}

/// Change a milestone
///
/// Medan milstolpen inte är inlämnad: koordinatorn anger underlaget (beslut, beskrivning, förvaltningar, parter, hur
/// medarbetarna involverats), projektledaren flyttar sista dagen.
///
/// While the milestone is not submitted, the coordinator enters the evidence (decision, description, departments,
/// partners, how the staff were involved) and the programme manager moves the due date.
#[utoipa::path(
    tag = "goals",
    operation_id = "updateMilestone",
    request_body = MilestonePatch,
    security(("bearer" = ["milestone.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict"]))),
    responses((status = 200, description = "The changed milestone", body = Milestone)),
)]
#[patch("/milestones/{milestoneId}")]
async fn update(
    InOrder((permit, milestone, body)): InOrder<(
        Permit<MilestoneUpdate>,
        Found<MilestoneRow>,
        Body<MilestonePatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| commands::change(tx, milestone.id, patch.clone()).and_then(|after| tx.answer(after)))
        .await
}

/// The texts of its status changes in OpenAPI.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "goals",
    many: "milestones",
    steps: Localized::fixed(
        "Koordinatorn börjar (`inProgress`) och lämnar in (`submitted`): då ska underlaget vara fullständigt, och en \
         sen inlämning kräver `latenessJustification`. Processtödjaren eller projektledaren godkänner (`approved`) \
         eller lämnar åter (`returned`), aldrig den som lämnade in eller är koordinator i kommunen. Projektledaren \
         godtar att steget inte är aktuellt (`notApplicable`) och öppnar ett avgjort steg igen (`inProgress`).",
        "The coordinator begins (`inProgress`) and submits (`submitted`). A submission needs complete evidence; a \
         late submission also needs `latenessJustification`. The process supporter or the programme manager approves \
         (`approved`) or returns (`returned`), but not a step that they submitted or that belongs to a kommun which \
         they coordinate. The manager decides that a step does not apply (`notApplicable`) and reopens a step that is \
         approved or not applicable (`inProgress`).",
    ),
    problems: &[],
    example: || json!({"to": "submitted", "data": {"decision": {"body": "Kommunstyrelsen", "decidedOn": "2021-11-29", "paragraph": "§ 214", "registryNumber": "KS 2021/0457"}}}),
};

/// The operations on milestones.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get).service(update);
    cfg.status_changes::<MilestoneRow, MilestoneRead, MilestoneChangeStatus>(&STATUS_CHANGES);
}
