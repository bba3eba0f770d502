//! `/time-entries`: list, get, enter, change, confirm and void, copy a month, add up.

use actix_web::{get, patch, post};
use serde_json::{Value, json};

use super::aggregate::{self, EntrySums};
use super::copies;
use super::entering;
use super::requests::{CopyResult, EntryPatch, NewCopies, NewEntry};
use super::store::{self, EntryList};
use super::{EntryKind, EntryRow, EntrySource, EntryState, TimeEntry, WORKFLOW, keys, rules};
use crate::identity::policy::{
    ParticipantRead, TimeEntryAggregate, TimeEntryChangeStatus, TimeEntryCreate, TimeEntryRead,
    TimeEntryUpdate,
};
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::batch::{self, Batch, BatchResult};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::platform::workflow::status_changes::StatusChangeDocs;
use crate::programmes::programme::Warning;
use crate::team::Organisation;

type EntryBatch = Batch<NewEntry>;

impl TimeEntry {
    fn new(ctx: &Context, row: EntryRow) -> Self {
        let may_change = rules::may_change(&row, ctx.caller.is_person(row.person_id));
        let roles = if may_change { ctx.roles_for::<TimeEntryChangeStatus>(&keys(&row)) } else { Vec::new() };
        let language = ctx.language();
        let warnings = rules::warnings(&row)
            .into_iter()
            .map(|(code, words)| Warning { code: code.to_owned(), detail: words.get(language).to_owned() });
        Self {
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommunkod: row.kommunkod.clone(),
            participant_id: row.participant_id,
            person_id: row.person_id,
            time_report_id: row.time_report_id,
            work_date: row.work_date,
            month: row.month,
            minutes: row.minutes,
            kind: row.kind,
            activity_code: row.activity_code.clone(),
            description: row.description.clone(),
            meeting_id: row.meeting_id,
            source: row.source,
            source_system: row.source_system.clone(),
            external_id: row.external_id.clone(),
            copied_from_id: row.copied_from_id,
            status: row.status,
            allowed_transitions: WORKFLOW.allowed(row.status, &roles),
            warnings: warnings.collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links: links(ctx, &row, may_change),
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let work_date = ctx.today();
        json!(Self::new(
            &ctx,
            EntryRow {
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
                created_at: ctx.now,
                updated_at: ctx.now,
                version: 1,
            }
        ))
    }
}

fn links(ctx: &Context, row: &EntryRow, may_change: bool) -> Vec<Link> {
    let path = format!("/time-entries/{}", row.id);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "timeReport", &format!("/time-reports/{}", row.time_report_id)),
        Link::new(ctx, "GET", "statusChanges", &format!("{path}/status-changes")),
    ];
    let keys = keys(row);
    // One's own entries are read also where one no longer takes part.
    if ctx.may::<ParticipantRead>(&keys) {
        links.push(Link::new(ctx, "GET", "participant", &format!("/participants/{}", row.participant_id)));
    }
    if may_change && row.status != EntryState::Voided && ctx.may::<TimeEntryUpdate>(&keys) {
        links.push(Link::new(ctx, "PATCH", "update", &path));
    }
    links
}

impl IntoRepresentation for EntryRow {
    type As = TimeEntry;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<TimeEntry, Problem> {
        Ok(TimeEntry::new(rx.ctx, self))
    }
}

/// List time entries
///
/// Tidraderna: medarbetaren ser sina egna, koordinatorn kommunens, attestanten dem i undertecknade rapporter, SKR:s
/// projektledare och ekonom och revisorn hela programmets. Makulerade rader är med.
///
/// The time entries: a participant sees their own, a coordinator the kommun's, an attester those of signed reports, SKR's
/// manager and economist and the auditor all of the programme. Voided entries are included.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "listTimeEntries",
    params(EntryList),
    security(("bearer" = ["timeEntry.read"])),
    responses((status = 200, description = "A page of entries", body = Listing<TimeEntry>)),
)]
#[get("/time-entries")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<TimeEntryRead>, EntryList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(TimeEntry::new(rx.ctx, row)))
    });
    answer.await
}

/// Add up time entries
///
/// Minuter och antal efter det som anges i `groupBy`, med listans filter. Bara registrerade rader räknas, om inte `status`
/// anger andra. Läsare i kommunen och metodutvecklare summerar inte per person.
///
/// Minutes and numbers by what `groupBy` names, with the list's filters. Only recorded entries count, unless `status`
/// names others. A kommun's readers and method developers add up nobody's time alone.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "aggregateTimeEntries",
    params(aggregate::AggregateQuery),
    security(("bearer" = ["timeEntry.aggregate"])),
    extensions(("x-problem-codes" = json!(["notYours"]))),
    responses((status = 200, description = "The sums", body = EntrySums)),
)]
#[get("/time-entries/aggregate")]
async fn add_up(
    InOrder((permit, asked)): InOrder<(Permit<TimeEntryAggregate>, aggregate::AggregateQuery)>,
) -> Result<Answer, Problem> {
    permit.read(move |rx| Ok(Answer::json(&aggregate::load(rx, &asked)?)?.tagged())).await
}

