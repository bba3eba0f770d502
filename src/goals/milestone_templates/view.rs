//! A milestone template as its readers see it.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};

use super::store::TemplateRow;
use super::{MilestoneKind, MilestoneTemplate, rules};
use crate::goals::milestones;
use crate::identity::policy::{MilestoneRead, MilestoneTemplateManage};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow::Offer;
use crate::programmes::programme;

/// What the links of some templates depend on.
#[derive(Default)]
pub struct Related {
    /// The programmes whose chain can still be changed.
    changeable: HashSet<Id>,
    /// Those of them in which no kommun has milestones.
    unused: HashSet<Id>,
}

impl Related {
    /// Loads it for those of the templates that the caller manages.
    pub fn of(rx: &mut Rx<'_>, rows: &[TemplateRow]) -> Result<Self, Problem> {
        let managed = rows.iter().filter(|row| rx.ctx.may::<MilestoneTemplateManage>(*row));
        let ids: BTreeSet<Id> = managed.map(|row| row.programme_id).collect();
        let programmes = programme::unscoped_by_ids(rx.db, &ids)?;
        let is_changeable =
            |id: &Id| programmes.of(*id).is_ok_and(|row| rules::check_changeable(row).is_ok());
        let changeable: HashSet<Id> = ids.into_iter().filter(is_changeable).collect();
        let used = milestones::unscoped_programmes_with(rx, changeable.iter().copied().collect())?;
        Ok(Self { unused: &changeable - &used, changeable })
    }
}

impl MilestoneTemplate {
    /// One template.
    pub fn show(rx: &mut Rx<'_>, row: TemplateRow) -> Result<Self, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Ok(Self::new(rx.ctx, row, &related))
    }

    /// A template as the caller sees it.
    pub fn new(ctx: &Context, row: TemplateRow, related: &Related) -> Self {
        let links = links(ctx, &row, related);
        Self {
            id: row.id,
            programme_id: row.programme_id,
            kind: row.kind,
            position: row.position,
            due_on: row.due_on,
            instructions: row.instructions,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(&ctx, TemplateRow::example(&ctx), &Related::default()))
    }
}

impl TemplateRow {
    /// An example for OpenAPI and tests.
    pub fn example(ctx: &Context) -> Self {
        Self {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            kind: MilestoneKind::PolicyDocument,
            position: 4,
            due_on: ctx.today().plus_months(14),
            instructions: rules::default_instructions(MilestoneKind::PolicyDocument).to_owned(),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

fn links(ctx: &Context, row: &TemplateRow, related: &Related) -> Vec<Link> {
    let path = format!("/milestone-templates/{}", row.id);
    let milestones = format!("/milestones?programmeId={}&kind={}", row.programme_id, row.kind);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "programme", format_args!("/programmes/{}", row.programme_id)),
    ];
    if ctx.may_in::<MilestoneRead>(row.programme_id) {
        links.push(Link::new(ctx, "GET", "milestones", &milestones));
    }
    let may_manage = ctx.may::<MilestoneTemplateManage>(row);
    let offer = Offer {
        update: may_manage && related.changeable.contains(&row.programme_id),
        delete: may_manage && related.unused.contains(&row.programme_id),
        ..Offer::default()
    };
    links.extend(offer.links(ctx, &path));
    links
}
