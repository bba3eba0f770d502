//! `/time-entries`: list, get, enter, change, confirm and void, copy a month.

use actix_web::{get, patch, post};
use serde_json::json;

use super::TimeEntry;
use super::commands::{self, Entering};
use super::requests::{CopyResult, EntryPatch, NewCopies, NewEntry};
use super::store::{self, EntryList, EntryRow};
use super::view::Related;
use crate::identity::policy::{TimeEntryChangeStatus, TimeEntryCreate, TimeEntryRead, TimeEntryUpdate};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::batch::{Batch, BatchResult};
use crate::platform::http::batch_body::BatchBody;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;

type EntryBatch = Batch<NewEntry>;

/// List time entries
///
/// Tidraderna: medarbetaren ser sina egna, koordinatorn kommunens, attestanten dem i undertecknade rapporter, SKR:s
/// projektledare och ekonom och revisorn hela programmets. Makulerade rader är med.
///
/// A participant sees their own entries, a coordinator the kommun's, an attester those of signed reports, SKR's manager and
/// economist and the auditor all of the programme. Voided entries are included.
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
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(TimeEntry::shown(ctx, row, &related)))
    });
    answer.await
}

/// Get a time entry
///
/// En tidrad. `warnings` säger att dagen är en vilodag eller att beskrivning saknas.
///
/// One time entry. `warnings` says whether the day is a weekend or public holiday and whether the description is missing.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "getTimeEntry",
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
/// An entry that the person enters is recorded at once. An entry by somebody else is a proposal until the person confirms it.
/// The day of the work determines the month.
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
            let row = commands::create(tx, new.clone())?;
            tx.answer_created(row)
        })
        .await
}

/// Enter many time entries
///
/// Flera rader i ett anrop, var och en för sig eller alla tillsammans (`atomic`); `dryRun` provar bara.
///
/// Several entries in one request. Each succeeds or fails alone, or, with `atomic`, all together. `dryRun` checks without
/// storing anything.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "createTimeEntryBatch",
    request_body(content = EntryBatch, example = json!({"atomic": true, "items": [NewEntry::example()]})),
    security(("bearer" = ["timeEntry.create"])),
    responses((status = 200, description = "One result per item", body = BatchResult)),
)]
#[post("/time-entries/batch")]
async fn create_batch(
    InOrder((permit, body)): InOrder<(Permit<TimeEntryCreate>, BatchBody<NewEntry>)>,
) -> Result<Answer, Problem> {
    let items = body.into_inner();
    permit.write(move |tx| items.create::<Entering>(tx)).await
}

/// Copy a month
///
/// Föreslår en månads registrerade rader i en senare månad: samma veckodag på samma plats, så att den andra tisdagen förblir
/// den andra tisdagen. Det som inte går att lägga in där utelämnas och anges i `skipped`; möten kopieras inte.
///
/// Copies a month's recorded entries to a later month, as proposals on the same weekday: an entry of the second Tuesday is
/// proposed on the second Tuesday. Entries that cannot be entered there are listed in `skipped`. Meetings are not copied.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "copyTimeEntries",
    request_body = NewCopies,
    security(("bearer" = ["timeEntry.create"])),
    extensions(("x-problem-codes" = json!(["notYours", "notFound", "stateConflict", "monthClosed", "reportSigned"]))),
    responses((status = 200, description = "The proposed and the skipped entries", body = CopyResult)),
)]
#[post("/time-entries/copies")]
async fn copy(
    InOrder((permit, body)): InOrder<(Permit<TimeEntryCreate>, Body<NewCopies>)>,
) -> Result<Answer, Problem> {
    let wanted = body.into_inner();
    permit.write(move |tx| Answer::json(&commands::copy(tx, &wanted)?)).await
}

/// Change a time entry
///
/// Personen ändrar sin rad medan månaden är öppen och rapporten inte är undertecknad; andra bara sina förslag.
///
/// The person can change an entry while the month is open and the report is not signed. Others can change only proposals.
#[utoipa::path(
    tag = "timeEntries",
    operation_id = "updateTimeEntry",
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
            let after = commands::change(tx, &entry, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// The OpenAPI description of the status changes.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "timeEntries",
    many: "time entries",
    steps: Localized::fixed(
        "Bara personen bekräftar ett förslag (`recorded`). Personen makulerar sina rader; koordinatorn och \
         projektledaren sina förslag. En makulerad rad finns kvar.",
        "Only the person confirms a proposal (`recorded`). The person may void their own entries; a coordinator or \
         programme manager may void their proposals. A voided entry is kept.",
    ),
    problems: &[Code::DailyHoursExceeded, Code::DailyCapExceeded, Code::MonthClosed, Code::ReportSigned],
    example: || json!({"to": "recorded"}),
};

/// The operations on time entries.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(create_batch).service(copy).service(get).service(update);
    cfg.status_changes::<EntryRow, TimeEntryRead, TimeEntryChangeStatus>(&STATUS_CHANGES);
}
