//! `/month-submissions`: list, get, submit.

use actix_web::{get, post};
use serde_json::{Value, json};

use super::requests::NewSubmission;
use super::store::{self, SubmissionList, SubmissionRow};
use super::{MonthSubmission, rules};
use crate::identity::policy::{MonthSubmissionCreate, MonthSubmissionRead};
use crate::platform::auth::found::{IntoRepresentation, Show, seen};
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::ProgrammeRow;
use crate::programmes::settings;
use crate::team::{self, participants, participants::Team};
use crate::time::time_reports::{self, TimeReportRow};
use crate::time::{months, time_entries};

impl MonthSubmission {
    fn new(ctx: &Context, row: SubmissionRow) -> Self {
        let path = format!("/month-submissions/{}", row.id);
        let links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "timeReports", &format!("/time-reports?submissionId={}", row.id)),
        ];
        Self {
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommunkod: row.kommunkod,
            month: row.month,
            report_ids: row.report_ids.0,
            missing_participant_ids: row.missing_participant_ids.0,
            total_minutes: row.total_minutes,
            comment: row.comment,
            submitted_by: row.submitted_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let new = serde_json::from_value::<NewSubmission>(NewSubmission::example());
        let row = new.map(|new| row(&ctx, new, ctx.new_id(), &[ctx.new_id()], vec![ctx.new_id()], 720));
        row.map_or(Value::Null, |row| json!(Self::new(&ctx, row)))
    }
}

fn row(
    ctx: &Context,
    new: NewSubmission,
    submitted_by: Id,
    report_ids: &[Id],
    missing: Vec<Id>,
    total_minutes: i32,
) -> SubmissionRow {
    SubmissionRow {
        id: ctx.new_id(),
        programme_id: new.programme_id,
        organisation: new.organisation,
        kommunkod: new.kommunkod,
        month: new.month,
        report_ids: Json(report_ids.to_vec()),
        missing_participant_ids: Json(missing),
        total_minutes,
        comment: new.comment,
        submitted_by,
        created_at: ctx.now,
        updated_at: ctx.now,
        version: 1,
    }
}

impl IntoRepresentation for SubmissionRow {
    type As = MonthSubmission;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<MonthSubmission, Problem> {
        Ok(MonthSubmission::new(rx.ctx, self))
    }
}

/// List month submissions
///
/// Månadsinlämningar: koordinatorns i den egna kommunen, SKR:s och revisorns alla i programmet.
///
/// Month submissions: the coordinator's in the own kommun, SKR's and the auditor's all of the programme.
#[utoipa::path(
    tag = "time",
    operation_id = "listMonthSubmissions",
    params(SubmissionList),
    security(("bearer" = ["monthSubmission.read"])),
    responses((status = 200, description = "A page of month submissions", body = Listing<MonthSubmission>)),
)]
#[get("/month-submissions")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<MonthSubmissionRead>, SubmissionList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(MonthSubmission::new(rx.ctx, row)))
    });
    answer.await
}

/// Get a month submission
///
/// En inlämning med sina rapporter, och de som saknades när den gjordes. En rapport som har återsänts sedan dess står
/// kvar i listan; rapportens egen `submissionId` säger var den hör hemma nu.
///
/// A submission with its reports, and those who were missing when it was made. A report that has been returned since
/// stays in the list; the report's own `submissionId` tells where it belongs now.
#[utoipa::path(
    tag = "time",
    operation_id = "getMonthSubmission",
    params(("monthSubmissionId" = Id, Path, description = "Inlämningens id / the submission's id")),
    security(("bearer" = ["monthSubmission.read"])),
    responses((status = 200, description = "The month submission", body = MonthSubmission)),
)]
#[get("/month-submissions/{monthSubmissionId}")]
async fn get(
    InOrder((_permit, submission)): InOrder<(Permit<MonthSubmissionRead>, Show<SubmissionRow>)>,
) -> Answer {
    submission.into_answer()
}

