//! A programme's dated settings: the numbers and rules that an authority may change (guide §4). The row that is valid on a
//! day is the newest one that begins on that day or before. A new programme gets the settings of its profile.

mod commands;
mod content;
mod requests;
pub mod routes;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;

pub use commands::{add_first, gaps};

pub use content::{
    AcceptedMethods, Activity, CostForm, CostForms, EsfReporting, HoursScope, RoundingLevel, SelectionStage,
    SettingsContent,
};
pub use store::{SettingsRow, holding, unscoped_all, unscoped_of_programmes, unscoped_on_day};

/// What settings bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[
        SelectionStage::LIST,
        HoursScope::LIST,
        RoundingLevel::LIST,
        CostForm::LIST,
        EsfReporting::LIST,
    ],
    ..Part::audited::<SettingsRow>()
};

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
