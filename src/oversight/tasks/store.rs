//! The queries behind the tasks. Each is for one role of the caller, and the place of that role is its scope. They read other
//! areas' tables only by state, and return counts or a few rows.

use diesel::prelude::*;

use crate::calls::applications::ApplicationState;
use crate::calls::avsiktsforklaringar::LetterState;
use crate::goals::milestones::{MilestoneRow, MilestoneState, UNSUBMITTED};
use crate::platform::db::Condition;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow;
use crate::schema::{
    applications, avsiktsforklaringar, milestones, programme_months, signatures, time_entries, time_reports,
};
use crate::time::months::MonthState;
use crate::time::time_entries::EntryState;
use crate::time::time_reports::{TimeReportRow, TimeReportState};

/// The most rows that are read for tasks that are listed one by one.
const FEW: i64 = 100;

/// The number of applications of a programme in a state.
pub fn unscoped_applications_in(
    rx: &mut Rx<'_>,
    programme_id: Id,
    state: ApplicationState,
) -> Result<i64, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.eq(state));
    Ok(query.count().get_result(rx.db)?)
}

/// The kommuner that participate in a programme.
pub fn unscoped_participating(rx: &mut Rx<'_>, programme_id: Id) -> Result<Vec<String>, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.eq(ApplicationState::Participating));
    Ok(query.select(applications::kommunkod).order(applications::kommunkod).load(rx.db)?)
}

/// The applications of a kommun that need an action: id, state and the extended deadline, if any.
pub fn unscoped_applications_of(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: &str,
) -> Result<Vec<(Id, ApplicationState, Option<Instant>)>, Problem> {
    let live = [
        ApplicationState::ChangesRequested,
        ApplicationState::Invited,
        ApplicationState::Confirmed,
        ApplicationState::Selected,
    ];
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::kommunkod.eq(kommunkod.to_owned()))
        .filter(applications::status.one_of(live));
    Ok(query
        .select((applications::id, applications::status, applications::respond_by))
        .limit(FEW)
        .load(rx.db)?)
}

/// The letters of an application: id, state, deadline; newest first.
pub fn unscoped_letters_of(
    rx: &mut Rx<'_>,
    application_id: Id,
) -> Result<Vec<(Id, LetterState, Instant)>, Problem> {
    let query = avsiktsforklaringar::table
        .filter(avsiktsforklaringar::application_id.eq(application_id))
        .order((avsiktsforklaringar::created_at.desc(), avsiktsforklaringar::id.desc()));
    let columns = (avsiktsforklaringar::id, avsiktsforklaringar::status, avsiktsforklaringar::deadline);
    Ok(query.select(columns).limit(FEW).load(rx.db)?)
}

/// The deadline of a letter that this person has not signed yet.
pub fn unscoped_letter_to_sign(
    rx: &mut Rx<'_>,
    letter_id: Id,
    person_id: Id,
) -> Result<Option<Instant>, Problem> {
    let waiting: Option<(Instant, i32)> = avsiktsforklaringar::table
        .find(letter_id)
        .filter(
            avsiktsforklaringar::status.one_of([LetterState::SentForSignature, LetterState::PartlySigned]),
        )
        .select((avsiktsforklaringar::deadline, avsiktsforklaringar::text_version))
        .first(rx.db)
        .optional()?;
    let Some((deadline, text_version)) = waiting else { return Ok(None) };
    let own = signatures::table
        .filter(signatures::subject_id.eq(letter_id))
        .filter(signatures::subject_version.eq(text_version))
        .filter(signatures::person_id.assume_not_null().eq(person_id))
        .filter(signatures::is_void.eq(false));
    let has_signed: bool = diesel::select(diesel::dsl::exists(own)).get_result(rx.db)?;
    Ok((!has_signed).then_some(deadline))
}

/// The number of milestones that this person can review, in a programme or in one of its kommuner. The kommuner in `own`,
/// which the person coordinates, are left out.
pub fn unscoped_milestones_to_review(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: Option<&str>,
    person_id: Id,
    own: Vec<String>,
) -> Result<i64, Problem> {
    let not_own =
        milestones::submitted_by.is_null().or(milestones::submitted_by.assume_not_null().ne(person_id));
    let mut query = milestones::table
        .filter(milestones::programme_id.eq(programme_id))
        .filter(milestones::status.eq(MilestoneState::Submitted))
        .filter(not_own)
        .filter(milestones::kommunkod.none_of(own))
        .into_boxed();
    if let Some(kommunkod) = kommunkod {
        query = query.filter(milestones::kommunkod.eq(kommunkod.to_owned()));
    }
    Ok(query.count().get_result(rx.db)?)
}

/// A kommun's milestones that are not submitted and due by a day, and those that were returned.
pub fn unscoped_open_milestones(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: &str,
    due_by: Day,
) -> Result<Vec<MilestoneRow>, Problem> {
    let near = milestones::due_on.le(due_by).or(milestones::status.eq(MilestoneState::Returned));
    let query = milestones::table
        .filter(milestones::programme_id.eq(programme_id))
        .filter(milestones::kommunkod.eq(kommunkod.to_owned()))
        .filter(milestones::status.one_of(UNSUBMITTED))
        .filter(near)
        .order((milestones::due_on, milestones::id));
    Ok(query.select(MilestoneRow::as_select()).limit(FEW).load(rx.db)?)
}

