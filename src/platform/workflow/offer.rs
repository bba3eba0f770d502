//! The links to what the caller may do with a thing now: one rule for all things, with states or without.

use super::AllowedTransition;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;

/// What the caller may do with a thing now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offer<'a> {
    /// The steps that it can take: `changeStatus` is there exactly when there are any.
    pub steps: &'a [AllowedTransition],
    /// Whether a PATCH can change some field of it.
    pub update: bool,
    /// Whether a PUT can replace it.
    pub replace: bool,
    /// Whether a DELETE is accepted.
    pub delete: bool,
}

impl Offer<'_> {
    /// The links; `path` is that of the thing.
    pub fn links(&self, ctx: &Context, path: &str) -> Vec<Link> {
        let all = [
            (self.update, "PATCH", "update", ""),
            (self.replace, "PUT", "update", ""),
            (self.delete, "DELETE", "delete", ""),
            (!self.steps.is_empty(), "POST", "changeStatus", "/status-changes"),
        ];
        let offered = all.into_iter().filter(|(is_offered, ..)| *is_offered);
        offered
            .map(|(_, method, rel, below)| Link::new(ctx, method, rel, format_args!("{path}{below}")))
            .collect()
    }
}
