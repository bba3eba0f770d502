//! Which sums a caller may see, and how the smallest groups are added up. Pure.

mod parts;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::store::FineSum;
use super::{Dimension, EntrySum, EntrySums, SumsQuery};
use crate::platform::auth::scope::Scope;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, Problem};
use crate::time::time_entries::EntryKind;
use crate::time::without_names::ROLES_WITHOUT_NAMES;

pub use parts::{Rows, beside};

/// The dimensions and filters of roles that see no names. Any other may leave so little that it is one person's: only the
/// coordinator has the kind `coordination`.
const DIMENSIONS_WITHOUT_NAMES: [Dimension; 4] =
    [Dimension::Programme, Dimension::Kommun, Dimension::Year, Dimension::Month];
const FILTERS_WITHOUT_NAMES: [&str; 5] = ["programmeId", "kommunkod", "month", "monthFrom", "monthTo"];

fn may_be_without_names(query: &SumsQuery) -> bool {
    query.dimensions.iter().all(|dimension| DIMENSIONS_WITHOUT_NAMES.contains(dimension))
        && query.filters().all(|name| FILTERS_WITHOUT_NAMES.contains(&name))
}

/// The entries that the caller may add up.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Those of which the caller may see each person's.
    pub with_names: Scope,
    /// Those of which the caller may only see sums.
    pub without_names: Scope,
}

/// The scopes whose entries the caller may add up. 403 if no role of the caller may group or filter like this.
pub fn reached(scope: &Scope, query: &SumsQuery) -> Result<Reached, Problem> {
    let grants = scope.grants.iter().cloned();
    let (without_names, with_names) = grants.partition(|grant| ROLES_WITHOUT_NAMES.contains(&grant.role));
    let mut reached =
        Reached { with_names: Scope { grants: with_names }, without_names: Scope { grants: without_names } };
    if !may_be_without_names(query) {
        reached.without_names.grants.clear();
    }
    if reached.with_names.grants.is_empty() && reached.without_names.grants.is_empty() {
        return Err(Problem::new(Code::NotYours).detail(
            "Med den här rollen summeras tid bara efter program, kommun, år och månad, och filtreras bara på \
             programmeId, kommunkod, month, monthFrom och monthTo.",
            "This role may see sums only by programme, kommun, year and month, and filters only by programmeId, kommunkod, \
             month, monthFrom and monthTo.",
        ));
    }
    Ok(reached)
}

type Key = (
    Option<Id>,
    Option<Option<String>>,
    Option<i32>,
    Option<Month>,
    Option<EntryKind>,
    Option<Id>,
    Option<String>,
);

/// A sum, and whether something is left out of it.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    minutes: i64,
    entries: i64,
    has_shown: bool,
    leaves_out: bool,
}

impl Sum {
    fn add(&mut self, row: &FineSum, is_shown: bool) {
        if is_shown {
            self.minutes += row.minutes.unwrap_or(0);
            self.entries += row.entries;
            self.has_shown = true;
        } else {
            self.leaves_out = true;
        }
    }

    /// The figure, or none when all of it is left out.
    fn shown(self, figure: i64) -> Option<i64> {
        (self.has_shown || !self.leaves_out).then_some(figure)
    }
}

/// Merges the smallest groups into groups by these dimensions. Parts of which nothing may be shown are left out.
pub fn added_up(dimensions: &[Dimension], rows: &Rows, to_self: Link) -> EntrySums {
    let has = |dimension: Dimension| dimensions.contains(&dimension);
    let mut groups: BTreeMap<Key, Sum> = BTreeMap::new();
    let mut total = Sum::default();
    for (row, is_shown) in rows.each() {
        let key = (
            has(Dimension::Programme).then_some(row.programme_id),
            has(Dimension::Kommun).then(|| row.kommunkod.clone()),
            has(Dimension::Year).then(|| row.month.year()),
            has(Dimension::Month).then_some(row.month),
            has(Dimension::Kind).then_some(row.kind),
            has(Dimension::ParticipantId).then_some(row.participant_id),
            has(Dimension::ActivityCode).then(|| row.activity_code.clone()),
        );
        groups.entry(key).or_default().add(row, is_shown);
        total.add(row, is_shown);
    }
    let items = groups.into_iter().map(|(key, sum)| {
        let (programme_id, kommunkod, year, month, kind, participant_id, activity_code) = key;
        EntrySum {
            programme_id,
            kommunkod,
            year,
            month,
            kind,
            participant_id,
            activity_code,
            minutes: sum.shown(sum.minutes),
            entries: sum.shown(sum.entries),
            is_incomplete: sum.leaves_out,
        }
    });
    EntrySums {
        group_by: dimensions.to_vec(),
        items: items.collect(),
        total_minutes: total.shown(total.minutes),
        total_entries: total.shown(total.entries),
        is_incomplete: total.leaves_out,
        links: vec![to_self],
    }
}
