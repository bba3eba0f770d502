//! The requests that register and change an employment, and how they become rows.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::{EmploymentRow, rules};
use crate::platform::context::Context;
use crate::platform::http::body::{Change, Field, broken_at};
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::values::{Line, Text};
use crate::reference::Kommunkod;
use crate::team::{self, EmployerKind, Organisation, OrganisationNumber};

/// An employment to register. It begins and ends on any day. One that follows another names the decision, and ends the open
/// one at the same employer on the day before. The job category of the first post that is held in a month holds for the whole
/// month.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewEmployment::example)]
#[expect(
    clippy::duplicated_attributes,
    reason = "each rule over several fields states for itself that it is not skipped"
)]
#[validate(schema(function = "NewEmployment::place_fault", skip_on_field_errors = false))]
#[validate(schema(function = "NewEmployment::kind_fault", skip_on_field_errors = false))]
#[validate(schema(function = "NewEmployment::order_fault", skip_on_field_errors = false))]
pub struct NewEmployment {
    /// The programme that it counts in.
    pub programme_id: Id,
    /// The person: somebody who is or has been in that team.
    pub person_id: Id,
    /// Whether in a kommun's team or among the owner's staff.
    pub organisation: Organisation,
    /// The kommun; not for the owner's staff.
    #[serde(default)]
    #[validate(nested)]
    pub kommunkod: Option<Kommunkod>,
    /// The employer's name.
    #[validate(nested)]
    pub employer_name: Line<200>,
    /// The employer's organisation number: ten digits, the third at least 2, the last a Luhn check digit.
    #[validate(nested)]
    pub organisation_number: OrganisationNumber,
    /// The kind of employer; `owner` for the owner's staff and only for it.
    pub employer_kind: EmployerKind,
    /// Share of full time, percent.
    #[schema(minimum = 1, maximum = 100)]
    pub employment_percent: i32,
    /// Job category (lönegrupp) of the post.
    #[validate(nested)]
    pub job_category: Line<60>,
    /// The employment decision; required when the person has had an earlier employment in the programme.
    #[serde(default)]
    #[validate(nested)]
    pub decision_reference: Option<Line<200>>,
    /// Other public money that pays for the post, in words.
    #[serde(default)]
    #[validate(nested)]
    pub other_public_funding: Option<Text<500>>,
    /// First day.
    pub valid_from: Day,
    /// Last day.
    #[serde(default)]
    pub valid_to: Option<Day>,
}

impl NewEmployment {
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!({
            "programmeId": ctx.new_id(),
            "personId": ctx.new_id(),
            "organisation": "kommun",
            "kommunkod": "2582",
            "employerName": "Bodens kommun",
            "organisationNumber": "2120002767",
            "employerKind": "kommun",
            "employmentPercent": 100,
            "jobCategory": "Enhetschef",
            "validFrom": "2021-01-01"
        })
    }

    fn place_fault(&self) -> Result<(), ValidationError> {
        team::place_fault(self.organisation, self.kommunkod.as_deref())
    }

    fn kind_fault(&self) -> Result<(), ValidationError> {
        if rules::kind_fits(self.organisation, self.employer_kind) {
            return Ok(());
        }
        Err(broken_at(
            "employerKind",
            "wrongKind",
            "owner är projektägarens medarbetares arbetsgivare, och bara deras",
            "owner is the kind of employer of the owner's staff, and only of it",
        ))
    }

    fn order_fault(&self) -> Result<(), ValidationError> {
        if self.valid_to.is_none_or(|last| self.valid_from <= last) {
            return Ok(());
        }
        Err(broken_at(
            "validTo",
            "wrongOrder",
            "Sista dagen ligger före den första",
            "The last day is before the first",
        ))
    }

    /// The row of a new employment.
    pub fn into_row(self, ctx: &Context) -> EmploymentRow {
        let Self {
            programme_id,
            person_id,
            organisation,
            kommunkod,
            employer_name,
            organisation_number,
            employer_kind,
            employment_percent,
            job_category,
            decision_reference,
            other_public_funding,
            valid_from,
            valid_to,
        } = self;
        EmploymentRow {
            id: ctx.new_id(),
            programme_id,
            person_id,
            organisation,
            kommunkod: kommunkod.map(String::from),
            employer_name: employer_name.into(),
            organisation_number: organisation_number.into(),
            employer_kind,
            employment_percent,
            job_category: job_category.into(),
            decision_reference: decision_reference.map(String::from),
            other_public_funding: other_public_funding.map(String::from),
            valid_from,
            valid_to,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// A change of an employment. A new employer or job category requires a new employment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"validTo": "2022-06-30"}))]
pub struct EmploymentPatch {
    /// Share of full time, percent.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 1, maximum = 100)]
    pub employment_percent: Change<i32>,
    /// The employment decision; still required when there is an earlier employment.
    #[serde(default)]
    #[schema(value_type = Option<Line<200>>)]
    #[validate(nested)]
    pub decision_reference: Field<Line<200>>,
    /// Other public money that pays for the post, in words.
    #[serde(default)]
    #[schema(value_type = Option<Text<500>>)]
    #[validate(nested)]
    pub other_public_funding: Field<Text<500>>,
    /// Last day.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    pub valid_to: Field<Day>,
}

impl EmploymentPatch {
    /// The changed row.
    pub fn apply(self, mut row: EmploymentRow) -> EmploymentRow {
        let Self { employment_percent, decision_reference, other_public_funding, valid_to } = self;
        employment_percent.apply(&mut row.employment_percent);
        decision_reference.map(String::from).apply(&mut row.decision_reference);
        other_public_funding.map(String::from).apply(&mut row.other_public_funding);
        valid_to.apply(&mut row.valid_to);
        row
    }
}
