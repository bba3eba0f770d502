//! The overview of a month as its readers see it: which teams, who is in them, and what each has.

use serde_json::{Value, json};

use super::query::OverviewQuery;
use super::{
    MissingStep, MonthOverview, OverviewParticipant, OverviewSubmission, OverviewSums, OverviewTeam, beside,
    rules, store,
};
use crate::identity::policy::{MonthSubmissionCreate, Role, TimeReportRead};
use crate::identity::{people, roles};
use crate::platform::auth::scope::{Place, Scope};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::names::Names;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::settings;
use crate::reference::kommuner::KommunNames;
use crate::team::participants::{self, ParticipantRow, Team};
use crate::team::{self, Organisation};
use crate::time::month_submissions::{self, SubmissionRow};
use crate::time::months::{self, MonthRow, MonthState};
use crate::time::time_entries::KindMinutes;
use crate::time::time_reports::{self, Related, TimeReportRow, TimeReportState};
use crate::time::without_names::sees_no_names;

/// A kommunkod, or none for the owner's staff.
type TeamKey = Option<String>;

/// The roles that see only sums here. A process supporter sees the names in the team, but not what each has.
const ROLES_WITHOUT_PERSONS: [&str; 2] = [Role::ProcessSupporter.as_str(), Role::KommunReader.as_str()];

/// Which teams are shown, and whether with persons.
pub struct View {
    /// The requested team, or the only one that the caller sees; none for all of them.
    only: Option<TeamKey>,
    has_persons: bool,
}

/// The overview of a month as far as the caller sees it; 404 for a programme, month or team that the caller does not see.
pub fn overview(
    rx: &mut Rx<'_>,
    programme_id: Id,
    month: Month,
    query: &OverviewQuery,
) -> Result<MonthOverview, Problem> {
    let view = view(&rx.ctx.scope, programme_id, query).ok_or_else(Problem::not_found)?;
    let row = months::unscoped_by_month(rx.db, programme_id, month)?.ok_or_else(Problem::not_found)?;
    let requires_attest = settings::unscoped_of_month(rx.db, programme_id, month)?.content.0.requires_attest;
    let mut reports = time_reports::unscoped_newest_of_month(rx.db, programme_id, month)?;
    let mut members = members(rx, programme_id, month, &reports)?;
    let scope = &rx.ctx.scope;
    members.retain(|member| view.shows(scope, programme_id, &member.kommunkod));
    reports.retain(|report| members.iter().any(|member| member.id == report.participant_id));
    let submissions = month_submissions::unscoped_of_month(rx.db, programme_id, month)?;
    let persons = persons(rx, &members, &reports, requires_attest)?;
    let mut keys: Vec<TeamKey> =
        members.iter().map(|member| member.kommunkod.clone()).chain(view.only.clone()).collect();
    keys.sort();
    keys.dedup();
    let beside = Beside::load(rx, &view, programme_id, &keys, submissions)?;
    let teams: Vec<OverviewTeam> = keys
        .into_iter()
        .map(|key| {
            let people = members.iter().zip(&persons).filter(|(member, _)| member.kommunkod == key);
            let people: Vec<&OverviewParticipant> = people.map(|(_, person)| person).collect();
            let sums = rules::sums(people.iter().copied(), requires_attest);
            let is_blind = sees_no_names(&roles_at(&rx.ctx.scope, programme_id, &key));
            let with_time = people.iter().filter(|person| 0 < person.total_minutes).count();
            let sums = if is_blind { rules::without_names(sums, with_time) } else { sums };
            let is_shown = !is_blind;
            team(rx.ctx, &row, key, sums, &beside, &reports, is_shown)
        })
        .collect();
    let (allowed_transitions, awaited) = beside::steps_and_awaited(rx, &row, &view)?;
    let exceptions = beside::exceptions(rx, programme_id, month, &view)?;
    Ok(MonthOverview {
        awaited,
        exceptions,
        totals: rules::total(teams.iter().map(|team| &team.sums)),
        links: links(rx.ctx, &row, &view, &teams),
        programme_id,
        month,
        month_status: row.status,
        allowed_transitions,
        grace_ends_at: row.grace_ends_at,
        teams,
        participants: if view.has_persons { persons } else { Vec::new() },
    })
}

/// What is shown beside the sums of the teams.
#[derive(Default)]
struct Beside {
    submissions: Vec<SubmissionRow>,
    kommuner: KommunNames,
    /// Who may attest today, if the overview is about one team and has persons.
    attesters: Vec<Id>,
    names: Names,
}

impl Beside {
    fn load(
        rx: &mut Rx<'_>,
        view: &View,
        programme_id: Id,
        keys: &[TeamKey],
        submissions: Vec<SubmissionRow>,
    ) -> Result<Self, Problem> {
        let kommuner = KommunNames::of(rx.db, keys.iter().flatten().map(String::as_str))?;
        let only = view.only.as_ref().filter(|_| view.has_persons);
        let attesters = match only {
            Some(key) => roles::unscoped_holders(rx, Role::Attester, programme_id, key.as_deref())?,
            None => Vec::new(),
        };
        let attesters: Vec<Id> = attesters.into_iter().map(|held| held.person_id).collect();
        let named = submissions.iter().map(|submission| submission.submitted_by);
        let names = Names::of(rx, named.chain(attesters.iter().copied()).collect::<Vec<_>>())?;
        Ok(Self { submissions, kommuner, attesters, names })
    }

