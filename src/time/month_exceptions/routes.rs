//! `/month-exceptions`: list, get, grant, and end earlier or later.

use actix_web::{get, patch, post};
use serde_json::{Value, json};

use super::requests::{ExceptionPatch, NewException};
use super::store::{self, ExceptionList};
use super::{ExceptionRow, MonthException, keys, rules};
use crate::identity::policy::{MonthExceptionManage, MonthExceptionRead};
use crate::platform::auth::found::{Found, IntoRepresentation, Show, seen};
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::body::{Body, Change};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::{self, Deadline, ProgrammeRow};
use crate::reference::kommuner;
use crate::team::participants::{self, ParticipantRow};

impl MonthException {
    fn new(ctx: &Context, row: ExceptionRow) -> Self {
        let path = format!("/month-exceptions/{}", row.id);
        let mut links = vec![Link::to_self(ctx, &path)];
        if ctx.may::<MonthExceptionManage>(&keys(&row)) {
            links.push(Link::new(ctx, "PATCH", "update", &path));
        }
        Self {
            id: row.id,
            programme_id: row.programme_id,
            month: row.month,
            kommunkod: row.kommunkod,
            participant_id: row.participant_id,
            expires_at: row.expires_at,
            is_valid: ctx.now < row.expires_at,
            reason: row.reason,
            granted_by: row.granted_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(
            &ctx,
            ExceptionRow {
                id: ctx.new_id(),
                programme_id: ctx.new_id(),
                month: ctx.now.month().plus_months(-1),
                kommunkod: Some("0114".to_owned()),
                participant_id: None,
                expires_at: ctx.now.plus_days(14),
                reason: "Kommunens tidsystem låg nere hela första veckan.".to_owned(),
                granted_by: Some(ctx.new_id()),
                created_at: ctx.now,
                updated_at: ctx.now,
                version: 1,
            }
        ))
    }
}

impl IntoRepresentation for ExceptionRow {
    type As = MonthException;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<MonthException, Problem> {
        Ok(MonthException::new(rx.ctx, self))
    }
}

/// List month exceptions
///
/// Undantagen, även de som har gått ut.
///
/// The exceptions, also those that have expired.
#[utoipa::path(
    tag = "months",
    operation_id = "listMonthExceptions",
    params(ExceptionList),
    security(("bearer" = ["monthException.read"])),
    responses((status = 200, description = "A page of exceptions", body = Listing<MonthException>)),
)]
#[get("/month-exceptions")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<MonthExceptionRead>, ExceptionList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(MonthException::new(rx.ctx, row)))
    });
    answer.await
}

/// Get a month exception
///
/// Ett undantag.
///
/// One exception.
#[utoipa::path(
    tag = "months",
    operation_id = "getMonthException",
    params(("monthExceptionId" = Id, Path, description = "Undantagets id / the exception's id")),
    security(("bearer" = ["monthException.read"])),
    responses((status = 200, description = "The exception", body = MonthException)),
)]
#[get("/month-exceptions/{monthExceptionId}")]
async fn get(
    InOrder((_permit, exception)): InOrder<(Permit<MonthExceptionRead>, Show<ExceptionRow>)>,
) -> Answer {
    exception.into_answer()
}

/// Grant a month exception
///
/// Projektledaren låter en kommun eller en person fortsätta med en stängd eller låst månad till `expiresAt`. Varje gång
/// undantaget används står i granskningsspåret.
///
/// The programme manager lets a kommun or a person go on with a closed or locked month until `expiresAt`. Each use of the
/// exception is kept in the audit trail.
#[utoipa::path(
    tag = "months",
    operation_id = "createMonthException",
    request_body = NewException,
    security(("bearer" = ["monthException.manage"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "notFound"]))),
    responses((status = 201, description = "The new exception", body = MonthException)),
)]
#[post("/month-exceptions")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<MonthExceptionManage>, Body<NewException>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = checked(tx, new.clone())?;
            tx.insert(&row)?;
            Answer::created(tx.ctx, &MonthException::new(tx.ctx, row))
        })
        .await
}

