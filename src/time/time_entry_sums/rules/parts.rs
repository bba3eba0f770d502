//! The parts that sums without names are made of: one kommun's month, or one of the owner's staff. A part in which fewer than
//! three people have time is left out of every sum.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::store::FineSum;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::time::time_entries::EntryKind;
use crate::time::without_names::FEWEST_PEOPLE;

type Part = (Id, Option<String>, Month);

fn part(row: &FineSum) -> Part {
    (row.programme_id, row.kommunkod.clone(), row.month)
}

/// The smallest groups that a caller may add up.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    with_names: Vec<FineSum>,
    without_names: Vec<FineSum>,
    left_out: BTreeSet<Part>,
}

impl Rows {
    /// Rows of which the caller may see each person's, and rows of which the caller may only see sums.
    pub fn new(with_names: Vec<FineSum>, without_names: Vec<FineSum>) -> Self {
        let mut people: BTreeMap<Part, BTreeSet<Id>> = BTreeMap::new();
        for row in &without_names {
            people.entry(part(row)).or_default().insert(row.person_id);
        }
        people.retain(|_, people| people.len() < FEWEST_PEOPLE);
        Self { with_names, without_names, left_out: people.into_keys().collect() }
    }

    /// Each row, with whether it may be shown as part of a sum.
    pub fn each(&self) -> impl Iterator<Item = (&FineSum, bool)> {
        let with_names = self.with_names.iter().map(|row| (row, true));
        let sums = self.without_names.iter().map(|row| (row, !self.left_out.contains(&part(row))));
        with_names.chain(sums)
    }
}

type Group<'r> = (Id, &'r Option<String>, Month, EntryKind, Id, &'r str);

fn group(row: &FineSum) -> Group<'_> {
    (row.programme_id, &row.kommunkod, row.month, row.kind, row.participant_id, &row.activity_code)
}

/// What is in `rows` and not in `known`, which the caller may see with names: only that is hidden by the others, and needs three
/// people.
pub fn beside(rows: Vec<FineSum>, known: &[FineSum]) -> Vec<FineSum> {
    let known: HashMap<Group<'_>, &FineSum> = known.iter().map(|row| (group(row), row)).collect();
    let rest = rows.into_iter().filter_map(|mut row| {
        let known = known.get(&group(&row)).copied();
        if let Some(known) = known {
            row.minutes = Some(row.minutes.unwrap_or(0) - known.minutes.unwrap_or(0));
            row.entries -= known.entries;
        }
        (0 < row.entries).then_some(row)
    });
    rest.collect()
}
