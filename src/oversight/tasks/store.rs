//! The queries behind the tasks, each for one role of the caller in one place. They look at other areas' tables by
//! their states only and answer counts or a handful of rows.

use diesel::prelude::*;

use crate::calls::applications::ApplicationState;
use crate::calls::avsiktsforklaringar::LetterState;
use crate::goals::milestone_templates::MilestoneKind;
use crate::goals::milestones::{MilestoneState, UNSUBMITTED};
use crate::platform::db::Condition;
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

/// So many rows at most are looked at for tasks that are named one by one.
const FEW: i64 = 100;

/// How many applications of a programme are in a state.
pub fn applications_in(rx: &mut Rx<'_>, programme_id: Id, state: ApplicationState) -> Result<i64, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.eq(state));
    Ok(query.count().get_result(rx.db)?)
}

/// The kommuner that take part in a programme.
pub fn participating(rx: &mut Rx<'_>, programme_id: Id) -> Result<Vec<String>, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.eq(ApplicationState::Participating));
    Ok(query.select(applications::kommunkod).order(applications::kommunkod).load(rx.db)?)
}

/// A kommun's applications that wait for something: id, state and the later deadline that it was given.
pub fn applications_of(
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
        .filter(applications::status.eq_any(live));
    Ok(query
        .select((applications::id, applications::status, applications::respond_by))
        .limit(FEW)
        .load(rx.db)?)
}

/// An application's letters: id, state, deadline; the newest first.
pub fn letters_of(rx: &mut Rx<'_>, application_id: Id) -> Result<Vec<(Id, LetterState, Instant)>, Problem> {
    let query = avsiktsforklaringar::table
        .filter(avsiktsforklaringar::application_id.eq(application_id))
        .order((avsiktsforklaringar::created_at.desc(), avsiktsforklaringar::id.desc()));
    let columns = (avsiktsforklaringar::id, avsiktsforklaringar::status, avsiktsforklaringar::deadline);
    Ok(query.select(columns).limit(FEW).load(rx.db)?)
}

/// The deadline of a letter that waits for this person's signature.
pub fn letter_to_sign(rx: &mut Rx<'_>, letter_id: Id, person_id: Id) -> Result<Option<Instant>, Problem> {
    let waiting: Option<(Instant, i32)> = avsiktsforklaringar::table
        .find(letter_id)
        .filter(
            avsiktsforklaringar::status.eq_any([LetterState::SentForSignature, LetterState::PartlySigned]),
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

/// How many milestones wait to be reviewed by this person, in a programme or in one of its kommuner; none of those in
/// `own`, the kommuner that the person coordinates.
pub fn milestones_to_review(
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
        .filter(milestones::kommunkod.ne_all(own))
        .into_boxed();
    if let Some(kommunkod) = kommunkod {
        query = query.filter(milestones::kommunkod.eq(kommunkod.to_owned()));
    }
    Ok(query.count().get_result(rx.db)?)
}

/// A milestone that is not submitted.
pub type OpenMilestone = (Id, MilestoneKind, MilestoneState, Day);

/// A kommun's milestones that are not submitted and due by a day, and those that were returned.
pub fn open_milestones(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: &str,
    due_by: Day,
) -> Result<Vec<OpenMilestone>, Problem> {
    let near = milestones::due_on.le(due_by).or(milestones::status.eq(MilestoneState::Returned));
    let query = milestones::table
        .filter(milestones::programme_id.eq(programme_id))
        .filter(milestones::kommunkod.eq(kommunkod.to_owned()))
        .filter(milestones::status.eq_any(UNSUBMITTED.to_vec()))
        .filter(near)
        .order((milestones::due_on, milestones::id));
    Ok(query
        .select((milestones::id, milestones::kind, milestones::status, milestones::due_on))
        .limit(FEW)
        .load(rx.db)?)
}

/// A programme's months in some states, with the end of their grace.
pub fn months_in(
    rx: &mut Rx<'_>,
    programme_id: Id,
    states: &[MonthState],
) -> Result<Vec<(Month, MonthState, Instant)>, Problem> {
    let query = programme_months::table
        .filter(programme_months::programme_id.eq(programme_id))
        .filter(programme_months::status.eq_any(states.to_vec()))
        .order(programme_months::month);
    let columns = (programme_months::month, programme_months::status, programme_months::grace_ends_at);
    Ok(query.select(columns).load(rx.db)?)
}

/// A person's reports in an organisation that are open or came back.
pub fn open_reports(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: Option<&str>,
    person_id: Id,
) -> Result<Vec<TimeReportRow>, Problem> {
    let query = time_reports::table
        .filter(of_organisation(programme_id, kommunkod))
        .filter(time_reports::person_id.eq(person_id))
        .filter(time_reports::status.eq_any([TimeReportState::Open, TimeReportState::Returned]))
        .order((time_reports::month.desc(), time_reports::id));
    Ok(query.select(TimeReportRow::as_select()).limit(FEW).load(rx.db)?)
}

/// How many entries of some reports are proposed, by report.
pub fn proposed_entries(rx: &mut Rx<'_>, reports: Vec<Id>) -> Result<Vec<(Id, i64)>, Problem> {
    let query = time_entries::table
        .filter(time_entries::time_report_id.eq_any(reports))
        .filter(time_entries::status.eq(EntryState::Proposed))
        .group_by(time_entries::time_report_id);
    Ok(query.select((time_entries::time_report_id, diesel::dsl::count_star())).load(rx.db)?)
}

/// The reports of an organisation: a kommun's, or the owner's own people's.
fn of_organisation(programme_id: Id, kommunkod: Option<&str>) -> Condition<time_reports::table> {
    let here = time_reports::programme_id.eq(programme_id);
    match kommunkod {
        Some(kommunkod) => {
            Box::new(here.and(time_reports::kommunkod.assume_not_null().eq(kommunkod.to_owned())))
        }
        None => Box::new(here.and(time_reports::kommunkod.is_null())),
    }
}

/// Keeps the reports that this person has not led to `signed` by registering a sheet: what comes after it is others'.
fn without_registered<T>(
    rx: &mut Rx<'_>,
    mut reports: Vec<(Id, T)>,
    person_id: Id,
) -> Result<Vec<T>, Problem> {
    let ids = reports.iter().map(|(id, _)| *id).collect();
    let signers = workflow::last_leaders(rx, ids, TimeReportState::Signed.as_str())?;
    reports.retain(|(id, _)| signers.get(id) != Some(&person_id));
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

/// The month of each signed report of others in an organisation.
pub fn months_of_signed(
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

/// How many reports of an organisation are signed or attested, by month and state, the first month first.
pub fn reports_before_submission(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: Option<&str>,
) -> Result<Vec<(Month, TimeReportState, i64)>, Problem> {
    let query = time_reports::table
        .filter(of_organisation(programme_id, kommunkod))
        .filter(time_reports::status.eq_any([TimeReportState::Signed, TimeReportState::Attested]))
        .group_by((time_reports::month, time_reports::status))
        .order((time_reports::month, time_reports::status));
    Ok(query.select((time_reports::month, time_reports::status, diesel::dsl::count_star())).load(rx.db)?)
}

/// How many submitted reports wait for this person's approval: not their own, none that they attested or registered a
/// sheet for, and only those of `people` when some are named.
pub fn reports_to_approve(
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
        query = query.filter(time_reports::person_id.eq_any(people));
    }
    let reports = query.select((time_reports::id, time_reports::version)).load::<(Id, i32)>(rx.db)?;
    Ok(i64::try_from(without_registered(rx, reports, person_id)?.len()).unwrap_or(i64::MAX))
}