/// The months of a programme in some states, with the end of the grace period.
pub fn unscoped_months_in(
    rx: &mut Rx<'_>,
    programme_id: Id,
    states: &[MonthState],
) -> Result<Vec<(Month, MonthState, Instant)>, Problem> {
    let query = programme_months::table
        .filter(programme_months::programme_id.eq(programme_id))
        .filter(programme_months::status.one_of(states))
        .order(programme_months::month);
    let columns = (programme_months::month, programme_months::status, programme_months::grace_ends_at);
    Ok(query.select(columns).load(rx.db)?)
}

/// The open and returned reports of a person in an organisation.
pub fn unscoped_open_reports(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: Option<&str>,
    person_id: Id,
) -> Result<Vec<TimeReportRow>, Problem> {
    let query = time_reports::table
        .filter(of_organisation(programme_id, kommunkod))
        .filter(time_reports::person_id.eq(person_id))
        .filter(time_reports::status.one_of([TimeReportState::Open, TimeReportState::Returned]))
        .order((time_reports::month.desc(), time_reports::id));
    Ok(query.select(TimeReportRow::as_select()).limit(FEW).load(rx.db)?)
}

/// The number of proposed entries, by report.
pub fn unscoped_proposed_entries(rx: &mut Rx<'_>, reports: Vec<Id>) -> Result<Vec<(Id, i64)>, Problem> {
    let query = time_entries::table
        .filter(time_entries::time_report_id.one_of(reports))
        .filter(time_entries::status.eq(EntryState::Proposed))
        .group_by(time_entries::time_report_id);
    Ok(query.select((time_entries::time_report_id, diesel::dsl::count_star())).load(rx.db)?)
}

/// The condition that a report belongs to an organisation: a kommun, or the owner's own staff.
fn of_organisation(programme_id: Id, kommunkod: Option<&str>) -> Condition<time_reports::table> {
    let here = time_reports::programme_id.eq(programme_id);
    match kommunkod {
        Some(kommunkod) => {
            Box::new(here.and(time_reports::kommunkod.assume_not_null().eq(kommunkod.to_owned())))
        }
        None => Box::new(here.and(time_reports::kommunkod.is_null())),
    }
}

/// Removes the reports that this person has moved to `signed` by registering a sheet: other people must do the next step.
fn without_registered<T>(
    rx: &mut Rx<'_>,
    mut reports: Vec<(Id, T)>,
    person_id: Id,
) -> Result<Vec<T>, Problem> {
    let ids = reports.iter().map(|(id, _)| *id).collect();
    let signers = workflow::last_actors(rx, ids, TimeReportState::Signed.as_str())?;
    reports.retain(|(id, _)| signers.get(id) != Some(&person_id));
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

/// The month of each signed report of other people in an organisation.
pub fn unscoped_months_of_signed(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: Option<&str>,
    person_id: Id,
) -> Result<Vec<Month>, Problem> {
    let query = time_reports::table
        .filter(of_organisation(programme_id, kommunkod))
        .filter(time_reports::status.eq(TimeReportState::Signed))
        .filter(time_reports::person_id.ne(person_id));
    let reports = query.select((time_reports::id, time_reports::month)).load(rx.db)?;
    without_registered(rx, reports, person_id)
}

/// The number of signed and attested reports of an organisation, by month and state, oldest month first.
pub fn unscoped_reports_before_submission(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: Option<&str>,
) -> Result<Vec<(Month, TimeReportState, i64)>, Problem> {
    let query = time_reports::table
        .filter(of_organisation(programme_id, kommunkod))
        .filter(time_reports::status.one_of([TimeReportState::Signed, TimeReportState::Attested]))
        .group_by((time_reports::month, time_reports::status))
        .order((time_reports::month, time_reports::status));
    Ok(query.select((time_reports::month, time_reports::status, diesel::dsl::count_star())).load(rx.db)?)
}

/// The number of submitted reports that this person can approve: not the person's own, not those that the person has
/// attested or registered a sheet for, and only those of `people` if that is given.
pub fn unscoped_reports_to_approve(
    rx: &mut Rx<'_>,
    programme_id: Id,
    person_id: Id,
    people: Option<Vec<Id>>,
) -> Result<i64, Problem> {
    let not_attested =
        time_reports::attested_by.is_null().or(time_reports::attested_by.assume_not_null().ne(person_id));
    let mut query = time_reports::table
        .filter(time_reports::programme_id.eq(programme_id))
        .filter(time_reports::status.eq(TimeReportState::Reported))
        .filter(time_reports::person_id.ne(person_id))
        .filter(not_attested)
        .into_boxed();
    if let Some(people) = people {
        query = query.filter(time_reports::person_id.one_of(people));
    }
    let reports = query.select((time_reports::id, time_reports::version)).load::<(Id, i32)>(rx.db)?;
    Ok(i64::try_from(without_registered(rx, reports, person_id)?.len()).unwrap_or(i64::MAX))
}
