//! One row of a transition table.

use crate::platform::problem::FieldError;
use crate::platform::relations::Deed;
use crate::platform::text::Localized;

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

/// A member of `data` that must be given with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its name in `data`, as the body has it.
    pub member: &'static str,
    /// When it is needed.
    pub when: When,
}

/// When a member of `data` is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// With every such step: 422 without it.
    Always,
    /// It says what the caller has read: 428 without it.
    Read,
    /// Only if the resource's rules say so of the thing; the text describes it for people. 422 without it.
    If(&'static str),
}

impl Need {
    /// A member that every such step needs.
    pub const fn always(member: &'static str) -> Self {
        Self { member, when: When::Always }
    }

    /// A member that says what the caller has read.
    pub const fn read(member: &'static str) -> Self {
        Self { member, when: When::Read }
    }

    /// A member that the step needs under a condition, which the resource's rules judge.
    pub const fn when(member: &'static str, condition: &'static str) -> Self {
        Self { member, when: When::If(condition) }
    }

    /// The error of a step without it.
    pub fn fault(&self) -> FieldError {
        let words = Localized::new(
            format!("Steget kräver {} i data.", self.member),
            format!("This step requires {} in data.", self.member),
        );
        FieldError::new(format!("/data/{}", self.member), "required", words)
    }
}

/// The data of a step, as far as the workflow looks at it.
pub trait StepData {
    /// The names of the members that were given, as the body has them.
    fn given(&self) -> Vec<&'static str>;
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
    /// The members of `data` that it requires.
    pub requires: &'static [Need],
    /// Whether it decides something. A step of people does, unless its row says otherwise.
    pub deed: Deed,
}

impl<S> Transition<S> {
    /// A transition that callers with one of the roles make.
    pub const fn by(from: &'static [S], to: S, roles: &'static [&'static str]) -> Self {
        Self { from, to, by: By::Roles(roles), requires_comment: false, requires: &[], deed: Deed::Decision }
    }

    /// A transition that a job makes.
    pub const fn clock(from: &'static [S], to: S) -> Self {
        Self { from, to, by: By::Clock, requires_comment: false, requires: &[], deed: Deed::NoDecision }
    }

    /// A transition that is the effect of another endpoint or resource.
    pub const fn effect(from: &'static [S], to: S, of: &'static str) -> Self {
        Self { from, to, by: By::Effect(of), requires_comment: false, requires: &[], deed: Deed::NoDecision }
    }

    /// The same transition, requiring a comment.
    pub const fn with_comment(mut self) -> Self {
        self.requires_comment = true;
        self
    }

    /// The same transition, requiring these members of `data`.
    pub const fn requiring(mut self, needs: &'static [Need]) -> Self {
        self.requires = needs;
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
