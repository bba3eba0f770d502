//! Every query of months.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

use super::rules::WORKFLOW;
use super::{MissingReport, MonthState, ProgrammeMonth};
use crate::identity::policy::MonthRead;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sql::Json;
use crate::platform::db::together::Rows;
use crate::platform::db::{Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::ProgrammeRow;
use crate::schema::programme_months;

/// A month as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = programme_months, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct MonthRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The month.
    pub month: Month,
    /// State.
    pub status: MonthState,
    /// When it stops taking time.
    pub grace_ends_at: Instant,
    /// The participants whose reports the lock did not wait for.
    pub missing: Json<Vec<MissingReport>>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    MonthRow in programme_months as "month" ("månad", "month"),
    chain |row| Chain::Programme(row.programme_id),
    workflow WORKFLOW: MonthState,
}

crate::scope!(MonthRow in programme_months: programme_id);

crate::resource!(
    MonthRow as ProgrammeMonth at "/programmes/{programmeId}" "/months/{month}",
    programme_months by programme_id of ProgrammeRow, month: Month, read by MonthRead, shown by ProgrammeMonth::show
);

crate::list! {
    /// `GET /programmes/{programmeId}/months`.
    pub struct MonthList: programme_months as MonthRow, shown as ProgrammeMonth, by id: Id, default "month" {
        month: month => Month [range, sort];
        status: status => MonthState [filter];
        updatedSince: updated_at => Instant [since];
    }
}

/// The months of one programme, whose scope was checked.
pub fn unscoped_within(programme_id: Id) -> programme_months::BoxedQuery<'static, MultiBackend> {
    programme_months::table.filter(programme_months::programme_id.eq(programme_id)).into_boxed()
}

/// One month of a programme; none when it has not begun.
pub fn unscoped_by_month(db: &mut Db, programme_id: Id, month: Month) -> Result<Option<MonthRow>, Problem> {
    let query = unscoped_within(programme_id).filter(programme_months::month.eq(month));
    Ok(query.select(MonthRow::as_select()).first(db).optional()?)
}

/// Those of these months that the programmes have.
pub fn unscoped_among(programmes: &BTreeSet<Id>, months: &BTreeSet<Month>) -> Rows<MonthRow> {
    let query = programme_months::table
        .filter(programme_months::programme_id.one_of(programmes.iter().copied()))
        .filter(programme_months::month.one_of(months.iter().copied()));
    Rows::of(query.select(MonthRow::whole()))
}

/// All months of a programme, oldest first.
pub fn unscoped_of_programme(db: &mut Db, programme_id: Id) -> Result<Vec<MonthRow>, Problem> {
    let query = unscoped_within(programme_id).order(programme_months::month);
    Ok(query.select(MonthRow::as_select()).load(db)?)
}

/// The months that are open or in grace, oldest first.
pub fn unscoped_under_way(rx: &mut Rx<'_>) -> Result<Vec<MonthRow>, Problem> {
    let query = programme_months::table
        .filter(programme_months::status.one_of([MonthState::Open, MonthState::Grace]))
        .order((programme_months::month, programme_months::id));
    Ok(query.select(MonthRow::as_select()).load(rx.db)?)
}
