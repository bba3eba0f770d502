//! `/sessions`: list, get, end.

use actix_web::{delete, get};
use serde_json::{Value, json};

use super::store::{self, SessionList, SessionRow};
use super::{EndReason, Session};
use crate::identity::policy::{SessionEnd, SessionRead};
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

impl Session {
    fn new(ctx: &Context, row: SessionRow) -> Self {
        let path = format!("/sessions/{}", row.id);
        let mut links = vec![Link::to_self(ctx, &path)];
        if row.ended_at.is_none() && ctx.may::<SessionEnd>(&row.keys()) {
            links.push(Link::new(ctx, "DELETE", "end", &path));
        }
        Self {
            is_current: ctx.caller.session_id == Some(row.id),
            id: row.id,
            person_id: row.person_id,
            client_id: row.client_id,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
            ended_reason: row.ended_reason,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let row = SessionRow {
            id: ctx.new_id(),
            person_id: Some(ctx.new_id()),
            client_id: None,
            created_at: ctx.wall,
            last_used_at: ctx.wall,
            expires_at: ctx.wall.plus_days(30),
            ended_at: None,
            ended_reason: None,
            updated_at: ctx.now,
            version: 1,
        };
        json!(Self::new(&ctx, row))
    }
}

impl IntoRepresentation for SessionRow {
    type As = Session;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Session, Problem> {
        Ok(Session::new(rx.ctx, self))
    }
}

/// List sessions
///
/// De egna inloggningarna, även de som är över; en systemadministratör ser allas.
///
/// One's own sessions, also those that are over; a system administrator sees everybody's.
#[utoipa::path(
    tag = "identity",
    operation_id = "listSessions",
    params(SessionList),
    security(("bearer" = ["session.read"])),
    responses((status = 200, description = "A page of sessions", body = Listing<Session>)),
)]
#[get("/sessions")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<SessionRead>, SessionList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(Session::new(rx.ctx, row)))
    });
    answer.await
}

/// Get a session
///
/// En inloggning: när den började, förnyades och tar slut.
///
/// A session: when it began, was renewed and ends.
#[utoipa::path(
    tag = "identity",
    operation_id = "getSession",
    params(("sessionId" = Id, Path, description = "Inloggningens id / the session's id")),
    security(("bearer" = ["session.read"])),
    responses((status = 200, description = "The session", body = Session)),
)]
#[get("/sessions/{sessionId}")]
async fn get(InOrder((_permit, session)): InOrder<(Permit<SessionRead>, Show<SessionRow>)>) -> Answer {
    session.into_answer()
}

/// End a session
///
/// Avslutar en inloggning: den kan inte förnyas, och dess åtkomsttoken slutar gälla inom fem sekunder. En som redan är
/// över förblir som den är.
///
/// Ends a session: it cannot be renewed, and its access tokens stop holding within five seconds. One that is over already
/// stays as it is.
#[utoipa::path(
    tag = "identity",
    operation_id = "endSession",
    params(("sessionId" = Id, Path, description = "Inloggningens id / the session's id")),
    security(("bearer" = ["session.end"])),
    responses((status = 204, description = "The session is over")),
)]
#[delete("/sessions/{sessionId}")]
async fn end(
    InOrder((permit, session)): InOrder<(Permit<SessionEnd>, Found<SessionRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.write(move |tx| {
        let (row, ()) = tx.judged(session.id, None, |_, _: &SessionRow| Ok(()))?;
        store::end(tx, row, EndReason::Ended)?;
        Ok(Answer::no_content())
    });
    answer.await
}

/// The operations on sessions.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get).service(end);
}
