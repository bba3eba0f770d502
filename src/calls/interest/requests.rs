//! The requests that add an application and prove its address, and the rows that they become.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use crate::calls::applications::{
    ApplicationRow, ApplicationState, NamedCoordinator, Note, search_text, strings,
};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::moment::Instant;
use crate::platform::values::{Email, Line, Name, Text};
use crate::programmes::programme::{Deadline, ProgrammeRow};
use crate::reference::Kommunkod;

/// An expression of interest. With `receivedAt` and `reason`, the programme manager registers an application that came late,
/// on paper or by e-mail.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewApplication::example)]
pub struct NewApplication {
    /// The kommun.
    #[validate(nested)]
    pub kommunkod: Kommunkod,
    /// The contact in the kommun.
    #[validate(nested)]
    pub contact_name: Name,
    /// The contact's address. A link that proves the address is sent there.
    #[validate(nested)]
    pub contact_email: Email,
    /// Why the kommun wants to take part.
    #[validate(nested)]
    pub motivation: Text<5000>,
    /// The kommun's own assessment of how far it has come, 1–5.
    #[schema(minimum = 1, maximum = 5)]
    pub maturity: i32,
    /// Departments that are to take part.
    #[schema(min_items = 1, max_items = 30)]
    #[validate(nested)]
    pub departments: Vec<Line<200>>,
    /// The coordinator, if known.
    #[serde(default)]
    #[validate(nested)]
    pub coordinator: Option<NamedCoordinator>,
    /// Social enterprises that the kommun knows of today.
    #[serde(default)]
    #[schema(max_items = 100)]
    #[validate(nested)]
    pub known_social_enterprises: Vec<Line<200>>,
    /// The kommun's own case number.
    #[serde(default)]
    #[validate(nested)]
    pub registry_number: Option<Line<100>>,
    /// Programme manager only: when it came in; a day without a time means 24:00 of that day, as for the deadline
    /// that it is compared with.
    #[serde(default)]
    pub received_at: Option<Deadline>,
    /// Programme manager only: a later deadline for the kommun's answer.
    #[serde(default)]
    pub respond_by: Option<Deadline>,
    /// Programme manager only: why it is registered.
    #[serde(default)]
    #[validate(nested)]
    pub reason: Option<Text<2000>>,
}

impl NewApplication {
    /// An example for OpenAPI.
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

    /// Whether it has fields that only the programme manager may send.
    pub fn is_registration(&self) -> bool {
        self.received_at.is_some() || self.respond_by.is_some() || self.reason.is_some()
    }

    /// When it came in: now, unless the manager gives a time. A day without a time means the end of that day, except that
    /// today means now, because the end of today is in the future.
    pub fn received_at(&self, ctx: &Context) -> Instant {
        let given = self.received_at.map_or(ctx.now, Instant::from);
        if given == ctx.today().end() { ctx.now } else { given }
    }

    /// The row of an anonymous expression of interest: unverified, received now.
    pub fn into_interest(self, ctx: &Context, programme: &ProgrammeRow, kommun: &str) -> ApplicationRow {
        self.into_row(ctx, programme, ctx.now, kommun)
    }

    /// The row of an application that the manager registers: submitted, received at the time that the manager gives.
    pub fn into_registration(
        self,
        ctx: &Context,
        programme: &ProgrammeRow,
        received_at: Instant,
        kommun: &str,
    ) -> ApplicationRow {
        let reason = self.reason.clone().map(String::from);
        let respond_by = self.respond_by.map(Instant::from);
        // Also kept as a note, because the reason is replaced when the application ends for another reason.
        let note = |text: &String| Note {
            at: ctx.now,
            application_id: None,
            contact_name: None,
            contact_email: None,
            text: text.clone(),
            decision: None,
            decided_at: None,
            reason: None,
        };
        let notes = reason.iter().map(note).collect();
        ApplicationRow {
            status: ApplicationState::Submitted,
            respond_by,
            reason,
            notes: Json(notes),
            ..self.into_row(ctx, programme, received_at, kommun)
        }
    }

    /// The row of an unverified application.
    fn into_row(
        self,
        ctx: &Context,
        programme: &ProgrammeRow,
        received_at: Instant,
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
            programme_id: programme.id,
            status: ApplicationState::Unverified,
            search_text: search_text(kommun, &contact_name, &contact_email, &motivation),
            kommunkod: kommunkod.into(),
            contact_name: contact_name.into(),
            contact_email,
            contact_person_id: None,
            motivation: motivation.into(),
            maturity,
            departments: Json(strings(departments)),
            coordinator_name: coordinator.as_ref().map(|coordinator| coordinator.name.to_string()),
            coordinator_email: coordinator.map(|coordinator| coordinator.email.to_lowercase()),
            known_social_enterprises: Json(strings(known_social_enterprises)),
            registry_number: registry_number.map(String::from),
            received_at,
            respond_by: None,
            reason: None,
            is_late: programme.interest_deadline < received_at,
            attended_info_meeting: None,
            notes: Json(Vec::new()),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// The proof of an address.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"token": "l2xW0o1zq3Vn0m8gk8mJr5dZ3bQw9k1y7c6V4t2s0aE", "password": "En mening som är lång nog"}))]
pub struct Verification {
    /// The part of the mailed link after the dot.
    #[schema(min_length = 1, max_length = 200, format = Password)]
    pub token: String,
    /// The password of a new account; a caller who is logged in, or whose address has an account, needs none.
    #[serde(default)]
    #[schema(max_length = 1024, format = Password)]
    pub password: Option<String>,
}

/// A request for a new link.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"contactEmail": "utvecklingsstrateg@boden.example.org"}))]
pub struct NewLink {
    /// The address that was given in the expression of interest.
    #[validate(nested)]
    pub contact_email: Email,
}