/// Get a time entry
///
/// En tidrad. `warnings` säger att dagen är en vilodag eller att beskrivning saknas.
///
/// One time entry. `warnings` tells that the day is a day of rest or that the description is missing.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "getTimeEntry",
    params(("timeEntryId" = Id, Path, description = "Tidradens id / the entry's id")),
    security(("bearer" = ["timeEntry.read"])),
    responses((status = 200, description = "The entry", body = TimeEntry)),
)]
#[get("/time-entries/{timeEntryId}")]
async fn get(InOrder((_permit, entry)): InOrder<(Permit<TimeEntryRead>, Show<EntryRow>)>) -> Answer {
    entry.into_answer()
}

/// Enter time
///
/// Personens egen rad är registrerad; en annans är ett förslag tills personen bekräftar den. Dagen avgör månaden.
///
/// The person's own entry is recorded; another's is a proposal until the person confirms it. The day decides the month.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "createTimeEntry",
    request_body = NewEntry,
    security(("bearer" = ["timeEntry.create"])),
    extensions(("x-problem-codes" = json!(["notYours", "notFound", "dailyHoursExceeded", "dailyCapExceeded", "stateConflict", "monthClosed", "reportSigned"]))),
    responses((status = 201, description = "The new entry", body = TimeEntry)),
)]
#[post("/time-entries")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<TimeEntryCreate>, Body<NewEntry>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = entering::enter(tx, &new)?;
            Answer::created(tx.ctx, &TimeEntry::new(tx.ctx, row))
        })
        .await
}

/// Enter much time
///
/// Flera rader i ett anrop, var och en för sig eller alla tillsammans (`atomic`); `dryRun` provar bara.
///
/// Several entries in one request, each alone or all together (`atomic`); `dryRun` only tries.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "createTimeEntryBatch",
    request_body(content = EntryBatch, example = json!({"atomic": true, "items": [NewEntry::example()]})),
    security(("bearer" = ["timeEntry.create"])),
    responses((status = 200, description = "One result per item", body = BatchResult)),
)]
#[post("/time-entries/batch")]
async fn create_batch(
    InOrder((permit, body)): InOrder<(Permit<TimeEntryCreate>, Body<EntryBatch>)>,
) -> Result<Answer, Problem> {
    let items = body.into_inner();
    permit
        .write(move |tx| {
            let result = batch::run(tx, &items, |tx, item| Ok((201, entering::enter(tx, &item)?.id)))?;
            Answer::json(&result)
        })
        .await
}

/// Copy a month
///
/// Föreslår en månads registrerade rader i en senare månad: samma veckodag på samma plats, så att den andra tisdagen förblir
/// den andra tisdagen. Det som inte går att lägga in där utelämnas och anges i `skipped`; möten kopieras inte.
///
/// Proposes a month's recorded entries in a later month: the same weekday in the same place, so that the second Tuesday
/// stays the second Tuesday. What cannot be entered there is left out and named in `skipped`; meetings are not copied.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "copyTimeEntries",
    request_body = NewCopies,
    security(("bearer" = ["timeEntry.create"])),
    extensions(("x-problem-codes" = json!(["notYours", "notFound", "stateConflict", "monthClosed", "reportSigned"]))),
    responses((status = 200, description = "What was proposed and what was not", body = CopyResult)),
)]
#[post("/time-entries/copies")]
async fn copy(
    InOrder((permit, body)): InOrder<(Permit<TimeEntryCreate>, Body<NewCopies>)>,
) -> Result<Answer, Problem> {
    let wanted = body.into_inner();
    permit.write(move |tx| Answer::json(&copies::copy(tx, &wanted)?)).await
}

/// Change a time entry
///
/// Personen ändrar sin rad medan månaden är öppen och rapporten inte är undertecknad; andra bara sina förslag.
///
/// The person changes an entry while the month is open and the report is not signed; others only their proposals.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "updateTimeEntry",
    params(("timeEntryId" = Id, Path, description = "Tidradens id / the entry's id")),
    request_body = EntryPatch,
    security(("bearer" = ["timeEntry.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "dailyHoursExceeded", "dailyCapExceeded", "stateConflict", "monthClosed", "reportSigned"]))),
    responses((status = 200, description = "The changed entry", body = TimeEntry)),
)]
#[patch("/time-entries/{timeEntryId}")]
async fn update(
    InOrder((permit, entry, body)): InOrder<(Permit<TimeEntryUpdate>, Found<EntryRow>, Body<EntryPatch>)>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = entering::change(tx, &entry, patch.clone())?;
            Answer::one(&TimeEntry::new(tx.ctx, after))
        })
        .await
}

/// Its steps, as OpenAPI tells of them.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "timeEntries",
    many: "time entries",
    steps: Localized::fixed(
        "Bara personen bekräftar ett förslag (`recorded`). Personen makulerar sina rader; koordinatorn och projektledaren sina förslag. En makulerad rad finns kvar.",
        "Only the person confirms a proposal (`recorded`). The person voids their entries; coordinator and programme manager their proposals. A voided entry is kept.",
    ),
    problems: &[Code::DailyHoursExceeded, Code::DailyCapExceeded, Code::MonthClosed, Code::ReportSigned],
    example: || json!({"to": "recorded"}),
};

/// The operations on time entries.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list)
        .service(create)
        .service(create_batch)
        .service(copy)
        .service(add_up)
        .service(get)
        .service(update);
    cfg.status_changes::<EntryRow, TimeEntryRead, TimeEntryChangeStatus>(&STATUS_CHANGES);
}
