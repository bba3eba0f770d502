//! `/audit-events`: list, get, verify.

use actix_web::get;

use super::AuditEvent;
use super::rules::{holds, reached};
use super::store::{self, AuditEventList};
use super::verification::{AskedChains, AuditVerification};
use crate::identity::policy::AuditRead;
use crate::platform::audit::verification::{StoredEvent, verify};
use crate::platform::auth::found::Show;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// List audit events
///
/// Granskningsspåret: vem som gjorde vad, när, med värdena före och efter. Driften läser bara installationens kedja.
///
/// The audit trail: who did what and when, with the values before and after. The operator can only read the chain of the
/// installation.
#[utoipa::path(
    tag = "oversight",
    operation_id = "listAuditEvents",
    params(AuditEventList),
    security(("bearer" = ["auditEvent.read"])),
    responses((status = 200, description = "A page of events", body = Listing<AuditEvent>)),
)]
#[get("/audit-events")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<AuditRead>, AuditEventList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |row| AuditEvent::new(rx.ctx, row))
    });
    answer.await
}

/// Verify the audit trail
///
/// Prövar i en ögonblicksbild varje kedja som man får läsa: att ingen händelse saknas, är för mycket, har bytt plats eller
/// ändrats, att värden bara saknas där en gallring namnger händelsen, och att ingen kedja är kortare
/// än den senaste signerade kontrollpunkten säger (en om dagen, `checkpointAt`). Spara `headHash`: då syns också en svans
/// som har kapats efter den.
///
/// Verifies every chain that the caller may read, in one snapshot: that no event is missing, is one too many, was moved or
/// was changed, that values are missing only where an erasure names the event, and that no chain is
/// shorter than in the newest signed checkpoint (one a day, `checkpointAt`). Store `headHash` to detect events that are
/// removed from the end of a chain later.
#[utoipa::path(
    tag = "oversight",
    operation_id = "verifyAuditEvents",
    params(AskedChains),
    security(("bearer" = ["auditEvent.read"])),
    responses((status = 200, description = "A verdict on each chain", body = AuditVerification)),
)]
#[get("/audit-events/verification")]
async fn verification(
    InOrder((permit, asked)): InOrder<(Permit<AuditRead>, AskedChains)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let reached = reached(&rx.ctx.scope);
        let is_asked = |name: &str| {
            holds(&reached, name) && (asked.0.is_empty() || asked.0.iter().any(|one| one == name))
        };
        let (verdicts, checkpoint_at) = rx.snapshot(|rx| {
            let checkpoint = store::newest_checkpoint(rx)?;
            Ok((verify(rx, is_asked, checkpoint.as_ref())?, checkpoint.map(|checkpoint| checkpoint.at)))
        })?;
        Answer::json(&AuditVerification::of(rx.ctx, checkpoint_at, verdicts))
    });
    Ok(answer.await?.cached(NO_STORE).tagged())
}

/// Get an audit event
///
/// En händelse med värdena före och efter.
///
/// One event, with the values before and after.
#[utoipa::path(
    tag = "oversight",
    operation_id = "getAuditEvent",
    security(("bearer" = ["auditEvent.read"])),
    responses((status = 200, description = "The event", body = AuditEvent)),
)]
#[get("/audit-events/{auditEventId}")]
async fn get(InOrder((_permit, event)): InOrder<(Permit<AuditRead>, Show<StoredEvent>)>) -> Answer {
    event.into_answer()
}

/// The operations on the audit trail.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(verification).service(get);
}
