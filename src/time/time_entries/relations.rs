//! Who entered or changed rows for another person is their author, and decides nothing about the report that they are in.

use std::collections::{HashMap, HashSet};

use super::store;
use crate::identity::policy::Role;
use crate::identity::roles;
use crate::platform::audit::Audited as _;
use crate::platform::audit::writers::written_by;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::tx::Rx;
use crate::time::time_reports::TimeReportRow;

/// The roles that enter time for others.
const ENTERING: [Role; 2] = [Role::Coordinator, Role::ProgrammeManager];

/// The authors of the rows of reports.
pub struct OfRows;

impl RelationSource for OfRows {
    fn find(
        &self,
        rx: &mut Rx<'_>,
        person: Id,
        things: &[Thing<'_>],
    ) -> Result<Vec<(Id, Relation)>, Problem> {
        let others = things
            .iter()
            .filter(|thing| thing.kind == TimeReportRow::TYPE && thing.keys.person_id != Some(person));
        let reports: Vec<Id> = others.map(|thing| thing.id).collect();
        if reports.is_empty() {
            return Ok(Vec::new());
        }
        let held = roles::unscoped_of_person(rx.db, person)?;
        if !held.iter().any(|role| ENTERING.contains(&role.role)) {
            return Ok(Vec::new());
        }
        let rows: HashMap<Id, Id> = store::unscoped_ids_in_reports(rx.db, reports)?.into_iter().collect();
        let written = written_by(rx, person, rows.keys().copied().collect(), None)?;
        let reports: HashSet<Id> = written.iter().filter_map(|(row, _)| rows.get(row)).copied().collect();
        Ok(reports.into_iter().map(|report| (report, Relation::Author)).collect())
    }
}
