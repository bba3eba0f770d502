//! Programmes: SKR's offers with their dates, places and dated settings. Team, time and calls all lie in a programme;
//! what its changes set off in them they do themselves, as [`ProgrammeListener`]s.

pub mod programme;
pub mod settings;

use crate::platform::part::Part;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::Tx;
use programme::{ProgrammeRow, ProgrammeState};

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[programme::PART, settings::PART];

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
