//! What is sent to add and change a participant, and the step from there to the row.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::ParticipantRow;
use crate::identity::people::{self, PersonRow};
use crate::platform::context::Context;
use crate::platform::http::body::{Change, Field};
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::team::{self, FinancingForm, Organisation, Period, personnummer_fault};

/// A participant to add. The person is found by e-mail, or invited; the name of a person who is known already stays.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewParticipant::example)]
#[validate(schema(function = "NewParticipant::place_fault", skip_on_field_errors = false))]
pub struct NewParticipant {
    /// In which programme.
    pub programme_id: Id,
    /// Of a kommun, or of the owner.
    pub organisation: Organisation,
    /// Of which kommun; not for the owner's people.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}$")]
    pub kommunkod: Option<String>,
    /// How the time is paid for: `coFinancing` for a kommun's people, `directCost` for the owner's, who may be
    /// `coFinancing` only when the programme's settings say so.
    #[serde(default)]
    pub financing_form: Option<FinancingForm>,
    /// Name.
    #[schema(min_length = 1, max_length = 200)]
    #[validate(custom(function = "people::readable"))]
    pub name: String,
    /// Work e-mail.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// What the person does.
    #[schema(min_length = 1, max_length = 200)]
    pub function: String,
    /// Förvaltning.
    #[schema(min_length = 1, max_length = 200)]
    pub department: String,
    /// Whether the person coordinates the kommun's part; only a programme manager makes a coordinator. Whoever holds the
    /// role there already is one, also when it is left out.
    #[serde(default)]
    pub is_coordinator: bool,
    /// Employee number at the employer; never a personnummer.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40)]
    #[validate(custom(function = "number_fault"))]
    pub employee_number: Option<String>,
    /// First day, in the programme.
    pub valid_from: Day,
    /// Last day, in the programme.
    #[serde(default)]
    pub valid_to: Option<Day>,
}

fn number_fault(number: &str) -> Result<(), ValidationError> {
    personnummer_fault(number)
}

impl NewParticipant {
    pub(super) fn example() -> Value {
        json!({
            "programmeId": Context::example().new_id(),
            "organisation": "kommun",
            "kommunkod": "2582",
            "name": "Maja Lind",
            "email": "maja.lind@boden.example",
            "function": "Enhetschef",
            "department": "Socialförvaltningen",
            "employeeNumber": "104233",
            "validFrom": "2021-01-01"
        })
    }

    fn place_fault(&self) -> Result<(), ValidationError> {
        team::place_fault(self.organisation, self.kommunkod.as_deref())
    }

    /// From the first day to the last.
    pub fn period(&self) -> Period {
        Period::new(self.valid_from, self.valid_to)
    }

    /// The row of a new participant.
    pub fn into_row(
        self,
        ctx: &Context,
        person: &PersonRow,
        financing_form: FinancingForm,
    ) -> ParticipantRow {
        let Self {
            programme_id,
            organisation,
            kommunkod,
            financing_form: _,
            name: _,
            email: _,
            function,
            department,
            is_coordinator,
            employee_number,
            valid_from,
            valid_to,
        } = self;
        ParticipantRow {
            id: ctx.new_id(),
            programme_id,
            organisation,
            kommunkod,
            financing_form,
            person_id: person.id,
            sort_name: person.sort_name.clone(),
            search_text: searched(&person.name, &function, &department),
            function,
            department,
            is_coordinator,
            employee_number,
            valid_from,
            valid_to,
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        }
    }
}

fn searched(name: &str, function: &str, department: &str) -> String {
    format!("{name} {function} {department}").to_lowercase()
}

/// The row with what it keeps of its person's name, for order and search.
pub(super) fn named(mut row: ParticipantRow, person: &PersonRow) -> ParticipantRow {
    row.sort_name.clone_from(&person.sort_name);
    row.search_text = searched(&person.name, &row.function, &row.department);
    row
}

/// What may be changed of a participant. Name and e-mail are the person's own.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"function": "Utvecklingsledare", "validTo": "2022-06-30"}))]
pub struct ParticipantPatch {
    /// What the person does.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub function: Change<String>,
    /// Förvaltning.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub department: Change<String>,
    /// Whether the person coordinates the kommun's part; only a programme manager makes or unmakes a coordinator.
    #[serde(default)]
    #[schema(value_type = bool)]
    pub is_coordinator: Change<bool>,
    /// Employee number at the employer; never a personnummer.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    #[validate(custom(function = "changed_number_fault"))]
    pub employee_number: Field<String>,
    /// First day; only as long as no time is entered.
    #[serde(default)]
    #[schema(value_type = Day)]
    pub valid_from: Change<Day>,
    /// Last day; not before the last day of entered time.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    pub valid_to: Field<Day>,
}

fn changed_number_fault(number: &Field<String>) -> Result<(), ValidationError> {
    number.value().map_or(Ok(()), |number| personnummer_fault(number.as_str()))
}

impl ParticipantPatch {
    /// The changed row of this person.
    pub fn apply(self, mut row: ParticipantRow, person: &PersonRow) -> ParticipantRow {
        let Self { function, department, is_coordinator, employee_number, valid_from, valid_to } = self;
        function.apply(&mut row.function);
        department.apply(&mut row.department);
        is_coordinator.apply(&mut row.is_coordinator);
        employee_number.apply(&mut row.employee_number);
        valid_from.apply(&mut row.valid_from);
        valid_to.apply(&mut row.valid_to);
        named(row, person)
    }
}
