//! The sums that a caller sees.

use serde_json::{Value, json};

use super::rules::{self, Reached, Rows};
use super::store::{self, FineSum};
use super::{Dimension, EntrySums, SumsQuery};
use crate::platform::auth::scope::Scope;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::time::time_entries::EntryKind;

impl EntrySums {
    /// Adds up the entries that the caller sees: the recorded ones, unless `status` names others.
    pub fn load(rx: &mut Rx<'_>, query: &SumsQuery) -> Result<Self, Problem> {
        let Reached { with_names, without_names } = rules::reached(&rx.ctx.scope, query)?;
        let mut sums = |scope: &Scope| match scope.grants.as_slice() {
            [] => Ok(Vec::new()),
            _ => store::fine_sums(rx.db, scope, query),
        };
        let known = sums(&with_names)?;
        let others = rules::beside(sums(&without_names)?, &known);
        let to_self = query.link_to_self(rx.ctx);
        Ok(rules::added_up(&query.dimensions, &Rows::new(known, others), to_self))
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let month = ctx.now.month();
        let programme_id = ctx.new_id();
        let fine = |kind, minutes| FineSum {
            programme_id,
            kommunkod: Some("0114".to_owned()),
            month,
            kind,
            participant_id: ctx.new_id(),
            person_id: ctx.new_id(),
            activity_code: "development".to_owned(),
            minutes: Some(minutes),
            entries: 4,
        };
        let rows = vec![fine(EntryKind::Joint, 480), fine(EntryKind::Own, 610)];
        json!(rules::added_up(
            &[Dimension::Kommun, Dimension::Kind],
            &Rows::new(rows, Vec::new()),
            Link::to_self(&ctx, "/time-entries/aggregate?groupBy=kommun%2Ckind"),
        ))
    }
}
