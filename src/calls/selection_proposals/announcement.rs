//! Answers what applications ask of the selection.

use std::collections::{BTreeSet, HashSet};

use super::given::PlaceGiven;
use super::store::{self, ProposalRow};
use super::{ProposalState, replacements};
use crate::calls::applications::{SelectionPlaces, Selections, TakenIn};
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::ProgrammeRow;

/// Registered with the applications in the resource's hooks.
pub struct Announced;

impl Selections for Announced {
    fn announced(&self, rx: &mut Rx<'_>, programme: Id) -> Result<Option<SelectionPlaces>, Problem> {
        let row = store::unscoped_announced(rx.db, programme)?;
        let Some(row) = row else { return Ok(None) };
        let given = row.replacements.0.iter().map(|given| &given.kommunkod);
        Ok(Some(SelectionPlaces {
            selected: row.selected().iter().chain(given).cloned().collect(),
            reserves: row.reserves.0.iter().cloned().collect(),
        }))
    }

    fn adopted(&self, rx: &mut Rx<'_>, programmes: &BTreeSet<Id>) -> Result<HashSet<Id>, Problem> {
        let rows = store::unscoped_in_state(rx.db, programmes.iter().copied(), ProposalState::Adopted)?;
        Ok(rows.into_iter().map(|row| row.programme_id).collect())
    }

    fn replacements(
        &self,
        rx: &mut Rx<'_>,
        programme: &ProgrammeRow,
    ) -> Result<Option<Vec<String>>, Problem> {
        let Some(row) = store::unscoped_announced(rx.db, programme.id)? else { return Ok(None) };
        Ok(Some(replacements::best(rx, &row)?.kommuner))
    }

    fn taken_in(&self, tx: &mut Tx<'_>, programme: Id, taken: TakenIn<'_>) -> Result<(), Problem> {
        let Some(row) = store::unscoped_announced(tx.db, programme)? else { return Ok(()) };
        let before = tx.locked::<ProposalRow>(row.id)?;
        let mut after = before.clone();
        let is_deviation = taken.proposed != Some(taken.kommunkod);
        let (goal_values, next) = replacements::compared(&mut tx.as_read(), &before, taken.kommunkod)?;
        after.replacements.0.push(PlaceGiven {
            kommunkod: taken.kommunkod.to_owned(),
            proposed: taken.proposed.map(str::to_owned),
            is_deviation,
            reason: taken.reason.map(str::to_owned).filter(|_| is_deviation),
            at: tx.ctx.written,
            goal_values,
            next,
        });
        let places = Json(std::mem::take(&mut after.replacements.0));
        tx.update("placeGiven", &before, ProposalRow { replacements: places, ..after }).map(|_| ())
    }
}
