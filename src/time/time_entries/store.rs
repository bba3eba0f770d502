//! Every query of time entries.

use std::collections::HashMap;

use diesel::dsl::sum;
use diesel::prelude::*;
use serde::Serialize;

use super::{EntryKind, EntrySource, EntryState};
use crate::platform::audit::Chain;
use crate::platform::db::Db;
use crate::platform::db::schema::time_entries;
use crate::platform::http::problem::Problem;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month};
use crate::platform::workflow::Stateful;

/// A time entry as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = time_entries, treat_none_as_null = true)]
pub struct EntryRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// A kommun's or the owner's: `kommun` or `owner`.
    pub organisation: String,
    /// The kommun; none for the owner's staff.
    pub kommunkod: Option<String>,
    /// Whose, in the programme.
    pub participant_id: Id,
    /// Whose.
    pub person_id: Id,
    /// The report version that it stands in.
    pub time_report_id: Id,
    /// The day of the work.
    pub work_date: Day,
    /// The month of that day, for sums.
    pub month: Month,
    /// Worked minutes, 1–1440.
    pub minutes: i32,
    /// Kind of time.
    pub kind: EntryKind,
    /// Activity of the programme's settings.
    pub activity_code: String,
    /// What was done; alone proves the cost.
    pub description: Option<String>,
    /// The meeting, if any.
    pub meeting_id: Option<Id>,
    /// How it came.
    pub source: EntrySource,
    /// The HR system that it came from.
    pub source_system: Option<String>,
    /// Its key there.
    pub external_id: Option<String>,
    /// The entry that it is a copy of.
    pub copied_from_id: Option<Id>,
    /// State.
    pub status: EntryState,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored!(EntryRow in time_entries as "timeEntry", chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()));

impl Stateful for EntryRow {
    type State = EntryState;

    fn state(&self) -> EntryState {
        self.status
    }

    fn set_state(&mut self, state: EntryState) {
        self.status = state;
    }
}

/// Minutes by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KindMinutes {
    /// Joint time.
    pub joint: i64,
    /// The kommun's own time.
    pub own: i64,
    /// Coordination.
    pub coordination: i64,
}

impl KindMinutes {
    /// All kinds together.
    pub fn total(self) -> i64 {
        self.joint + self.own + self.coordination
    }
}

/// The recorded minutes of each of the reports, by kind; a report without any has no row here.
pub fn sums(db: &mut Db, report_ids: Vec<Id>) -> Result<HashMap<Id, KindMinutes>, Problem> {
    let rows: Vec<(Id, EntryKind, Option<i64>)> = time_entries::table
        .filter(time_entries::time_report_id.eq_any(report_ids))
        .filter(time_entries::status.eq(EntryState::Recorded))
        .group_by((time_entries::time_report_id, time_entries::kind))
        .select((time_entries::time_report_id, time_entries::kind, sum(time_entries::minutes)))
        .load(db)?;
    let mut sums: HashMap<Id, KindMinutes> = HashMap::new();
    for (report, kind, minutes) in rows {
        let entry = sums.entry(report).or_default();
        let target = match kind {
            EntryKind::Joint => &mut entry.joint,
            EntryKind::Own => &mut entry.own,
            EntryKind::Coordination => &mut entry.coordination,
        };
        *target = minutes.unwrap_or(0);
    }
    Ok(sums)
}

/// Every entry of one report, voided ones too, by day and then as entered.
pub fn of_report(db: &mut Db, report_id: Id) -> Result<Vec<EntryRow>, Problem> {
    let query = time_entries::table
        .filter(time_entries::time_report_id.eq(report_id))
        .order((time_entries::work_date, time_entries::id));
    Ok(query.select(EntryRow::as_select()).load(db)?)
}
