//! Every query of time entries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::dsl::sum;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::rules::WORKFLOW;
use super::{EntryKind, EntrySource, EntryState, TimeEntry};
use crate::identity::people::PersonRow;
use crate::identity::policy::{Role, TimeEntryRead};
use crate::platform::auth::found::Resource as _;
use crate::platform::db::Db;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::kept::Locking;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::together::{Rows, load_and_lock};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::{Rx, Tx};
use crate::reference::Kommunkod;
use crate::schema::{time_entries, time_reports};
use crate::team::Organisation;
use crate::time::time_reports::{ATTESTERS, TimeReportRow};

/// A time entry as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = time_entries, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EntryRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun; none for the owner's staff.
    pub kommunkod: Option<String>,
    /// The participant whose time it is.
    pub participant_id: Id,
    /// The person whose time it is.
    pub person_id: Id,
    /// The version of the report that it belongs to.
    pub time_report_id: Id,
    /// The day of the work.
    pub work_date: Day,
    /// The month of that day, for sums.
    pub month: Month,
    /// Worked minutes, 1–1440.
    pub minutes: i32,
    /// Kind of time.
    pub kind: EntryKind,
    /// An activity of the programme's settings.
    pub activity_code: String,
    /// What was done: the proof of the cost.
    pub description: Option<String>,
    /// The meeting, if any.
    pub meeting_id: Option<Id>,
    /// Its origin.
    pub source: EntrySource,
    /// The HR system that it came from.
    pub source_system: Option<String>,
    /// Its key there.
    pub external_id: Option<String>,
    /// The entry that it is a copy of.
    pub copied_from_id: Option<Id>,
    /// State.
    pub status: EntryState,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    EntryRow in time_entries as "timeEntry" ("tidrad", "time entry"),
    chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()),
    actions ["changed"],
    workflow WORKFLOW: EntryState,
    signed is_signed,
}

/// Whether the hash of its report covers its description.
fn is_signed(entry: &EntryRow, rx: &mut Rx<'_>) -> Result<bool, Problem> {
    let hash = time_reports::table.find(entry.time_report_id).select(time_reports::content_sha256);
    Ok(hash.get_result::<Option<String>>(rx.db)?.is_some())
}

crate::resource!(
    EntryRow as TimeEntry at "/time-entries/{timeEntryId}",
    read by TimeEntryRead, shown by TimeEntry::show
);