fn checked(tx: &mut Tx<'_>, new: NewException) -> Result<ExceptionRow, Problem> {
    let programme = programme_of(tx, new.programme_id)?;
    let mut faults = rules::faults(&new, &programme, tx.ctx.now);
    let mut kommunkod = new.kommunkod.clone();
    if let Some(code) = &new.kommunkod
        && !kommuner::exists(tx.db, code)?
    {
        let words = Localized::fixed("Ingen kommun har den koden.", "No kommun has this code.");
        faults.push(FieldError::new("/kommunkod", "unknown", words));
    }
    if let Some(id) = new.participant_id {
        let found =
            participants::by_ids(tx.db, vec![id])?.pop().filter(|row| row.programme_id == programme.id);
        match found {
            Some(participant) => {
                not_for_oneself(tx.ctx, &participant)?;
                kommunkod = participant.kommunkod;
            }
            None => {
                let words = Localized::fixed(
                    "Ingen sådan medarbetare i programmet.",
                    "No such participant in the programme.",
                );
                faults.push(FieldError::new("/participantId", "unknown", words));
            }
        }
    }
    Code::InvalidInput.refuse_any(faults)?;
    Ok(ExceptionRow {
        id: tx.ctx.new_id(),
        programme_id: programme.id,
        month: new.month,
        kommunkod,
        participant_id: new.participant_id,
        expires_at: new.expires_at.0,
        reason: new.reason,
        granted_by: tx.ctx.caller.id(),
        created_at: tx.ctx.now,
        updated_at: tx.ctx.now,
        version: 1,
    })
}

/// 403 for one's own month: another manager lets it go on (guide §1, "own work").
fn not_for_oneself(ctx: &Context, participant: &ParticipantRow) -> Result<(), Problem> {
    if !ctx.caller.is_person(participant.person_id) {
        return Ok(());
    }
    Err(Problem::new(Code::OwnWork).detail(
        "Ingen beviljar sig själv ett undantag; det gör en annan projektledare.",
        "Nobody grants themself an exception; another programme manager does.",
    ))
}

/// The programme that the body names: 404 when the caller does not see it, 403 when the role is for another.
fn programme_of(tx: &mut Tx<'_>, id: Id) -> Result<ProgrammeRow, Problem> {
    let found = seen::<ProgrammeRow>(tx, &id)?;
    if tx.ctx.scope.role_for(&programme::keys(id)).is_none() {
        return Err(Problem::new(Code::NotYours).detail(
            "Undantag beviljas av det programmets projektledare.",
            "Exceptions are granted by that programme's manager.",
        ));
    }
    Ok(found)
}

/// Change a month exception
///
/// Låter undantaget gälla längre eller kortare; en tidpunkt som har passerat avslutar det genast.
///
/// Lets the exception hold longer or shorter; an instant that has passed ends it at once.
#[utoipa::path(
    tag = "months",
    operation_id = "updateMonthException",
    params(("monthExceptionId" = Id, Path, description = "Undantagets id / the exception's id")),
    request_body = ExceptionPatch,
    security(("bearer" = ["monthException.manage"])),
    extensions(("x-problem-codes" = json!(["ownWork"]))),
    responses((status = 200, description = "The changed exception", body = MonthException)),
)]
#[patch("/month-exceptions/{monthExceptionId}")]
async fn update(
    InOrder((permit, exception, body)): InOrder<(
        Permit<MonthExceptionManage>,
        Found<ExceptionRow>,
        Body<ExceptionPatch>,
    )>,
) -> Result<Answer, Problem> {
    let ExceptionPatch { expires_at } = body.into_inner();
    permit
        .write(move |tx| {
            let changed = tx.change(exception.id, "changed", |tx, before: &ExceptionRow| {
                if let Some(participant) = before.participant_id {
                    not_for_oneself(tx.ctx, &participants::by_id(tx.db, participant)?)?;
                }
                let mut after = before.clone();
                if let Change::Set(Deadline(expires_at)) = expires_at {
                    // What it has let through stays let through: it cannot end before now.
                    after.expires_at = expires_at.max(tx.ctx.now);
                }
                Ok(after)
            })?;
            Answer::one(&MonthException::new(tx.ctx, changed.after))
        })
        .await
}

/// The operations on month exceptions.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
}
