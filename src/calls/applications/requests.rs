//! The requests that change an application, and how they change its row.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::rules::FieldGroup;
use super::store::{self, ApplicationRow};
use super::{ContactDecision, NamedCoordinator};
use crate::platform::http::body::{Change, Field};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::values::{Email, Line, Name, Text};
use crate::platform::workflow::StepData;
use crate::programmes::programme::Deadline;

/// The texts without their type.
pub fn strings(texts: Vec<Line<200>>) -> Vec<String> {
    texts.into_iter().map(String::from).collect()
}

/// A change of an application. The kommun changes the content until it has confirmed its interest, and who the contact is. The
/// kommun or the programme manager changes the contact's name, coordinator and registry number. The programme manager changes
/// `respondBy` and the attendance.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"motivation": "Vi vill arbeta mer strategiskt med sociala företag.", "maturity": 3}))]
pub struct ApplicationPatch {
    /// The contact in the kommun.
    #[serde(default)]
    #[schema(value_type = Name)]
    #[validate(nested)]
    pub contact_name: Change<Name>,
    /// The contact's address; a new contact is invited and gets the role applicant.
    #[serde(default)]
    #[schema(value_type = Email)]
    #[validate(nested)]
    pub contact_email: Change<Email>,
    /// Why the kommun wants to take part.
    #[serde(default)]
    #[schema(value_type = Text<5000>)]
    #[validate(nested)]
    pub motivation: Change<Text<5000>>,
    /// The kommun's own assessment of how far it has come, 1–5.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 1, maximum = 5)]
    pub maturity: Change<i32>,
    /// Departments that are to take part.
    #[serde(default)]
    #[schema(value_type = Vec<Line<200>>, min_items = 1, max_items = 30)]
    #[validate(nested)]
    pub departments: Change<Vec<Line<200>>>,
    /// The coordinator, if known.
    #[serde(default)]
    #[schema(value_type = Option<NamedCoordinator>)]
    #[validate(nested)]
    pub coordinator: Field<NamedCoordinator>,
    /// Social enterprises that the kommun knows of today.
    #[serde(default)]
    #[schema(value_type = Vec<Line<200>>, max_items = 100)]
    #[validate(nested)]
    pub known_social_enterprises: Change<Vec<Line<200>>>,
    /// The kommun's own case number.
    #[serde(default)]
    #[schema(value_type = Option<Line<100>>)]
    #[validate(nested)]
    pub registry_number: Field<Line<100>>,
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
    /// The fields that were sent, each with its group.
    pub fn fields(&self) -> Vec<(&'static str, FieldGroup)> {
        let all = [
            ("/contactName", FieldGroup::Contact, self.contact_name.is_keep()),
            ("/contactEmail", FieldGroup::ContactAddress, self.contact_email.is_keep()),
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

    /// The changed row.
    pub fn apply(self, mut row: ApplicationRow, kommun: &str) -> ApplicationRow {
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
        contact_name.map(String::from).apply(&mut row.contact_name);
        contact_email.map(|email| email.to_lowercase()).apply(&mut row.contact_email);
        motivation.map(String::from).apply(&mut row.motivation);
        maturity.apply(&mut row.maturity);
        departments.map(strings).apply(&mut row.departments.0);
        let mut named = row.coordinator();
        coordinator.apply(&mut named);
        row.coordinator_name = named.as_ref().map(|coordinator| coordinator.name.to_string());
        row.coordinator_email = named.map(|coordinator| coordinator.email.to_lowercase());
        known_social_enterprises.map(strings).apply(&mut row.known_social_enterprises.0);
        registry_number.map(String::from).apply(&mut row.registry_number);
        respond_by.map(Instant::from).apply(&mut row.respond_by);
        attended_info_meeting.apply(&mut row.attended_info_meeting);
        row.search_text = store::search_text(kommun, &row.contact_name, &row.contact_email, &row.motivation);
        row
    }
}

/// A person who becomes the contact.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewContact {
    /// Name.
    #[validate(nested)]
    pub name: Name,
    /// Work e-mail.
    #[validate(nested)]
    pub email: Email,
}

/// The manager's decision about the contact. With `kept`, `interestId` names the later interest that it is about. With
/// `handedOver`, either `interestId` names the later interest whose contact takes over, or `contact` is somebody else, who is
/// invited.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "decision": "handedOver",
    "interestId": "0175a2e1-7c00-7000-8000-000000000001",
    "reason": "Kommunens växel känner inte den första kontaktpersonen."
}))]
pub struct NewContactDecision {
    /// The decision.
    pub decision: ContactDecision,
    /// The later interest, which became a note on this application.
    #[serde(default)]
    pub interest_id: Option<Id>,
    /// Another contact.
    #[serde(default)]
    #[validate(nested)]
    pub contact: Option<NewContact>,
    /// Why. It is mailed to those concerned.
    #[validate(nested)]
    pub reason: Text<2000>,
}

/// The data that a change of an application's state may contain.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"respondBy": "2020-11-12"}))]
pub struct ApplicationChangeData {
    /// With `invited`: a later deadline for the kommun's answer than the programme's.
    #[serde(default)]
    pub respond_by: Option<Deadline>,
    /// With `selected`: why this kommun gets a free place and not the best replacement; required then. All kommuner of the call
    /// read it at the announced selection (`givenPlaces`), unlike the comment, which is for this application's readers.
    #[serde(default)]
    #[validate(nested)]
    pub public_reason: Option<Text<2000>>,
}

impl StepData for ApplicationChangeData {
    fn given(&self) -> Vec<&'static str> {
        let Self { respond_by, public_reason } = self;
        let members = [
            (respond_by.is_some(), super::rules::ANSWER),
            (public_reason.is_some(), super::rules::PUBLIC_REASON),
        ];
        members.into_iter().filter(|(is_given, _)| *is_given).map(|(_, name)| name).collect()
    }
}
