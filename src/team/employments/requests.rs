//! What is sent to register and change an employment, and the step from there to the row.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::{EmploymentRow, rules};
use crate::platform::context::Context;
use crate::platform::http::body::{Change, Field, broken_at};
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::team::{self, EmployerKind, Organisation, organisation_number_fault};

/// An employment to register. The first one of a person may begin on any day; one that follows another begins on the
/// first of a month, names the decision, and ends the open one at the same employer the day before.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewEmployment::example)]
#[expect(
    clippy::duplicated_attributes,
    reason = "each rule over several fields says for itself that it is not skipped"
)]
#[validate(schema(function = "NewEmployment::place_fault", skip_on_field_errors = false))]
#[validate(schema(function = "NewEmployment::kind_fault", skip_on_field_errors = false))]
#[validate(schema(function = "NewEmployment::order_fault", skip_on_field_errors = false))]
pub struct NewEmployment {
    /// In which programme it counts.
    pub programme_id: Id,
    /// Whose: somebody who is or has been in that team.
    pub person_id: Id,
    /// With a kommun's people, or the owner's.
    pub organisation: Organisation,
    /// With which kommun's; not for the owner's people.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}$")]
    pub kommunkod: Option<String>,
    /// The employer's name.
    #[schema(min_length = 1, max_length = 200)]
    pub employer_name: String,
    /// The employer's organisation number: ten digits, the third at least 2, the last a Luhn check digit.
    #[schema(min_length = 1, max_length = 20)]
    #[validate(custom(function = "number_fault"))]
    pub organisation_number: String,
    /// What kind of employer it is; `owner` for the owner's people and only for them.
    pub employer_kind: EmployerKind,
    /// Share of full time, percent.
    #[schema(minimum = 1, maximum = 100)]
    pub employment_percent: i32,
    /// Job category (lönegrupp) of the post.
    #[schema(min_length = 1, max_length = 60)]
    pub job_category: String,
    /// The employment decision; required when the person has had an employment in the programme before.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub decision_reference: Option<String>,
    /// Other public money that pays for the post, in words.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    pub other_public_funding: Option<String>,
    /// First day.
    pub valid_from: Day,
    /// Last day.
    #[serde(default)]
    pub valid_to: Option<Day>,
}

fn number_fault(number: &str) -> Result<(), ValidationError> {
    organisation_number_fault(number)
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
            "owner is the employer of the owner's people, and only theirs",
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
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        }
    }
}

/// What may be changed of an employment. Employer and job category change by a new employment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"validTo": "2022-06-30"}))]
pub struct EmploymentPatch {
    /// Share of full time, percent.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 1, maximum = 100)]
    pub employment_percent: Change<i32>,
    /// The employment decision; stays required when another employment came before.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub decision_reference: Field<String>,
    /// Other public money that pays for the post, in words.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub other_public_funding: Field<String>,
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
        decision_reference.apply(&mut row.decision_reference);
        other_public_funding.apply(&mut row.other_public_funding);
        valid_to.apply(&mut row.valid_to);
        row
    }
}
