//! `/audit-events/checkpoints`: list, get.

use actix_web::get;

use super::Checkpoint;
use super::store::{self, CheckpointList};
use crate::identity::policy::AuditRead;
use crate::platform::audit::checkpoints::CheckpointRow;
use crate::platform::auth::found::Show;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// List the checkpoints of the audit trail
///
/// Kontrollpunkter att spara utanför systemet: numrerade, kedjade och signerade, en om dagen. Den som har sparat svaren kan
/// senare pröva databasen mot dem: `samverkan verify-audit --checkpoints FIL`.
///
/// Checkpoints to keep outside the system: numbered, chained and signed, one a day. Whoever has kept the answers can later hold
/// the database against them: `samverkan verify-audit --checkpoints FILE`.
#[utoipa::path(
    tag = "oversight",
    operation_id = "listAuditCheckpoints",
    params(CheckpointList),
    security(("bearer" = ["auditEvent.read"])),
    responses((status = 200, description = "A page of checkpoints", body = Listing<Checkpoint>)),
)]
#[get("/audit-events/checkpoints")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<AuditRead>, CheckpointList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Checkpoint::new(ctx, &row))
    });
    answer.await
}

/// Get a checkpoint of the audit trail
///
/// En kontrollpunkt med de kedjors huvuden som man får läsa.
///
/// One checkpoint, with the heads of the chains that the caller may read.
#[utoipa::path(
    tag = "oversight",
    operation_id = "getAuditCheckpoint",
    security(("bearer" = ["auditEvent.read"])),
    responses((status = 200, description = "The checkpoint", body = Checkpoint)),
)]
#[get("/audit-events/checkpoints/{checkpointId}")]
async fn get(InOrder((_permit, row)): InOrder<(Permit<AuditRead>, Show<CheckpointRow>)>) -> Answer {
    row.into_answer()
}

/// The operations on checkpoints.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get);
}
