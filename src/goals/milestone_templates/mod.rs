//! Milestone templates: the chain of steps that a programme requires of each of its kommuner, with a date and
//! instructions (guide §5). A kommun that begins to take part gets one milestone from each template; its dates can then
//! differ.
//!
//! Everyone who works in the programme reads them; its manager enters them. A programme that is scheduled without
//! templates gets the eight steps of the guide, spread over its time.

mod commands;
mod programme_listener;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::programmes::ProgrammeListener;

pub use rules::outside_programme;
pub use store::{TemplateRow, unscoped_of_programme};

/// What this resource brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[MilestoneKind::LIST],
    hooks: |hooks| hooks.add::<dyn ProgrammeListener>(Arc::new(programme_listener::OnProgrammes)),
    ..Part::audited::<TemplateRow>()
};

crate::codes! {
    /// The steps of the chain (guide §5).
    pub enum MilestoneKind as "milestoneKinds" {
        /// The baseline questionnaire is answered.
        NeedsInventory = "needsInventory", "behovsinventering", "needs inventory";
        /// The responsible nämnd has decided to take part, and the staff were involved.
        Anchoring = "anchoring", "förankring i nämnd och hos medarbetare", "anchoring in the nämnd and among staff";
        /// A political decision on the direction.
        PoliticalDirection = "politicalDirection", "politisk viljeinriktning", "political direction";
        /// A policy on working with social enterprises.
        PolicyDocument = "policyDocument", "policydokument", "policy document";
        /// A plan that carries the policy out.
        ActionPlan = "actionPlan", "handlingsplan", "action plan";
        /// The kommun's own departments work together.
        InternalStructure = "internalStructure", "intern samverkansstruktur", "internal structure of cooperation";
        /// The kommun works together with social enterprises.
        ExternalStructure = "externalStructure", "extern samverkansstruktur", "external structure of cooperation";
        /// Business with social enterprises.
        Business = "business", "affärer, partnerskap, upphandling", "deals, partnership, procurement";
    }
}

/// A step that a programme requires of each kommun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = MilestoneTemplate::example)]
pub struct MilestoneTemplate {
    /// Identity.
    pub id: Id,
    /// The programme that requires it.
    pub programme_id: Id,
    /// Which step of the chain it is.
    pub kind: MilestoneKind,
    /// Its place in the chain, from 1. Earlier steps should be done first.
    pub position: i32,
    /// The last day to submit it.
    pub due_on: Day,
    /// What is expected of the kommun; the coordinators read it.
    pub instructions: String,
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
