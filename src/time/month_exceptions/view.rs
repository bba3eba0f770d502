//! A month exception as its readers see it.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::MonthException;
use super::store::{self, ExceptionRow};
use crate::identity::policy::{MonthExceptionManage, MonthExceptionRead};
use crate::platform::auth::action::Action as _;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::names::Names;
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::Offer;
use crate::reference::kommuner::KommunNames;
use crate::team::participants::{Named, ParticipantRow};

/// The names that belong to the exceptions of one answer.
#[derive(Default)]
pub struct Related {
    kommuner: KommunNames,
    participants: Named,
    names: Names,
    /// Those that the caller may change.
    changeable: HashSet<Id>,
}

impl Related {
    /// Loads them for these exceptions; what may be changed only for links.
    pub fn of(rx: &mut Rx<'_>, rows: &[ExceptionRow], has_links: bool) -> Result<Self, Problem> {
        let participants = Named::of(rx, rows.iter().filter_map(|row| row.participant_id))?;
        Ok(Self {
            changeable: if has_links { changeable(rx, rows, &participants)? } else { HashSet::new() },
            kommuner: KommunNames::of(rx.db, rows.iter().filter_map(|row| row.kommunkod.as_deref()))?,
            participants,
            names: Names::of(rx, rows.iter().filter_map(|row| row.granted_by))?,
        })
    }
}

/// Those of the exceptions that are not the caller's own case, nor that of their kommun.
fn changeable(rx: &mut Rx<'_>, rows: &[ExceptionRow], participants: &Named) -> Result<HashSet<Id>, Problem> {
    let ctx = rx.ctx;
    let people: Vec<ParticipantRow> =
        rows.iter().filter_map(|row| participants.row(row.participant_id?)).cloned().collect();
    let to_rows = Standing::for_action::<MonthExceptionManage, _>(rx, rows)?;
    let to_people = Standing::for_action::<MonthExceptionManage, _>(rx, &people)?;
    let may = |row: &&ExceptionRow| {
        let person = row.participant_id.and_then(|id| participants.row(id));
        to_rows.may::<MonthExceptionManage, _>(ctx, *row)
            && person.is_none_or(|person| to_people.may::<MonthExceptionManage, _>(ctx, person))
    };
    Ok(rows.iter().filter(may).map(|row| row.id).collect())
}

/// The exceptions of a month that the caller reads, of the teams for which `is_shown`, oldest first.
pub fn of_month(
    rx: &mut Rx<'_>,
    programme_id: Id,
    month: Month,
    is_shown: impl Fn(&Option<String>) -> bool,
) -> Result<Vec<MonthException>, Problem> {
    let scope = rx.ctx.scope_of(MonthExceptionRead::ROW);
    let mut rows = store::of_month(rx.db, &scope, programme_id, month)?;
    rows.retain(|row| is_shown(&row.kommunkod));
    let related = Related::of(rx, &rows, true)?;
    Ok(rows.into_iter().map(|row| MonthException::new(rx.ctx, row, &related)).collect())
}

impl MonthException {
    /// One exception.
    pub fn show(rx: &mut Rx<'_>, row: ExceptionRow) -> Result<Self, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row), true)?;
        Ok(Self::new(rx.ctx, row, &related))
    }

    /// As the caller sees it.
    pub fn new(ctx: &Context, row: ExceptionRow, related: &Related) -> Self {
        let path = format!("/month-exceptions/{}", row.id);
        let mut links = vec![Link::to_self(ctx, &path)];
        let update = related.changeable.contains(&row.id);
        links.extend(Offer { update, ..Offer::default() }.links(ctx, &path));
        Self {
            id: row.id,
            programme_id: row.programme_id,
            month: row.month,
            kommun_name: row.kommunkod.as_deref().and_then(|code| related.kommuner.get(code)),
            participant_name: row.participant_id.and_then(|id| related.participants.name(id)),
            granted_by_name: row.granted_by.and_then(|id| related.names.get(id, true)),
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
                created_at: ctx.written,
                updated_at: ctx.written,
                version: 1,
            },
            &Related::default()
        ))
    }
}
