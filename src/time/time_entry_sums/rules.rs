//! Which sums a caller may see, and how the smallest groups are added up. Pure.

use std::collections::BTreeMap;

use super::store::FineSum;
use super::{Dimension, EntrySum, EntrySums, SumsQuery};
use crate::identity::policy::Role;
use crate::platform::auth::scope::Scope;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, Problem};
use crate::time::time_entries::EntryKind;

/// The roles that see sums, but not the time of an individual person.
const ROLES_WITHOUT_NAMES: [&str; 2] = [Role::KommunReader.as_str(), Role::MethodDeveloper.as_str()];

/// Filters that select one person's time, or so few entries that they may all be of one person.
const SINGLE_PERSON_FILTERS: [&str; 10] = [
    "participantId",
    "personId",
    "timeReportId",
    "workDateFrom",
    "workDateTo",
    "createdAtFrom",
    "createdAtTo",
    "updatedSince",
    "source",
    "status",
];

fn is_by_person(query: &SumsQuery) -> bool {
    query.dimensions.contains(&Dimension::ParticipantId)
        || SINGLE_PERSON_FILTERS.iter().any(|name| query.has_filter(name))
}

/// The scope whose entries the caller may add up. 403 if the query is about individual persons and no role of the caller may
/// see their time.
pub fn reached(scope: &Scope, query: &SumsQuery) -> Result<Scope, Problem> {
    let mut reached = scope.clone();
    if is_by_person(query) {
        reached.grants.retain(|grant| !ROLES_WITHOUT_NAMES.contains(&grant.role));
    }
    if reached.grants.is_empty() {
        return Err(Problem::new(Code::NotYours).detail(
            "Enskilda personers tid summeras inte med den här rollen.",
            "This role may not see sums of an individual person's time.",
        ));
    }
    Ok(reached)
}

type Key = (Option<Option<String>>, Option<Month>, Option<EntryKind>, Option<Id>, Option<String>);

/// Merges the smallest groups into groups by these dimensions.
pub fn added_up(dimensions: &[Dimension], fine: Vec<FineSum>, to_self: Link) -> EntrySums {
    let has = |dimension: Dimension| dimensions.contains(&dimension);
    let mut groups: BTreeMap<Key, (i64, i64)> = BTreeMap::new();
    let (mut total_minutes, mut total_entries) = (0, 0);
    for (kommunkod, month, kind, participant_id, activity_code, minutes, entries) in fine {
        let minutes = minutes.unwrap_or(0);
        let key = (
            has(Dimension::Kommun).then_some(kommunkod),
            has(Dimension::Month).then_some(month),
            has(Dimension::Kind).then_some(kind),
            has(Dimension::ParticipantId).then_some(participant_id),
            has(Dimension::ActivityCode).then_some(activity_code),
        );
        let group = groups.entry(key).or_default();
        *group = (group.0 + minutes, group.1 + entries);
        (total_minutes, total_entries) = (total_minutes + minutes, total_entries + entries);
    }
    let items = groups.into_iter().map(|(key, (minutes, entries))| {
        let (kommunkod, month, kind, participant_id, activity_code) = key;
        EntrySum { kommunkod, month, kind, participant_id, activity_code, minutes, entries }
    });
    EntrySums {
        group_by: dimensions.to_vec(),
        items: items.collect(),
        total_minutes,
        total_entries,
        links: vec![to_self],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::platform::context::Context;
    use crate::platform::ids::Ids;
    use crate::platform::moment::Instant;

    fn fine(kommun: u8, month: i32, kind: usize, person: usize, minutes: i64) -> FineSum {
        let ids = Ids::seeded(7);
        let people: Vec<Id> = (0..4).map(|_| ids.id(Instant::from_millis(0))).collect();
        let first: Month = "2021-01".parse().unwrap();
        let kommunkod = (kommun > 0).then(|| format!("011{kommun}"));
        (
            kommunkod,
            first.plus_months(month),
            EntryKind::ALL[kind],
            people[person],
            "a".to_owned(),
            Some(minutes),
            1,
        )
    }

    proptest! {
        #[test]
        fn every_grouping_has_the_same_total(
            rows in prop::collection::vec((0..3_u8, 0..3_i32, 0..3_usize, 0..4_usize, 1..1440_i64), 0..40),
            mask in 0..32_usize,
        ) {
            let rows: Vec<FineSum> = rows.into_iter().map(|(k, m, n, p, t)| fine(k, m, n, p, t)).collect();
            let total: i64 = rows.iter().filter_map(|row| row.5).sum();
            let chosen = Dimension::ALL.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
            let dimensions: Vec<Dimension> = chosen.map(|(_, dimension)| *dimension).collect();
            let sums = added_up(&dimensions, rows.clone(), Link::to_self(&Context::example(), ""));
            prop_assert_eq!(sums.total_minutes, total);
            prop_assert_eq!(sums.items.iter().map(|item| item.minutes).sum::<i64>(), total);
            prop_assert_eq!(sums.total_entries, i64::try_from(rows.len()).unwrap());
            if dimensions.is_empty() && !rows.is_empty() {
                prop_assert_eq!(sums.items.len(), 1);
            }
        }
    }
}
