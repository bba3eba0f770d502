//! `GET /time-entries/aggregate`: sums of minutes and numbers of entries, grouped by the requested dimensions, over the same
//! rows and with the same filters as the list. The database groups by all dimensions; this file merges these small groups into
//! the requested ones. So one statement serves every combination of dimensions on both databases.

use std::collections::BTreeMap;

use diesel::ExpressionMethods as _;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store::{self, EntryList, FineSum};
use super::{EntryKind, EntryState};
use crate::identity::policy::Role;
use crate::platform::auth::scope::Scope;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::http::list::GroupedQuery;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Rx;
use crate::schema::time_entries;

crate::codes! {
    /// The dimensions by which sums of time entries can be grouped.
    pub enum Dimension as "timeEntryDimensions" {
        /// The kommun; null for the owner's staff.
        Kommun = "kommun", "kommun", "kommun";
        /// The month of the work.
        Month = "month", "månad", "month";
        /// The kind of time.
        Kind = "kind", "tidsslag", "kind";
        /// The person in the programme.
        ParticipantId = "participantId", "medarbetare", "participant";
        /// The activity.
        ActivityCode = "activityCode", "aktivitet", "activity";
    }
}

/// The parameters of the request.
pub type AggregateQuery = GroupedQuery<EntryList, Dimension>;

/// One group of a sum, with the requested dimensions only.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntrySum {
    /// The kommun; null for the owner's staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub kommunkod: Option<Option<String>>,
    /// The month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// The kind of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<EntryKind>,
    /// The person in the programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant_id: Option<Id>,
    /// The activity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity_code: Option<String>,
    /// The sum of the minutes.
    pub minutes: i64,
    /// The number of entries.
    pub entries: i64,
}

/// Sums of time entries.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = EntrySums::example)]
pub struct EntrySums {
    /// The requested dimensions.
    pub group_by: Vec<Dimension>,
    /// The groups, sorted by their dimensions.
    pub items: Vec<EntrySum>,
    /// The minutes of all groups.
    pub total_minutes: i64,
    /// The number of entries of all groups.
    pub total_entries: i64,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

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

fn is_by_person(query: &AggregateQuery) -> bool {
    query.dimensions.contains(&Dimension::ParticipantId)
        || SINGLE_PERSON_FILTERS.iter().any(|name| query.has_filter(name))
}

/// The scope whose entries the caller may add up. 403 if the query is about individual persons and no role of the caller may
/// see their time.
fn reached(scope: &Scope, query: &AggregateQuery) -> Result<Scope, Problem> {
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

/// Adds up the entries that the caller sees: the recorded ones, unless `status` names others.
pub fn load(rx: &mut Rx<'_>, query: &AggregateQuery) -> Result<EntrySums, Problem> {
    let mut conditions = query.conditions()?;
    conditions.extend(store::within(&reached(&rx.ctx.scope, query)?));
    if !query.has_filter("status") {
        conditions.push(Box::new(time_entries::status.eq(EntryState::Recorded)));
    }
    let sums = store::fine_sums(rx.db, conditions)?;
    Ok(added_up(&query.dimensions, sums, query.link_to_self(rx.ctx)))
}

type Key = (Option<Option<String>>, Option<Month>, Option<EntryKind>, Option<Id>, Option<String>);

/// Merges the smallest groups into groups by these dimensions.
fn added_up(dimensions: &[Dimension], fine: Vec<FineSum>, to_self: Link) -> EntrySums {
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

impl EntrySums {
    fn example() -> Value {
        let ctx = Context::example();
        let month = ctx.now.month();
        let fine = |kind, minutes| {
            (Some("0114".to_owned()), month, kind, ctx.new_id(), "development".to_owned(), Some(minutes), 4)
        };
        json!(added_up(
            &[Dimension::Kommun, Dimension::Kind],
            vec![fine(EntryKind::Joint, 480), fine(EntryKind::Own, 610)],
            Link::to_self(&ctx, "/time-entries/aggregate?groupBy=kommun%2Ckind"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::platform::codes::Codes as _;
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
