//! Sums as properties: they add up, and no two sums of a caller who sees no names differ by the time of fewer than three people.

use proptest::prelude::*;

use super::*;
use crate::platform::context::Context;
use crate::platform::ids::Ids;
use crate::platform::moment::Instant;

fn ids(count: usize) -> Vec<Id> {
    let ids = Ids::seeded(7);
    (0..count).map(|_| ids.id(Instant::from_millis(0))).collect()
}

fn fine((kommun, month, kind, person, minutes): (u8, i32, usize, usize, i64)) -> FineSum {
    let people = ids(6);
    let first: Month = "2021-11".parse().unwrap();
    FineSum {
        programme_id: people[5],
        kommunkod: (kommun > 0).then(|| format!("011{kommun}")),
        month: first.plus_months(month),
        kind: EntryKind::ALL[kind],
        participant_id: people[person],
        person_id: people[person],
        activity_code: "a".to_owned(),
        minutes: Some(minutes),
        entries: 1,
    }
}

fn rows() -> impl Strategy<Value = Vec<FineSum>> {
    let row = (0..3_u8, 0..4_i32, 0..3_usize, 0..5_usize, 1..1440_i64);
    prop::collection::vec(row.prop_map(fine), 0..60)
}

fn to_self() -> Link {
    Link::to_self(&Context::example(), "")
}

/// What a caller who sees no names asks for: dimensions, kommuner and months; none for all.
type Asked = (usize, Option<u8>, Option<(i32, i32)>);

fn asked() -> impl Strategy<Value = Asked> {
    (0..16_usize, prop::option::of(0..3_u8), prop::option::of((0..4_i32, 0..4_i32)))
}

/// The rows that the filters leave.
fn filtered(rows: &[FineSum], (_, kommun, months): Asked) -> Vec<FineSum> {
    let first: Month = "2021-11".parse().unwrap();
    let is_asked = |row: &&FineSum| {
        let code = kommun.map(|kommun| (kommun > 0).then(|| format!("011{kommun}")));
        code.is_none_or(|code| code == row.kommunkod)
            && months.is_none_or(|(from, to)| {
                first.plus_months(from) <= row.month && row.month <= first.plus_months(to)
            })
    };
    rows.iter().filter(is_asked).cloned().collect()
}

fn answer(rows: &[FineSum], asked: Asked) -> EntrySums {
    let chosen = DIMENSIONS_WITHOUT_NAMES.iter().enumerate().filter(|(bit, _)| asked.0 & (1 << bit) != 0);
    let dimensions: Vec<Dimension> = chosen.map(|(_, dimension)| *dimension).collect();
    added_up(&dimensions, &Rows::new(Vec::new(), filtered(rows, asked)), to_self())
}

/// Every figure of an answer with the rows that it is about, shown or not.
fn figures(rows: &[FineSum], asked: Asked) -> Vec<(Option<i64>, Vec<FineSum>)> {
    let (answer, rows) = (answer(rows, asked), filtered(rows, asked));
    let mut figures: Vec<_> = answer
        .items
        .iter()
        .map(|item| {
            let is_of_it = |row: &&FineSum| {
                item.programme_id.is_none_or(|id| id == row.programme_id)
                    && item.kommunkod.as_ref().is_none_or(|code| *code == row.kommunkod)
                    && item.year.is_none_or(|year| year == row.month.year())
                    && item.month.is_none_or(|month| month == row.month)
            };
            (item.minutes, rows.iter().filter(is_of_it).cloned().collect::<Vec<_>>())
        })
        .collect();
    figures.push((answer.total_minutes, rows));
    figures
}

fn people<'r>(rows: impl IntoIterator<Item = &'r FineSum>) -> std::collections::BTreeSet<Id> {
    rows.into_iter().map(|row| row.person_id).collect()
}

