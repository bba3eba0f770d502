//! A person as the caller sees them.

use serde_json::{Value, json};

use super::store::PersonRow;
use super::{Person, PersonState, Seen};
use crate::identity::policy::{InvitationSend, PersonChangeStatus, PersonUpdate, RoleGrantAction};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::IntoRepresentation;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::Offer;

impl Person {
    pub(super) fn new(ctx: &Context, row: PersonRow) -> Self {
        let roles = ctx.roles_for::<PersonChangeStatus>(&row);
        let path = format!("/people/{}", row.id);
        let mut links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "roleAssignments", format_args!("{path}/role-assignments")),
        ];
        let allowed_transitions = Standing::at_sight(ctx, &row).allowed(&row, &roles);
        let update = ctx.may::<PersonUpdate>(&row);
        links.extend(Offer { steps: &allowed_transitions, update, ..Offer::default() }.links(ctx, &path));
        if !roles.is_empty() {
            links.push(Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")));
        }
        if RoleGrantAction::ROW.scope_for(&ctx.caller).is_ok() {
            links.push(Link::new(ctx, "POST", "grantRole", format_args!("{path}/role-assignments")));
        }
        if row.status == PersonState::Invited && InvitationSend::ROW.scope_for(&ctx.caller).is_ok() {
            links.push(Link::new(ctx, "POST", "inviteAgain", "/invitations"));
        }
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            status: row.status,
            allowed_transitions,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(&ctx, PersonRow::new(&ctx, "Karin Öberg", "karin.oberg@boden.example")))
    }
}

impl IntoRepresentation for Seen {
    type As = Person;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Person, Problem> {
        self.row.into_representation(rx)
    }
}
