//! An API client as the caller sees it.

use serde_json::{Value, json};

use super::ApiClient;
use super::requests::NewApiClient;
use super::rules::WORKFLOW;
use super::store::ClientRow;
use crate::identity::policy::ClientManage;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::workflow::Offer;

impl ApiClient {
    pub(super) fn new(ctx: &Context, row: ClientRow) -> Self {
        let roles = ctx.roles_for::<ClientManage>(&row);
        let path = format!("/api-clients/{}", row.id);
        let mut links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")),
        ];
        let allowed_transitions = WORKFLOW.allowed(row.status, &roles);
        let offer = Offer { steps: &allowed_transitions, update: !roles.is_empty(), ..Offer::default() };
        links.extend(offer.links(ctx, &path));
        if !roles.is_empty() {
            links.push(Link::new(ctx, "POST", "newSecret", format_args!("{path}/secrets")));
        }
        Self {
            id: row.id,
            name: row.name,
            status: row.status,
            allowed_transitions,
            role: row.role,
            programme_id: row.programme_id,
            kommunkod: row.kommunkod,
            client_secret: None,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let new = NewApiClient {
            name: "Bodens tidsystem".into(),
            programme_id: ctx.new_id(),
            kommunkod: "2582".into(),
        };
        json!(Self::new(&ctx, new.into_row(&ctx, String::new())))
    }
}
