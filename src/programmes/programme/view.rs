//! A programme as its readers see it.

use serde_json::{Value, json};

use super::requests::NewProgramme;
use super::rules::{self, WORKFLOW};
use super::staffing::{self, Gap};
use super::store::ProgrammeRow;
use super::{Programme, ProgrammeState, Warning};
use crate::identity::policy::{ProgrammeChangeStatus, SettingsRead};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

impl Programme {
    /// As the caller sees it, with warnings for those who read its settings.
    pub fn show(rx: &mut Rx<'_>, row: ProgrammeRow) -> Result<Self, Problem> {
        let may_see = rx.ctx.may::<SettingsRead>(&row);
        let warnings = if may_see { staffing_warnings(rx, &row)? } else { Vec::new() };
        Ok(Self::shown(rx.ctx, row, warnings))
    }

    fn shown(ctx: &Context, row: ProgrammeRow, warnings: Vec<Warning>) -> Self {
        let roles = ctx.roles_for::<ProgrammeChangeStatus>(&row);
        let links = links(ctx, &row);
        let mut allowed_transitions = WORKFLOW.allowed(row.status, &roles);
        let is_over = rules::is_over(&row, ctx.today());
        allowed_transitions.retain(|step| is_over || step.to != ProgrammeState::Completed.as_str());
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            status: row.status,
            allowed_transitions,
            profile: row.profile,
            places: row.places,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            opens_at: row.opens_at,
            interest_deadline: row.interest_deadline,
            info_meeting_at: row.info_meeting_at,
            confirmation_deadline: row.confirmation_deadline,
            avsiktsforklaring_deadline: row.avsiktsforklaring_deadline,
            seed_sha256: row.seed_sha256,
            seed: row.seed.filter(|_| row.seed_shown_at.is_some()),
            decision: row.esf_decision.map(|decision| decision.0),
            cancellation_reason: row.cancellation_reason,
            warnings,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        ProgrammeRow::example(&ctx).map_or(Value::Null, |row| json!(Self::shown(&ctx, row, Vec::new())))
    }
}

impl ProgrammeRow {
    /// The programme of the offer as a draft, for OpenAPI and tests.
    pub fn example(ctx: &Context) -> Option<Self> {
        let new = serde_json::from_value::<NewProgramme>(NewProgramme::example()).ok()?;
        Some(new.into_row(ctx))
    }
}

fn links(ctx: &Context, row: &ProgrammeRow) -> Vec<Link> {
    let path = format!("/programmes/{}", row.id);
    let mut links = vec![Link::to_self(ctx, &path)];
    if ctx.may::<SettingsRead>(row) {
        links.push(Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")));
        links.push(Link::new(ctx, "GET", "settings", format_args!("{path}/settings")));
    }
    if row.status == ProgrammeState::Open {
        links.push(Link::new(ctx, "POST", "apply", format_args!("{path}/applications")));
    }
    links
}

/// A warning for each action that nobody may take, as the roles are dated (guide §1).
fn staffing_warnings(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<Warning>, Problem> {
    let gaps = staffing::owner_gaps(rx, programme)?;
    let (today, language) = (rx.ctx.today(), rx.ctx.language());
    let warning = |(gap, from): (Gap, Day)| Warning {
        code: gap.code().to_owned(),
        detail: gap.words(from, today).get(language).to_owned(),
    };
    Ok(gaps.into_iter().map(warning).collect())
}
