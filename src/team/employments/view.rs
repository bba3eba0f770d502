//! An employment as its readers see it.

use serde_json::{Value, json};

use super::Employment;
use super::requests::NewEmployment;
use super::store::EmploymentRow;
use crate::identity::policy::EmploymentManage;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;

impl Employment {
    /// As the caller sees it.
    pub fn new(ctx: &Context, row: EmploymentRow) -> Self {
        let links = links(ctx, &row);
        Self {
            id: row.id,
            programme_id: row.programme_id,
            person_id: row.person_id,
            organisation: row.organisation,
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
        EmploymentRow::example(&ctx).map_or(Value::Null, |row| json!(Self::new(&ctx, row)))
    }
}

impl EmploymentRow {
    /// An example for OpenAPI and tests.
    pub fn example(ctx: &Context) -> Option<Self> {
        let new = serde_json::from_value::<NewEmployment>(NewEmployment::example()).ok()?;
        Some(new.into_row(ctx))
    }
}

fn links(ctx: &Context, row: &EmploymentRow) -> Vec<Link> {
    let path = format!("/employments/{}", row.id);
    let mut links = vec![Link::to_self(ctx, &path)];
    if ctx.may::<EmploymentManage>(row) {
        links.push(Link::new(ctx, "PATCH", "update", &path));
    }
    links
}
