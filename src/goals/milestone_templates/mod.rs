//! Milestone templates: the chain of steps that a programme asks of each of its kommuner, with a date and what is expected
//! (guide §5). A kommun that begins to take part gets one milestone from each template; its dates can then differ.
//!
//! Read by everyone who works in the programme, entered by its manager. A programme that is scheduled without any gets
//! the eight steps of the guide, spread over its time.

mod requests;
pub mod routes;
mod rules;
mod store;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited as _;
use crate::platform::hooks::Hooks;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::Tx;
use crate::programmes::ProgrammeListener;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

pub use rules::outside_programme;
pub use store::{TemplateRow, of_programme};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[MilestoneKind::LIST],
    audited: &[TemplateRow::AUDITED],
    hooks,
    ..Part::NONE
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

/// A step that a programme asks of each kommun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = MilestoneTemplate::example)]
pub struct MilestoneTemplate {
    /// Identity.
    pub id: Id,
    /// The programme that asks for it.
    pub programme_id: Id,
    /// Which step of the chain it is.
    pub kind: MilestoneKind,
    /// Its place in the chain, from 1. What comes before it should be done first.
    pub position: i32,
    /// The last day to submit it.
    pub due_on: Day,
    /// What is expected, for the coordinators.
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

/// Gives a programme its chain when it is scheduled.
struct OnScheduling;

impl ProgrammeListener for OnScheduling {
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        if to != ProgrammeState::Scheduled {
            return Ok(Vec::new());
        }
        let templates = store::of_programme(&mut tx.as_read(), programme.id)?;
        Ok(templates.iter().filter_map(|template| rules::scheduling_fault(template, programme)).collect())
    }

    fn changed(&self, tx: &mut Tx<'_>, _before: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem> {
        if after.status != ProgrammeState::Scheduled
            || !store::of_programme(&mut tx.as_read(), after.id)?.is_empty()
        {
            return Ok(());
        }
        for (kind, position, due_on) in rules::default_chain(after.starts_on, after.ends_on) {
            let row = TemplateRow {
                id: tx.ctx.new_id(),
                programme_id: after.id,
                kind,
                position,
                due_on,
                instructions: rules::default_instructions(kind).to_owned(),
                created_at: tx.ctx.now,
                updated_at: tx.ctx.now,
                version: 1,
            };
            tx.insert(&row)?;
        }
        Ok(())
    }
}

/// What templates do when a programme changes.
pub fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn ProgrammeListener>(Arc::new(OnScheduling));
}
