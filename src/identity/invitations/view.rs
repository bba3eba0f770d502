//! An invitation as its sender sees it.

use serde_json::{Value, json};

use super::Invitation;
use super::store::InvitationRow;
use crate::identity::people::NewPerson;
use crate::identity::policy::InvitationWithdraw;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;

impl Invitation {
    pub(super) fn new(ctx: &Context, row: InvitationRow) -> Self {
        let person_id = row.acknowledged_at.map(|_| row.invited_id);
        let mut links = vec![Link::to_self(ctx, format_args!("/invitations/{}", row.id))];
        if row.withdrawn_at.is_none() && ctx.may::<InvitationWithdraw>(&row) {
            links.push(Link::new(
                ctx,
                "POST",
                "withdraw",
                format_args!("/invitations/{}/withdrawal", row.id),
            ));
        }
        if let Some(person) = person_id {
            links.push(Link::new(ctx, "GET", "person", format_args!("/people/{person}")));
        }
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            role: row.role.map(|role| role.0),
            person_id,
            expires_at: row.expires_at,
            withdrawn_at: row.withdrawn_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let sent = json!({"name": "Karin Öberg", "email": "karin.oberg@boden.example"});
        let row = serde_json::from_value::<NewPerson>(sent)
            .map(|new| InvitationRow::new(&ctx, ctx.new_id(), ctx.new_id(), &new));
        row.map_or(Value::Null, |row| json!(Self::new(&ctx, row)))
    }
}
