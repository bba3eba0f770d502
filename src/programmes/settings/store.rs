//! Every query of settings.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

use super::rules::WORKFLOW;
use super::{ProgrammeSettings, SettingsContent, SettingsState};
use crate::identity::policy::SettingsRead;
use crate::platform::context::Context;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sql::Json;
use crate::platform::db::together::Rows;
use crate::platform::db::{Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::ProgrammeRow;
use crate::schema::programme_settings;

/// Settings as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = programme_settings, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SettingsRow {
    /// Identity.
    pub id: Id,
    /// The programme whose settings they are.
    pub programme_id: Id,
    /// The first day on which they are valid.
    pub valid_from: Day,
    /// State.
    pub status: SettingsState,
    /// When they were adopted.
    pub adopted_at: Option<Instant>,
    /// Who entered them; none for those of the profile.
    pub proposed_by: Option<Id>,
    /// The role in which they were entered.
    pub proposed_role: Option<String>,
    /// The settings themselves.
    pub content: Json<SettingsContent>,
    /// When they were entered.
    pub created_at: Instant,
    /// When they were last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

impl SettingsRow {
    /// Settings that hold, entered by nobody.
    pub fn new(ctx: &Context, programme_id: Id, valid_from: Day, content: SettingsContent) -> Self {
        Self {
            id: ctx.new_id(),
            programme_id,
            valid_from,
            status: SettingsState::Adopted,
            adopted_at: Some(ctx.now),
            proposed_by: None,
            proposed_role: None,
            content: Json(content),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

crate::stored! {
    SettingsRow in programme_settings as "programmeSettings" ("programmets inställningar", "programme settings"),
    chain |row| Chain::Programme(row.programme_id),
    actions ["changed"],
    workflow WORKFLOW: SettingsState,
    author |row| row.proposed_by,
    signed is_adopted,
}

/// Whether reports may have been signed under its declaration.
fn is_adopted(settings: &SettingsRow, _: &mut Rx<'_>) -> Result<bool, Problem> {
    Ok(settings.status == SettingsState::Adopted)
}

crate::scope!(SettingsRow in programme_settings: programme_id);

crate::resource!(
    SettingsRow as ProgrammeSettings at "/programmes/{programmeId}" "/settings/{settingsId}",
    programme_settings by programme_id of ProgrammeRow, id: Id,
    read by SettingsRead, shown by ProgrammeSettings::show
);

crate::list! {
    /// `GET /programmes/{programmeId}/settings`.
    pub struct SettingsList: programme_settings as SettingsRow, shown as ProgrammeSettings, by id: Id, default "validFrom" {
        validFrom: valid_from => Day [range, sort];
        status: status => SettingsState [filter];
        updatedSince: updated_at => Instant [since];
    }
    shows { people.id = proposed_by; }
}

/// The settings of one programme, whose scope was checked.
pub fn unscoped_within(programme_id: Id) -> programme_settings::BoxedQuery<'static, MultiBackend> {
    programme_settings::table.filter(programme_settings::programme_id.eq(programme_id)).into_boxed()
}

/// The adopted ones of a programme, in the order in which they hold.
fn adopted(programme_id: Id) -> programme_settings::BoxedQuery<'static, MultiBackend> {
    unscoped_within(programme_id)
        .filter(programme_settings::status.eq(SettingsState::Adopted))
        .order((programme_settings::valid_from, programme_settings::adopted_at))
}

/// The settings that are valid on a day, and all later ones.
pub fn unscoped_from_day(db: &mut Db, programme_id: Id, day: Day) -> Result<Vec<SettingsRow>, Problem> {
    let all = unscoped_all(db, programme_id)?;
    let now = holding(&all, day).map(|row| row.id);
    Ok(all.into_iter().filter(|row| row.valid_from > day || Some(row.id) == now).collect())
}

/// All of a programme's adopted settings, in the order in which they hold; never empty.
pub fn unscoped_all(db: &mut Db, programme_id: Id) -> Result<Vec<SettingsRow>, Problem> {
    let rows: Vec<SettingsRow> = adopted(programme_id).select(SettingsRow::as_select()).load(db)?;
    if rows.is_empty() {
        return Err(Problem::internal("a programme without settings"));
    }
    Ok(rows)
}

/// A programme's adopted settings that hold last of all.
pub fn unscoped_newest(db: &mut Db, programme_id: Id) -> Result<SettingsRow, Problem> {
    let newest = unscoped_all(db, programme_id)?.pop();
    newest.ok_or_else(|| Problem::internal("a programme without settings"))
}

/// All adopted settings of these programmes, in any order: see [`holding`].
pub fn unscoped_of_programmes(programmes: &BTreeSet<Id>) -> Rows<SettingsRow> {
    let of_them = programme_settings::programme_id.one_of(programmes.iter().copied());
    let adopted = programme_settings::status.eq(SettingsState::Adopted);
    Rows::of(programme_settings::table.filter(of_them).filter(adopted).select(SettingsRow::whole()))
}

/// The one among a programme's adopted settings that is valid on a day: of those that begin on that day or before the newest,
/// adopted last; else the first of all.
pub fn holding(all: &[SettingsRow], day: Day) -> Option<&SettingsRow> {
    let order = |row: &&SettingsRow| (row.valid_from, row.adopted_at);
    all.iter().filter(|row| row.valid_from <= day).max_by_key(order).or_else(|| all.iter().min_by_key(order))
}

/// The one by which a month is judged: that of its first day.
pub fn holding_in(all: &[SettingsRow], month: Month) -> Option<&SettingsRow> {
    holding(all, month.first_day())
}

/// The settings that are valid on a day, like [`holding`].
pub fn unscoped_on_day(db: &mut Db, programme_id: Id, day: Day) -> Result<SettingsRow, Problem> {
    let all = unscoped_all(db, programme_id)?;
    holding(&all, day).cloned().ok_or_else(|| Problem::internal("a programme without settings"))
}

/// The settings by which a month is judged: those of its first day.
pub fn unscoped_of_month(db: &mut Db, programme_id: Id, month: Month) -> Result<SettingsRow, Problem> {
    unscoped_on_day(db, programme_id, month.first_day())
}
