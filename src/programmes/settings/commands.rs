//! The changes of a programme's settings, and what is still missing in them.

use super::SettingsContent;
use super::requests::NewSettings;
use super::store::{self, SettingsRow};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// The first settings of a new programme: those of its profile, valid from the day it is added.
pub fn add_first(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let valid_from = tx.ctx.today().min(programme.starts_on);
    tx.insert(&row(tx.ctx, programme.id, valid_from, SettingsContent::of(programme.profile)))
}

/// Enters settings that are valid from a day.
pub fn create(tx: &mut Tx<'_>, programme_id: Id, new: NewSettings) -> Result<SettingsRow, Problem> {
    let programme = tx.locked::<ProgrammeRow>(programme_id)?;
    check(tx.ctx, &programme, &new)?;
    let row = row(tx.ctx, programme.id, new.valid_from, new.content);
    tx.insert(&row)?;
    Ok(row)
}

fn row(ctx: &Context, programme_id: Id, valid_from: Day, content: SettingsContent) -> SettingsRow {
    SettingsRow {
        id: ctx.new_id(),
        programme_id,
        valid_from,
        content: Json(content),
        created_at: ctx.now,
        updated_at: ctx.now,
        version: 1,
    }
}

/// Replaces settings that are not valid yet, or those of a draft programme.
pub fn replace(tx: &mut Tx<'_>, seen: &SettingsRow, new: NewSettings) -> Result<SettingsRow, Problem> {
    let programme = tx.locked::<ProgrammeRow>(seen.programme_id)?;
    let changed = tx.change(seen.id, "changed", |tx, before: &SettingsRow| {
        check(tx.ctx, &programme, &new)?;
        if before.valid_from <= tx.ctx.today() && programme.status != ProgrammeState::Draft {
            return Err(Problem::new(Code::StateConflict).detail(
                "Inställningarna gäller redan; lägg in nya från en senare dag.",
                "The settings are valid already; enter new ones from a later day.",
            ));
        }
        let NewSettings { valid_from, content } = new;
        Ok(SettingsRow { valid_from, content: Json(content), ..before.clone() })
    })?;
    Ok(changed.after)
}

/// 422 for contradictions; 409 in a programme that is no longer a draft when settings are missing or the day has passed.
fn check(ctx: &Context, programme: &ProgrammeRow, new: &NewSettings) -> Result<(), Problem> {
    Code::InvalidInput.refuse_any(new.content.faults(programme.profile))?;
    if programme.status == ProgrammeState::Draft {
        return Ok(());
    }
    Code::SettingsIncomplete.refuse_any(new.content.gaps())?;
    if new.valid_from < ctx.today() {
        return Err(Problem::new(Code::StateConflict).detail(
            "Dagen har passerat; vad som har avgjorts efter de gamla inställningarna står fast.",
            "The day has passed; what was decided by the old settings stands.",
        ));
    }
    Ok(())
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
