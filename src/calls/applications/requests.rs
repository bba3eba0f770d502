//! What is sent to make and change an application, and the step from there to the row.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::rules::{self, FieldGroup};
use super::store::ApplicationRow;
use super::{ApplicationState, NamedCoordinator, Note};
use crate::identity::people;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::body::{Change, Field, broken};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::programmes::programme::{Deadline, ProgrammeRow};

/// An expression of interest. With `receivedAt` and `reason` it is one that came late or on another way and that the
/// programme manager registers.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewApplication::example)]
pub struct NewApplication {
    /// The kommun's four digits.
    #[schema(pattern = "^[0-9]{4}$")]
    pub kommunkod: String,
    /// Who answers for it in the kommun.
    #[schema(min_length = 1, max_length = 200)]
    #[validate(custom(function = "people::readable"))]
    pub contact_name: String,
    /// Where to reach them; a link to prove it is sent there.
    #[schema(format = "email", max_length = 254)]
    pub contact_email: String,
    /// Why the kommun wants to take part.
    #[schema(min_length = 1, max_length = 5000)]
    pub motivation: String,
    /// How far the kommun has come by its own account, 1–5.
    #[schema(minimum = 1, maximum = 5)]
    pub maturity: i32,
    /// Departments that are to take part.
    #[schema(min_items = 1, max_items = 30)]
    #[validate(custom(function = "names"))]
    pub departments: Vec<String>,
    /// The coordinator, if known.
    #[serde(default)]
    #[validate(nested)]
    pub coordinator: Option<NamedCoordinator>,
    /// Social enterprises that the kommun knows of today.
    #[serde(default)]
    #[schema(max_items = 100)]
    #[validate(custom(function = "names"))]
    pub known_social_enterprises: Vec<String>,
    /// The kommun's own case number.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub registry_number: Option<String>,
    /// Programme manager only: when it came in; a plain day means 24:00 of it.
    #[serde(default)]
    pub received_at: Option<Deadline>,
    /// Programme manager only: a later deadline for the kommun's answer.
    #[serde(default)]
    pub respond_by: Option<Deadline>,
    /// Programme manager only: why it is registered.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
}

/// Each name of a list says something and is no essay.
fn names(names: &[String]) -> Result<(), ValidationError> {
    let is_name = |name: &String| (1..=200).contains(&name.trim().chars().count());
    if names.iter().all(is_name) {
        return Ok(());
    }
    Err(broken("wrongLength", "Varje namn ska ha 1–200 tecken.", "Each name must have 1–200 characters."))
}

fn changed_names(change: &Change<Vec<String>>) -> Result<(), ValidationError> {
    change.value().map_or(Ok(()), |value| names(value))
}

impl NewApplication {
    pub(super) fn example() -> serde_json::Value {
        json!({
            "kommunkod": "2582",
            "contactName": "Utvecklingsstrateg Boden",
            "contactEmail": "utvecklingsstrateg@boden.example.org",
            "motivation": "Vi vill arbeta mer strategiskt med sociala företag.",
            "maturity": 2,
            "departments": ["Arbetsmarknadsförvaltningen", "Inköp"],
            "coordinator": {"name": "Koordinator Boden", "email": "koordinator@boden.example.org"},
            "knownSocialEnterprises": ["Norrsken Återbruk"],
            "registryNumber": "KS 2020/412"
        })
    }

    /// Whether it is one that only the programme manager may register.
    pub fn is_registration(&self) -> bool {
        self.received_at.is_some() || self.respond_by.is_some() || self.reason.is_some()
    }

    /// The row of an anonymous interest: unverified, received now.
    pub fn into_interest(self, ctx: &Context, programme: &ProgrammeRow, kommun: &str) -> ApplicationRow {
        self.into_row(ctx, programme.id, ctx.now, programme.interest_deadline, kommun)
    }

