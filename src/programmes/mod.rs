//! Programmes: SKR's offers with their dates, places and dated settings. Teams, time and calls belong to a programme; those
//! areas react to its changes themselves, as [`ProgrammeListener`]s.

pub mod programme;
pub mod settings;

use std::collections::BTreeSet;

use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::part::Part;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::{Rx, Tx};
use programme::{ProgrammeRow, ProgrammeState};

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[programme::PART, settings::PART];

/// What a programme's settings must know of the time that was entered by them; the area of time implements it.
pub trait ApprovedTime: Send + Sync {
    /// Locks the reports of a month and of later ones, so that none is approved meanwhile.
    fn lock_since(&self, tx: &mut Tx<'_>, programme_id: Id, month: Month) -> Result<(), Problem>;

    /// The newest month with approved time of each of these programmes that has any.
    fn newest(&self, rx: &mut Rx<'_>, programmes: &BTreeSet<Id>) -> Result<Vec<(Id, Month)>, Problem>;
}

/// How higher areas react when a programme changes state. Runs inside the same transaction; an area registers its listener in
/// the `hooks` of its `PART`.
pub trait ProgrammeListener: Send + Sync {
    /// Locks what [`obstacles`](Self::obstacles) depends on, so that it stays as it is until the change.
    fn lock(&self, tx: &mut Tx<'_>, programme: &ProgrammeRow, to: ProgrammeState) -> Result<(), Problem> {
        let _ = (tx, programme, to);
        Ok(())
    }

    /// Everything that prevents the change. Also asked, without a lock, for what is offered.
    fn obstacles(
        &self,
        rx: &mut Rx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        let _ = (rx, programme, to);
        Ok(Vec::new())
    }

    /// Gives a new programme what it copies of an older one, beside settings and plan.
    fn copied(&self, tx: &mut Tx<'_>, from: &ProgrammeRow, to: &ProgrammeRow) -> Result<(), Problem> {
        let _ = (tx, from, to);
        Ok(())
    }

    /// What follows from the change. `before` is the programme as it was.
    fn changed(&self, tx: &mut Tx<'_>, before: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem>;
}
