//! Every query of time reports.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::Serialize;

use super::rules::WORKFLOW;
use super::{TimeReport, TimeReportState};
use crate::identity::policy::{Role, TimeReportRead};
use crate::identity::signatures::{self, SignatureMethod};
use crate::platform::context::Context;
use crate::platform::db::Db;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::kept::Locking;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::together::Rows;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::reference::Kommunkod;
use crate::schema::time_reports;
use crate::team::Organisation;
use crate::team::participants::ParticipantRow;

/// A time report as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = time_reports, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TimeReportRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun; none for the owner's staff.
    pub kommunkod: Option<String>,
    /// The participant whose report it is.
    pub participant_id: Id,
    /// The person whose report it is.
    pub person_id: Id,
    /// The calendar month of work.
    pub month: Month,
    /// 1, and one more for each correction.
    pub report_version: i32,
    /// State.
    pub status: TimeReportState,
    /// SHA-256 of the signed content, in hex; none while it is not signed.
    pub content_sha256: Option<String>,
    /// The number of the signing round, from 1. It is raised when signatures are voided.
    pub sign_round: i32,
    /// When the person signed it.
    pub signed_at: Option<Instant>,
    /// When it was attested.
    pub attested_at: Option<Instant>,
    /// Who attested it.
    pub attested_by: Option<Id>,
    /// The last moment for the person to change the entries of a returned report.
    pub editable_until: Option<Instant>,
    /// Why it was returned, or left unsigned.
    pub reason: Option<String>,
    /// The submission that it belongs to.
    pub submission_id: Option<Id>,
    /// The version that it corrects.
    pub corrects_id: Option<Id>,
    /// The correction that replaces it.
    pub superseded_by_id: Option<Id>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

