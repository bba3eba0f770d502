//! A milestone as its readers see it: what the caller may do next, warnings, and links.

use serde_json::{Value, json};

use super::rules::{self, UNSUBMITTED};
use super::store::{self, ChainStep, MilestoneRow};
use super::{Evidence, Milestone, MilestoneState};
use crate::goals::milestone_templates::TemplateRow;
use crate::identity::policy::{MilestoneChangeStatus, MilestoneUpdate};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::Link;
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::programmes::programme::{Decision, Warning};

impl Milestone {
    /// A milestone as the caller sees it, with what it needs of other rows.
    pub fn show(rx: &mut Rx<'_>, row: MilestoneRow) -> Result<Milestone, Problem> {
        let chains = store::unscoped_chains_of(rx, std::slice::from_ref(&row))?;
        let standing = Standing::for_steps(rx, std::slice::from_ref(&row))?;
        Ok(Milestone::new(rx.ctx, row, &chains, &standing))
    }

    /// A milestone as the caller, with this standing, sees it. `chains` has at least the steps of its own chain.
    pub fn new(ctx: &Context, row: MilestoneRow, chains: &[ChainStep], standing: &Standing) -> Self {
        let roles = ctx.roles_for::<MilestoneChangeStatus>(&row);
        let allowed_transitions = standing.allowed(&row, &roles);
        let links = links(ctx, &row);
        let missing = rules::predecessor_warning(&rules::unsubmitted_predecessors(&row, chains));
        let warning = missing.map(|words| Warning {
            code: "predecessorMissing".to_owned(),
            detail: words.get(ctx.language()).to_owned(),
        });
        let Evidence { description, departments, partners, staff_involvement } = row.evidence.0;
        Self {
            id: row.id,
            programme_id: row.programme_id,
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
        json!(Self::new(&ctx, row, &[], &Standing::default()))
    }
}

fn links(ctx: &Context, row: &MilestoneRow) -> Vec<Link> {
    let path = format!("/milestones/{}", row.id);
    let status_changes = format!("{path}/status-changes");
    let template = format!("/milestone-templates?programmeId={}&kind={}", row.programme_id, row.kind);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "statusChanges", &status_changes),
        Link::new(ctx, "GET", "template", &template),
    ];
    if UNSUBMITTED.contains(&row.status) && ctx.may::<MilestoneUpdate>(row) {
        links.push(Link::new(ctx, "PATCH", "update", &path));
    }
    if ctx.may::<MilestoneChangeStatus>(row) {
        links.push(Link::new(ctx, "POST", "changeStatus", &status_changes));
    }
    links
}