    /// The row of one that the manager registers: submitted, received when the manager says.
    pub fn into_registration(
        self,
        ctx: &Context,
        programme: &ProgrammeRow,
        kommun: &str,
    ) -> Result<ApplicationRow, Problem> {
        let mut faults = Vec::new();
        let mut required = |pointer: &str, is_missing: bool| {
            if is_missing {
                let words = Localized::fixed(
                    "Behövs när en intresseanmälan registreras.",
                    "Needed when an application is registered.",
                );
                faults.push(FieldError::new(pointer, "required", words));
            }
        };
        required("/receivedAt", self.received_at.is_none());
        required("/reason", self.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()));
        let received_at = received(self.received_at.map_or(ctx.now, |given| given.0), ctx);
        if ctx.now < received_at {
            let words = Localized::fixed("Ligger i framtiden.", "Lies in the future.");
            faults.push(FieldError::new("/receivedAt", "inTheFuture", words));
        }
        let respond_by = self.respond_by.map(|given| given.0);
        if let Some(respond_by) = respond_by {
            faults.extend(respond_by_faults("/respondBy", respond_by, programme, ctx.now));
        }
        Code::InvalidInput.refuse_any(faults)?;
        let reason = self.reason.clone();
        let mut row = self.into_row(ctx, programme.id, received_at, programme.interest_deadline, kommun);
        row.status = ApplicationState::Submitted;
        row.respond_by = respond_by;
        row.notes = Json(reason.iter().map(|reason| registered(reason, ctx.now)).collect());
        row.reason = reason;
        Ok(row)
    }

    pub(super) fn into_row(
        self,
        ctx: &Context,
        programme_id: Id,
        received_at: Instant,
        interest_deadline: Instant,
        kommun: &str,
    ) -> ApplicationRow {
        let Self {
            kommunkod,
            contact_name,
            contact_email,
            motivation,
            maturity,
            departments,
            coordinator,
            known_social_enterprises,
            registry_number,
            received_at: _,
            respond_by: _,
            reason: _,
        } = self;
        let contact_email = contact_email.to_lowercase();
        ApplicationRow {
            id: ctx.new_id(),
            programme_id,
            status: ApplicationState::Unverified,
            search_text: searched(kommun, &contact_name, &contact_email, &motivation),
            kommunkod,
            contact_name,
            contact_email,
            contact_person_id: None,
            motivation,
            maturity,
            departments: Json(departments),
            coordinator_name: coordinator.as_ref().map(|coordinator| coordinator.name.clone()),
            coordinator_email: coordinator.map(|coordinator| coordinator.email.to_lowercase()),
            known_social_enterprises: Json(known_social_enterprises),
            registry_number,
            received_at,
            respond_by: None,
            reason: None,
            is_late: interest_deadline < received_at,
            attended_info_meeting: None,
            notes: Json(Vec::new()),
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        }
    }
}

/// A plain day means its end; given for today it can only mean until now.
fn received(given: Instant, ctx: &Context) -> Instant {
    if given == ctx.today().end() { ctx.now } else { given }
}

/// Why it was registered stays readable when the application later ends for another reason.
fn registered(reason: &str, now: Instant) -> Note {
    Note { at: now, application_id: None, contact_name: None, contact_email: None, text: reason.to_owned() }
}

fn searched(kommun: &str, name: &str, email: &str, motivation: &str) -> String {
    format!("{kommun} {name} {email} {motivation}").to_lowercase()
}

/// A later deadline for one kommun lies ahead, and after the one that all have.
pub fn respond_by_faults(
    pointer: &str,
    given: Instant,
    programme: &ProgrammeRow,
    now: Instant,
) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if given <= now {
        let words = Localized::fixed("Har redan passerat.", "Has passed already.");
        faults.push(FieldError::new(pointer, "inThePast", words));
    }
    if given < programme.confirmation_deadline {
        let words = Localized::fixed(
            "Ska inte ligga före programmets sista dag för svar.",
            "Must not be before the programme's confirmation deadline.",
        );
        faults.push(FieldError::new(pointer, "tooEarly", words));
    }
    faults
}

/// What may be changed of an application. Who may change what, and when, stands in the guide: the kommun its content
/// until it has confirmed, contact and coordinator both; `respondBy` and attendance the programme manager.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"motivation": "Vi vill arbeta mer strategiskt med sociala företag.", "maturity": 3}))]
pub struct ApplicationPatch {
    /// Who answers for it in the kommun.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    #[validate(custom(function = "people::readable_if_changed"))]
    pub contact_name: Change<String>,
    /// Where to reach them; a new contact is invited and gets the role applicant.
    #[serde(default)]
    #[schema(value_type = String, format = "email", max_length = 254)]
    pub contact_email: Change<String>,
    /// Why the kommun wants to take part.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 5000)]
    pub motivation: Change<String>,
    /// 1–5.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 1, maximum = 5)]
    pub maturity: Change<i32>,
    /// Departments that are to take part.
    #[serde(default)]
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 30)]
    #[validate(custom(function = "changed_names"))]
    pub departments: Change<Vec<String>>,
    /// The coordinator, if known.
    #[serde(default)]
    #[schema(value_type = Option<NamedCoordinator>)]
    #[validate(nested)]
    pub coordinator: Field<NamedCoordinator>,
    /// Social enterprises that the kommun knows of today.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 100)]
    #[validate(custom(function = "changed_names"))]
    pub known_social_enterprises: Change<Vec<String>>,
    /// The kommun's own case number.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub registry_number: Field<String>,
    /// A later deadline for the kommun's answer.
    #[serde(default)]
    #[schema(value_type = Option<Deadline>)]
    pub respond_by: Field<Deadline>,
    /// Whether the kommun came to the information meeting.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub attended_info_meeting: Field<bool>,
}