    /// The last submission of a team.
    fn last(&self, key: &TeamKey) -> Option<&SubmissionRow> {
        self.submissions.iter().rev().find(|submission| &submission.kommunkod == key)
    }
}

/// What the caller sees; none when that is nothing.
fn view(scope: &Scope, programme_id: Id, query: &OverviewQuery) -> Option<View> {
    let only = match (&query.kommunkod, query.organisation) {
        (Some(kommunkod), _) => Some(Some(kommunkod.clone())),
        (None, Some(Organisation::Owner)) => Some(None),
        (None, _) => only_kommun(scope, programme_id).map(Some),
    };
    let held = match &only {
        Some(key) => roles_at(scope, programme_id, key),
        None => scope
            .grants
            .iter()
            .filter(|grant| grant.place.is_in(programme_id))
            .map(|grant| grant.role)
            .collect(),
    };
    if held.is_empty() {
        return None;
    }
    let sees_persons = held.iter().any(|role| !ROLES_WITHOUT_PERSONS.contains(role));
    Some(View { has_persons: only.is_some() && sees_persons, only })
}

/// Whether the caller sees persons in what is shown: in one team, or in the whole programme.
pub fn sees_persons(scope: &Scope, programme_id: Id, view: &View) -> bool {
    let everywhere = roles_at(scope, programme_id, &None);
    view.has_persons
        || view.only.is_none() && everywhere.iter().any(|role| !ROLES_WITHOUT_PERSONS.contains(role))
}

/// The kommun of a caller who sees only one in the programme.
fn only_kommun(scope: &Scope, programme_id: Id) -> Option<String> {
    let mut kommuner: Vec<&String> = Vec::new();
    for grant in scope.grants.iter().filter(|grant| grant.place.is_in(programme_id)) {
        match &grant.place {
            Place::Kommun(_, kommun) => kommuner.push(kommun),
            _ => return None,
        }
    }
    kommuner.dedup();
    match kommuner.as_slice() {
        [one] => Some((*one).clone()),
        _ => None,
    }
}

fn roles_at(scope: &Scope, programme_id: Id, key: &TeamKey) -> Vec<&'static str> {
    scope.roles_for(&team::place(programme_id, organisation(key), key.as_deref()))
}

fn organisation(key: &TeamKey) -> Organisation {
    if key.is_some() { Organisation::Kommun } else { Organisation::Owner }
}

impl View {
    /// Whether a team is among those that are shown.
    pub fn shows(&self, scope: &Scope, programme_id: Id, key: &TeamKey) -> bool {
        match &self.only {
            Some(only) => only == key,
            None => !roles_at(scope, programme_id, key).is_empty(),
        }
    }
}

/// Everyone who takes part in the month, and everyone who has left but has a report for it, by kommun and name.
fn members(
    rx: &mut Rx<'_>,
    programme_id: Id,
    month: Month,
    reports: &[TimeReportRow],
) -> Result<Vec<ParticipantRow>, Problem> {
    let mut members = participants::unscoped_active_in_month(rx.db, programme_id, Team::Everyone, month)?;
    let is_member = |id: Id| members.iter().any(|member| member.id == id);
    let left: Vec<Id> =
        reports.iter().map(|report| report.participant_id).filter(|id| !is_member(*id)).collect();
    members.extend(participants::unscoped_by_ids(rx.db, left)?);
    members.sort_by(|a, b| (&a.kommunkod, &a.sort_name, a.id).cmp(&(&b.kommunkod, &b.sort_name, b.id)));
    Ok(members)
}

/// The month of each member, in the order of the members.
fn persons(
    rx: &mut Rx<'_>,
    members: &[ParticipantRow],
    reports: &[TimeReportRow],
    requires_attest: bool,
) -> Result<Vec<OverviewParticipant>, Problem> {
    let related = Related::of(rx, reports)?;
    let pending = store::unscoped_pending(rx.db, reports.iter().map(|report| report.id).collect())?;
    let names = people::unscoped_by_ids(rx.db, members.iter().map(|member| member.person_id).collect())?;
    let person = |member: &ParticipantRow| {
        let report = reports.iter().find(|report| report.participant_id == member.id);
        let name = names.iter().find(|person| person.id == member.person_id);
        let minutes = report.map(|report| related.minutes(report)).unwrap_or_default();
        let pending = report.and_then(|report| pending.get(&report.id)).copied().unwrap_or_default();
        let status = report.map(|report| report.status);
        let allowed = report.map(|report| related.allowed(rx.ctx, report)).transpose()?;
        Ok(OverviewParticipant {
            participant_id: member.id,
            person_id: member.person_id,
            name: name.map_or(String::new(), |person| member.shown_as(person).0.to_owned()),
            function: member.function.clone(),
            time_report_id: report.map(|report| report.id),
            time_report_version: report.map(|report| report.version),
            status,
            allowed_transitions: allowed.unwrap_or_default(),
            content_sha256: report.and_then(|report| report.content_sha256.clone()),
            attested_by: report.and_then(|report| related.attester(report)),
            last_return: report.and_then(|report| related.last_return(report)),
            submission_id: report.and_then(|report| report.submission_id),
            total_minutes: minutes.total(),
            minutes_by_kind: minutes,
            proposed_entries: pending.proposed,
            entries_without_description: pending.without_description,
            missing: rules::missing(status, minutes.total(), pending, requires_attest),
        })
    };
    members.iter().map(person).collect()
}

