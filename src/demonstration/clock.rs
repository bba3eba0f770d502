//! The demonstration's clock: real time plus a stored offset of `now()`. `POST /demo/clock-advances` moves it forward, so
//! that a visitor walks months in minutes. It exists in the demonstration only and is not in the checked-in document.

use actix_web::{post, web};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::identity::policy::ClockAdvance;
use crate::platform::auth::permit::Permit;
use crate::platform::db::schema::installation_facts;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Runner;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::services::Services;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::Deadline;

/// Where to move the clock.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"to": "2027-01-01T08:00:00Z"}))]
pub struct Advance {
    /// An instant, or a plain day, which means 24:00 of that day in Sweden. Later than now.
    pub to: Deadline,
}

/// Where the clock stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"now": "2027-01-01T08:00:00.000Z"}))]
pub struct Advanced {
    /// The domain's now.
    pub now: Instant,
}

/// Move the demonstration's clock
///
/// Flyttar demonstrationens klocka framåt. Det som infaller under tiden görs, dag för dag, innan svaret ges.
///
/// Moves the demonstration's clock forward. What falls due meanwhile is done, day by day, before the answer.
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
    if to <= services.clock.now() {
        let words = Localized::fixed("Klockan går bara framåt.", "The clock only goes forward.");
        return Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new(
            "/to",
            "inThePast",
            words,
        )]));
    }
    if to > services.clock.wall().plus_days(AHEAD_DAYS) {
        let words = Localized::fixed(
            "Högst fem år före den riktiga tiden.",
            "At most five years ahead of the real time.",
        );
        return Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new(
            "/to",
            "tooFarAhead",
            words,
        )]));
    }
    let moved = web::block(move || advance(&services, &runner, to).map(|()| services.clock.now()));
    let now = moved.await.map_err(|_| Problem::internal("the clock was stopped"))??;
    Answer::json(&Advanced { now })
}

/// So far ahead of the real time it goes at most: each day on the way is lived through.
const AHEAD_DAYS: i64 = 5 * 365;

/// Moves `now` to an instant, day by day in Sweden, and lets what is due on each day happen. The offset is stored, so
/// that the demonstration goes on from there after a restart.
pub fn advance(services: &Services, runner: &Runner, to: Instant) -> Result<(), Problem> {
    loop {
        let next = services.clock.today().end().min(to);
        let offset = services.clock.advance_now(next);
        runner.run_all();
        if next >= to {
            return services.database.write_now(&services.system(), |tx| remember(tx, OFFSET, "", offset));
        }
    }
}

/// Name of the fact that holds the offset in milliseconds.
pub const OFFSET: &str = "demonstrationOffset";

/// Keeps a fact of the installation, replacing an earlier one.
pub fn remember(tx: &mut Tx<'_>, name: &str, fact: &str, number: i64) -> Result<(), Problem> {
    diesel::delete(installation_facts::table.find(name)).execute(tx.db)?;
    diesel::insert_into(installation_facts::table)
        .values((
            installation_facts::name.eq(name),
            installation_facts::fact.eq(fact),
            installation_facts::number.eq(number),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// The operations of the demonstration.
pub fn routes(cfg: &mut Operations) {
    cfg.service(advance_clock);
}
