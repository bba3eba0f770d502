//! Programmes: SKR's offers with their dates, places and dated settings. Teams, time and calls belong to a programme; those
//! areas react to its changes themselves, as [`ProgrammeListener`]s.

pub mod programme;
pub mod settings;

use crate::platform::part::Part;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::Tx;
use programme::{ProgrammeRow, ProgrammeState};

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[programme::PART, settings::PART];

/// How higher areas react when a programme changes state. Runs inside the same transaction; an area registers its listener in
/// the `hooks` of its `PART`.
pub trait ProgrammeListener: Send + Sync {
    /// Everything that prevents the change.
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
