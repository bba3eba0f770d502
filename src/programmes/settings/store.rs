//! Every query of settings. Reached through their programme, whose scope was checked.

use diesel::prelude::*;
use serde::Serialize;

use super::SettingsContent;
use super::routes::ProgrammeSettings;
use crate::platform::audit::Chain;
use crate::platform::db::sql::Json;
use crate::platform::db::{Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::schema::programme_settings;

/// Settings as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = programme_settings, treat_none_as_null = true)]
pub struct SettingsRow {
    /// Identity.
    pub id: Id,
    /// Whose.
    pub programme_id: Id,
    /// First day.
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

crate::list! {
    /// `GET /programmes/{programmeId}/settings`.
    pub struct SettingsList: programme_settings as SettingsRow, shown as ProgrammeSettings, by id: Id, default "validFrom" {
        validFrom: valid_from => Day [range, sort];
        updatedSince: updated_at => Instant [since];
    }
}

/// The settings of one programme.
pub fn of_programme(programme_id: Id) -> programme_settings::BoxedQuery<'static, MultiBackend> {
    programme_settings::table.filter(programme_settings::programme_id.eq(programme_id)).into_boxed()
}

/// One row of one programme.
pub fn find(db: &mut Db, programme_id: Id, id: Id) -> Result<Option<SettingsRow>, Problem> {
    let query = of_programme(programme_id).filter(programme_settings::id.eq(id));
    Ok(query.select(SettingsRow::as_select()).first(db).optional()?)
}

/// The settings that hold on a day and all later ones.
pub fn from_day(db: &mut Db, programme_id: Id, day: Day) -> Result<Vec<SettingsRow>, Problem> {
    let all = all(db, programme_id)?;
    let now = holding(&all, day).map(|row| row.id);
    Ok(all.into_iter().filter(|row| row.valid_from > day || Some(row.id) == now).collect())
}

/// All of a programme's settings, the first first; never none.
pub fn all(db: &mut Db, programme_id: Id) -> Result<Vec<SettingsRow>, Problem> {
    let query = of_programme(programme_id).order(programme_settings::valid_from);
    let rows: Vec<SettingsRow> = query.select(SettingsRow::as_select()).load(db)?;
    if rows.is_empty() {
        return Err(Problem::internal("a programme without settings"));
    }
    Ok(rows)
}

/// The one of all that holds on a day, like [`on_day`].
pub fn holding(all: &[SettingsRow], day: Day) -> Option<&SettingsRow> {
    all.iter().rev().find(|row| row.valid_from <= day).or_else(|| all.first())
}

/// The settings that hold on a day: the newest from that day or before, or the first of all.
pub fn on_day(db: &mut Db, programme_id: Id, day: Day) -> Result<SettingsRow, Problem> {
    let newest = of_programme(programme_id)
        .filter(programme_settings::valid_from.le(day))
        .order(programme_settings::valid_from.desc())
        .select(SettingsRow::as_select())
        .first(db)
        .optional()?;
    if let Some(row) = newest {
        return Ok(row);
    }
    let first = of_programme(programme_id).order(programme_settings::valid_from);
    Ok(first.select(SettingsRow::as_select()).first(db)?)
}
