//! A programme's dated settings: the numbers and rules that an authority may change (guide §4). The row that is valid on
//! a day is the newest one from that day or before. A new programme begins with its profile's.

mod content;
pub mod routes;
mod store;

pub use content::{
    AcceptedMethods, Activity, CostForm, CostForms, EsfReporting, HoursScope, RoundingLevel, SelectionStage,
    SettingsContent,
};
pub use store::{SettingsRow, all, holding, on_day};

use crate::platform::audit::Audited as _;
use crate::platform::db::sql::Json;
use crate::platform::part::Part;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::ProgrammeRow;

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[
        SelectionStage::LIST,
        HoursScope::LIST,
        RoundingLevel::LIST,
        CostForm::LIST,
        EsfReporting::LIST,
    ],
    audited: &[SettingsRow::AUDITED],
    ..Part::NONE
};

/// The first settings of a new programme, by its profile, valid from the day it is added.
pub fn add_first(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let row = SettingsRow {
        id: tx.ctx.new_id(),
        programme_id: programme.id,
        valid_from: tx.ctx.today().min(programme.starts_on),
        content: Json(SettingsContent::of(programme.profile)),
        created_at: tx.ctx.now,
        updated_at: tx.ctx.now,
        version: 1,
    };
    tx.insert(&row)
}

/// What is still missing before the programme can be scheduled, in all that holds today or later.
pub fn gaps(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<FieldError>, Problem> {
    let rows = store::from_day(rx.db, programme.id, rx.ctx.today())?;
    Ok(rows
        .into_iter()
        .flat_map(|row| within(&format!("/settings/{}", row.id), row.content.0.gaps()))
        .collect())
}

/// Faults with their pointers below another.
fn within(place: &str, faults: Vec<FieldError>) -> Vec<FieldError> {
    faults
        .into_iter()
        .map(|fault| FieldError { pointer: format!("{place}{}", fault.pointer), ..fault })
        .collect()
}
