//! The requests that add and change a participant, and how they become rows.

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
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::values::{Email, Line, Name};
use crate::reference::{Kommunkod, swedish_key};
use crate::team::{self, EmployeeNumber, FinancingForm, Organisation, Period};

/// A participant to add. The person is found by e-mail, or else invited. A person who exists already keeps their name, which is
/// shown when they have logged in or accepted.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewParticipant::example)]
#[validate(schema(function = "NewParticipant::place_fault", skip_on_field_errors = false))]
pub struct NewParticipant {
    /// The programme.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun; not for the owner's staff.
    #[serde(default)]
    #[validate(nested)]
    pub kommunkod: Option<Kommunkod>,
    /// How the time is paid for: `coFinancing` for a kommun's members, `directCost` for the owner's staff. The owner's staff
    /// may have `coFinancing` only if the programme's settings allow it.
    #[serde(default)]
    pub financing_form: Option<FinancingForm>,
    /// Name.
    #[validate(nested)]
    pub name: Name,
    /// Work e-mail.
    #[validate(nested)]
    pub email: Email,
    /// What the person does.
    #[validate(nested)]
    pub function: Line<200>,
    /// Department (förvaltning).
    #[validate(nested)]
    pub department: Line<200>,
    /// Whether the person coordinates the kommun's part. Only a programme manager may set it. A person who already holds the
    /// role of coordinator in the kommun becomes one even without this field.
    #[serde(default)]
    pub is_coordinator: bool,
    /// Employee number at the employer; never a personnummer.
    #[serde(default)]
    #[validate(nested)]
    pub employee_number: Option<EmployeeNumber>,
    /// First day, within the programme.
    pub valid_from: Day,
    /// Last day, within the programme.
    #[serde(default)]
    pub valid_to: Option<Day>,
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

    /// The row of a new participant, shown with this name and address until the person logs in or accepts; with none, at once as
    /// the person says.
    pub fn into_row(
        self,
        ctx: &Context,
        person: &PersonRow,
        financing_form: FinancingForm,
        given: Option<(String, String)>,
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
        let (given_name, given_email) = given.unzip();
        let row = ParticipantRow {
            id: ctx.new_id(),
            programme_id,
            organisation,
            kommunkod: kommunkod.map(String::from),
            financing_form,
            person_id: person.id,
            sort_name: String::new(),
            search_text: String::new(),
            function: function.into(),
            department: department.into(),
            is_coordinator,
            employee_number: employee_number.map(String::from),
            valid_from,
            valid_to,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
            given_name,
            given_email,
        };
        named(row, person)
    }
}

fn searched(name: &str, function: &str, department: &str) -> String {
    format!("{name} {function} {department}").to_lowercase()
}

/// The row with the sort name and search text derived from the name that readers see.
pub(super) fn named(mut row: ParticipantRow, person: &PersonRow) -> ParticipantRow {
    let (name, _) = row.shown_as(person);
    let (sort_name, search_text) = (swedish_key(name), searched(name, &row.function, &row.department));
    (row.sort_name, row.search_text) = (sort_name, search_text);
    row
}

/// The row with its columns for sorting and searching computed again.
pub(super) fn with_keys(
    row: ParticipantRow,
    _: &ParticipantRow,
    rx: &mut Rx<'_>,
) -> Result<ParticipantRow, Problem> {
    let person = people::unscoped_by_id(rx.db, row.person_id)?;
    Ok(named(row, &person))
}

/// A change of a participant. Name and e-mail are changed on the person.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"function": "Utvecklingsledare", "validTo": "2022-06-30"}))]
pub struct ParticipantPatch {
    /// What the person does.
    #[serde(default)]
    #[schema(value_type = Line<200>)]
    #[validate(nested)]
    pub function: Change<Line<200>>,
    /// Department (förvaltning).
    #[serde(default)]
    #[schema(value_type = Line<200>)]
    #[validate(nested)]
    pub department: Change<Line<200>>,
    /// Whether the person coordinates the kommun's part; only a programme manager may change it.
    #[serde(default)]
    #[schema(value_type = bool)]
    pub is_coordinator: Change<bool>,
    /// Employee number at the employer; never a personnummer.
    #[serde(default)]
    #[schema(value_type = Option<EmployeeNumber>)]
    #[validate(nested)]
    pub employee_number: Field<EmployeeNumber>,
    /// First day; can be changed only as long as no time is entered.
    #[serde(default)]
    #[schema(value_type = Day)]
    pub valid_from: Change<Day>,
    /// Last day; not before the last day of entered time.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    pub valid_to: Field<Day>,
}

impl ParticipantPatch {
    /// The row with the changes. `person` is the participant's person.
    pub fn apply(self, mut row: ParticipantRow, person: &PersonRow) -> ParticipantRow {
        let Self { function, department, is_coordinator, employee_number, valid_from, valid_to } = self;
        function.map(String::from).apply(&mut row.function);
        department.map(String::from).apply(&mut row.department);
        is_coordinator.apply(&mut row.is_coordinator);
        employee_number.map(String::from).apply(&mut row.employee_number);
        valid_from.apply(&mut row.valid_from);
        valid_to.apply(&mut row.valid_to);
        named(row, person)
    }
}