fn team(
    ctx: &Context,
    month: &MonthRow,
    kommunkod: TeamKey,
    sums: OverviewSums,
    beside: &Beside,
    reports: &[TimeReportRow],
    is_shown: bool,
) -> OverviewTeam {
    let organisation = organisation(&kommunkod);
    let keys = team::place(month.programme_id, organisation, kommunkod.as_deref());
    let can_be_submitted = sums.ready_count.is_some_and(|count| 0 < count)
        && month_submissions::is_submittable(month.month, ctx.today());
    let last = beside.last(&kommunkod);
    let submission = |last: &SubmissionRow| OverviewSubmission {
        id: last.id,
        status: rules::outcome(
            last.id,
            reports.iter().filter(|report| last.report_ids.0.contains(&report.id)),
        ),
        submitted_at: last.created_at,
        submitted_by: beside.names.actor(last.submitted_by, true),
    };
    OverviewTeam {
        organisation,
        kommun_name: kommunkod.as_deref().and_then(|code| beside.kommuner.get(code)),
        attesters: beside.attesters.iter().map(|id| beside.names.actor(*id, true)).collect(),
        last_submission: last.filter(|_| is_shown).map(submission),
        is_submitted: last.is_some(),
        last_submitted_at: last.map(|submission| submission.created_at),
        can_submit: can_be_submitted && ctx.may::<MonthSubmissionCreate>(&keys),
        kommunkod,
        sums,
    }
}

fn links(ctx: &Context, row: &MonthRow, view: &View, teams: &[OverviewTeam]) -> Vec<Link> {
    let place = match &view.only {
        Some(Some(kommunkod)) => format!("kommunkod={kommunkod}"),
        Some(None) => "organisation=owner".to_owned(),
        None => String::new(),
    };
    let path = format!("/programmes/{}/months/{}", row.programme_id, row.month);
    let question = if place.is_empty() { String::new() } else { format!("?{place}") };
    let reports = format!("/time-reports?programmeId={}&month={}&{place}", row.programme_id, row.month);
    let mut links = vec![Link::to_self(ctx, format_args!("{path}/overview{question}"))];
    let may_read_reports = match &view.only {
        Some(key) => {
            ctx.may::<TimeReportRead>(&team::place(row.programme_id, organisation(key), key.as_deref()))
        }
        None => ctx.may_in::<TimeReportRead>(row.programme_id),
    };
    if may_read_reports {
        links.push(Link::new(ctx, "GET", "timeReports", reports.trim_end_matches('&')));
    }
    if teams.iter().any(|team| team.can_submit) {
        links.push(Link::new(ctx, "POST", "submit", "/month-submissions"));
    }
    links
}

impl MonthOverview {
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let (programme_id, month) = (ctx.new_id(), ctx.now.month());
        let person = OverviewParticipant {
            participant_id: ctx.new_id(),
            person_id: ctx.new_id(),
            name: "Anna Andersson".to_owned(),
            function: "enhetschef".to_owned(),
            time_report_id: Some(ctx.new_id()),
            time_report_version: Some(1),
            status: Some(TimeReportState::Open),
            allowed_transitions: Vec::new(),
            content_sha256: None,
            attested_by: None,
            last_return: None,
            submission_id: None,
            total_minutes: 720,
            minutes_by_kind: KindMinutes { joint: 480, own: 240, coordination: 0 },
            proposed_entries: 1,
            entries_without_description: 0,
            missing: vec![MissingStep::Confirmation, MissingStep::Signature],
        };
        let kommunkod = Some("2582".to_owned());
        let sums = rules::sums(std::iter::once(&person), true);
        let row = MonthRow {
            id: ctx.new_id(),
            programme_id,
            month,
            status: MonthState::Open,
            grace_ends_at: months::working_day_limit(month.last_day(), 5),
            missing: crate::platform::db::sql::Json(Vec::new()),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        };
        let teams = vec![team(&ctx, &row, kommunkod.clone(), sums.clone(), &Beside::default(), &[], true)];
        let view = View { only: Some(kommunkod), has_persons: true };
        json!(Self {
            links: links(&ctx, &row, &view, &teams),
            programme_id,
            month,
            month_status: row.status,
            allowed_transitions: Vec::new(),
            grace_ends_at: row.grace_ends_at,
            totals: sums,
            teams,
            participants: vec![person],
            awaited: Vec::new(),
            exceptions: Vec::new(),
        })
    }
}
