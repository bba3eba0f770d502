//! One row of a transition table.

use crate::platform::relations::Deed;

/// Who makes a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A caller with one of these roles for the object, through `status-changes`.
    Roles(&'static [&'static str]),
    /// A job.
    Clock,
    /// Another endpoint, or a change of another resource (a signature, an announcement). The text describes it for
    /// people.
    Effect(&'static str),
}

/// One row of a transition table.
#[derive(Clone, Copy, Debug)]
pub struct Transition<S: 'static> {
    /// The states that it leads from.
    pub from: &'static [S],
    /// The state that it leads to.
    pub to: S,
    /// Who makes it.
    pub by: By,
    /// Whether a comment must say why.
    pub requires_comment: bool,
    /// Whether it decides something. A step of people does, unless its row says otherwise.
    pub deed: Deed,
}

impl<S> Transition<S> {
    /// A transition that callers with one of the roles make.
    pub const fn by(from: &'static [S], to: S, roles: &'static [&'static str]) -> Self {
        Self { from, to, by: By::Roles(roles), requires_comment: false, deed: Deed::Decision }
    }

    /// A transition that a job makes.
    pub const fn clock(from: &'static [S], to: S) -> Self {
        Self { from, to, by: By::Clock, requires_comment: false, deed: Deed::NoDecision }
    }

    /// A transition that is the effect of another endpoint or resource.
    pub const fn effect(from: &'static [S], to: S, of: &'static str) -> Self {
        Self { from, to, by: By::Effect(of), requires_comment: false, deed: Deed::NoDecision }
    }

    /// The same transition, requiring a comment.
    pub const fn with_comment(mut self) -> Self {
        self.requires_comment = true;
        self
    }

    /// The same transition, which decides nothing about anybody else's case.
    pub const fn no_decision(mut self) -> Self {
        self.deed = Deed::NoDecision;
        self
    }

    /// The same transition, which judges one round of signing.
    pub const fn attest(mut self) -> Self {
        self.deed = Deed::Attest;
        self
    }

    /// The same transition, taken on another person's behalf.
    pub const fn on_behalf(mut self) -> Self {
        self.deed = Deed::OnBehalf;
        self
    }
}
