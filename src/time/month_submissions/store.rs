//! Every query of month submissions.

use diesel::prelude::*;
use serde::Serialize;

use super::MonthSubmission;
use crate::platform::audit::Chain;
use crate::platform::auth::scope::{Place, Scope};
use crate::platform::db::sql::Json;
use crate::platform::db::{AnyOf, Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::Problem;
use crate::reference::Kommunkod;
use crate::schema::month_submissions;
use crate::team::Organisation;

/// A month submission as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = month_submissions, treat_none_as_null = true)]
pub struct SubmissionRow {
    /// Identity.
    pub id: Id,
    /// The programme it lies in.
    pub programme_id: Id,
    /// A kommun's, or the owner's own.
    pub organisation: Organisation,
    /// The kommun, unless it is the owner's.
    pub kommunkod: Option<String>,
    /// The calendar month of work.
    pub month: Month,
    /// The reports that it handed over.
    pub report_ids: Json<Vec<Id>>,
    /// Those whose report was not ready then.
    pub missing_participant_ids: Json<Vec<Id>>,
    /// Recorded minutes of its reports.
    pub total_minutes: i32,
    /// What the submitter wants to say.
    pub comment: Option<String>,
    /// Who submitted it.
    pub submitted_by: Id,
    /// When it was submitted.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored!(SubmissionRow in month_submissions as "monthSubmission", chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()));

crate::list! {
    /// `GET /month-submissions`.
    pub struct SubmissionList: month_submissions as SubmissionRow, shown as MonthSubmission, by id: Id, default "-createdAt" {
        programmeId: programme_id => Id [filter];
        organisation: organisation => Organisation [filter];
        kommunkod: kommunkod => Kommunkod [filter_some];
        month: month => Month [filter, range, sort];
        submittedBy: submitted_by => Id [filter];
        createdAt: created_at => Instant [range, sort];
        updatedSince: updated_at => Instant [since];
    }
}

/// The submissions within a scope.
pub fn visible(scope: &Scope) -> month_submissions::BoxedQuery<'static, MultiBackend> {
    let query = month_submissions::table.into_boxed();
    if scope.is_everywhere() {
        return query;
    }
    let mut condition: AnyOf<month_submissions::table> = AnyOf::nothing();
    for grant in &scope.grants {
        condition = match &grant.place {
            Place::Programme(programme) => condition.or(month_submissions::programme_id.eq(*programme)),
            Place::Kommun(programme, kommun) => {
                let kommun = month_submissions::kommunkod.assume_not_null().eq(kommun.clone());
                condition.or(month_submissions::programme_id.eq(*programme).and(kommun))
            }
            Place::Everywhere
            | Place::Owner(_)
            | Place::Person(_)
            | Place::Member(..)
            | Place::Subject(_)
            | Place::Client(_) => condition,
        };
    }
    query.filter(condition.condition())
}

/// One submission within a scope.
pub fn find(db: &mut Db, scope: &Scope, id: Id) -> Result<Option<SubmissionRow>, Problem> {
    Ok(visible(scope)
        .filter(month_submissions::id.eq(id))
        .select(SubmissionRow::as_select())
        .first(db)
        .optional()?)
}

/// Every submission of a programme's month, the first first, whoever asks.
pub fn of_month(db: &mut Db, programme_id: Id, month: Month) -> Result<Vec<SubmissionRow>, Problem> {
    let rows = month_submissions::table
        .filter(month_submissions::programme_id.eq(programme_id))
        .filter(month_submissions::month.eq(month))
        .order((month_submissions::created_at, month_submissions::id));
    Ok(rows.select(SubmissionRow::as_select()).load(db)?)
}
