//! Register years: population and SKR group of all kommuner, of one year. The first one is part of the program; an
//! administrator adds each later one, so that a new year needs no release. `/kommuner` shows the newest.
//!
//! A year is never taken away, and only the newest is corrected, so that what was recorded by an older one (a selection's input)
//! can be held against it.

mod base;
mod commands;
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
use crate::reference::kommuner::{SizeBand, SkrGroup};

pub use store::{RegisterYearRow, stored};

/// What register years bring to the program.
pub const PART: Part = Part { routes: routes::routes, ..Part::audited::<RegisterYearRow>() };

/// The facts of a register year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = RegisterYear::example)]
pub struct RegisterYear {
    /// Identity; the year identifies it too.
    pub id: Id,
    /// The year.
    pub year: i32,
    /// The day whose population it has.
    pub population_on: Day,
    /// The year of the newest SKR classification in it.
    pub skr_group_year: i32,
    /// Where the facts come from.
    pub source: String,
    /// Whether it is the newest, which `/kommuner` shows.
    pub is_newest: bool,
    /// The kommuner with their facts, by kommunkod; absent in the list of years.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kommuner: Option<Vec<RegisterFact>>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// What a register year says of one kommun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterFact {
    /// SCB's four digits, as text.
    pub kommunkod: String,
    /// Short form: "Boden".
    pub name: String,
    /// Inhabitants.
    pub population: i32,
    /// Size by inhabitants.
    pub size_band: SizeBand,
    /// SKR kommungrupp.
    pub skr_group: SkrGroup,
    /// Year of its classification.
    pub skr_group_year: i32,
}
