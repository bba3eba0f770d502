//! Programmes: SKR's offers with their dates, places and dated settings. Team, time and calls all lie in a programme;
//! what its changes set off in them they do themselves, as [`ProgrammeListener`]s.

pub mod programme;
pub mod settings;

use crate::platform::codes::CodeList;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Job;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::Tx;
use crate::platform::workflow::WorkflowTable;
use programme::{ProgrammeRow, ProgrammeState};

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] = &[
    ProgrammeState::LIST,
    programme::Profile::LIST,
    settings::SelectionStage::LIST,
    settings::HoursScope::LIST,
    settings::RoundingLevel::LIST,
    settings::CostForm::LIST,
    settings::EsfReporting::LIST,
];

/// The area's tables of states.
pub fn workflows() -> Vec<WorkflowTable> {
    vec![programme::WORKFLOW.table()]
}

/// What the clock does here.
pub const JOBS: &[Job] = &[Job { name: "programmes", run: programme::follow_the_clock }];

/// The area's operations.
pub fn routes(cfg: &mut Operations) {
    programme::routes::routes(cfg);
    settings::routes::routes(cfg);
}

/// What areas above do when a programme changes state; runs inside the same transaction (wired in `app.rs`).
pub trait ProgrammeListener: Send + Sync {
    /// What stands in the way of the change, all of it.
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        let _ = (tx, programme, to);
        Ok(Vec::new())
    }

    /// What follows from the change. `before` is the programme as it was.
    fn changed(&self, tx: &mut Tx<'_>, before: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem>;
}
