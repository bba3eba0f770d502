//! Every query of time reports.

use diesel::prelude::*;
use serde::Serialize;

use super::rules::WORKFLOW;
use super::{TimeReport, TimeReportState};
use crate::identity::policy::Role;
use crate::identity::policy::TimeReportRead;
use crate::platform::audit::Chain;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::auth::scope::{Place, Scope};
use crate::platform::auth::scoped::Scoped;
use crate::platform::db::{AnyOf, Condition, Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::reference::Kommunkod;
use crate::schema::time_reports;
use crate::team::Organisation;

/// A time report as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = time_reports, treat_none_as_null = true)]
pub struct TimeReportRow {
    /// Identity.
    pub id: Id,
    /// The programme it lies in.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun, unless it is the owner's.
    pub kommunkod: Option<String>,
    /// Whose report it is, as participant.
    pub participant_id: Id,
    /// Whose report it is, as person.
    pub person_id: Id,
    /// The calendar month of work.
    pub month: Month,
    /// 1, and one more for each correction.
    pub report_version: i32,
    /// State.
    pub status: TimeReportState,
    /// SHA-256 of what was signed, hex; while it is signed.
    pub content_sha256: Option<String>,
    /// From 1; one more each time that signatures are voided.
    pub sign_round: i32,
    /// When the person signed it.
    pub signed_at: Option<Instant>,
    /// When it was attested.
    pub attested_at: Option<Instant>,
    /// Who attested it.
    pub attested_by: Option<Id>,
    /// Until then the person may change the entries of a report that was returned.
    pub editable_until: Option<Instant>,
    /// Why it was returned, or left unsigned.
    pub reason: Option<String>,
    /// The submission that it belongs to.
    pub submission_id: Option<Id>,
    /// The version that it corrects.
    pub corrects_id: Option<Id>,
    /// The correction that took its place.
    pub superseded_by_id: Option<Id>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    TimeReportRow in time_reports as "timeReport" ("tidrapport", "time report"),
    chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()),
    workflow WORKFLOW: TimeReportState,
}

crate::resource!(TimeReportRow as TimeReport at "/time-reports/{timeReportId}", read by TimeReportRead);

crate::list! {
    /// `GET /time-reports`.
    pub struct TimeReportList: time_reports as TimeReportRow, shown as TimeReport, by id: Id, default "-month" {
        programmeId: programme_id => Id [filter];
        organisation: organisation => Organisation [filter];
        kommunkod: kommunkod => Kommunkod [filter_some];
        participantId: participant_id => Id [filter];
        personId: person_id => Id [filter];
        month: month => Month [filter, range, sort];
        reportVersion: report_version => i32 [filter, sort];
        status: status => TimeReportState [filter];
        submissionId: submission_id => Id [filter_some];
        createdAt: created_at => Instant [range, sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
}

/// What an attester sees of colleagues' reports: from `signed` on.
pub const ATTESTERS: [TimeReportState; 6] = [
    TimeReportState::Signed,
    TimeReportState::Attested,
    TimeReportState::Reported,
    TimeReportState::Approved,
    TimeReportState::Locked,
    TimeReportState::Claimed,
];

/// The reports within a scope; an attester's part of it begins with `signed`.
pub fn visible(scope: &Scope) -> time_reports::BoxedQuery<'static, MultiBackend> {
    let query = time_reports::table.into_boxed();
    if scope.is_everywhere() {
        return query;
    }
    let mut condition: AnyOf<time_reports::table> = AnyOf::nothing();
    for grant in &scope.grants {
        let here: Condition<time_reports::table> = match &grant.place {
            Place::Programme(programme) => Box::new(time_reports::programme_id.eq(*programme)),
            Place::Kommun(programme, kommun) => {
                let kommun = time_reports::kommunkod.assume_not_null().eq(kommun.clone());
                Box::new(time_reports::programme_id.eq(*programme).and(kommun))
            }
            Place::Owner(programme) => {
                let owner = time_reports::organisation.eq(Organisation::Owner);
                Box::new(time_reports::programme_id.eq(*programme).and(owner))
            }
            Place::Person(person) | Place::Member(person, ..) => {
                Box::new(time_reports::person_id.eq(*person))
            }
            Place::Everywhere | Place::Subject(_) | Place::Client(_) => continue,
        };
        condition = if grant.role == Role::Attester.as_str() {
            condition.or(here.and(time_reports::status.eq_any(ATTESTERS)))
        } else {
            condition.or(here)
        };
    }
    query.filter(condition.condition())
}

impl Scoped for TimeReportRow {
    fn keys(&self) -> AuthzKeys {
        crate::team::keys(self.programme_id, self.organisation, self.kommunkod.as_deref(), self.person_id)
    }

    crate::find_visible!(time_reports);
}

/// The newest version of a participant's report for a month, locked.
pub fn newest_locked(
    tx: &mut Tx<'_>,
    participant_id: Id,
    month: Month,
) -> Result<Option<TimeReportRow>, Problem> {
    let newest: Option<Id> = time_reports::table
        .filter(time_reports::participant_id.eq(participant_id))
        .filter(time_reports::month.eq(month))
        .order(time_reports::report_version.desc())
        .select(time_reports::id)
        .first(tx.db)
        .optional()?;
    newest.map(|id| TimeReportRow::locked(tx, id)).transpose()
}

/// Every version of every report of a programme's month, whoever asks; by participant, the first version first.
pub fn of_month(db: &mut Db, programme_id: Id, month: Month) -> Result<Vec<TimeReportRow>, Problem> {
    let rows = time_reports::table
        .filter(time_reports::programme_id.eq(programme_id))
        .filter(time_reports::month.eq(month))
        .order((time_reports::participant_id, time_reports::report_version));
    Ok(rows.select(TimeReportRow::as_select()).load(db)?)
}

/// The newest version of each report of a programme's month, whoever asks.
pub fn newest_of_month(db: &mut Db, programme_id: Id, month: Month) -> Result<Vec<TimeReportRow>, Problem> {
    let mut newest: Vec<TimeReportRow> = Vec::new();
    for row in of_month(db, programme_id, month)? {
        match newest.last_mut().filter(|last| last.participant_id == row.participant_id) {
            Some(last) => *last = row,
            None => newest.push(row),
        }
    }
    Ok(newest)
}

/// Which participants have a report for a programme's month, whoever asks.
pub fn participants_with_report(db: &mut Db, programme_id: Id, month: Month) -> Result<Vec<Id>, Problem> {
    let rows = time_reports::table
        .filter(time_reports::programme_id.eq(programme_id))
        .filter(time_reports::month.eq(month))
        .filter(time_reports::report_version.eq(1));
    Ok(rows.select(time_reports::participant_id).load(db)?)
}
