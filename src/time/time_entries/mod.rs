//! Time entries: what somebody did on a day for the network, in whole minutes (guide §4). The description alone proves
//! the cost.
//!
//! Entered and confirmed by the person; a coordinator may propose entries for the own kommun's people, a manager for
//! the owner's. An attester sees the entries of signed reports.

pub mod routes;
mod store;

pub use store::{EntryRow, KindMinutes, of_report, sums};

crate::codes! {
    /// Kinds of time (guide §4).
    pub enum EntryKind as "timeEntryKinds" {
        /// With the other kommuner.
        Joint = "joint", "gemensam", "joint";
        /// The kommun's own.
        Own = "own", "egen", "own";
        /// The coordinator's.
        Coordination = "coordination", "koordinering", "coordination";
    }
}

crate::codes! {
    /// How an entry came.
    pub enum EntrySource as "timeEntrySources" {
        /// Entered by the person.
        Manual = "manual", "manuell", "manual";
        /// Entered by the coordinator.
        Coordinator = "coordinator", "koordinator", "coordinator";
        /// From confirmed attendance at a meeting.
        Attendance = "attendance", "närvaro", "attendance";
        /// From an HR system.
        Import = "import", "import", "import";
    }
}

crate::codes! {
    /// States of an entry.
    pub enum EntryState as "timeEntryStates" {
        /// Entered by somebody else, or copied: counts when the person has confirmed it.
        Proposed = "proposed", "föreslagen", "proposed";
        /// Counts.
        Recorded = "recorded", "registrerad", "recorded";
        /// Does not count; kept.
        Voided = "voided", "makulerad", "voided";
    }
}
