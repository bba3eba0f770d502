//! `/me` and `/me/permissions`.

use actix_web::get;
use serde_json::{Value, json};

use super::permissions::Question;
use super::{CallerKind, HeldRole, Me, Permission, Permissions};
use crate::identity::people::{self, PersonState};
use crate::identity::policy::{MeRead, Role};
use crate::identity::{clients, roles};
use crate::platform::auth::caller::{Assignment, Subject};
use crate::platform::auth::permit::Permit;
use crate::platform::codes::Codes as _;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Rx;

impl Me {
    fn of(rx: &mut Rx<'_>) -> Result<Self, Problem> {
        match rx.ctx.caller.subject {
            Subject::Person(id) => {
                let person = people::by_id(rx.db, id)?;
                let mut me = Self::new(rx.ctx, id, CallerKind::Person, person.name);
                (me.email, me.status) = (Some(person.email), Some(person.status));
                me.links.push(Link::new(rx.ctx, "GET", "person", &format!("/people/{id}")));
                me.links.push(Link::new(rx.ctx, "POST", "changePassword", "/me/password-changes"));
                Ok(me)
            }
            Subject::Client(id) => {
                let client = clients::by_id(rx.db, id)?;
                Ok(Self::new(rx.ctx, id, CallerKind::Client, client.name))
            }
            Subject::Anonymous | Subject::System => Err(Problem::new(Code::Unauthenticated)),
        }
    }

    fn new(ctx: &Context, id: Id, kind: CallerKind, name: String) -> Self {
        Self {
            id,
            kind,
            name,
            email: None,
            status: None,
            session_id: ctx.caller.session_id,
            roles: ctx.caller.assignments.iter().filter_map(held).collect(),
            links: vec![
                Link::to_self(ctx, "/me"),
                Link::new(ctx, "GET", "permissions", "/me/permissions"),
                Link::new(ctx, "GET", "sessions", "/sessions"),
            ],
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let mut me = Self::new(&ctx, ctx.new_id(), CallerKind::Person, "Karin Öberg".to_owned());
        me.email = Some("karin.oberg@boden.example".to_owned());
        me.status = Some(PersonState::Active);
        me.session_id = Some(ctx.new_id());
        me.roles.push(HeldRole {
            role: Role::Coordinator,
            signer_role: None,
            programme_id: Some(ctx.new_id()),
            kommunkod: Some("2582".to_owned()),
            subject_id: None,
        });
        json!(me)
    }
}

fn held(assignment: &Assignment) -> Option<HeldRole> {
    Some(HeldRole {
        role: Role::from_code(&assignment.role)?,
        signer_role: assignment.signer_role.as_deref().and_then(roles::SignerRole::from_code),
        programme_id: assignment.programme_id,
        kommunkod: assignment.kommunkod.clone(),
        subject_id: assignment.subject_id,
    })
}

/// Get who one is
///
/// Den som anropar: person eller system, med de roller som gäller nu.
///
/// The caller: a person or a system, with the roles that hold now.
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

/// Get what one may do
///
/// Varje handling i behörighetstabellen: om den som anropar får utföra den, och var. `action` väljer handlingar (upprepa),
/// `programmeId` och `kommunkod` frågar om en plats.
///
/// Every action of the policy table: whether the caller may do it, and where. `action` picks actions (repeat),
/// `programmeId` and `kommunkod` ask about a place.
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

/// The operations on oneself.
pub fn routes(cfg: &mut Operations) {
    cfg.service(permissions).service(get);
}
