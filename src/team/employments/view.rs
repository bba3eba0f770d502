//! An employment as its readers see it.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Employment;
use super::requests::NewEmployment;
use super::store::EmploymentRow;
use crate::identity::policy::EmploymentManage;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::Offer;
use crate::programmes::programme::{self, check_not_over};
use crate::reference::kommuner::KommunNames;

/// What belongs to the employments of one answer.
#[derive(Default)]
pub struct Related {
    kommuner: KommunNames,
    /// Those that the caller may change now.
    changeable: HashSet<Id>,
}

impl Related {
    /// Loads it; what may be changed only for answers that say so.
    pub fn of(rx: &mut Rx<'_>, rows: &[EmploymentRow], has_links: bool) -> Result<Self, Problem> {
        Ok(Self {
            kommuner: KommunNames::of(rx.db, rows.iter().filter_map(|row| row.kommunkod.as_deref()))?,
            changeable: if has_links { changeable(rx, rows)? } else { HashSet::new() },
        })
    }
}

impl Employment {
    /// One employment.
    pub fn show(rx: &mut Rx<'_>, row: EmploymentRow) -> Result<Self, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row), true)?;
        Ok(Self::new(rx.ctx, row, &related))
    }

    /// As the caller sees it.
    pub fn new(ctx: &Context, row: EmploymentRow, related: &Related) -> Self {
        let links = links(ctx, &row, related.changeable.contains(&row.id));
        Self {
            id: row.id,
            programme_id: row.programme_id,
            person_id: row.person_id,
            organisation: row.organisation,
            kommun_name: row.kommunkod.as_deref().and_then(|code| related.kommuner.get(code)),
            kommunkod: row.kommunkod,
            employer_name: row.employer_name,
            organisation_number: row.organisation_number,
            employer_kind: row.employer_kind,
            employment_percent: row.employment_percent,
            job_category: row.job_category,
            decision_reference: row.decision_reference,
            other_public_funding: row.other_public_funding,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        EmploymentRow::example(&ctx)
            .map_or(Value::Null, |row| json!(Self::new(&ctx, row, &Related::default())))
    }
}

impl EmploymentRow {
    /// An example for OpenAPI and tests.
    pub fn example(ctx: &Context) -> Option<Self> {
        let new = serde_json::from_value::<NewEmployment>(NewEmployment::example()).ok()?;
        Some(new.into_row(ctx))
    }
}

/// Those of the employments that the caller may change now: not their own case, in a programme whose teams still change.
fn changeable(rx: &mut Rx<'_>, rows: &[EmploymentRow]) -> Result<HashSet<Id>, Problem> {
    let ctx = rx.ctx;
    let standing = Standing::for_action::<EmploymentManage, _>(rx, rows)?;
    let mut theirs: Vec<&EmploymentRow> = rows.iter().collect();
    theirs.retain(|row| standing.may::<EmploymentManage, _>(ctx, *row));
    let programmes = programme::unscoped_by_ids(rx.db, &theirs.iter().map(|row| row.programme_id).collect())?;
    theirs.retain(|row| programmes.of(row.programme_id).is_ok_and(|row| check_not_over(row).is_ok()));
    Ok(theirs.into_iter().map(|row| row.id).collect())
}

fn links(ctx: &Context, row: &EmploymentRow, update: bool) -> Vec<Link> {
    let path = format!("/employments/{}", row.id);
    let mut links = vec![Link::to_self(ctx, &path)];
    links.extend(Offer { update, ..Offer::default() }.links(ctx, &path));
    links
}
