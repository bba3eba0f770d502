//! The caller as `/me` shows it.

use serde_json::{Value, json};

use super::{CallerKind, HeldRole, Me};
use crate::identity::people::{self, PersonState};
use crate::identity::policy::Role;
use crate::identity::{clients, roles};
use crate::platform::auth::caller::{Assignment, Subject};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Rx;

impl Me {
    /// The caller of this request.
    pub(super) fn of(rx: &mut Rx<'_>) -> Result<Self, Problem> {
        match rx.ctx.caller.subject {
            Subject::Person(id) => {
                let person = people::unscoped_by_id(rx.db, id)?;
                let mut me = Self::new(rx.ctx, id, CallerKind::Person, person.name);
                (me.email, me.status) = (Some(person.email), Some(person.status));
                me.links.push(Link::new(rx.ctx, "GET", "person", format_args!("/people/{id}")));
                me.links.push(Link::new(rx.ctx, "POST", "changePassword", "/me/password-changes"));
                Ok(me)
            }
            Subject::Client(id) => {
                let client = clients::unscoped_by_id(rx.db, id)?;
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
