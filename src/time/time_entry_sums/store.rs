//! The query of the sums. The database groups by all dimensions, and [`added_up`](super::rules::added_up) merges these
//! small groups into the requested ones. So one statement serves every combination of dimensions on both databases.

use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use super::SumsQuery;
use crate::platform::auth::scope::Scope;
use crate::platform::db::Db;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::schema::time_entries;
use crate::time::time_entries::{EntryKind, EntryState, within};

/// The sum of one of the smallest groups.
#[derive(Clone, Debug, Queryable)]
pub struct FineSum {
    /// The programme.
    pub programme_id: Id,
    /// The kommun; none for the owner's staff.
    pub kommunkod: Option<String>,
    /// The month.
    pub month: Month,
    /// The kind of time.
    pub kind: EntryKind,
    /// The participant.
    pub participant_id: Id,
    /// The participant's person.
    pub person_id: Id,
    /// The activity.
    pub activity_code: String,
    /// The sum of the minutes.
    pub minutes: Option<i64>,
    /// The number of entries.
    pub entries: i64,
}

/// The minutes and the number of the entries within the scope that the query selects, by programme, kommun, month, kind,
/// participant and activity. Recorded entries, unless the query filters by state.
pub fn fine_sums(db: &mut Db, scope: &Scope, wanted: &SumsQuery) -> Result<Vec<FineSum>, Problem> {
    let mut conditions = wanted.conditions()?;
    conditions.extend(within(scope));
    if !wanted.has_filter("status") {
        conditions.push(Box::new(time_entries::status.eq(EntryState::Recorded)));
    }
    let mut query = time_entries::table
        .group_by((
            time_entries::programme_id,
            time_entries::kommunkod,
            time_entries::month,
            time_entries::kind,
            time_entries::participant_id,
            time_entries::person_id,
            time_entries::activity_code,
        ))
        .select((
            time_entries::programme_id,
            time_entries::kommunkod,
            time_entries::month,
            time_entries::kind,
            time_entries::participant_id,
            time_entries::person_id,
            time_entries::activity_code,
            sum(time_entries::minutes),
            count_star(),
        ))
        .into_boxed();
    for condition in conditions {
        query = query.filter(condition);
    }
    Ok(query.load(db)?)
}