crate::list! {
    /// `GET /time-entries`.
    pub struct EntryList: time_entries as EntryRow, shown as TimeEntry, by id: Id, default "-workDate" {
        programmeId: programme_id => Id [filter];
        organisation: organisation => Organisation [filter];
        kommunkod: kommunkod => Kommunkod [filter_nullable, sort_nullable];
        participantId: participant_id => Id [filter, sort];
        personId: person_id => Id [filter];
        timeReportId: time_report_id => Id [filter];
        workDate: work_date => Day [range, sort];
        month: month => Month [filter, range];
        minutes: minutes => i32 [sort];
        kind: kind => EntryKind [filter, sort];
        activityCode: activity_code => String [filter, sort];
        status: status => EntryState [filter];
        source: source => EntrySource [filter];
        createdAt: created_at => Instant [range, sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    shows { participants.id = participant_id; }
}

crate::scope!(
    EntryRow in time_entries: programme_id, kommunkod? owner, person_id;
    // An attester sees only the entries of reports that have been signed.
    adjusted by |grant, condition| {
        if grant.role != Role::Attester.as_str() {
            return condition;
        }
        let signed = time_reports::table.filter(time_reports::status.one_of(ATTESTERS));
        match grant.place.programme() {
            // The programme is known, so the query reads only the reports of that programme.
            Some(programme) => {
                let signed = signed.filter(time_reports::programme_id.eq(programme)).select(time_reports::id);
                Box::new(condition.and(time_entries::time_report_id.eq_any(signed)))
            }
            None => Box::new(condition.and(time_entries::time_report_id.eq_any(signed.select(time_reports::id)))),
        }
    }
);

/// An entry of a day that may count against its limits.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = time_entries)]
pub struct DayEntry {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The participant whose time it is.
    pub participant_id: Id,
    /// The person whose time it is.
    pub person_id: Id,
    /// The day.
    pub work_date: Day,
    /// State; never voided.
    pub status: EntryState,
    /// Worked minutes.
    pub minutes: i32,
}

impl DayEntry {
    /// What counts of a row.
    pub fn of(row: &EntryRow) -> Self {
        Self {
            id: row.id,
            programme_id: row.programme_id,
            participant_id: row.participant_id,
            person_id: row.person_id,
            work_date: row.work_date,
            status: row.status,
            minutes: row.minutes,
        }
    }
}

/// The entries of these people on these days that are not voided.
pub fn unscoped_days_of_people(people: &BTreeSet<Id>, days: &BTreeSet<Day>) -> Rows<DayEntry> {
    let query = time_entries::table
        .filter(time_entries::person_id.one_of(people.iter().copied()))
        .filter(time_entries::work_date.one_of(days.iter().copied()))
        .filter(time_entries::status.ne(EntryState::Voided));
    Rows::of(query.select(DayEntry::whole()))
}

/// The entries with these ids that the caller may see. Their people are locked, in the order of their ids.
pub fn visible_with_people_locked(tx: &mut Tx<'_>, ids: &BTreeSet<Id>) -> Result<Vec<EntryRow>, Problem> {
    let scope = tx.ctx.scope_of(EntryRow::READ);
    let these = || visible(&scope).filter(time_entries::id.one_of(ids.iter().copied()));
    let rows = Rows::of(these().select(EntryRow::whole()));
    Ok(load_and_lock(tx.db, rows, PersonRow::TABLE, these().select(time_entries::person_id))?)
}

/// A participant's entries of a month that are not voided, by day and id.
pub fn unscoped_of_month(db: &mut Db, participant_id: Id, month: Month) -> Result<Vec<EntryRow>, Problem> {
    let query = time_entries::table
        .filter(time_entries::participant_id.eq(participant_id))
        .filter(time_entries::work_date.between(month.first_day(), month.last_day()))
        .filter(time_entries::status.ne(EntryState::Voided))
        .order((time_entries::work_date, time_entries::id));
    Ok(query.select(EntryRow::as_select()).load(db)?)
}

/// The days of a participant's entries that are not voided, oldest first, each with its minutes.
pub fn unscoped_time_of(db: &mut Db, participant_id: Id) -> Result<BTreeMap<Day, i64>, Problem> {
    let query = time_entries::table
        .filter(time_entries::participant_id.eq(participant_id))
        .filter(time_entries::status.ne(EntryState::Voided))
        .select((time_entries::work_date, time_entries::minutes));
    let mut time = BTreeMap::new();
    for (day, minutes) in query.load::<(Day, i32)>(db)? {
        *time.entry(day).or_default() += i64::from(minutes);
    }
    Ok(time)
}

/// Minutes by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindMinutes {
    /// Joint time.
    pub joint: i64,
    /// The kommun's own time.
    pub own: i64,
    /// Coordination.
    pub coordination: i64,
}

impl KindMinutes {
    /// All kinds together.
    pub fn total(self) -> i64 {
        self.joint + self.own + self.coordination
    }
}

/// The recorded minutes of each report, by kind. A report without recorded time is not in the map.
pub fn unscoped_sums(db: &mut Db, report_ids: Vec<Id>) -> Result<HashMap<Id, KindMinutes>, Problem> {
    let rows: Vec<(Id, EntryKind, Option<i64>)> = time_entries::table
        .filter(time_entries::time_report_id.one_of(report_ids))
        .filter(time_entries::status.eq(EntryState::Recorded))
        .group_by((time_entries::time_report_id, time_entries::kind))
        .select((time_entries::time_report_id, time_entries::kind, sum(time_entries::minutes)))
        .load(db)?;
    let mut sums: HashMap<Id, KindMinutes> = HashMap::new();
    for (report, kind, minutes) in rows {
        let entry = sums.entry(report).or_default();
        let target = match kind {
            EntryKind::Joint => &mut entry.joint,
            EntryKind::Own => &mut entry.own,
            EntryKind::Coordination => &mut entry.coordination,
        };
        *target = minutes.unwrap_or(0);
    }
    Ok(sums)
}

/// Every entry of each report, voided ones too, by day and id.
pub fn unscoped_of_reports(db: &mut Db, report_ids: Vec<Id>) -> Result<HashMap<Id, Vec<EntryRow>>, Problem> {
    let query = time_entries::table
        .filter(time_entries::time_report_id.one_of(report_ids))
        .order((time_entries::work_date, time_entries::id));
    let mut by_report: HashMap<Id, Vec<EntryRow>> = HashMap::new();
    for row in query.select(EntryRow::whole()).load::<EntryRow>(db)? {
        by_report.entry(row.time_report_id).or_default().push(row);
    }
    Ok(by_report)
}

/// What the entries of a report say about signing it. A report without entries has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntriesFacts {
    /// One waits for confirmation or does not say what was done.
    pub is_incomplete: bool,
}