impl TimeReportRow {
    /// The first version of a participant's report, open.
    pub fn new(ctx: &Context, participant: &ParticipantRow, month: Month) -> Self {
        Self {
            id: ctx.new_id(),
            programme_id: participant.programme_id,
            organisation: participant.organisation,
            kommunkod: participant.kommunkod.clone(),
            participant_id: participant.id,
            person_id: participant.person_id,
            month,
            report_version: 1,
            status: TimeReportState::Open,
            content_sha256: None,
            sign_round: 1,
            signed_at: None,
            attested_at: None,
            attested_by: None,
            editable_until: None,
            reason: None,
            submission_id: None,
            corrects_id: None,
            superseded_by_id: None,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

crate::stored! {
    TimeReportRow in time_reports as "timeReport" ("tidrapport", "time report"),
    chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()),
    actions ["entryMoved"],
    workflow WORKFLOW: TimeReportState,
    proof super::proof::unproven,
    signed is_signed,
}

/// Its hash covers what it says.
fn is_signed(report: &TimeReportRow, _: &mut Rx<'_>) -> Result<bool, Problem> {
    Ok(report.content_sha256.is_some())
}

crate::resource!(
    TimeReportRow as TimeReport at "/time-reports/{timeReportId}",
    read by TimeReportRead, shown by TimeReport::show
);

crate::list! {
    /// `GET /time-reports`.
    pub struct TimeReportList: time_reports as TimeReportRow, shown as TimeReport, by id: Id, default "-month" {
        programmeId: programme_id => Id [filter];
        organisation: organisation => Organisation [filter];
        kommunkod: kommunkod => Kommunkod [filter_nullable];
        participantId: participant_id => Id [filter];
        personId: person_id => Id [filter];
        month: month => Month [filter, range, sort];
        reportVersion: report_version => i32 [filter, sort];
        status: status => TimeReportState [filter];
        submissionId: submission_id => Id [filter_nullable];
        createdAt: created_at => Instant [range, sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    shows {
        time_entries.time_report_id = id;
        participants.id = participant_id;
        programme_settings.programme_id = programme_id;
        people.id = attested_by;
        history;
    }
}

/// The states in which an attester sees reports of colleagues: from `signed` onwards.
pub const ATTESTERS: [TimeReportState; 6] = [
    TimeReportState::Signed,
    TimeReportState::Attested,
    TimeReportState::Reported,
    TimeReportState::Approved,
    TimeReportState::Locked,
    TimeReportState::Claimed,
];

crate::scope!(
    TimeReportRow in time_reports: programme_id, kommunkod? owner, person_id;
    // An attester sees reports from `signed` onwards.
    adjusted by |grant, condition| {
        if grant.role != Role::Attester.as_str() {
            return condition;
        }
        Box::new(condition.and(time_reports::status.one_of(ATTESTERS)))
    }
);

/// The newest version of a participant's report for a month, locked.
pub fn unscoped_newest_locked(
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
    newest.map(|id| tx.locked::<TimeReportRow>(id)).transpose()
}

/// The newest version of each report of these participants and months. All versions are locked, in the order of their
/// ids, because they are few. Nothing adds a version yet; whoever does must hold the lock of the person.
pub fn unscoped_newest_locked_among(
    tx: &mut Tx<'_>,
    keys: &BTreeSet<(Id, Month)>,
) -> Result<HashMap<(Id, Month), TimeReportRow>, Problem> {
    let participants: BTreeSet<Id> = keys.iter().map(|(participant, _)| *participant).collect();
    let months: BTreeSet<Month> = keys.iter().map(|(_, month)| *month).collect();
    let versions = time_reports::table
        .filter(time_reports::participant_id.one_of(participants))
        .filter(time_reports::month.one_of(months))
        .order(time_reports::id)
        .select(TimeReportRow::whole());
    let mut rows: Vec<TimeReportRow> = Locking::of(versions, tx.db).load(tx.db)?;
    rows.sort_by_key(|row| row.report_version);
    let newest = rows.into_iter().map(|row| ((row.participant_id, row.month), row));
    Ok(newest.filter(|(key, _)| keys.contains(key)).collect())
}

/// The ids of every version of every report of these participants.
pub fn unscoped_ids_of_participants(db: &mut Db, participants: &BTreeSet<Id>) -> Result<Vec<Id>, Problem> {
    let theirs = time_reports::participant_id.one_of(participants.iter().copied());
    Ok(time_reports::table.filter(theirs).select(time_reports::id).load(db)?)
}

/// Every version of every report of a programme's month, by participant, oldest version first.
pub fn unscoped_of_month(db: &mut Db, programme_id: Id, month: Month) -> Result<Vec<TimeReportRow>, Problem> {
    unscoped_of_months(db, programme_id, &[month])
}

/// Every version of every report of these months of a programme, by participant, oldest version first.
pub fn unscoped_of_months(
    db: &mut Db,
    programme_id: Id,
    months: &[Month],
) -> Result<Vec<TimeReportRow>, Problem> {
    let rows = time_reports::table
        .filter(time_reports::programme_id.eq(programme_id))
        .filter(time_reports::month.one_of(months.iter().copied()))
        .order((time_reports::participant_id, time_reports::report_version));
    Ok(rows.select(TimeReportRow::as_select()).load(db)?)
}

/// The reports with these ids.
pub fn unscoped_among(ids: &BTreeSet<Id>) -> Rows<TimeReportRow> {
    let these = time_reports::table.filter(time_reports::id.one_of(ids.iter().copied()));
    Rows::of(these.select(TimeReportRow::whole()))
}

/// Every report of a programme's month, or of a later one, locked.
pub fn unscoped_locked_since(
    tx: &mut Tx<'_>,
    programme_id: Id,
    month: Month,
) -> Result<Vec<TimeReportRow>, Problem> {
    let since = time_reports::table
        .filter(time_reports::programme_id.eq(programme_id))
        .filter(time_reports::month.ge(month));
    let ids: Vec<Id> = since.select(time_reports::id).load(tx.db)?;
    tx.locked_all(ids)
}

/// The newest month of each of these programmes that has a report in one of the states.
pub fn unscoped_newest_months(
    db: &mut Db,
    programmes: &BTreeSet<Id>,
    states: &[TimeReportState],
) -> Result<Vec<(Id, Month)>, Problem> {
    let months = time_reports::table
        .filter(time_reports::programme_id.one_of(programmes.iter().copied()))
        .filter(time_reports::status.one_of(states))
        .group_by((time_reports::programme_id, time_reports::month))
        .select((time_reports::programme_id, time_reports::month));
    let mut newest: HashMap<Id, Month> = HashMap::new();
    for (programme, month) in months.load::<(Id, Month)>(db)? {
        newest.entry(programme).and_modify(|known| *known = month.max(*known)).or_insert(month);
    }
    Ok(newest.into_iter().collect())
}

/// The reports of a participant with a valid signature of theirs on a paper sheet.
pub fn unscoped_on_paper(tx: &mut Tx<'_>, participant_id: Id) -> Result<Vec<TimeReportRow>, Problem> {
    let own = time_reports::table.filter(time_reports::participant_id.eq(participant_id));
    let reports: Vec<TimeReportRow> =
        own.order(time_reports::month).select(TimeReportRow::whole()).load(tx.db)?;
    let given = signatures::unscoped_on(tx.db, reports.iter().map(|report| report.id).collect())?;
    let is_on_paper = |report: &TimeReportRow| {
        given.iter().any(|signature| {
            signature.subject_id == report.id
                && signature.method == SignatureMethod::InkScan
                && !signature.is_void
        })
    };
    Ok(reports.into_iter().filter(is_on_paper).collect())
}

/// The newest version of each report of a programme's month.
pub fn unscoped_newest_of_month(
    db: &mut Db,
    programme_id: Id,
    month: Month,
) -> Result<Vec<TimeReportRow>, Problem> {
    let mut newest: Vec<TimeReportRow> = Vec::new();
    for row in unscoped_of_month(db, programme_id, month)? {
        match newest.last_mut().filter(|last| last.participant_id == row.participant_id) {
            Some(last) => *last = row,
            None => newest.push(row),
        }
    }
    Ok(newest)
}

/// The participants who have a report for a programme's month.
pub fn unscoped_participants_with_report(
    db: &mut Db,
    programme_id: Id,
    month: Month,
) -> Result<Vec<Id>, Problem> {
    let rows = time_reports::table
        .filter(time_reports::programme_id.eq(programme_id))
        .filter(time_reports::month.eq(month))
        .filter(time_reports::report_version.eq(1));
    Ok(rows.select(time_reports::participant_id).load(db)?)
}
