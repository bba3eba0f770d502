//! `/time-reports`: list, get, and the changes of state.

use actix_web::get;
use serde_json::json;

use super::TimeReport;
use super::store::{self, TimeReportList, TimeReportRow};
use super::view::Related;
use crate::identity::policy::{TimeReportChangeStatus, TimeReportRead};
use crate::platform::auth::found::Show;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::sha256_hex;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;

/// List time reports
///
/// Tidrapporter: en medarbetares egna, koordinatorns i den egna kommunen, attestantens kollegers från och med `signed`,
/// SKR:s och revisorns alla i programmet. `contentSha256` visas här för undertecknade rapporter.
///
/// A participant sees their own reports, a coordinator those of their own kommun, an attester those of colleagues from `signed`
/// onwards, SKR and the auditor all of the programme. `contentSha256` is shown here for signed reports.
#[utoipa::path(
    tag = "time",
    operation_id = "listTimeReports",
    params(TimeReportList),
    security(("bearer" = ["timeReport.read"])),
    responses((status = 200, description = "A page of time reports", body = Listing<TimeReport>)),
)]
#[get("/time-reports")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<TimeReportRead>, TimeReportList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| TimeReport::shown(ctx, row, &related))
    });
    answer.await
}

/// Get a time report
///
/// En tidrapport med summor per tidsslag, underskrifter och den försäkran som gäller. För en rapport som kan ändras är
/// `contentSha256` summan av det som skulle undertecknas nu.
///
/// A time report with its minutes by kind, its signatures and the valid declaration. For a report that can be changed,
/// `contentSha256` is the hash of what would be signed now.
#[utoipa::path(
    tag = "time",
    operation_id = "getTimeReport",
    security(("bearer" = ["timeReport.read"])),
    responses((status = 200, description = "The time report", body = TimeReport)),
)]
#[get("/time-reports/{timeReportId}")]
async fn get(InOrder((_permit, report)): InOrder<(Permit<TimeReportRead>, Show<TimeReportRow>)>) -> Answer {
    report.into_answer()
}

/// The OpenAPI description of the status changes.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "time",
    many: "time reports",
    steps: Localized::fixed(
        "Personen undertecknar (`signed`), återtar (`open`) eller förklarar månaden tom (`empty`). En annan person \
         hos arbetsgivaren attesterar (`attested`; kommentar krävs för tid på helg) eller återsänder (`returned`, \
         med kommentar). Ekonomen godkänner (`approved`) eller återsänder. Koordinatorn lämnar rapporten för den som \
         har slutat utan underskrift (`unsigned`) eller registrerar ett blad som personen har undertecknat för hand \
         (`signed` med `data.signedOn` och `data.checkedBy`). Alla skriver under det de har sett: `signed` kräver `data.sha256`, \
         attest och godkännande `data.sha256`, `version` eller `If-Match` (annars 428). Ingen attesterar eller godkänner eget arbete, och den som har attesterat \
         godkänner inte.",
        "The person signs (`signed`), recalls (`open`) or declares the month empty (`empty`). Another person at the \
         employer attests (`attested`; time on a weekend or holiday needs a comment) or returns (`returned`, with a \
         comment). The economist approves (`approved`) or returns. The coordinator leaves the report of somebody who \
         has left `unsigned`, or registers a sheet that the person signed by hand (`signed` with `data.signedOn` and \
         `data.checkedBy`). Everyone signs what they saw: `signed` needs `data.sha256`, attest and approval `data.sha256`, \
         `version` or `If-Match` (otherwise 428). \
         Nobody attests or approves their own work, and a person who attested a report does not approve it.",
    ),
    problems: &[Code::PreconditionRequired, Code::TextChanged, Code::MonthClosed, Code::EntriesIncomplete],
    example: || json!({"to": "signed", "data": {"sha256": sha256_hex("Tidrapport"), "statementVersion": "1"}}),
};

/// The operations on time reports.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get);
    cfg.status_changes::<TimeReportRow, TimeReportRead, TimeReportChangeStatus>(&STATUS_CHANGES);
}