/// What the entries of these reports say, voided ones left out. A report without entries is not in the map.
pub fn unscoped_facts(db: &mut Db, report_ids: Vec<Id>) -> Result<HashMap<Id, EntriesFacts>, Problem> {
    let standing = || {
        time_entries::table
            .filter(time_entries::time_report_id.one_of(report_ids.clone()))
            .filter(time_entries::status.ne(EntryState::Voided))
    };
    let states = standing().select((time_entries::time_report_id, time_entries::status)).distinct();
    let silent = standing()
        .filter(time_entries::description.is_null().or(time_entries::description.assume_not_null().eq("")))
        .select(time_entries::time_report_id)
        .distinct();
    let mut facts: HashMap<Id, EntriesFacts> = HashMap::new();
    for (report, state) in states.load::<(Id, EntryState)>(db)? {
        facts.entry(report).or_default().is_incomplete |= state == EntryState::Proposed;
    }
    for report in silent.load::<Id>(db)? {
        facts.entry(report).or_default().is_incomplete = true;
    }
    Ok(facts)
}

/// Every entry of some reports, voided ones too, with its report.
pub(super) fn unscoped_ids_in_reports(db: &mut Db, report_ids: Vec<Id>) -> Result<Vec<(Id, Id)>, Problem> {
    let rows = time_entries::table.filter(time_entries::time_report_id.one_of(report_ids));
    Ok(rows.select((time_entries::id, time_entries::time_report_id)).load(db)?)
}

/// Every entry of one report, voided ones too, by day and id.
pub fn unscoped_of_report(db: &mut Db, report_id: Id) -> Result<Vec<EntryRow>, Problem> {
    Ok(unscoped_of_reports(db, vec![report_id])?.remove(&report_id).unwrap_or_default())
}

/// The proposed entries of a report, by id.
pub fn unscoped_proposed_of(db: &mut Db, report_id: Id) -> Result<Vec<Id>, Problem> {
    let query = time_entries::table
        .filter(time_entries::time_report_id.eq(report_id))
        .filter(time_entries::status.eq(EntryState::Proposed))
        .order(time_entries::id);
    Ok(query.select(time_entries::id).load(db)?)
}

/// The days on which each report has entries that are not voided.
pub fn unscoped_days_of_reports(db: &mut Db, report_ids: Vec<Id>) -> Result<Vec<(Id, Day)>, Problem> {
    let query = time_entries::table
        .filter(time_entries::time_report_id.one_of(report_ids))
        .filter(time_entries::status.ne(EntryState::Voided));
    Ok(query.select((time_entries::time_report_id, time_entries::work_date)).distinct().load(db)?)
}

/// The reports that these entries belong to now, locked in the order of their ids.
pub fn unscoped_reports_locked(tx: &mut Tx<'_>, ids: &BTreeSet<Id>) -> Result<Vec<TimeReportRow>, Problem> {
    let these = time_entries::table.filter(time_entries::id.one_of(ids.iter().copied()));
    let reports = time_reports::table
        .filter(time_reports::id.eq_any(these.select(time_entries::time_report_id)))
        .order(time_reports::id)
        .select(TimeReportRow::whole());
    Ok(Locking::of(reports, tx.db).load(tx.db)?)
}
