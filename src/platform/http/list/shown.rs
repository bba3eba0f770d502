//! What a list shows besides its rows' own values: which links its rows have, and how many rows are in each state.

use std::collections::BTreeMap;

use super::load::ListSource;
use crate::platform::context::RowLinks;
use crate::platform::db::Db;
use crate::platform::http::answer::Link;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::Localized;

/// A representation that has links.
pub trait Linked {
    /// Its links; none if it has no such field.
    fn links(&mut self) -> Option<&mut Vec<Link>>;
}

/// Reads the parameter `links`.
pub(super) fn links(value: &str, errors: &mut Vec<FieldError>) -> RowLinks {
    match value {
        "self" => RowLinks::Itself,
        "all" => RowLinks::All,
        "none" => RowLinks::None,
        _ => {
            errors.push(not_one_of("links", &LINKS));
            RowLinks::default()
        }
    }
}

/// The values of the parameter `links`.
pub const LINKS: [&str; 3] = ["self", "all", "none"];

/// What `counts` can count.
pub const COUNTS: [&str; 1] = ["status"];

/// Reads the parameter `counts`.
pub(super) fn counts(value: &str, errors: &mut Vec<FieldError>) -> bool {
    let is_known = COUNTS.contains(&value);
    if !is_known {
        errors.push(not_one_of("counts", &COUNTS));
    }
    is_known
}

fn not_one_of(name: &str, known: &[&str]) -> FieldError {
    let known = known.join(", ");
    let words = Localized::new(format!("Något av {known}."), format!("One of {known}."));
    FieldError::new(name, "invalidValue", words)
}

/// How the rows of a list are counted by state.
pub struct States<L: ListSource> {
    /// Every state.
    pub all: fn() -> Vec<&'static str>,
    /// The states that the rows of a query have, with the number of rows in each.
    pub count: for<'q> fn(&mut Db, L::Query<'q>) -> Result<Vec<(String, i64)>, Problem>,
}

// Derived, they would ask the same of the list.
impl<L: ListSource> Clone for States<L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: ListSource> Copy for States<L> {}

/// The number of rows in each state, also in those in which there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateCounts(pub BTreeMap<&'static str, i64>);

impl StateCounts {
    /// Counts the rows of a query.
    pub(super) fn of<L: ListSource>(
        states: &States<L>,
        db: &mut Db,
        query: L::Query<'_>,
    ) -> Result<Self, Problem> {
        let mut counts: BTreeMap<_, _> = (states.all)().into_iter().map(|state| (state, 0)).collect();
        for (state, count) in (states.count)(db, query)? {
            if let Some(known) = counts.get_mut(state.as_str()) {
                *known = count;
            }
        }
        Ok(Self(counts))
    }

    /// The number of rows in any of these states; in all without them.
    pub(super) fn total(&self, states: Option<&Vec<String>>) -> i64 {
        let is_wanted = |state: &str| states.is_none_or(|wanted| wanted.iter().any(|known| known == state));
        self.0.iter().filter(|(state, _)| is_wanted(state)).map(|(_, count)| *count).sum()
    }
}
