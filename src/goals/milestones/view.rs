//! A milestone as its readers see it: what the caller may do next, warnings, and links.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};

use super::rules::{self, UNSUBMITTED};
use super::store::{self, ChainStep, MilestoneRow};
use super::{Evidence, Milestone, MilestoneState, MissingPart};
use crate::goals::milestone_templates::TemplateRow;
use crate::identity::policy::{MilestoneChangeStatus, MilestoneUpdate};
use crate::platform::auth::found::Resource as _;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::names;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::{AllowedTransition, Histories, Offer};
use crate::programmes::programme::{self, Decision, Warning};
use crate::reference::kommuner::KommunNames;

/// What belongs to the milestones of one answer, loaded for all of them at once.
#[derive(Default)]
pub struct Related {
    /// At least the steps of their own chains.
    chains: Vec<ChainStep>,
    /// What the caller is to them.
    standing: Standing,
    kommuner: KommunNames,
    histories: Histories,
    /// The programmes that are running: only there a milestone changes.
    running: HashSet<Id>,
}

impl Related {
    /// Loads it for these milestones.
    pub fn of(rx: &mut Rx<'_>, rows: &[MilestoneRow]) -> Result<Self, Problem> {
        let ids = rows.iter().map(|row| row.id).collect();
        let programmes: BTreeSet<Id> = rows.iter().map(|row| row.programme_id).collect();
        let found = programme::unscoped_by_ids(rx.db, &programmes)?;
        let is_running = |id: &Id| found.of(*id).is_ok_and(|row| programme::check_running(row).is_ok());
        Ok(Self {
            chains: store::unscoped_chains_of(rx, rows)?,
            standing: Standing::for_steps(rx, rows)?,
            kommuner: KommunNames::of(rx.db, rows.iter().map(|row| row.kommunkod.as_str()))?,
            histories: Histories::of(rx, ids, rows.iter().filter_map(|row| row.submitted_by))?,
            running: programmes.into_iter().filter(is_running).collect(),
        })
    }
}

impl Milestone {
    /// A milestone as the caller sees it, with what it needs of other rows.
    pub fn show(rx: &mut Rx<'_>, row: MilestoneRow) -> Result<Milestone, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Ok(Milestone::new(rx.ctx, row, &related))
    }

    /// A milestone as the caller sees it.
    pub fn new(ctx: &Context, row: MilestoneRow, related: &Related) -> Self {
        let allowed_transitions = allowed(ctx, &row, related);
        let offer = Offer {
            steps: &allowed_transitions,
            update: related.running.contains(&row.programme_id)
                && UNSUBMITTED.contains(&row.status)
                && related.standing.may::<MilestoneUpdate, _>(ctx, &row),
            ..Offer::default()
        };
        let links = links(ctx, &row, offer);
        let chains = &related.chains;
        let has_names = names::are_seen(ctx, MilestoneRow::READ, &row);
        let submitter = row.submitted_by.and_then(|by| related.histories.names().get(by, has_names));
        let missing = rules::predecessor_warning(&rules::unsubmitted_predecessors(&row, chains));
        let warning = missing.map(|words| Warning {
            code: "predecessorMissing".to_owned(),
            detail: words.get(ctx.language()).to_owned(),
        });
        let missing_parts = missing_parts(ctx, &row);
        let Evidence { description, departments, partners, staff_involvement } = row.evidence.0;
        Self {
            id: row.id,
            programme_id: row.programme_id,
            kommun_name: related.kommuner.get(&row.kommunkod),
            last_comment: related.histories.last_comment(row.id, has_names),
            history: related.histories.all_of(row.id, has_names),
            submitted_by_name: submitter,
            kommunkod: row.kommunkod,
            kind: row.kind,
            position: row.position,
            status: row.status,
            allowed_transitions,
            due_on: row.due_on,
            is_late: rules::is_late(row.status, row.due_on, ctx.today()),
            lateness_justification: row.lateness_justification,
            decision: row.decision.map(|decision| decision.0),
            description,
            departments,
            partners,
            staff_involvement,
            document_version_ids: row.document_version_ids.0,
            reason: row.reason,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by,
            missing: missing_parts,
            warnings: warning.into_iter().collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let template = TemplateRow::example(&ctx);
        let planned = MilestoneRow::planned(&ctx, &template, "2582", template.due_on);
        let decision = serde_json::from_value::<Decision>(Decision::example()).ok().map(Json);
        let row = MilestoneRow { status: MilestoneState::InProgress, decision, version: 2, ..planned };
        json!(Self::new(&ctx, row, &Related::default()))
    }
}

/// The steps that the caller may take now, each with what it requires.
fn allowed(ctx: &Context, row: &MilestoneRow, related: &Related) -> Vec<AllowedTransition> {
    if !related.running.contains(&row.programme_id) {
        return Vec::new();
    }
    let today = ctx.today();
    let mut allowed = related.standing.allowed(row, &ctx.roles_for::<MilestoneChangeStatus>(row));
    allowed
        .retain(|step| step.to != MilestoneState::Submitted.as_str() || rules::may_be_submitted(row, today));
    for step in &mut allowed {
        step.requires.retain(|member| rules::is_needed(row, member, today));
    }
    allowed
}

/// What a submission still needs.
fn missing_parts(ctx: &Context, row: &MilestoneRow) -> Vec<MissingPart> {
    if !UNSUBMITTED.contains(&row.status) {
        return Vec::new();
    }
    let part = |gap: FieldError| MissingPart {
        field: gap.pointer.trim_start_matches('/').to_owned(),
        detail: gap.detail.get(ctx.language()).to_owned(),
    };
    rules::gaps(row, ctx.today()).into_iter().map(part).collect()
}

fn links(ctx: &Context, row: &MilestoneRow, offer: Offer<'_>) -> Vec<Link> {
    let path = format!("/milestones/{}", row.id);
    let status_changes = format!("{path}/status-changes");
    let template = format!("/milestone-templates?programmeId={}&kind={}", row.programme_id, row.kind);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "statusChanges", &status_changes),
        Link::new(ctx, "GET", "template", &template),
    ];
    links.extend(offer.links(ctx, &path));
    links
}
