//! `/me` and `/me/permissions`.

use actix_web::get;

use super::permissions::Question;
use super::{Me, Permission, Permissions};
use crate::identity::policy::MeRead;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// Get the caller
///
/// Den som anropar: person eller system, med de roller som gäller nu.
///
/// The caller: a person or a system, with the present roles.
#[utoipa::path(
    tag = "identity",
    operation_id = "getMe",
    security(("bearer" = ["me.read"])),
    responses((status = 200, description = "The caller", body = Me)),
)]
#[get("/me")]
async fn get(permit: Permit<MeRead>) -> Result<Answer, Problem> {
    permit.read(|rx| Ok(Answer::json(&Me::of(rx)?)?.tagged())).await
}

/// Get the caller's permissions
///
/// Varje handling i behörighetstabellen: om den som anropar får utföra den, och var. `action` väljer handlingar (upprepa),
/// `programmeId` och `kommunkod` frågar om en plats.
///
/// Every action of the policy table: whether the caller may do it, and where. `action` selects actions (repeat the
/// parameter), `programmeId` and `kommunkod` select a place.
#[utoipa::path(
    tag = "identity",
    operation_id = "getMyPermissions",
    params(
        ("action" = Option<Vec<String>>, Query, description = "Handlingens namn (upprepa) / the action's name (repeat)"),
        ("programmeId" = Option<Id>, Query, description = "I detta program / in this programme"),
        ("kommunkod" = Option<String>, Query, description = "I denna kommun / in this kommun"),
    ),
    security(("bearer" = ["me.read"])),
    responses((status = 200, description = "The permissions", body = Permissions)),
)]
#[get("/me/permissions")]
async fn permissions(
    InOrder((permit, question)): InOrder<(Permit<MeRead>, Question)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let found = Permission::all(&rx.ctx.caller, &question, rx.ctx.language());
        Ok(Answer::json(&Permissions::new(rx.ctx, &question.sent, found))?.tagged())
    });
    answer.await
}

/// The operations on the caller.
pub fn routes(cfg: &mut Operations) {
    cfg.service(permissions).service(get);
}
