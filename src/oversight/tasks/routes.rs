//! `GET /me/tasks`.

use actix_web::get;
use serde_json::{Value, json};

use super::collect;
use super::rules::Waiting;
use super::{Task, TaskCode};
use crate::identity::policy::MeRead;
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::list::{ListMeta, Listing};
use crate::platform::http::operations::Operations;
use crate::platform::ids::sha256_hex;
use crate::platform::problem::Problem;

impl Task {
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let waiting = Waiting::one(TaskCode::MilestonesToReview, "/milestones?status=submitted");
        json!(Self {
            id: sha256_hex("milestonesToReview"),
            rel: waiting.by.0,
            to: waiting.by.1,
            code: waiting.code,
            title: waiting.title().sv.into_owned(),
            due_at: None,
            href: ctx.href(&waiting.path),
            count: waiting.count,
            programme_id: Some(ctx.new_id()),
            kommunkod: Some("2582".to_owned()),
        })
    }
}

/// List my tasks
///
/// Vad som väntar på en själv just nu, i alla roller, det mest brådskande först. En uppgift försvinner när det den
/// gäller är gjort. Svaret är alltid helt; det har inga sidor.
///
/// The caller's present tasks in all roles, the most urgent first. A task disappears when its work is done. The answer
/// always contains all tasks; it has no pages.
#[utoipa::path(
    tag = "identity",
    operation_id = "listMyTasks",
    security(("bearer" = ["me.read"])),
    responses((status = 200, description = "The tasks", body = Listing<Task>)),
)]
#[get("/me/tasks")]
async fn list(permit: Permit<MeRead>) -> Result<Answer, Problem> {
    let answer = permit.read(|rx| {
        let items = collect::of_caller(rx)?;
        let count = items.len();
        let total = i64::try_from(count).unwrap_or(i64::MAX);
        let meta = ListMeta {
            total_records: Some(total),
            page: Some(1),
            limit: total.max(1),
            count,
            next_cursor: None,
            counts_by_status: None,
            synced_to: None,
            deleted: None,
        };
        let links = vec![Link::to_self(rx.ctx, "/me/tasks")];
        Ok(Answer::json(&Listing { items, meta, links })?.tagged())
    });
    answer.await
}

/// The operation.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list);
}
