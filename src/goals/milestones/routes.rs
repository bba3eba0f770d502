//! `/milestones`: list, get, change, and the changes of state.

use actix_web::{get, patch};
use serde_json::{Value, json};

use super::requests::MilestonePatch;
use super::rules::{self, WORKFLOW};
use super::store::{self, ChainStep, MilestoneList, MilestoneRow};
use super::{Evidence, Milestone, MilestoneState, UNSUBMITTED, commands};
use crate::goals::milestone_templates::MilestoneKind;
use crate::identity::policy::{MilestoneChangeStatus, MilestoneRead, MilestoneUpdate};
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::codes::Codes as _;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::platform::workflow::status_changes::StatusChangeDocs;
use crate::programmes::programme::{Decision, Warning};

impl Milestone {
    fn new(rx: &mut Rx<'_>, row: MilestoneRow) -> Result<Self, Problem> {
        let chain = store::chains_of(rx, std::slice::from_ref(&row))?;
        Ok(Self::shown(rx.ctx, row, &chain))
    }

    /// `chain`: the steps of the kommun's chain, perhaps among others'.
    fn shown(ctx: &Context, row: MilestoneRow, chain: &[ChainStep]) -> Self {
        let keys = row.keys();
        let roles = ctx.roles_for::<MilestoneChangeStatus>(&keys);
        let mut allowed_transitions = WORKFLOW.allowed(row.status, &roles);
        allowed_transitions.retain(|step| {
            MilestoneState::from_code(&step.to)
                .is_some_and(|to| rules::refuse_own_work(&row, to, ctx.caller.id(), &roles).is_ok())
        });
        let links = links(ctx, &row);
        let warnings = warnings(ctx, &row, chain);
        let Json(Evidence { description, departments, partners, staff_involvement }) = row.evidence;
        Self {
            id: row.id,
            programme_id: row.programme_id,
            kommunkod: row.kommunkod,
            kind: row.kind,
            position: row.position,
            status: row.status,
            allowed_transitions,
            due_on: row.due_on,
            is_late: rules::is_late(row.status, row.due_on, ctx.today()),
            lateness_justification: row.lateness_justification,
            decision: row.decision.map(|decision| decision.0),
            description,
            departments,
            partners,
            staff_involvement,
            document_version_ids: row.document_version_ids.0,
            reason: row.reason,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by,
            warnings,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let decision = serde_json::from_value::<Decision>(Decision::example()).ok();
        let row = MilestoneRow {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            kommunkod: "2582".to_owned(),
            kind: MilestoneKind::PolicyDocument,
            position: 4,
            status: MilestoneState::InProgress,
            due_on: ctx.today().plus_months(14),
            submitted_at: None,
            submitted_by: None,
            lateness_justification: None,
            decision: decision.map(Json),
            evidence: Json(Evidence::default()),
            document_version_ids: Json(Vec::new()),
            reason: None,
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 2,
        };
        json!(Self::shown(&ctx, row, &[]))
    }
}

fn warnings(ctx: &Context, row: &MilestoneRow, chain: &[ChainStep]) -> Vec<Warning> {
    let missing = rules::missing_before(row, chain);
    if missing.is_empty() {
        return Vec::new();
    }
    let detail = rules::predecessor_words(&missing).get(ctx.language()).to_owned();
    vec![Warning { code: "predecessorMissing".to_owned(), detail }]
}

fn links(ctx: &Context, row: &MilestoneRow) -> Vec<Link> {
    let path = format!("/milestones/{}", row.id);
    let template = format!("/milestone-templates?programmeId={}&kind={}", row.programme_id, row.kind);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "statusChanges", &format!("{path}/status-changes")),
        Link::new(ctx, "GET", "template", &template),
    ];
    if UNSUBMITTED.contains(&row.status) && ctx.may::<MilestoneUpdate>(&row.keys()) {
        links.push(Link::new(ctx, "PATCH", "update", &path));
    }
    if ctx.may::<MilestoneChangeStatus>(&row.keys()) {
        links.push(Link::new(ctx, "POST", "changeStatus", &format!("{path}/status-changes")));
    }
    links
}

impl IntoRepresentation for MilestoneRow {
    type As = Milestone;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Milestone, Problem> {
        Milestone::new(rx, self)
    }
}

/// List milestones
///
/// Kommunernas milstolpar. De försenade är `status=planned&status=inProgress&status=returned` med `dueOnTo` igår.
///
/// The kommuner's milestones. The late ones are `status=planned&status=inProgress&status=returned` with `dueOnTo`
/// yesterday.
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
        let chains = store::chains_of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(Milestone::shown(rx.ctx, row, &chains)))
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
    params(("milestoneId" = Id, Path, description = "Milstolpens id / the milestone's id")),
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
/// While the milestone is not submitted: the coordinator enters the evidence (decision, description, departments,
/// partners, how the staff were involved), the programme manager moves the last day.
#[utoipa::path(
    tag = "goals",
    operation_id = "updateMilestone",
    params(("milestoneId" = Id, Path, description = "Milstolpens id / the milestone's id")),
    request_body = MilestonePatch,
    security(("bearer" = ["milestone.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "stateConflict"]))),
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
        .write(move |tx| {
            let after = commands::change(tx, milestone.id, patch.clone())?;
            Answer::one(&Milestone::new(&mut tx.as_read(), after)?)
        })
        .await
}

/// Its steps, as OpenAPI tells of them.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "goals",
    many: "milestones",
    steps: Localized::fixed(
        "Koordinatorn börjar (`inProgress`) och lämnar in (`submitted`): då ska underlaget vara fullständigt, och en sen inlämning kräver `latenessJustification`. Processtödjaren eller projektledaren godkänner (`approved`) eller lämnar åter (`returned`), aldrig den som lämnade in eller är koordinator i kommunen. Projektledaren godtar att steget inte är aktuellt (`notApplicable`) och öppnar ett avgjort steg igen (`inProgress`).",
        "The coordinator begins (`inProgress`) and submits (`submitted`): then the evidence must be complete, and a late submission needs `latenessJustification`. The process supporter or the programme manager approves (`approved`) or returns (`returned`), never who submitted or is a coordinator of the kommun. The manager agrees that the step does not apply (`notApplicable`) and opens a settled step again (`inProgress`).",
    ),
    problems: &[Code::OwnWork],
    example: || json!({"to": "submitted", "data": {"decision": {"body": "Kommunstyrelsen", "decidedOn": "2021-11-29", "paragraph": "§ 214", "registryNumber": "KS 2021/0457"}}}),
};

/// The operations on milestones.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get).service(update);
    cfg.status_changes::<MilestoneRow, MilestoneRead, MilestoneChangeStatus>(&STATUS_CHANGES);
}
