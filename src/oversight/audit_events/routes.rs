//! `/audit-events`: list, get, verify.

use actix_web::get;

use super::AuditEvent;
use super::rules::{holds, reached};
use super::store::{self, AuditEventList};
use super::verification::{Asked, AuditVerification};
use super::verifier::{self, Run};
use crate::identity::policy::AuditRead;
use crate::platform::audit::verification::StoredEvent;
use crate::platform::audit::verification::runs::{VerificationProgress, Verifier};
use crate::platform::auth::found::Show;
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::names::Names;
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
        let names = Names::of(rx, rows.rows.iter().filter_map(|row| row.actor_id))?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| AuditEvent::new(ctx, row, &names))
    });
    answer.await
}

/// Verify the audit trail
///
/// Prövar i en ögonblicksbild varje kedja som man får läsa: att ingen händelse saknas, är för mycket, har bytt plats eller
/// ändrats, att värden bara saknas där en gallring namnger händelsen, att ingen kedja är kortare än de signerade
/// kontrollpunkterna säger (en om dagen), att raderna själva är vad deras senaste händelse säger och att underskrifter gäller
/// det som står där. Nästa prövning fortsätter där den förra slutade, om inte `full` begärs. Spara `headHash` eller
/// kontrollpunkterna: då syns också en svans som har kapats efter dem.
///
/// Verifies every chain that the caller may read, in one snapshot: that no event is missing, is one too many, was moved or
/// was changed, that values are missing only where an erasure names the event, that no chain is shorter than the signed
/// checkpoints say (one a day), that the rows themselves are what their newest event says, and that signatures cover
/// what is there. The next verification continues where the last one ended, unless `full` is asked. Store `headHash` or the
/// checkpoints to detect events that are removed from the end of a chain later.
#[utoipa::path(
    tag = "oversight",
    operation_id = "verifyAuditEvents",
    params(Asked),
    security(("bearer" = ["auditEvent.read"])),
    extensions(("x-problem-codes" = json!(["verificationRunning"]))),
    responses((status = 200, description = "A verdict on each chain", body = AuditVerification)),
)]
#[get("/audit-events/verification")]
async fn verification(
    InOrder((permit, asked)): InOrder<(Permit<AuditRead>, Asked)>,
) -> Result<Answer, Problem> {
    let services = permit.services();
    let answer = permit.read(move |rx| {
        let reached = reached(&rx.ctx.scope);
        let run = Run {
            is_asked: &|name: &str| {
                holds(&reached, name)
                    && (asked.chains.is_empty() || asked.chains.iter().any(|one| one == name))
            },
            is_whole: asked.chains.is_empty(),
            is_full: asked.is_full,
            copies: Vec::new(),
            tell: &|_, _| (),
        };
        Answer::json(&verifier::run(&services, rx, &verifier_of(rx.ctx), run)?)
    });
    Ok(answer.await?.cached(NO_STORE).tagged())
}

/// The caller as a verifier.
fn verifier_of(ctx: &Context) -> Verifier {
    let caller = ctx.caller.subject.id().map(|id| id.to_string()).unwrap_or_default();
    Verifier { caller, reach: format!("{:?}", reached(&ctx.scope)) }
}

/// Get how far a verification is
///
/// Hur långt den egna prövningen av granskningsspåret har kommit.
///
/// How far the caller's own verification of the audit trail is.
#[utoipa::path(
    tag = "oversight",
    operation_id = "getAuditVerificationProgress",
    security(("bearer" = ["auditEvent.read"])),
    responses((status = 200, description = "Read, and to be read", body = VerificationProgress)),
)]
#[get("/audit-events/verification/progress")]
async fn progress(permit: Permit<AuditRead>) -> Result<Answer, Problem> {
    let answer = permit.read(|rx| Answer::json(&verifier_of(rx.ctx).progress(rx)?));
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
    cfg.service(list).service(verification).service(progress).service(get);
}
