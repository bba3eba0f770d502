//! Settings as their readers see them.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};

use super::store::SettingsRow;
use super::{ProgrammeSettings, SettingsContent, SettingsState};
use super::{moments, rules};
use crate::identity::policy::SettingsManage;
use crate::platform::auth::found::Resource as _;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::names::{self, Names};
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::{AllowedTransition, Offer};
use crate::programmes::programme::{self, Profile, ProgrammeState};

/// What belongs to the settings of one answer.
#[derive(Default)]
pub struct Related {
    names: Names,
    /// The proposals that can still be adopted: no time is approved since they were made.
    adoptable: HashSet<Id>,
    /// The programmes that are drafts.
    drafts: HashSet<Id>,
}

impl Related {
    /// Loads it for settings of one programme or several.
    pub fn of(rx: &mut Rx<'_>, rows: &[SettingsRow]) -> Result<Self, Problem> {
        let mut adoptable = HashSet::new();
        let proposed: Vec<&SettingsRow> =
            rows.iter().filter(|row| row.status == SettingsState::Proposed).collect();
        let ids: BTreeSet<Id> = rows.iter().map(|row| row.programme_id).collect();
        let programmes = programme::unscoped_by_ids(rx.db, &ids)?;
        if !proposed.is_empty() {
            let approved = moments::approved(rx, &proposed.iter().map(|row| row.programme_id).collect())?;
            for row in proposed {
                let status = programmes.of(row.programme_id)?.status;
                let approved = approved.get(&row.programme_id).copied();
                let moment = moments::moment(status, rx.ctx.today(), row.valid_from, approved);
                if rules::state_of_new(row.valid_from, moment).is_ok() {
                    adoptable.insert(row.id);
                }
            }
        }
        let is_draft = |id: &Id| programmes.of(*id).is_ok_and(|row| row.status == ProgrammeState::Draft);
        let drafts = ids.into_iter().filter(is_draft).collect();
        Ok(Self { drafts, names: Names::of(rx, rows.iter().filter_map(|row| row.proposed_by))?, adoptable })
    }
}

impl ProgrammeSettings {
    /// One row.
    pub fn show(rx: &mut Rx<'_>, row: SettingsRow) -> Result<Self, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Ok(Self::new(rx.ctx, row, &related))
    }

    /// As the caller sees it.
    pub fn new(ctx: &Context, row: SettingsRow, related: &Related) -> Self {
        let path = format!("/programmes/{}/settings/{}", row.programme_id, row.id);
        let has_names = names::are_seen(ctx, SettingsRow::READ, &row);
        let allowed_transitions = allowed(ctx, &row, related);
        let is_draft = related.drafts.contains(&row.programme_id);
        let replace =
            ctx.may::<SettingsManage>(&row) && rules::check_replaceable(&row, is_draft, ctx.today()).is_ok();
        let mut links = vec![Link::to_self(ctx, &path)];
        links.extend(Offer { steps: &allowed_transitions, replace, ..Offer::default() }.links(ctx, &path));
        Self {
            id: row.id,
            programme_id: row.programme_id,
            valid_from: row.valid_from,
            status: row.status,
            adopted_at: row.adopted_at,
            allowed_transitions,
            proposed_by_name: row.proposed_by.and_then(|by| related.names.get(by, has_names)),
            proposed_by: row.proposed_by,
            proposed_role: row.proposed_role,
            content: row.content.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(
            &ctx,
            SettingsRow::new(&ctx, ctx.new_id(), ctx.today(), SettingsContent::of(Profile::Esf20142020)),
            &Related::default()
        ))
    }
}

/// The steps that the caller may take.
fn allowed(ctx: &Context, row: &SettingsRow, related: &Related) -> Vec<AllowedTransition> {
    let held = ctx.roles_for::<SettingsManage>(row);
    let adopts = related.adoptable.contains(&row.id) && rules::may_adopt(&held, row.proposed_role.as_deref());
    let mut allowed = Standing::at_sight(ctx, row).allowed(row, &held);
    allowed.retain(|step| adopts || step.to != SettingsState::Adopted.as_str());
    allowed
}
