//! A checkpoint as its readers see it.

use serde_json::{Value, json};

use super::Checkpoint;
use crate::oversight::audit_events::reaches;
use crate::platform::audit::Chain;
use crate::platform::audit::checkpoints::{CheckpointRow, Head, Heads, KeptCheckpoint};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::sha256_hex;
use crate::platform::problem::Problem;

impl Checkpoint {
    pub(super) fn new(ctx: &Context, row: &CheckpointRow) -> Result<Self, Problem> {
        let kept = row.kept().ok_or_else(|| Problem::internal("a checkpoint that cannot be read"))?;
        let is_reached = reaches(&ctx.scope);
        Ok(Self::of(ctx, kept, |chain| is_reached(chain)))
    }

    fn of(ctx: &Context, mut kept: KeptCheckpoint, is_reached: impl Fn(&str) -> bool) -> Self {
        let digest = kept.digest();
        kept.heads.retain(|chain, _| is_reached(chain));
        Self {
            links: vec![Link::to_self(ctx, format_args!("/audit-events/checkpoints/{}", kept.id))],
            id: kept.id,
            number: kept.number,
            at: kept.at,
            previous: kept.previous,
            heads_sha256: kept.heads_sha256,
            heads: kept.heads,
            kid: kept.kid,
            signature: kept.signature,
            digest,
            created_at: kept.at,
            updated_at: kept.at,
            version: 1,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let head = Head { sequence: 412, hash: sha256_hex("event") };
        let heads = Heads::from([(Chain::Kommun(ctx.new_id(), "2582".to_owned()).name(), head)]);
        let kept = KeptCheckpoint {
            number: 17,
            id: ctx.new_id(),
            at: ctx.now,
            previous: sha256_hex("previous"),
            heads_sha256: sha256_hex("heads"),
            heads,
            kid: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".to_owned(),
            signature: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ".to_owned(),
        };
        json!(Self::of(&ctx, kept, |_| true))
    }
}
