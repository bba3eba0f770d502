//! A programme's dated settings: the numbers and rules that an authority may change (guide §4). The row that is valid on a
//! day is the newest one that begins on that day or before. A new programme gets the settings of its profile.

mod commands;
mod content;
mod moments;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::workflow::AllowedTransition;

pub use commands::{add_first, gaps};

pub use content::{
    AcceptedMethods, Activity, CostForm, CostForms, EsfReporting, HoursScope, RoundingLevel, SelectionStage,
    SettingsContent,
};
pub use rules::WORKFLOW;
pub use store::{
    SettingsRow, holding, holding_in, unscoped_all, unscoped_of_month, unscoped_of_programmes,
    unscoped_on_day,
};

/// What settings bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[
        SelectionStage::LIST,
        HoursScope::LIST,
        RoundingLevel::LIST,
        CostForm::LIST,
        EsfReporting::LIST,
        SettingsState::LIST,
    ],
    ..Part::of::<SettingsRow>()
};

crate::codes! {
    /// States of settings.
    pub enum SettingsState as "settingsStates" {
        /// Somebody wants them to hold from a month that has begun; another role decides.
        Proposed = "proposed", "föreslagna", "proposed";
        /// They hold from their first day.
        Adopted = "adopted", "antagna", "adopted";
        /// They never hold.
        Rejected = "rejected", "avslagna", "rejected";
    }
}

/// Settings that are valid from a day onwards.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = ProgrammeSettings::example)]
pub struct ProgrammeSettings {
    /// Identity.
    pub id: Id,
    /// The programme whose settings they are.
    pub programme_id: Id,
    /// The first day on which they are valid.
    pub valid_from: Day,
    /// State: only adopted settings hold. Of those from the same day the ones that were adopted last hold.
    pub status: SettingsState,
    /// When they were adopted; absent for a proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub adopted_at: Option<Instant>,
    /// Who entered them; absent for those of the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub proposed_by: Option<Id>,
    /// Their name; absent for readers who see no names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub proposed_by_name: Option<String>,
    /// The role in which they were entered: the other one adopts a proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub proposed_role: Option<String>,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// The settings themselves.
    #[serde(flatten)]
    pub content: SettingsContent,
    /// When they were entered.
    pub created_at: Instant,
    /// When they were last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
