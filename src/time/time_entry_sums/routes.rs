//! `/time-entries/aggregate`.

use actix_web::get;

use super::{EntrySums, SumsQuery};
use crate::identity::policy::TimeEntryAggregate;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// Add up time entries
///
/// Minuter och antal efter det som anges i `groupBy`, med listans filter. Bara registrerade rader räknas, om inte `status`
/// anger andra. Läsare i kommunen och metodutvecklare summerar inte per person.
///
/// Sums of minutes and numbers of entries, grouped by the dimensions in `groupBy`, with the filters of the list. Only recorded
/// entries count, unless `status` names other states. Readers in a kommun and method developers cannot see sums of an
/// individual person's time.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "aggregateTimeEntries",
    params(SumsQuery),
    security(("bearer" = ["timeEntry.aggregate"])),
    extensions(("x-problem-codes" = json!(["notYours"]))),
    responses((status = 200, description = "The sums", body = EntrySums)),
)]
#[get("/time-entries/aggregate")]
async fn add_up(
    InOrder((permit, query)): InOrder<(Permit<TimeEntryAggregate>, SumsQuery)>,
) -> Result<Answer, Problem> {
    permit.read(move |rx| Ok(Answer::json(&EntrySums::load(rx, &query)?)?.tagged())).await
}

/// The operation on sums.
pub fn routes(cfg: &mut Operations) {
    cfg.service(add_up);
}