impl ApplicationPatch {
    /// The fields that were sent, with the group that each belongs to.
    pub fn sent(&self) -> Vec<(&'static str, FieldGroup)> {
        let all = [
            ("/contactName", FieldGroup::Contact, self.contact_name.is_keep()),
            ("/contactEmail", FieldGroup::Contact, self.contact_email.is_keep()),
            ("/motivation", FieldGroup::Content, self.motivation.is_keep()),
            ("/maturity", FieldGroup::Content, self.maturity.is_keep()),
            ("/departments", FieldGroup::Content, self.departments.is_keep()),
            ("/coordinator", FieldGroup::Contact, self.coordinator.is_absent()),
            ("/knownSocialEnterprises", FieldGroup::Content, self.known_social_enterprises.is_keep()),
            ("/registryNumber", FieldGroup::Contact, self.registry_number.is_absent()),
            ("/respondBy", FieldGroup::Deadline, self.respond_by.is_absent()),
            ("/attendedInfoMeeting", FieldGroup::Attendance, self.attended_info_meeting.is_absent()),
        ];
        all.into_iter()
            .filter(|(.., is_absent)| !is_absent)
            .map(|(pointer, group, _)| (pointer, group))
            .collect()
    }

    /// The changed row, when somebody with these roles may change all of it now.
    pub fn apply(
        self,
        mut row: ApplicationRow,
        programme: &ProgrammeRow,
        kommun: &str,
        roles: &[&str],
        now: Instant,
    ) -> Result<ApplicationRow, Problem> {
        rules::are_ones_own(&self.sent(), roles)?;
        if let Field::Value(respond_by) = &self.respond_by {
            let faults = respond_by_faults("/respondBy", respond_by.0, programme, now);
            Code::InvalidInput.refuse_any(faults)?;
        }
        rules::are_open(&self.sent(), row.status)?;
        let Self {
            contact_name,
            contact_email,
            motivation,
            maturity,
            departments,
            coordinator,
            known_social_enterprises,
            registry_number,
            respond_by,
            attended_info_meeting,
        } = self;
        contact_name.apply(&mut row.contact_name);
        contact_email.apply(&mut row.contact_email);
        row.contact_email = row.contact_email.to_lowercase();
        motivation.apply(&mut row.motivation);
        maturity.apply(&mut row.maturity);
        departments.apply(&mut row.departments.0);
        let mut named = row.coordinator();
        coordinator.apply(&mut named);
        row.coordinator_name = named.as_ref().map(|coordinator| coordinator.name.clone());
        row.coordinator_email = named.map(|coordinator| coordinator.email.to_lowercase());
        known_social_enterprises.apply(&mut row.known_social_enterprises.0);
        registry_number.apply(&mut row.registry_number);
        let mut deadline = row.respond_by.map(Deadline);
        respond_by.apply(&mut deadline);
        row.respond_by = deadline.map(|deadline| deadline.0);
        attended_info_meeting.apply(&mut row.attended_info_meeting);
        row.search_text = searched(kommun, &row.contact_name, &row.contact_email, &row.motivation);
        Ok(row)
    }
}

/// Facts that a change of an application's state takes.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"respondBy": "2020-11-12"}))]
pub struct ApplicationChangeData {
    /// With `invited`: a later deadline for the kommun's answer than the programme's.
    #[serde(default)]
    pub respond_by: Option<Deadline>,
}

/// The proof of an address.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"token": "l2xW0o1zq3Vn0m8gk8mJr5dZ3bQw9k1y7c6V4t2s0aE", "password": "En mening som är lång nog"}))]
pub struct Verification {
    /// What stands after the point in the mailed link.
    #[schema(min_length = 1, max_length = 200)]
    pub token: String,
    /// The password of a new account; not needed by somebody who is logged in or has an account already.
    #[serde(default)]
    #[schema(max_length = 1024)]
    pub password: Option<String>,
}

/// Where to send a new link.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"contactEmail": "utvecklingsstrateg@boden.example.org"}))]
pub struct NewLink {
    /// The address given with the interest.
    #[schema(format = "email", max_length = 254)]
    pub contact_email: String,
}