proptest! {
    #[test]
    fn every_grouping_has_the_same_total(rows in rows(), mask in 0..128_usize) {
        let total: i64 = rows.iter().filter_map(|row| row.minutes).sum();
        let chosen = Dimension::ALL.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
        let dimensions: Vec<Dimension> = chosen.map(|(_, dimension)| *dimension).collect();
        let sums = added_up(&dimensions, &Rows::new(rows.clone(), Vec::new()), to_self());
        prop_assert_eq!(sums.total_minutes, Some(total));
        prop_assert_eq!(sums.items.iter().filter_map(|item| item.minutes).sum::<i64>(), total);
        prop_assert_eq!(sums.total_entries, Some(i64::try_from(rows.len()).unwrap()));
        prop_assert!(!sums.is_incomplete);
        if dimensions.is_empty() && !rows.is_empty() {
            prop_assert_eq!(sums.items.len(), 1);
        }
    }

    /// Whatever the caller asks, and whatever is subtracted from what.
    #[test]
    fn no_two_sums_differ_by_the_time_of_fewer_than_three_people(
        rows in rows(), one in asked(), other in asked(),
    ) {
        let (these, those) = (figures(&rows, one), figures(&rows, other));
        for (figure, of) in &these {
            if figure.is_some_and(|minutes| 0 < minutes) {
                prop_assert!(3 <= people(of).len());
            }
            for (less, within) in &those {
                let (Some(figure), Some(less)) = (figure, less) else { continue };
                let is_in = |row: &FineSum| within.iter().any(|other| part_of(other) == part_of(row));
                if !within.iter().all(|row| of.iter().any(|other| part_of(other) == part_of(row))) {
                    continue;
                }
                let rest = people(of.iter().filter(|row| !is_in(row)));
                prop_assert!(figure == less || 3 <= rest.len(), "{} - {}: {}", figure, less, rest.len());
            }
        }
    }

    /// The figures do not depend on the minutes of a part with fewer than three people at all.
    #[test]
    fn what_is_left_out_changes_no_figure(rows in rows(), asked in asked(), more in 1..1000_i64) {
        let few = |row: &FineSum| {
            people(rows.iter().filter(|other| part_of(other) == part_of(row))).len() < 3
        };
        let mut changed = rows.clone();
        for (row, before) in changed.iter_mut().zip(&rows) {
            if few(before) {
                row.minutes = row.minutes.map(|minutes| minutes + more);
                row.entries += more;
            }
        }
        let (one, other) = (answer(&rows, asked), answer(&changed, asked));
        prop_assert_eq!(one.items, other.items);
        prop_assert_eq!(
            (one.total_minutes, one.total_entries, one.is_incomplete),
            (other.total_minutes, other.total_entries, other.is_incomplete)
        );
    }

    /// A caller who sees some people with names can subtract them: the others still need to be three.
    #[test]
    fn those_whom_the_caller_knows_hide_nobody(rows in rows(), known in 0..5_usize) {
        let known_id = ids(6)[known];
        let (known, others): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(|row| row.person_id == known_id);
        let sums = added_up(&[], &Rows::new(known.clone(), beside(merged(&rows), &merged(&known))), to_self());
        let alone = added_up(&[], &Rows::new(Vec::new(), others), to_self());
        let known: i64 = known.iter().filter_map(|row| row.minutes).sum();
        prop_assert_eq!(sums.total_minutes.unwrap_or(0) - known, alone.total_minutes.unwrap_or(0));
    }
}

/// A part of sums without names: two rows of one part are always shown or left out together.
fn part_of(row: &FineSum) -> (Id, Option<String>, Month) {
    (row.programme_id, row.kommunkod.clone(), row.month)
}

/// One row per smallest group, as the database answers.
fn merged(rows: &[FineSum]) -> Vec<FineSum> {
    let mut merged: Vec<FineSum> = Vec::new();
    for row in rows {
        let same = |other: &&mut FineSum| {
            (part_of(other), other.kind, other.person_id) == (part_of(row), row.kind, row.person_id)
        };
        match merged.iter_mut().find(same) {
            Some(there) => {
                there.minutes = Some(there.minutes.unwrap_or(0) + row.minutes.unwrap_or(0));
                there.entries += row.entries;
            }
            None => merged.push(row.clone()),
        }
    }
    merged
}
