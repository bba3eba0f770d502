//! Every query of month exceptions.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

use super::MonthException;
use crate::identity::policy::MonthExceptionRead;
use crate::platform::auth::scope::Scope;
use crate::platform::db::Db;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::together::Rows;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::Problem;
use crate::reference::Kommunkod;
use crate::schema::month_exceptions;
use crate::team::participants::ParticipantRow;

/// An exception as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = month_exceptions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExceptionRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The month.
    pub month: Month,
    /// The kommun, also when it is valid for one person; none for the owner's staff.
    pub kommunkod: Option<String>,
    /// The one person; none for the whole kommun.
    pub participant_id: Option<Id>,
    /// When the exception ends.
    pub expires_at: Instant,
    /// Why.
    pub reason: String,
    /// Who granted it.
    pub granted_by: Option<Id>,
    /// When it was granted.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    ExceptionRow in month_exceptions as "monthException" ("månadsundantag", "month exception"),
    chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()),
    actions ["changed", "used"],
}

crate::scope!(ExceptionRow in month_exceptions: programme_id, kommunkod?);

crate::resource!(
    ExceptionRow as MonthException at "/month-exceptions/{monthExceptionId}",
    read by MonthExceptionRead, shown by MonthException::show
);

crate::list! {
    /// `GET /month-exceptions`.
    pub struct ExceptionList: month_exceptions as ExceptionRow, shown as MonthException, by id: Id, default "-createdAt" {
        programmeId: programme_id => Id [filter];
        month: month => Month [filter, range, sort];
        kommunkod: kommunkod => Kommunkod [filter_nullable];
        participantId: participant_id => Id [filter_nullable];
        expiresAt: expires_at => Instant [range, sort];
        createdAt: created_at => Instant [range, sort];
        updatedSince: updated_at => Instant [since];
    }
    shows {
        participants.id = participant_id;
        people.id = granted_by;
    }
}

/// The exceptions of a month in this scope, oldest first.
pub fn of_month(
    db: &mut Db,
    scope: &Scope,
    programme_id: Id,
    month: Month,
) -> Result<Vec<ExceptionRow>, Problem> {
    let query = visible(scope)
        .filter(month_exceptions::programme_id.eq(programme_id))
        .filter(month_exceptions::month.eq(month))
        .order((month_exceptions::created_at, month_exceptions::id));
    Ok(query.select(ExceptionRow::as_select()).load(db)?)
}

/// The exception that is valid at `now` for this person's month: the person's own, else the kommun's.
pub fn unscoped_valid_for(
    db: &mut Db,
    participant: &ParticipantRow,
    month: Month,
    now: Instant,
) -> Result<Option<ExceptionRow>, Problem> {
    let (programmes, months) = ([participant.programme_id].into(), [month].into());
    let mut rows = unscoped_valid_among(&programmes, &months, now).load(db)?;
    rows.sort_by_key(|row| (row.created_at, row.id));
    Ok(valid_for(&rows, participant, month).cloned())
}

/// The exceptions that are valid at `now` for these months of these programmes.
pub fn unscoped_valid_among(
    programmes: &BTreeSet<Id>,
    months: &BTreeSet<Month>,
    now: Instant,
) -> Rows<ExceptionRow> {
    let query = month_exceptions::table
        .filter(month_exceptions::programme_id.one_of(programmes.iter().copied()))
        .filter(month_exceptions::month.one_of(months.iter().copied()))
        .filter(month_exceptions::expires_at.gt(now));
    Rows::of(query.select(ExceptionRow::whole()))
}

/// Of valid exceptions, oldest first, the one for this person's month: the person's own, else the kommun's.
pub fn valid_for<'e>(
    valid: &'e [ExceptionRow],
    participant: &ParticipantRow,
    month: Month,
) -> Option<&'e ExceptionRow> {
    let mut here =
        valid.iter().filter(|row| (row.programme_id, row.month) == (participant.programme_id, month));
    let own = here.clone().find(|row| row.participant_id == Some(participant.id));
    own.or_else(|| here.find(|row| row.participant_id.is_none() && row.kommunkod == participant.kommunkod))
}
