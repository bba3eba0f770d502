//! The one query of the overview itself: what the entries of reports still lack.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::rules::Pending;
use crate::platform::db::Db;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::schema::time_entries;
use crate::time::time_entries::EntryState;

/// The number of proposed entries and of entries without a description, by report. A report that lacks nothing is not in the
/// map.
pub fn unscoped_pending(db: &mut Db, report_ids: Vec<Id>) -> Result<HashMap<Id, Pending>, Problem> {
    let proposed: Vec<(Id, i64)> = time_entries::table
        .filter(time_entries::time_report_id.one_of(report_ids.clone()))
        .filter(time_entries::status.eq(EntryState::Proposed))
        .group_by(time_entries::time_report_id)
        .select((time_entries::time_report_id, count_star()))
        .load(db)?;
    let silent: Vec<(Id, i64)> = time_entries::table
        .filter(time_entries::time_report_id.one_of(report_ids))
        .filter(time_entries::status.ne(EntryState::Voided))
        .filter(time_entries::description.is_null().or(time_entries::description.assume_not_null().eq("")))
        .group_by(time_entries::time_report_id)
        .select((time_entries::time_report_id, count_star()))
        .load(db)?;
    let mut pending: HashMap<Id, Pending> = HashMap::new();
    for (report, count) in proposed {
        pending.entry(report).or_default().proposed = count;
    }
    for (report, count) in silent {
        pending.entry(report).or_default().without_description = count;
    }
    Ok(pending)
}
