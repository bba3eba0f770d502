//! What applications must know of the selection of a programme, which an upper resource makes: who is in its pool, who got the
//! places, and who gets one that becomes free.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::facts::selection_stage;
use super::rules;
use super::store::{self, ApplicationRow};
use super::{ApplicationState, ApplicationState as State};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Deed, Standing, Thing};
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::ProgrammeRow;

/// Who gets the places by an announced selection. The rest of the pool gets none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectionPlaces {
    /// The chosen kommuner.
    pub selected: BTreeSet<String>,
    /// The reserves.
    pub reserves: BTreeSet<String>,
}

impl SelectionPlaces {
    /// The state that the announcement gives to an application of the pool.
    pub fn state_of(&self, kommunkod: &str) -> ApplicationState {
        match () {
            () if self.selected.contains(kommunkod) => State::Selected,
            () if self.reserves.contains(kommunkod) => State::Reserve,
            () => State::NotSelected,
        }
    }
}

/// A place that was given after the announcement.
#[derive(Clone, Copy, Debug)]
pub struct TakenIn<'a> {
    /// The kommun that got it.
    pub kommunkod: &'a str,
    /// The best replacement, as it was computed then.
    pub proposed: Option<&'a str>,
    /// Why another one, for all kommuner of the call.
    pub reason: Option<&'a str>,
}

/// What applications need to know about selections. `selection_proposals` implements it and registers it as a hook.
pub trait Selections: Send + Sync {
    /// Who gets the places of a programme, if a selection is announced in it.
    fn announced(&self, rx: &mut Rx<'_>, programme: Id) -> Result<Option<SelectionPlaces>, Problem>;

    /// Those of these programmes in which a selection is adopted, and not withdrawn since.
    fn adopted(&self, rx: &mut Rx<'_>, programmes: &BTreeSet<Id>) -> Result<HashSet<Id>, Problem>;

    /// Who should get the free place of a programme, computed anew. None when no selection is announced there; a list without
    /// anyone when nobody is left.
    fn replacements(&self, rx: &mut Rx<'_>, programme: &ProgrammeRow)
    -> Result<Option<Vec<String>>, Problem>;

    /// Keeps that a place was given after the announcement.
    fn taken_in(&self, tx: &mut Tx<'_>, programme: Id, taken: TakenIn<'_>) -> Result<(), Problem>;
}

/// The applications from which the places of a programme are given now, in the order of the kommunkoder.
pub fn unscoped_pool(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<ApplicationRow>, Problem> {
    let stage = selection_stage(rx, programme)?;
    let mut rows = store::unscoped_in_states(rx, programme.id, &[State::Confirmed, State::Qualified])?;
    rows.retain(|row| rules::is_in_pool(row.status, stage));
    rows.sort_by(|one, other| one.kommunkod.cmp(&other.kommunkod));
    Ok(rows)
}

/// 403 for somebody who would decide about a kommun whose case is their own: one of the pool.
pub fn check_own_in_pool(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let pool = unscoped_pool(rx, programme)?;
    check_own(rx, &pool)
}

/// 403 for somebody whose own case is among these.
pub(super) fn check_own(rx: &mut Rx<'_>, rows: &[ApplicationRow]) -> Result<(), Problem> {
    let things: Vec<Thing<'_>> = rows.iter().map(Thing::of).collect();
    let standing = Standing::of(rx, &things)?;
    rows.iter().try_for_each(|row| standing.check(row.id, Deed::Decision))
}

/// Who gets the places by the announced selection of a programme, if there is one.
pub(super) fn announced(rx: &mut Rx<'_>, programme: Id) -> Result<Option<SelectionPlaces>, Problem> {
    let hooks = Arc::clone(&rx.ctx.hooks);
    for selections in hooks.of::<dyn Selections>() {
        if let Some(places) = selections.announced(rx, programme)? {
            return Ok(Some(places));
        }
    }
    Ok(None)
}

/// Those of these programmes in which a selection is adopted.
pub fn adopted(rx: &mut Rx<'_>, programmes: &BTreeSet<Id>) -> Result<HashSet<Id>, Problem> {
    let hooks = Arc::clone(&rx.ctx.hooks);
    let mut found = HashSet::new();
    for selections in hooks.of::<dyn Selections>() {
        found.extend(selections.adopted(rx, programmes)?);
    }
    Ok(found)
}

/// Who should get the free place of a programme; see [`Selections::replacements`].
pub(super) fn replacements(
    rx: &mut Rx<'_>,
    programme: &ProgrammeRow,
) -> Result<Option<Vec<String>>, Problem> {
    let hooks = Arc::clone(&rx.ctx.hooks);
    for selections in hooks.of::<dyn Selections>() {
        if let Some(best) = selections.replacements(rx, programme)? {
            return Ok(Some(best));
        }
    }
    Ok(None)
}

/// The kommuner that should get the free places of a programme now, if a selection was announced in it; none when no place is
/// free.
pub fn free_places(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Option<Vec<String>>, Problem> {
    let taken = store::unscoped_count_in(rx.db, programme.id, &rules::HOLDS_A_PLACE)?;
    if i64::from(programme.places) <= taken {
        return Ok(None);
    }
    replacements(rx, programme)
}

/// Tells the selection that a place was given after the announcement.
pub(super) fn taken_in(tx: &mut Tx<'_>, programme: Id, taken: TakenIn<'_>) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    for selections in hooks.of::<dyn Selections>() {
        selections.taken_in(tx, programme, taken)?;
    }
    Ok(())
}
