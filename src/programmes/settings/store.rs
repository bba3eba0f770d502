//! Every query of settings.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

use super::{ProgrammeSettings, SettingsContent};
use crate::identity::policy::SettingsRead;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sql::Json;
use crate::platform::db::together::Rows;
use crate::platform::db::{Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::programmes::programme::ProgrammeRow;
use crate::schema::programme_settings;

/// Settings as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = programme_settings, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SettingsRow {
    /// Identity.
    pub id: Id,
    /// The programme whose settings they are.
    pub programme_id: Id,
    /// The first day on which they are valid.
    pub valid_from: Day,
    /// The settings themselves.
    pub content: Json<SettingsContent>,
    /// When they were entered.
    pub created_at: Instant,
    /// When they were last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    SettingsRow in programme_settings as "programmeSettings" ("programmets inställningar", "programme settings"),
    chain |row| Chain::Programme(row.programme_id),
    actions ["changed"],
}

crate::scope!(SettingsRow in programme_settings: programme_id);

crate::resource!(
    SettingsRow as ProgrammeSettings at "/programmes/{programmeId}" "/settings/{settingsId}",
    programme_settings by programme_id of ProgrammeRow, id: Id, read by SettingsRead
);

crate::list! {
    /// `GET /programmes/{programmeId}/settings`.
    pub struct SettingsList: programme_settings as SettingsRow, shown as ProgrammeSettings, by id: Id, default "validFrom" {
        validFrom: valid_from => Day [range, sort];
        updatedSince: updated_at => Instant [since];
    }
}

/// The settings of one programme, whose scope was checked.
pub fn unscoped_within(programme_id: Id) -> programme_settings::BoxedQuery<'static, MultiBackend> {
    programme_settings::table.filter(programme_settings::programme_id.eq(programme_id)).into_boxed()
}

/// The settings that are valid on a day, and all later ones.
pub fn unscoped_from_day(db: &mut Db, programme_id: Id, day: Day) -> Result<Vec<SettingsRow>, Problem> {
    let all = unscoped_all(db, programme_id)?;
    let now = holding(&all, day).map(|row| row.id);
    Ok(all.into_iter().filter(|row| row.valid_from > day || Some(row.id) == now).collect())
}

/// All of a programme's settings, oldest first; never empty.
pub fn unscoped_all(db: &mut Db, programme_id: Id) -> Result<Vec<SettingsRow>, Problem> {
    let query = unscoped_within(programme_id).order(programme_settings::valid_from);
    let rows: Vec<SettingsRow> = query.select(SettingsRow::as_select()).load(db)?;
    if rows.is_empty() {
        return Err(Problem::internal("a programme without settings"));
    }
    Ok(rows)
}

/// All settings of these programmes.
pub fn unscoped_of_programmes(programmes: &BTreeSet<Id>) -> Rows<SettingsRow> {
    let of_them = programme_settings::programme_id.one_of(programmes.iter().copied());
    Rows::of(programme_settings::table.filter(of_them).select(SettingsRow::whole()))
}

/// The one among all settings that is valid on a day, like [`unscoped_on_day`].
pub fn holding(all: &[SettingsRow], day: Day) -> Option<&SettingsRow> {
    all.iter().rev().find(|row| row.valid_from <= day).or_else(|| all.first())
}

/// The settings that are valid on a day: the newest that begin on that day or before, else the first of all.
pub fn unscoped_on_day(db: &mut Db, programme_id: Id, day: Day) -> Result<SettingsRow, Problem> {
    let newest = unscoped_within(programme_id)
        .filter(programme_settings::valid_from.le(day))
        .order(programme_settings::valid_from.desc())
        .select(SettingsRow::as_select())
        .first(db)
        .optional()?;
    if let Some(row) = newest {
        return Ok(row);
    }
    let first = unscoped_within(programme_id).order(programme_settings::valid_from);
    Ok(first.select(SettingsRow::as_select()).first(db)?)
}
