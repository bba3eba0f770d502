//! `/programmes/{programmeId}/months`: list, get, and the economist's lock.

use actix_web::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::store::{self, MonthList};
use super::{MissingReport, MonthRow, MonthState, ProgrammeMonth, WORKFLOW, leavers, rules};
use crate::identity::policy::{MonthLock, MonthOverviewRead, MonthRead};
use crate::platform::auth::found::{Found, IntoRepresentation, Show, seen_by_id};
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::batch::{self, Batch, BatchResult};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::platform::workflow::http::{ChangeItem, ChangeRequest, StatusHistory};
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::platform::workflow::{self, Wanted};
use crate::programmes::programme::{self, ProgrammeRow};
use crate::time::time_reports;

/// Facts that locking a month takes.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = MonthChangeData::example)]
pub struct MonthChangeData {
    /// Whose report the lock does without, and why.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub missing: Vec<MissingReport>,
}

impl MonthChangeData {
    fn example() -> Value {
        let participant_id = Context::example().new_id();
        json!({"missing": [MissingReport { participant_id, reason: "Sjukskriven sedan den 4 mars.".to_owned() }]})
    }
}

type ChangeBody = ChangeRequest<MonthState, MonthChangeData>;
type ChangeBatch = Batch<ChangeItem<MonthState, MonthChangeData>>;

impl ProgrammeMonth {
    fn new(ctx: &Context, row: MonthRow) -> Self {
        let keys = programme::keys(row.programme_id);
        let path = format!("/programmes/{}/months/{}", row.programme_id, row.month);
        let mut links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "statusChanges", &format!("{path}/status-changes")),
        ];
        if ctx.may_in::<MonthOverviewRead>(row.programme_id) {
            links.push(Link::new(ctx, "GET", "overview", &format!("{path}/overview")));
        }
        Self {
            id: row.id,
            programme_id: row.programme_id,
            month: row.month,
            status: row.status,
            allowed_transitions: WORKFLOW.allowed(row.status, &ctx.roles_for::<MonthLock>(&keys)),
            grace_ends_at: row.grace_ends_at,
            missing: if ctx.may::<MonthOverviewRead>(&keys) { row.missing.0 } else { Vec::new() },
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let month = ctx.now.month();
        json!(Self::new(
            &ctx,
            MonthRow {
                id: ctx.new_id(),
                programme_id: ctx.new_id(),
                month,
                status: MonthState::Open,
                grace_ends_at: rules::grace_ends_at(month, 5),
                missing: Json(Vec::new()),
                created_at: ctx.now,
                updated_at: ctx.now,
                version: 1,
            }
        ))
    }
}

/// List a programme's months
///
/// De månader som har börjat, med tillstånd och till när de tar emot tid.
///
/// The months that have begun, with their state and until when they take time.
#[utoipa::path(
    tag = "months",
    operation_id = "listMonths",
    params(("programmeId" = Id, Path, description = "Programmets id / the programme's id"), MonthList),
    security(("bearer" = ["month.read"])),
    responses((status = 200, description = "A page of months", body = Listing<ProgrammeMonth>)),
)]
#[get("/programmes/{programmeId}/months")]
async fn list(
    InOrder((permit, programme, list)): InOrder<(Permit<MonthRead>, Found<ProgrammeRow>, MonthList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::within(programme.id))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(ProgrammeMonth::new(rx.ctx, row)))
    });
    answer.await
}

/// Get a month
///
/// En månad. Vilka låsningen gick utan (`missing`) visas för SKR och revisorn.
///
/// One month. Whom the lock did without (`missing`) is shown to SKR and the auditor.
#[utoipa::path(
    tag = "months",
    operation_id = "getMonth",
    params(
        ("programmeId" = Id, Path, description = "Programmets id / the programme's id"),
        ("month" = Month, Path, description = "Månaden, YYYY-MM / the month, YYYY-MM"),
    ),
    security(("bearer" = ["month.read"])),
    responses((status = 200, description = "The month", body = ProgrammeMonth)),
)]
#[get("/programmes/{programmeId}/months/{month}")]
async fn get(
    InOrder((_permit, _programme, month)): InOrder<(Permit<MonthRead>, Found<ProgrammeRow>, Show<MonthRow>)>,
) -> Answer {
    month.into_answer()
}

