//! `/audit-events`: list, get, verify.

use actix_web::get;
use serde_json::{Value, json};

use super::store::{self, AuditEventList};
use super::verification::{AskedChains, AuditVerification};
use super::{ActorKind, AuditEvent, newest_checkpoint};
use crate::identity::policy::AuditRead;
use crate::platform::audit::verification::{StoredEvent, verify};
use crate::platform::auth::found::{IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link, NO_STORE};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

impl AuditEvent {
    fn new(ctx: &Context, row: StoredEvent) -> Result<Self, Problem> {
        let links = vec![
            Link::to_self(ctx, &format!("/audit-events/{}", row.id)),
            Link::new(ctx, "GET", "sameResource", &format!("/audit-events?resourceId={}", row.resource_id)),
            Link::new(ctx, "GET", "verification", &format!("/audit-events/verification?chain={}", row.chain)),
        ];
        Ok(Self {
            id: row.id,
            chain: row.chain,
            programme_id: row.programme_id,
            kommunkod: row.kommunkod,
            sequence: row.sequence,
            at: row.at,
            actor_id: row.actor_id,
            actor_kind: row.actor_kind.parse::<ActorKind>().map_err(Problem::internal)?,
            actor_role: row.actor_role,
            action: row.action,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            before: values(row.before_values)?,
            after: values(row.after_values)?,
            salt: row.salt,
            values_hash: row.values_hash,
            request_id: row.request_id,
            previous_hash: row.previous_hash,
            hash: row.hash,
            created_at: row.at,
            updated_at: row.at,
            version: 1,
            links,
        })
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let programme_id = ctx.new_id();
        let row = StoredEvent {
            id: ctx.new_id(),
            chain: format!("programme:{programme_id}:kommun:2582"),
            programme_id: Some(programme_id),
            kommunkod: Some("2582".to_owned()),
            sequence: 17,
            at: ctx.now,
            actor_id: Some(ctx.new_id()),
            actor_kind: ActorKind::Person.as_str().to_owned(),
            actor_role: Some("processSupporter".to_owned()),
            action: "milestone.approved".to_owned(),
            resource_type: "milestone".to_owned(),
            resource_id: ctx.new_id().to_string(),
            before_values: Some(json!({"status": "submitted", "version": 3}).to_string()),
            after_values: Some(json!({"status": "approved", "version": 4}).to_string()),
            salt: Some("9f86d081884c7d659a2feaa0c55ad015".to_owned()),
            values_hash: sha256_hex("values"),
            request_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            previous_hash: sha256_hex("previous"),
            hash: sha256_hex("event"),
        };
        Self::new(&ctx, row).map_or(Value::Null, |event| json!(event))
    }
}

fn values(stored: Option<String>) -> Result<Option<Value>, Problem> {
    stored.map(|text| serde_json::from_str(&text).map_err(Problem::internal)).transpose()
}

impl IntoRepresentation for StoredEvent {
    type As = AuditEvent;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<AuditEvent, Problem> {
        AuditEvent::new(rx.ctx, self)
    }
}

/// List audit events
///
/// Granskningsspåret: vem som gjorde vad, när, med värdena före och efter. Driften läser bara installationens kedja.
///
/// The audit trail: who did what, when, with the values before and after. The operator reads the installation's chain
/// only.
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
/// Prövar varje kedja som man får läsa: att ingen händelse saknas, har bytt plats eller ändrats, och att ingen är kortare
/// än den senaste signerade kontrollpunkten säger (en om dagen, `checkpointAt`). Spara `headHash`: då syns också en svans
/// som har kapats efter den.
///
/// Checks every chain that one may read: that no event is missing, has moved or was changed, and that none is shorter than
/// the newest signed checkpoint says (one a day, `checkpointAt`). Keep `headHash`: then a tail that was cut after it shows
/// as well.
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
        let scope = std::sync::Arc::clone(&rx.ctx.scope);
        // Before the chains: what is appended meanwhile only makes them longer.
        let checkpoint = newest_checkpoint(rx)?;
        let names = store::chains(rx.db, &scope, &asked.0, checkpoint.as_ref())?;
        let verdicts = verify(rx, Some(&names), checkpoint.as_ref())?;
        Answer::json(&AuditVerification::of(rx.ctx, checkpoint.map(|checkpoint| checkpoint.at), verdicts))
    });
    Ok(answer.await?.cached(NO_STORE).tagged())
}

/// Get an audit event
///
/// En händelse med värdena före och efter.
///
/// One event with the values before and after.
#[utoipa::path(
    tag = "oversight",
    operation_id = "getAuditEvent",
    params(("auditEventId" = Id, Path, description = "Händelsens id / the event's id")),
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
