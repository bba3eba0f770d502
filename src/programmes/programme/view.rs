//! A programme as its readers see it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::requests::NewProgramme;
use super::rules::{self, ANNOUNCED_STATES, WORKFLOW};
use super::staffing::{self, Gap};
use super::store::ProgrammeRow;
use super::{Programme, ProgrammeState, Warning};
use crate::identity::policy::{ProgrammeChangeStatus, ProgrammeUpdate, SelectionRead, SettingsRead};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow::{AllowedTransition, Offer};
use crate::programmes::{ProgrammeListener, settings};

impl Programme {
    /// As the caller sees it, with warnings for those who read its settings.
    pub fn show(rx: &mut Rx<'_>, row: ProgrammeRow) -> Result<Self, Problem> {
        let may_see = rx.ctx.may::<SettingsRead>(&row);
        let warnings = if may_see { staffing_warnings(rx, &row)? } else { Vec::new() };
        let allowed = allowed(rx, &row)?;
        Ok(Self::shown(rx.ctx, row, warnings, allowed))
    }

    fn shown(
        ctx: &Context,
        row: ProgrammeRow,
        warnings: Vec<Warning>,
        allowed_transitions: Vec<AllowedTransition>,
    ) -> Self {
        let links = links(ctx, &row, &allowed_transitions);
        let selection_plan = row.plan();
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
            selection_plan,
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
        ProgrammeRow::example(&ctx)
            .map_or(Value::Null, |row| json!(Self::shown(&ctx, row, Vec::new(), Vec::new())))
    }
}

impl ProgrammeRow {
    /// The programme of the offer as a draft, for OpenAPI and tests.
    pub fn example(ctx: &Context) -> Option<Self> {
        let new = serde_json::from_value::<NewProgramme>(NewProgramme::example()).ok()?;
        Some(new.into_row(ctx))
    }
}

/// The steps that the caller's roles give, without those that something prevents now: dates, settings, the months and the
/// applications.
fn allowed(rx: &mut Rx<'_>, row: &ProgrammeRow) -> Result<Vec<AllowedTransition>, Problem> {
    let roles = rx.ctx.roles_for::<ProgrammeChangeStatus>(row);
    let mut allowed = Vec::new();
    for step in WORKFLOW.allowed(row.status, &roles) {
        let to: ProgrammeState = step.to.parse().map_err(Problem::internal)?;
        let is_ready = match to {
            ProgrammeState::Scheduled => is_schedulable(rx, row)?,
            ProgrammeState::Completed => rules::is_over(row, rx.ctx.today()),
            _ => true,
        };
        if is_ready && !is_prevented(rx, row, to)? {
            allowed.push(step);
        }
    }
    Ok(allowed)
}

/// Whether dates and settings of a draft allow that its call is scheduled.
pub fn is_schedulable(rx: &mut Rx<'_>, row: &ProgrammeRow) -> Result<bool, Problem> {
    Ok(rules::scheduling_faults(row, rx.ctx.now).is_empty() && settings::gaps(rx, row)?.is_empty())
}

/// Whether a higher area objects to the step.
fn is_prevented(rx: &mut Rx<'_>, row: &ProgrammeRow, to: ProgrammeState) -> Result<bool, Problem> {
    let hooks = Arc::clone(&rx.ctx.hooks);
    for listener in hooks.of::<dyn ProgrammeListener>() {
        match listener.obstacles(rx, row, to) {
            Ok(objections) if objections.is_empty() => {}
            Err(problem) if problem.code.status() >= 500 => return Err(problem),
            Ok(_) | Err(_) => return Ok(true),
        }
    }
    Ok(false)
}

fn links(ctx: &Context, row: &ProgrammeRow, steps: &[AllowedTransition]) -> Vec<Link> {
    let path = format!("/programmes/{}", row.id);
    let mut links = vec![Link::to_self(ctx, &path)];
    if ctx.may::<SettingsRead>(row) {
        links.push(Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")));
        links.push(Link::new(ctx, "GET", "settings", format_args!("{path}/settings")));
    }
    if ctx.may::<SelectionRead>(row) && row.seed_shown_at.is_some() {
        links.push(Link::new(ctx, "GET", "selection", format_args!("{path}/selection-proposals")));
    }
    let update = ctx.may::<ProgrammeUpdate>(row);
    links.extend(Offer { steps, update, ..Offer::default() }.links(ctx, &path));
    if row.status == ProgrammeState::Open {
        links.push(Link::new(ctx, "POST", "apply", format_args!("{path}/applications")));
    }
    if ANNOUNCED_STATES.contains(&row.status) {
        let taking_part = format!("{path}/participating-kommuner");
        links.push(Link::new(ctx, "GET", "participatingKommuner", taking_part));
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
