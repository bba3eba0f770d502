//! The sums that a caller sees.

use diesel::ExpressionMethods as _;
use serde_json::{Value, json};

use super::rules::{self, reached};
use super::{Dimension, EntrySums, SumsQuery, store};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::schema::time_entries;
use crate::time::time_entries::{ENTRY_SCOPE, EntryKind, EntryState};

impl EntrySums {
    /// Adds up the entries that the caller sees: the recorded ones, unless `status` names others.
    pub fn load(rx: &mut Rx<'_>, query: &SumsQuery) -> Result<Self, Problem> {
        let mut conditions = query.conditions()?;
        conditions.extend(ENTRY_SCOPE.within(&reached(&rx.ctx.scope, query)?));
        if !query.has_filter("status") {
            conditions.push(Box::new(time_entries::status.eq(EntryState::Recorded)));
        }
        let sums = store::fine_sums(rx.db, conditions)?;
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
