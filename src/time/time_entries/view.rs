//! A time entry as its readers see it.

use serde_json::{Value, json};

use super::store::EntryRow;
use super::{EntryKind, EntrySource, EntryState, TimeEntry, WORKFLOW, rules};
use crate::identity::policy::{ParticipantRead, TimeEntryChangeStatus, TimeEntryUpdate};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::programmes::programme::Warning;
use crate::team::Organisation;

impl TimeEntry {
    /// As the caller sees it.
    pub fn new(ctx: &Context, row: EntryRow) -> Self {
        let may_change = rules::may_change(&row, ctx.caller.is_person(row.person_id));
        let roles = if may_change { ctx.roles_for::<TimeEntryChangeStatus>(&row) } else { Vec::new() };
        let allowed_transitions = WORKFLOW.allowed(row.status, &roles);
        let links = links(ctx, &row, may_change);
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
        json!(Self::new(&ctx, EntryRow::example(&ctx)))
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

fn links(ctx: &Context, row: &EntryRow, may_change: bool) -> Vec<Link> {
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
    if may_change && row.status != EntryState::Voided && ctx.may::<TimeEntryUpdate>(row) {
        links.push(Link::new(ctx, "PATCH", "update", &path));
    }
    links
}
