//! The sums that a caller sees.

use serde_json::{Value, json};

use super::{Dimension, EntrySums, SumsQuery, rules, store};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::time::time_entries::EntryKind;

impl EntrySums {
    /// Adds up the entries that the caller sees: the recorded ones, unless `status` names others.
    pub fn load(rx: &mut Rx<'_>, query: &SumsQuery) -> Result<Self, Problem> {
        let sums = store::fine_sums(rx.db, &rules::reached(&rx.ctx.scope, query)?, query)?;
        Ok(rules::added_up(&query.dimensions, sums, query.link_to_self(rx.ctx)))
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let month = ctx.now.month();
        let fine = |kind, minutes| {
            (Some("0114".to_owned()), month, kind, ctx.new_id(), "development".to_owned(), Some(minutes), 4)
        };
        json!(rules::added_up(
            &[Dimension::Kommun, Dimension::Kind],
            vec![fine(EntryKind::Joint, 480), fine(EntryKind::Own, 610)],
            Link::to_self(&ctx, "/time-entries/aggregate?groupBy=kommun%2Ckind"),
        ))
    }
}
