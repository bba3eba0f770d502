//! `GET /programmes/{programmeId}/announced-selection`: what anyone may know of an announced selection. The open call named
//! beforehand how the places would be given; what was changed when the lottery seed was known is told to all, with the reason.

use actix_web::get;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::differences::{self, Rules, SelectionSide};
use super::store::{self, ProposalRow};
use crate::identity::policy::ParticipatingRead;
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::programmes::programme::{ANNOUNCED_STATES, ProgrammeRow, SelectionPlan};

/// An announced selection as anyone sees it: by which rules the places were given, compared with those that the open call named.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = AnnouncedSelection::example)]
pub struct AnnouncedSelection {
    /// The programme.
    pub programme_id: Id,
    /// How many kommuner were chosen.
    pub places: i32,
    /// Which of `goals`, `quotas` and `pins` are others than those that the open call named; empty when none is.
    pub differs: Vec<String>,
    /// What the open call named instead.
    pub from: SelectionSide,
    /// What the places were given by.
    pub to: SelectionSide,
    /// Why it differs; null when it does not.
    pub deviation_reason: Option<String>,
    /// SHA-256 of the recorded input in canonical form (RFC 8785).
    pub input_hash: Option<String>,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

impl AnnouncedSelection {
    fn new(ctx: &Context, row: ProposalRow, plan: &SelectionPlan) -> Self {
        let found = differences::between(&Rules::of_plan(plan), &Rules::of_proposal(&row));
        let path = format!("/programmes/{}", row.programme_id);
        let links = vec![
            Link::to_self(ctx, format!("{path}/announced-selection")),
            Link::new(ctx, "GET", "programme", &path),
            Link::new(ctx, "GET", "participatingKommuner", format!("{path}/participating-kommuner")),
        ];
        Self {
            programme_id: row.programme_id,
            places: row.places,
            // A reason may be given without need; then it explains nothing.
            deviation_reason: row.deviation_reason.filter(|_| !found.names.is_empty()),
            differs: found.names,
            from: found.from,
            to: found.to,
            input_hash: row.input_hash,
            links,
        }
    }

    fn example() -> Value {
        let ctx = Context::example();
        let Some(programme) = ProgrammeRow::example(&ctx) else { return Value::Null };
        let mut row = ProposalRow::example(&ctx, &programme);
        let quotas = json!([{"dimension": "skrGroup", "category": "A1", "min": null, "max": 1}]);
        row.quotas.0 = serde_json::from_value(quotas).unwrap_or_default();
        row.deviation_reason = Some("Tre storstäder sökte; utlysningen räknade med en.".to_owned());
        json!(Self::new(&ctx, row, &SelectionPlan::default()))
    }
}

/// Get the announced selection
///
/// Vilka mål, kvoter och fasta kommuner urvalet gjordes med, jämfört med vad den öppna utlysningen angav, och varför det ändrades.
/// För alla, utan personuppgifter. 404 tills ett urval är meddelat, och när alla kvalificerade fick plats.
///
/// By which goals, quotas and pins the places were given, compared with those that the open call named, and why they were changed.
/// Open to anyone, without personal data. 404 until a selection is announced, and when there were places for all.
#[utoipa::path(
    tag = "selection",
    operation_id = "getAnnouncedSelection",
    security(("bearer" = ["participatingKommun.read"])),
    responses((status = 200, description = "The selection", body = AnnouncedSelection)),
)]
#[get("/programmes/{programmeId}/announced-selection")]
async fn announced(
    InOrder((permit, programme)): InOrder<(Permit<ParticipatingRead>, Found<ProgrammeRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        if !ANNOUNCED_STATES.contains(&programme.status) {
            return Err(Problem::not_found());
        }
        let row = store::unscoped_announced(rx.db, programme.id)?.ok_or_else(Problem::not_found)?;
        Answer::json(&AnnouncedSelection::new(rx.ctx, row, &programme.plan()))
    });
    Ok(answer.await?.tagged())
}

/// The operation.
pub fn routes(cfg: &mut Operations) {
    cfg.service(announced);
}
