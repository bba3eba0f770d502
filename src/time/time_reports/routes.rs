//! `/time-reports`: list, get, and the changes of state.

use actix_web::{get, post};

use super::requests::{ChangeBatch, ChangeBody, TimeReportChangeData};
use super::store::{self, TimeReportList, TimeReportRow};
use super::view::Related;
use super::{TimeReport, keys, steps};
use crate::identity::policy::{TimeReportChangeStatus, TimeReportRead};
use crate::platform::auth::action::{Action as _, ActionRow};
use crate::platform::auth::found::{Found, IntoRepresentation, Resource, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scope::{AuthzKeys, Scope};
use crate::platform::http::answer::Answer;
use crate::platform::http::batch::BatchResult;
use crate::platform::http::body::Body;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::platform::workflow::http::StatusHistory;
use crate::platform::workflow::status_changes::{self, ChangeStatus};

impl Resource for TimeReportRow {
    type Key = Id;
    const PARAMETER: &'static str = "timeReportId";
    const READ: &'static ActionRow = TimeReportRead::ROW;

    fn find(rx: &mut Rx<'_>, scope: &Scope, key: &Id) -> Result<Option<Self>, Problem> {
        store::find(rx.db, scope, *key)
    }

    fn keys(&self) -> AuthzKeys {
        keys(self)
    }
}

impl IntoRepresentation for TimeReportRow {
    type As = TimeReport;

    fn shown(self, rx: &mut Rx<'_>) -> Result<TimeReport, Problem> {
        TimeReport::one(rx, self)
    }
}

impl ChangeStatus for TimeReportRow {
    type Data = TimeReportChangeData;

    fn step(
        tx: &mut Tx<'_>,
        seen: &Self,
        version: Option<i32>,
        wanted: &ChangeBody,
    ) -> Result<Self, Problem> {
        steps::change_one(tx, seen.id, version, wanted)
    }
}

/// List time reports
///
/// Tidrapporter: en medarbetares egna, koordinatorns i den egna kommunen, attestantens kollegers från och med `signed`,
/// SKR:s och revisorns alla i programmet. `contentSha256` visas här för undertecknade rapporter.
///
/// Time reports: a participant's own, the coordinator's in the own kommun, the attester's colleagues' from `signed` on,
/// SKR's and the auditor's all of the programme. `contentSha256` is shown here for signed reports.
#[utoipa::path(
    tag = "time",
    operation_id = "listTimeReports",
    params(TimeReportList),
    security(("bearer" = ["timeReport.read"])),
    responses((status = 200, description = "A page of time reports", body = Listing<TimeReport>)),
)]
#[get("/time-reports")]
async fn list(permit: Permit<TimeReportRead>, list: TimeReportList) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |row| TimeReport::shown(rx.ctx, row, &related))
    });
    answer.await
}

/// Get a time report
///
/// En tidrapport med summor per tidsslag, underskrifter och den försäkran som gäller. För en rapport som kan ändras är
/// `contentSha256` summan av det som skulle undertecknas nu.
///
/// A time report with its minutes by kind, its signatures and the declaration that holds. Of a report that can be
/// changed, `contentSha256` is the sum of what would be signed now.
#[utoipa::path(
    tag = "time",
    operation_id = "getTimeReport",
    params(("timeReportId" = Id, Path, description = "Tidrapportens id / the time report's id")),
    security(("bearer" = ["timeReport.read"])),
    responses((status = 200, description = "The time report", body = TimeReport)),
)]
#[get("/time-reports/{timeReportId}")]
async fn get(_permit: Permit<TimeReportRead>, report: Show<TimeReportRow>) -> Answer {
    report.into_answer()
}

/// List a time report's status changes
///
/// Alla byten av tillstånd, det första först: vem, när, i vilken roll och med vilken kommentar.
///
/// Every change of state, the first first: who, when, in which role and with which comment.
#[utoipa::path(
    tag = "time",
    operation_id = "listTimeReportStatusChanges",
    params(("timeReportId" = Id, Path, description = "Tidrapportens id / the time report's id")),
    security(("bearer" = ["timeReport.read"])),
    responses((status = 200, description = "The history", body = StatusHistory)),
)]
#[get("/time-reports/{timeReportId}/status-changes")]
async fn history(permit: Permit<TimeReportRead>, report: Found<TimeReportRow>) -> Result<Answer, Problem> {
    status_changes::list(permit, report).await
}

/// Change a time report's status
///
/// Personen undertecknar (`signed`), återtar (`open`) eller förklarar månaden tom (`empty`). En annan person hos
/// arbetsgivaren attesterar (`attested`; kommentar krävs för tid på helg) eller återsänder (`returned`, med kommentar).
/// Ekonomen godkänner (`approved`) eller återsänder. Koordinatorn lämnar rapporten för den som har slutat utan
/// underskrift (`unsigned`) eller registrerar ett blad som personen har undertecknat för hand (`signed` med
/// `data.signedOn`). Ingen attesterar eller godkänner eget arbete, och den som har attesterat godkänner inte.
///
/// The person signs (`signed`), recalls (`open`) or declares the month empty (`empty`). Another person at the employer
/// attests (`attested`; time on a weekend or holiday needs a comment) or returns (`returned`, with a comment). The
/// economist approves (`approved`) or returns. The coordinator leaves the report of somebody who has left `unsigned`, or
/// registers a sheet that the person signed by hand (`signed` with `data.signedOn`). Nobody attests or approves their
/// own work, and whoever attested does not approve.
#[utoipa::path(
    tag = "time",
    operation_id = "changeTimeReportStatus",
    params(("timeReportId" = Id, Path, description = "Tidrapportens id / the time report's id")),
    request_body(content = ChangeBody, example = json!({"to": "signed", "data": {"statementVersion": "1"}})),
    security(("bearer" = ["timeReport.changeStatus"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "transitionNotAllowed", "stateConflict", "textChanged", "monthClosed", "entriesIncomplete"]))),
    responses((status = 200, description = "The time report in its new state", body = TimeReport)),
)]
#[post("/time-reports/{timeReportId}/status-changes")]
async fn change(
    permit: Permit<TimeReportChangeStatus>,
    report: Found<TimeReportRow>,
    body: Body<ChangeBody>,
) -> Result<Answer, Problem> {
    status_changes::change(permit, report, body).await
}

/// Change the status of many time reports
///
/// Attesterar eller godkänner många rapporter i ett anrop, var och en för sig eller alla tillsammans (`atomic`);
/// `dryRun` provar bara.
///
/// Attests or approves many reports in one request, each alone or all together (`atomic`); `dryRun` only tries.
#[utoipa::path(
    tag = "time",
    operation_id = "changeTimeReportStatusBatch",
    request_body(content = ChangeBatch, example = json!({"atomic": false, "items": [{"id": "0175a2e1-7c00-7000-8000-000000000001", "version": 2, "to": "attested"}]})),
    security(("bearer" = ["timeReport.changeStatus"])),
    responses((status = 200, description = "One result per item", body = BatchResult)),
)]
#[post("/time-reports/status-changes/batch")]
async fn change_batch(
    permit: Permit<TimeReportChangeStatus>,
    body: Body<ChangeBatch>,
) -> Result<Answer, Problem> {
    status_changes::change_many::<_, TimeReportRow>(permit, body).await
}

/// The operations on time reports.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(change_batch).service(get).service(history).service(change);
}
