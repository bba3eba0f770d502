//! The changes of a programme's settings, and what is still missing in them.

use std::sync::Arc;

use super::requests::NewSettings;
use super::rules;
use super::store::{self, SettingsRow};
use super::{SettingsContent, SettingsState, moments};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::body::NoData;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::tx::{Rx, Tx};
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::programmes::ApprovedTime;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// The first settings of a new programme, valid from the day it is added: the newest adopted ones of the programme that it
/// copies, else those of its profile.
pub fn add_first(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let valid_from = tx.ctx.today().min(programme.starts_on);
    let content = match programme.copied_from {
        Some(older) => store::unscoped_newest(tx.db, older)?.content.0,
        None => SettingsContent::of(programme.profile),
    };
    tx.insert(&SettingsRow::new(tx.ctx, programme.id, valid_from, content))
}

/// Enters settings that are valid from a day.
pub fn create(tx: &mut Tx<'_>, programme_id: Id, new: NewSettings) -> Result<SettingsRow, Problem> {
    let programme = tx.locked::<ProgrammeRow>(programme_id)?;
    check_content(&programme, &new)?;
    let state = state_of_new(tx, &programme, new.valid_from)?;
    check_later(tx.ctx, &programme, &new)?;
    let NewSettings { valid_from, content } = new;
    if state == SettingsState::Adopted {
        refuse_same_day(tx, programme_id, valid_from, None)?;
    }
    let role = tx.ctx.scope.role_for(&programme).map(str::to_owned);
    let row = SettingsRow {
        status: state,
        adopted_at: (state == SettingsState::Adopted).then_some(tx.ctx.now),
        proposed_by: tx.ctx.caller.person_id(),
        proposed_role: role,
        ..SettingsRow::new(tx.ctx, programme.id, valid_from, content)
    };
    tx.insert(&row)?;
    Ok(row)
}

/// Replaces adopted settings that are not valid yet, or those of a draft programme.
pub fn replace(tx: &mut Tx<'_>, seen: &SettingsRow, new: NewSettings) -> Result<SettingsRow, Problem> {
    let programme = tx.locked::<ProgrammeRow>(seen.programme_id)?;
    let changed = tx.change(seen.id, "changed", |tx, before: &SettingsRow| {
        check_content(&programme, &new)?;
        let state = state_of_new(tx, &programme, new.valid_from)?;
        check_later(tx.ctx, &programme, &new)?;
        let is_draft = programme.status == ProgrammeState::Draft;
        rules::check_replaceable(before, is_draft, tx.ctx.today())?;
        if state == SettingsState::Proposed && !is_draft {
            return Err(rules::valid_already());
        }
        let NewSettings { valid_from, content } = new;
        refuse_same_day(tx, programme.id, valid_from, Some(before.id))?;
        Ok(SettingsRow { valid_from, content: Json(content), ..before.clone() })
    })?;
    Ok(changed.after)
}

impl ChangeStatus for SettingsRow {
    type Data = NoData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<SettingsState, NoData>,
    ) -> Result<Self, Problem> {
        let programme = tx.locked::<ProgrammeRow>(seen.programme_id)?;
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            if step.to != SettingsState::Adopted {
                return Ok(before.clone());
            }
            rules::check_adoption(&tx.ctx.scope.roles_for(before), before.proposed_role.as_deref())?;
            if state_of_new(tx, &programme, before.valid_from).is_err() {
                return Err(Problem::new(Code::StateConflict).detail(
                    "Tid i månaden, eller i en senare, har godkänts sedan förslaget lades.",
                    "Time of the month, or of a later one, was approved since the proposal was made.",
                ));
            }
            Ok(Self { adopted_at: Some(tx.ctx.now), ..before.clone() })
        })?;
        Ok(changed.after)
    }
}

/// The state of settings that are entered now with this first day; 422 when they may not begin then.
fn state_of_new(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    valid_from: Day,
) -> Result<SettingsState, Problem> {
    if valid_from <= tx.ctx.today() {
        let hooks = Arc::clone(&tx.ctx.hooks);
        for time in hooks.of::<dyn ApprovedTime>() {
            time.lock_since(tx, programme.id, valid_from.month())?;
        }
    }
    let approved = moments::approved(&mut tx.as_read(), &[programme.id].into())?.remove(&programme.id);
    let moment = moments::moment(programme.status, tx.ctx.today(), valid_from, approved);
    rules::state_of_new(valid_from, moment)
        .map_err(|fault| Problem::new(Code::InvalidInput).errors(vec![fault]))
}

/// 422 for contradictions; 409 in a programme that is no longer a draft when settings are missing.
fn check_content(programme: &ProgrammeRow, new: &NewSettings) -> Result<(), Problem> {
    Code::InvalidInput.refuse_any(new.content.faults(programme.profile))?;
    if programme.status == ProgrammeState::Draft {
        return Ok(());
    }
    Code::SettingsIncomplete.refuse_any(new.content.gaps())
}

/// 409 before the programme runs, but after the draft, when the day has passed.
fn check_later(ctx: &Context, programme: &ProgrammeRow, new: &NewSettings) -> Result<(), Problem> {
    use ProgrammeState::{Completed, Draft, Running};
    if matches!(programme.status, Draft | Running | Completed) || new.valid_from >= ctx.today() {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).detail(
        "Dagen har passerat; vad som har avgjorts efter de gamla inställningarna står fast.",
        "The day has passed; what was decided by the old settings stands.",
    ))
}

/// 409 when other settings that hold begin on the same day. A proposal replaces them when it is adopted.
fn refuse_same_day(tx: &mut Tx<'_>, programme_id: Id, day: Day, but: Option<Id>) -> Result<(), Problem> {
    let all = store::unscoped_all(tx.db, programme_id);
    let is_taken = all?.iter().any(|row| row.valid_from == day && Some(row.id) != but);
    if !is_taken {
        return Ok(());
    }
    Err(Problem::new(Code::AlreadyExists).detail(
        "Det finns redan inställningar från den dagen.",
        "There are already settings that start on that day.",
    ))
}

/// What is still missing before the programme can be scheduled, in all settings that are valid today or later.
pub fn gaps(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<FieldError>, Problem> {
    let rows = store::unscoped_from_day(rx.db, programme.id, rx.ctx.today())?;
    Ok(rows
        .into_iter()
        .flat_map(|row| within(&format!("/settings/{}", row.id), row.content.0.gaps()))
        .collect())
}

/// The errors with their pointers below `place`.
fn within(place: &str, faults: Vec<FieldError>) -> Vec<FieldError> {
    faults
        .into_iter()
        .map(|fault| FieldError { pointer: format!("{place}{}", fault.pointer), ..fault })
        .collect()
}