/// Submit a month
///
/// Koordinatorn lämnar in kommunens månad, projektledaren projektägarens: alla attesterade rapporter (undertecknade, där
/// ingen attest krävs) blir `reported`. Svaret säger vilka som saknas; deras rapporter kommer med en senare inlämning.
/// Den som har förklarat månaden tom saknas inte. Tidigast på månadens sista dag: en inlämnad rapport tar inte emot mer tid.
///
/// The coordinator submits the kommun's month, the manager the owner's: every attested report (signed, where no attest
/// is asked for) becomes `reported`. The answer tells who is missing; their reports come with a later submission.
/// Somebody who has declared the month empty is not missing. On the month's last day at the earliest: a submitted report
/// takes no more time.
#[utoipa::path(
    tag = "time",
    operation_id = "createMonthSubmission",
    request_body = NewSubmission,
    security(("bearer" = ["monthSubmission.create"])),
    extensions(("x-problem-codes" = json!(["notFound", "notYours", "stateConflict", "nothingToSubmit"]))),
    responses((status = 201, description = "The new month submission", body = MonthSubmission)),
)]
#[post("/month-submissions")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<MonthSubmissionCreate>, Body<NewSubmission>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = submit(tx, new.clone())?;
            Answer::created(tx.ctx, &MonthSubmission::new(tx.ctx, row))
        })
        .await
}

fn submit(tx: &mut Tx<'_>, new: NewSubmission) -> Result<SubmissionRow, Problem> {
    seen::<ProgrammeRow>(tx, &new.programme_id)?;
    may_submit(tx.ctx, &new)?;
    if months::state_on(tx.db, new.programme_id, new.month)?.is_none() {
        let words =
            Localized::fixed("Månaden finns inte i programmet än.", "The programme has no such month yet.");
        return Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new(
            "/month",
            "unknownMonth",
            words,
        )]));
    }
    if !rules::is_submittable(new.month, tx.ctx.today()) {
        let last = new.month.last_day();
        let words = Localized::new(
            format!("Månaden har dagar kvar; den lämnas in tidigast på sin sista dag, {last}."),
            format!("The month has days to come; it is submitted on its last day, {last}, at the earliest."),
        );
        let fault = FieldError::new("/month", "notYet", words);
        return Err(Problem::new(Code::StateConflict).errors(vec![fault]));
    }
    let requires_attest =
        settings::on_day(tx.db, new.programme_id, new.month.last_day())?.content.0.requires_attest;
    let reports = team_reports(tx, &new)?;
    let ready: Vec<&TimeReportRow> =
        reports.iter().filter(|report| time_reports::is_ready(report.status, requires_attest)).collect();
    if ready.is_empty() {
        return Err(Problem::new(Code::NothingToSubmit));
    }
    let team = Team::of(new.kommunkod.as_deref());
    let active = participants::active_in_month(tx.db, new.programme_id, team, new.month)?;
    let active: Vec<Id> = active.iter().map(|participant| participant.id).collect();
    let missing = rules::missing(&active, &reports, requires_attest);
    let ids: Vec<Id> = ready.iter().map(|report| report.id).collect();
    let minutes =
        time_entries::sums(tx.db, ids.clone())?.values().map(|minutes| minutes.total()).sum::<i64>();
    let total_minutes = i32::try_from(minutes).map_err(Problem::internal)?;
    let by = tx.ctx.caller.person_id().ok_or_else(|| Problem::new(Code::Forbidden))?;
    let row = row(tx.ctx, new, by, &ids, missing, total_minutes);
    tx.insert(&row)?;
    for report in ready {
        time_reports::submit(tx, report, row.id)?;
    }
    Ok(row)
}

/// 403 for another kommun's month, or the owner's without being its manager.
fn may_submit(ctx: &Context, new: &NewSubmission) -> Result<(), Problem> {
    let keys = team::place(new.programme_id, new.organisation, new.kommunkod.as_deref());
    match ctx.scope.role_for(&keys) {
        Some(_) => Ok(()),
        None => Err(Problem::new(Code::NotYours).detail(
            "En kommuns månad lämnas in av dess koordinator, projektägarens av programmets projektledare.",
            "A kommun's month is submitted by its coordinator, the owner's by the programme's manager.",
        )),
    }
}

/// The newest reports of the team's month, locked by id, so that two submissions at once share nothing.
fn team_reports(tx: &mut Tx<'_>, new: &NewSubmission) -> Result<Vec<TimeReportRow>, Problem> {
    let mut reports = time_reports::newest_of_month(tx.db, new.programme_id, new.month)?;
    reports.retain(|report| report.organisation == new.organisation && report.kommunkod == new.kommunkod);
    reports.sort_by_key(|report| report.id);
    reports.into_iter().map(|report| TimeReportRow::locked(tx, report.id)).collect()
}

/// The operations on month submissions.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get);
}
