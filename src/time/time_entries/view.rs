//! A time entry as its readers see it. What may be done with it depends on its month and its report as well.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};

use super::store::EntryRow;
use super::{EntryKind, EntrySource, EntryState, TimeEntry, WORKFLOW, rules};
use crate::identity::people;
use crate::identity::policy::{ParticipantRead, TimeEntryChangeStatus, TimeEntryUpdate};
use crate::platform::context::Context;
use crate::platform::db::together::Together as _;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow::Offer;
use crate::programmes::programme::{Warning, check_running};
use crate::team::Organisation;
use crate::team::participants::{self, Named};
use crate::time::months::Openings;
use crate::time::time_reports::{self, TimeReportRow};

/// What belongs to the entries of one answer, loaded for all of them at once.
#[derive(Default)]
pub struct Related {
    participants: Named,
    /// The reports whose entries the caller may change now.
    changeable: HashSet<Id>,
}

impl Related {
    /// Loads it for these entries: one question, because the answer to each new entry asks it.
    pub fn of(rx: &mut Rx<'_>, rows: &[EntryRow]) -> Result<Self, Problem> {
        let participants: BTreeSet<Id> = rows.iter().map(|row| row.participant_id).collect();
        let people: BTreeSet<Id> = rows.iter().map(|row| row.person_id).collect();
        let named = (participants::unscoped_among(&participants), people::unscoped_among(&people));
        // Nothing more is loaded for a caller who changes none of the entries anyway.
        let theirs: Vec<&EntryRow> = rows.iter().filter(|row| may_ever_change(rx.ctx, row)).collect();
        if theirs.is_empty() {
            let (participants, people) = named.load(rx.db)?;
            let participants = Named::from_rows(participants, people);
            return Ok(Self { participants, changeable: HashSet::new() });
        }
        let reports: BTreeSet<Id> = theirs.iter().map(|row| row.time_report_id).collect();
        let programmes: BTreeSet<Id> = theirs.iter().map(|row| row.programme_id).collect();
        let months: BTreeSet<Month> = theirs.iter().map(|row| row.month).collect();
        let (months, programmes, exceptions) = Openings::queries(&programmes, &months, rx.ctx.now);
        let reports = time_reports::unscoped_among(&reports);
        let (participants, people, reports, months, programmes, exceptions) =
            (named.0, named.1, reports, months, programmes, exceptions).load(rx.db)?;
        let participants = Named::from_rows(participants, people);
        let openings = Openings::from_rows((months, programmes, exceptions));
        let changeable = changeable(rx.ctx, &reports, &participants, &openings)?;
        Ok(Self { participants, changeable })
    }
}

/// Whether the caller could change the entry, if its report and month can be changed.
fn may_ever_change(ctx: &Context, row: &EntryRow) -> bool {
    row.status != EntryState::Voided
        && rules::may_change(row, ctx.caller.is_person(row.person_id))
        && (ctx.may::<TimeEntryUpdate>(row) || ctx.may::<TimeEntryChangeStatus>(row))
}

/// Those of the reports that can be changed now, in a month that takes time of the person (guide §4).
fn changeable(
    ctx: &Context,
    reports: &[TimeReportRow],
    participants: &Named,
    openings: &Openings,
) -> Result<HashSet<Id>, Problem> {
    let mut changeable = HashSet::new();
    for report in reports.iter().filter(|report| report.status.is_editable()) {
        let participant = participants
            .row(report.participant_id)
            .ok_or_else(|| Problem::internal("a report without its participant"))?;
        let is_running = check_running(openings.programme(report.programme_id)?).is_ok();
        if is_running && openings.opening(ctx, participant, report.month, Some(report))?.is_some() {
            changeable.insert(report.id);
        }
    }
    Ok(changeable)
}

impl TimeEntry {
    /// One entry.
    pub fn show(rx: &mut Rx<'_>, row: EntryRow) -> Result<Self, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Ok(Self::shown(rx.ctx, row, &related))
    }

    /// As the caller sees it, with what was loaded for it.
    pub fn shown(ctx: &Context, row: EntryRow, related: &Related) -> Self {
        let may_change = related.changeable.contains(&row.time_report_id)
            && rules::may_change(&row, ctx.caller.is_person(row.person_id));
        let roles = if may_change { ctx.roles_for::<TimeEntryChangeStatus>(&row) } else { Vec::new() };
        let allowed_transitions = WORKFLOW.allowed(row.status, &roles);
        let offer = Offer {
            steps: &allowed_transitions,
            update: may_change && row.status != EntryState::Voided && ctx.may::<TimeEntryUpdate>(&row),
            ..Offer::default()
        };
        let links = links(ctx, &row, offer);
        let language = ctx.language();
        let warnings = rules::warnings(&row)
            .into_iter()
            .map(|(code, words)| Warning { code: code.to_owned(), detail: words.get(language).to_owned() });
        Self {
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommunkod: row.kommunkod,
            participant_id: row.participant_id,
            participant_name: related.participants.name(row.participant_id),
            person_id: row.person_id,
            time_report_id: row.time_report_id,
            work_date: row.work_date,
            month: row.month,
            minutes: row.minutes,
            kind: row.kind,
            activity_code: row.activity_code,
            description: row.description,
            meeting_id: row.meeting_id,
            source: row.source,
            source_system: row.source_system,
            external_id: row.external_id,
            copied_from_id: row.copied_from_id,
            status: row.status,
            allowed_transitions,
            warnings: warnings.collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let entry = Self::shown(&ctx, EntryRow::example(&ctx), &Related::default());
        json!(Self { participant_name: Some("Maja Lind".to_owned()), ..entry })
    }
}

impl EntryRow {
    /// An example for OpenAPI and tests.
    pub fn example(ctx: &Context) -> Self {
        let work_date = ctx.today();
        Self {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            organisation: Organisation::Kommun,
            kommunkod: Some("0114".to_owned()),
            participant_id: ctx.new_id(),
            person_id: ctx.new_id(),
            time_report_id: ctx.new_id(),
            work_date,
            month: work_date.month(),
            minutes: 150,
            kind: EntryKind::Own,
            activity_code: "development".to_owned(),
            description: Some("Utkast till policy om sociala företag.".to_owned()),
            meeting_id: None,
            source: EntrySource::Manual,
            source_system: None,
            external_id: None,
            copied_from_id: None,
            status: EntryState::Recorded,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

fn links(ctx: &Context, row: &EntryRow, offer: Offer<'_>) -> Vec<Link> {
    let path = format!("/time-entries/{}", row.id);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "timeReport", format_args!("/time-reports/{}", row.time_report_id)),
        Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")),
    ];
    // A person who has left a team may still read their own entries there, but not the participant.
    if ctx.may::<ParticipantRead>(row) {
        links.push(Link::new(
            ctx,
            "GET",
            "participant",
            format_args!("/participants/{}", row.participant_id),
        ));
    }
    links.extend(offer.links(ctx, &path));
    links
}
