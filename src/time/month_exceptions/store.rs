//! Every query of month exceptions.

use diesel::prelude::*;
use serde::Serialize;

use super::MonthException;
use crate::identity::policy::MonthExceptionRead;
use crate::platform::db::Db;
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

crate::resource!(ExceptionRow as MonthException at "/month-exceptions/{monthExceptionId}", read by MonthExceptionRead);

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
}

/// The exception that is valid at `now` for this person's month: the person's own, else the kommun's.
pub fn unscoped_valid_for(
    db: &mut Db,
    participant: &ParticipantRow,
    month: Month,
    now: Instant,
) -> Result<Option<ExceptionRow>, Problem> {
    let rows: Vec<ExceptionRow> = month_exceptions::table
        .filter(month_exceptions::programme_id.eq(participant.programme_id))
        .filter(month_exceptions::month.eq(month))
        .filter(month_exceptions::expires_at.gt(now))
        .order((month_exceptions::created_at, month_exceptions::id))
        .select(ExceptionRow::as_select())
        .load(db)?;
    let own = rows.iter().find(|row| row.participant_id == Some(participant.id));
    let of_kommun =
        |row: &&ExceptionRow| row.participant_id.is_none() && row.kommunkod == participant.kommunkod;
    Ok(own.or_else(|| rows.iter().find(of_kommun)).cloned())
}
