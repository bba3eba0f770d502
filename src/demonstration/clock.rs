//! The clock of the demonstration: the real time plus a stored offset of `now()`. `POST /demo/clock-advances` moves it forward,
//! so that a visitor can go through months in minutes. The operation exists only in the demonstration and is not in the
//! checked-in OpenAPI document.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::identity::policy::ClockAdvance;
use crate::platform::auth::permit::Permit;
use crate::platform::clock::Clock;
use crate::platform::db::facts;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Runner;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::services::Services;
use crate::platform::text::Localized;
use crate::programmes::programme::Deadline;

/// Where to move the clock.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"to": "2027-01-01T08:00:00Z"}))]
pub struct Advance {
    /// An instant, or a day, which means 24:00 of that day in Sweden; later than now.
    pub to: Deadline,
}

/// Where the clock stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"now": "2027-01-01T08:00:00.000Z"}))]
pub struct Advanced {
    /// The current time of the demonstration.
    pub now: Instant,
}

/// Move the demonstration's clock
///
/// Flyttar demonstrationens klocka framåt. Det som infaller under tiden görs, dag för dag, innan svaret ges.
///
/// Moves the demonstration's clock forward. The jobs that are due meanwhile run, day by day, before the answer.
#[utoipa::path(
    tag = "demo",
    operation_id = "advanceDemonstrationClock",
    request_body = Advance,
    security(("bearer" = ["demo.advanceClock"])),
    responses((status = 200, description = "Where the clock stands", body = Advanced)),
)]
#[post("/demo/clock-advances")]
async fn advance_clock(
    InOrder((permit, body)): InOrder<(Permit<ClockAdvance>, Body<Advance>)>,
    runner: web::Data<Runner>,
) -> Result<Answer, Problem> {
    let to = body.into_valid()?.to.0;
    let services = permit.services();
    check_target(&services.clock, to)?;
    let moved = web::block(move || advance(&services, &runner, to).map(|()| services.clock.now()));
    let now = moved.await.map_err(|_| Problem::internal("the clock was stopped"))??;
    Answer::json(&Advanced { now })
}

/// 422 for an instant that is not later than now, or too far ahead of the real time.
fn check_target(clock: &Clock, to: Instant) -> Result<(), Problem> {
    let (code, words) = if to <= clock.now() {
        ("inThePast", Localized::fixed("Klockan går bara framåt.", "The clock only goes forward."))
    } else if to > clock.wall().plus_days(AHEAD_DAYS) {
        let words = Localized::fixed(
            "Högst fem år före den riktiga tiden.",
            "At most five years ahead of the real time.",
        );
        ("tooFarAhead", words)
    } else {
        return Ok(());
    };
    Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/to", code, words)]))
}

/// The clock can be at most so many days ahead of the real time: the jobs run for each day on the way.
const AHEAD_DAYS: i64 = 5 * 365;

/// Moves `now` to an instant, day by day in Sweden, and runs the jobs of each day. The offset is stored, so that the
/// demonstration continues from there after a restart.
pub fn advance(services: &Services, runner: &Runner, to: Instant) -> Result<(), Problem> {
    loop {
        let next = services.clock.today().end().min(to);
        let offset = services.clock.advance_now(next);
        runner.run_all();
        if next >= to {
            return services
                .database
                .write_blocking(&services.system(), |tx| facts::remember(tx.db, OFFSET, "", offset));
        }
    }
}

/// Name of the fact that holds the offset in milliseconds.
pub const OFFSET: &str = "demonstrationOffset";

/// The operations of the demonstration.
pub fn routes(cfg: &mut Operations) {
    cfg.service(advance_clock);
}
