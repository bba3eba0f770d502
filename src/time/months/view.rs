//! A month as its readers see it.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::store::MonthRow;
use super::{MonthState, ProgrammeMonth, WORKFLOW, rules};
use crate::identity::policy::{MonthLock, MonthOverviewRead};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow::{AllowedTransition, Offer};
use crate::time::time_reports;

/// What belongs to the months of one answer.
#[derive(Default)]
pub struct Related {
    /// The closed months that wait for a report, for a caller who may lock them.
    waiting: HashSet<(Id, Month)>,
}

impl Related {
    /// Loads it for these months.
    pub fn of(rx: &mut Rx<'_>, rows: &[MonthRow]) -> Result<Self, Problem> {
        let mut closed: BTreeMap<Id, Vec<Month>> = BTreeMap::new();
        for row in rows {
            if row.status == MonthState::Closed && rx.ctx.may::<MonthLock>(row) {
                closed.entry(row.programme_id).or_default().push(row.month);
            }
        }
        let mut waiting = HashSet::new();
        for (programme, months) in closed {
            let months = time_reports::unscoped_waiting(rx, programme, months)?;
            waiting.extend(months.into_iter().map(|month| (programme, month)));
        }
        Ok(Self { waiting })
    }
}

/// The steps that the caller may take with a month; `is_waiting`: its lock waits for somebody.
pub fn steps(ctx: &Context, row: &MonthRow, is_waiting: bool) -> Vec<AllowedTransition> {
    let mut allowed = WORKFLOW.allowed(row.status, &ctx.roles_for::<MonthLock>(row));
    if !is_waiting {
        allowed.iter_mut().for_each(|step| step.requires.retain(|member| *member != rules::MISSING));
    }
    allowed
}

impl ProgrammeMonth {
    /// One month.
    pub fn show(rx: &mut Rx<'_>, row: MonthRow) -> Result<Self, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Ok(Self::new(rx.ctx, row, &related))
    }

    /// As the caller sees it.
    pub fn new(ctx: &Context, row: MonthRow, related: &Related) -> Self {
        let allowed = steps(ctx, &row, related.waiting.contains(&(row.programme_id, row.month)));
        let path = format!("/programmes/{}/months/{}", row.programme_id, row.month);
        let mut links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")),
        ];
        links.extend(Offer { steps: &allowed, ..Offer::default() }.links(ctx, &path));
        if ctx.may_in::<MonthOverviewRead>(row.programme_id) {
            links.push(Link::new(ctx, "GET", "overview", format_args!("{path}/overview")));
        }
        Self {
            id: row.id,
            programme_id: row.programme_id,
            month: row.month,
            status: row.status,
            allowed_transitions: allowed,
            grace_ends_at: row.grace_ends_at,
            missing: if ctx.may::<MonthOverviewRead>(&row) { row.missing.0 } else { Vec::new() },
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let month = ctx.now.month();
        json!(Self::new(
            &ctx,
            MonthRow {
                id: ctx.new_id(),
                programme_id: ctx.new_id(),
                month,
                status: MonthState::Open,
                grace_ends_at: rules::grace_ends_at(month, 5),
                missing: Json(Vec::new()),
                created_at: ctx.written,
                updated_at: ctx.written,
                version: 1,
            },
            &Related::default(),
        ))
    }
}
