//! The names of participants, beside their ids in what they have made.

use std::collections::HashMap;

use super::store::{self, ParticipantRow};
use crate::identity::people::{self, PersonRow};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// The participants of one answer with their names, as their readers see them.
#[derive(Clone, Debug, Default)]
pub struct Named {
    rows: HashMap<Id, ParticipantRow>,
    people: HashMap<Id, PersonRow>,
}

impl Named {
    /// Loads them.
    pub fn of(rx: &mut Rx<'_>, ids: impl IntoIterator<Item = Id>) -> Result<Self, Problem> {
        let mut ids: Vec<Id> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let rows = store::unscoped_by_ids(rx.db, ids)?;
        let people = people::unscoped_by_ids(rx.db, rows.iter().map(|row| row.person_id).collect())?;
        Ok(Self::from_rows(rows, people))
    }

    /// Of participants and people that were loaded together with other rows.
    pub fn from_rows(rows: Vec<ParticipantRow>, people: Vec<PersonRow>) -> Self {
        Self {
            rows: rows.into_iter().map(|row| (row.id, row)).collect(),
            people: people.into_iter().map(|row| (row.id, row)).collect(),
        }
    }

    /// One of them.
    pub fn row(&self, id: Id) -> Option<&ParticipantRow> {
        self.rows.get(&id)
    }

    /// Their person.
    pub fn person(&self, id: Id) -> Option<&PersonRow> {
        self.people.get(&self.row(id)?.person_id)
    }

    /// Their name.
    pub fn name(&self, id: Id) -> Option<String> {
        Some(self.row(id)?.shown_as(self.person(id)?).0.to_owned())
    }
}
