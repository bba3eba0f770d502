//! Time: entries, reports, months and their submission (guide §4).

pub mod month_exceptions;
pub mod month_overview;
pub mod month_submissions;
pub mod months;
pub mod time_entries;
pub mod time_entry_sums;
pub mod time_reports;
mod without_names;

use crate::platform::part::Part;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[
    months::PART,
    month_exceptions::PART,
    // Before the entries: its path would be taken for that of an entry.
    time_entry_sums::PART,
    time_entries::PART,
    time_reports::PART,
    month_submissions::PART,
    month_overview::PART,
];
