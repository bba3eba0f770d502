//! The kommuner that take part in a programme. Open to anyone once the places are announced, and without personal data: what
//! is in the register, and since when the kommun has its place (guide §1, "anonymous").
//!
//! Until the programme is `decided` the list is empty, whatever has been proposed. A kommun that has left (`declined`,
//! `terminated`) is not in it any more.

pub mod routes;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::calls::applications::ApplicationState;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::reference::kommuner::{SizeBand, SkrGroup};
use crate::reference::lan::Nuts2;

/// What this resource brings to the program.
pub const PART: Part = Part { routes: routes::routes, ..Part::NONE };

/// A kommun with a place in a programme.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = ParticipatingKommun::example)]
pub struct ParticipatingKommun {
    /// The kommun's identity.
    pub id: Id,
    /// SCB's four digits, as text.
    pub kommunkod: String,
    /// Short form: "Boden".
    pub name: String,
    /// SCB's two digits.
    pub lan_code: String,
    /// "Norrbottens län".
    pub lan_name: String,
    /// NUTS 2 area: "SE33".
    pub nuts2: Nuts2,
    /// Size by inhabitants, as the register has it today.
    pub size_band: SizeBand,
    /// SKR kommungrupp, as the register has it today.
    pub skr_group: SkrGroup,
    /// `selected` until the work begins, then `participating`, and `completed` when it took part to the end.
    pub status: ApplicationState,
    /// When it was given its place; null if no step of that kind is recorded.
    pub selected_at: Option<Instant>,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
