//! `/sessions`: list, get, end.

use actix_web::{delete, get};

use super::store::{self, SessionList, SessionRow};
use super::{Session, commands};
use crate::identity::policy::{SessionEnd, SessionRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// List sessions
///
/// De egna inloggningarna, även de som är över; en systemadministratör ser allas.
///
/// The caller's own sessions, including ended ones. A system administrator sees the sessions of everybody.
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
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(Session::new(ctx, row)))
    });
    answer.await
}

/// Get a session
///
/// En inloggning: när den började, förnyades och tar slut.
///
/// A session: when it began, when it was last renewed and when it expires.
#[utoipa::path(
    tag = "identity",
    operation_id = "getSession",
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
/// Ends a session: it can no longer be renewed, and its access tokens become invalid within five seconds. A session that has
/// already ended is left unchanged.
#[utoipa::path(
    tag = "identity",
    operation_id = "endSession",
    security(("bearer" = ["session.end"])),
    responses((status = 204, description = "The session has ended")),
)]
#[delete("/sessions/{sessionId}")]
async fn end(
    InOrder((permit, session)): InOrder<(Permit<SessionEnd>, Found<SessionRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.write(move |tx| {
        commands::end_by_request(tx, session.id)?;
        Ok(Answer::no_content())
    });
    answer.await
}

/// The operations on sessions.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get).service(end);
}
