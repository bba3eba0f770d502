//! Every query of month submissions.

use diesel::prelude::*;
use serde::Serialize;

use super::MonthSubmission;
use crate::identity::policy::MonthSubmissionRead;
use crate::platform::db::Db;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::Problem;
use crate::reference::Kommunkod;
use crate::schema::month_submissions;
use crate::team::Organisation;

/// A month submission as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = month_submissions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SubmissionRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// Whether a kommun's or the owner's.
    pub organisation: Organisation,
    /// The kommun; none for the owner's.
    pub kommunkod: Option<String>,
    /// The calendar month of work.
    pub month: Month,
    /// The reports that it contains.
    pub report_ids: Json<Vec<Id>>,
    /// The participants whose report was not ready.
    pub missing_participant_ids: Json<Vec<Id>>,
    /// Recorded minutes of its reports.
    pub total_minutes: i32,
    /// A comment to SKR.
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

crate::stored! {
    SubmissionRow in month_submissions as "monthSubmission" ("månadsinlämning", "month submission"),
    chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()),
}

crate::scope!(SubmissionRow in month_submissions: programme_id, kommunkod? owner);

crate::resource!(
    SubmissionRow as MonthSubmission at "/month-submissions/{monthSubmissionId}",
    read by MonthSubmissionRead, shown by MonthSubmission::show
);

crate::list! {
    /// `GET /month-submissions`.
    pub struct SubmissionList: month_submissions as SubmissionRow, shown as MonthSubmission, by id: Id, default "-createdAt" {
        programmeId: programme_id => Id [filter];
        organisation: organisation => Organisation [filter];
        kommunkod: kommunkod => Kommunkod [filter_nullable];
        month: month => Month [filter, range, sort];
        submittedBy: submitted_by => Id [filter];
        createdAt: created_at => Instant [range, sort];
        updatedSince: updated_at => Instant [since];
    }
    shows { people.id = submitted_by; }
}

/// Every submission of a programme's month, oldest first.
pub fn unscoped_of_month(db: &mut Db, programme_id: Id, month: Month) -> Result<Vec<SubmissionRow>, Problem> {
    let rows = month_submissions::table
        .filter(month_submissions::programme_id.eq(programme_id))
        .filter(month_submissions::month.eq(month))
        .order((month_submissions::created_at, month_submissions::id));
    Ok(rows.select(SubmissionRow::as_select()).load(db)?)
}