/// List a month's status changes
///
/// Alla byten av tillstånd, det första först.
///
/// Every change of state, the first first.
#[utoipa::path(
    tag = "months",
    operation_id = "listMonthStatusChanges",
    params(
        ("programmeId" = Id, Path, description = "Programmets id / the programme's id"),
        ("month" = Month, Path, description = "Månaden, YYYY-MM / the month, YYYY-MM"),
    ),
    security(("bearer" = ["month.read"])),
    responses((status = 200, description = "The history", body = StatusHistory)),
)]
#[get("/programmes/{programmeId}/months/{month}/status-changes")]
async fn history(
    InOrder((permit, _programme, month)): InOrder<(Permit<MonthRead>, Found<ProgrammeRow>, Found<MonthRow>)>,
) -> Result<Answer, Problem> {
    permit
        .read(move |rx| {
            let changes = workflow::history(rx, month.id)?;
            Ok(Answer::json(&StatusHistory::new(rx.ctx, &[], changes))?.tagged())
        })
        .await
}

/// Lock a month
///
/// Ekonomen låser en stängd månad när varje rapport är godkänd, tom eller ej undertecknad, eller står i `data.missing` med
/// skäl. De godkända rapporterna blir låsta, och rollen för dem som slutade den månaden upphör. Övriga steg tar klockan.
///
/// The economist locks a closed month when every report is approved, empty or unsigned, or listed in `data.missing` with
/// a reason. The approved reports become locked, and the role of those who left in that month ends. The clock takes the
/// other steps.
#[utoipa::path(
    tag = "months",
    operation_id = "changeMonthStatus",
    params(
        ("programmeId" = Id, Path, description = "Programmets id / the programme's id"),
        ("month" = Month, Path, description = "Månaden, YYYY-MM / the month, YYYY-MM"),
    ),
    request_body(content = ChangeBody, example = json!({"to": "locked"})),
    security(("bearer" = ["month.lock"])),
    extensions(("x-problem-codes" = json!(["notYours", "transitionNotAllowed", "stateConflict"]))),
    responses((status = 200, description = "The month in its new state", body = ProgrammeMonth)),
)]
#[post("/programmes/{programmeId}/months/{month}/status-changes")]
async fn change(
    InOrder((permit, _programme, month, body)): InOrder<(
        Permit<MonthLock>,
        Found<ProgrammeRow>,
        Found<MonthRow>,
        Body<ChangeBody>,
    )>,
) -> Result<Answer, Problem> {
    let wanted = Wanted::from(body.into_inner());
    permit
        .write(move |tx| {
            let after = MonthRow::change_status(tx, &month, &wanted)?;
            Answer::one(&ProgrammeMonth::new(tx.ctx, after))
        })
        .await
}

/// Lock many months
///
/// Flera byten i ett anrop, vart och ett för sig eller alla tillsammans (`atomic`); `dryRun` provar bara.
///
/// Several changes in one request, each alone or all together (`atomic`); `dryRun` only tries.
#[utoipa::path(
    tag = "months",
    operation_id = "changeMonthStatusBatch",
    params(("programmeId" = Id, Path, description = "Programmets id / the programme's id")),
    request_body(content = ChangeBatch, example = json!({"atomic": true, "items": [{"id": "0175a2e1-7c00-7000-8000-000000000001", "to": "locked"}]})),
    security(("bearer" = ["month.lock"])),
    responses((status = 200, description = "One result per item", body = BatchResult)),
)]
#[post("/programmes/{programmeId}/months/status-changes/batch")]
async fn change_batch(
    InOrder((permit, programme, body)): InOrder<(Permit<MonthLock>, Found<ProgrammeRow>, Body<ChangeBatch>)>,
) -> Result<Answer, Problem> {
    let items = body.into_inner();
    permit
        .write(move |tx| {
            let result = batch::run(tx, &items, |tx, item| {
                let month: MonthRow = seen_by_id(tx, item.id)?;
                if month.programme_id != programme.id {
                    return Err(Problem::not_found());
                }
                Ok((200, MonthRow::change_status(tx, &month, &Wanted::from(item))?.id))
            })?;
            Answer::json(&result)
        })
        .await
}

impl IntoRepresentation for MonthRow {
    type As = ProgrammeMonth;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<ProgrammeMonth, Problem> {
        Ok(ProgrammeMonth::new(rx.ctx, self))
    }
}

impl ChangeStatus for MonthRow {
    type Data = MonthChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<MonthState, MonthChangeData>,
    ) -> Result<Self, Problem> {
        // Reports are locked before the month, as everybody does who needs both (see `acceptance`).
        let reports = time_reports::locked_of_month(tx, seen.programme_id, seen.month)?;
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            let missing = step.data.map(|data| data.missing.clone()).unwrap_or_default();
            time_reports::lock_month(tx, before.programme_id, before.month, &reports, &missing)?;
            Ok(Self { missing: Json(missing), ..before.clone() })
        })?;
        leavers::end_roles(tx, seen.programme_id, seen.month)?;
        Ok(changed.after)
    }
}

/// The operations on months.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(change_batch).service(get).service(history).service(change);
}
