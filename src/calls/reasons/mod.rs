//! Why a selection is as it is, in sentences that a kommunchef understands: for each kommun left out what would get worse if it
//! were in, for each chosen one what would be lost without it, for each requirement and each decision taken beforehand what it
//! costs, and what each goal has reached. The facts come from the engine; nothing is searched here.
//!
//! A sentence says what the engine has proven and no more: values are the best that can be reached when what weighs more (the
//! goals before) keeps its values, and what another set would look like is an example.

mod change;
mod decided;
mod departure;
mod effects;
mod one;
mod place;
mod voice;
mod whole;
mod words;

use std::collections::BTreeMap;

use selection::{Answer, Explanations, Input, Pin, PinEffect, QuotaEffect, Reason};

use crate::calls::dimensions::Labels;
use crate::platform::text::{Language, Localized};
pub use departure::Departure;
use voice::Voice;

/// Where the lottery numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lots {
    /// From the programme's seed, which was drawn and sealed before the call opened.
    Sealed,
    /// From a seed that was chosen for a trial computation.
    Trial,
}

/// A kommun that got a place after the announcement, as the best replacement.
#[derive(Clone, Copy, Debug)]
pub struct Replaced<'f> {
    /// The kommun.
    pub kommunkod: &'f str,
    /// The value of each goal with it and the others that had a place; empty if that was not computed.
    pub goal_values: &'f [i64],
    /// The same with the best of the others instead; none if no other could get the place.
    pub next: Option<&'f [i64]>,
}

/// Tells about one answer.
#[derive(Clone, Copy, Debug)]
pub struct Teller<'p> {
    /// The recorded input.
    pub input: &'p Input,
    /// The pins that the open call named. Others were added when the pool was known.
    pub planned: &'p [Pin],
    /// What it gave.
    pub answer: &'p Answer,
    /// The names of the pool's kommuner, by kommunkod.
    pub names: &'p BTreeMap<String, String>,
    /// The names of the categories.
    pub labels: &'p Labels,
    /// Where the lottery numbers come from.
    pub lots: Lots,
}

impl<'p> Teller<'p> {
    fn both(&self, tell: impl Fn(&Voice<'p>) -> String) -> Localized {
        let [sv, en] = [Language::Sv, Language::En].map(|language| tell(&Voice { teller: *self, language }));
        Localized::new(sv, en)
    }

    /// Why a kommun is left out. If the engine gives an example of a set that has it, the sentence tells who would be close to whom,
    /// or of which kommuner there would be more. Decisions and requirements that keep it out are named: `all` has their effects.
    pub fn left_out(&self, fact: &Reason, all: &Explanations) -> Localized {
        self.both(|voice| {
            let sentence = voice.one(&one::Fact::new(fact, false));
            let otherwise = voice.otherwise_in(fact, all);
            otherwise.map_or_else(|| sentence.clone(), |otherwise| format!("{sentence} {otherwise}"))
        })
    }

    /// What would be lost without one of the chosen.
    pub fn chosen(&self, fact: &Reason) -> Localized {
        self.both(|voice| voice.one(&one::Fact::new(fact, true)))
    }

    /// What the quota with this index costs.
    pub fn quota(&self, index: usize, effect: &QuotaEffect) -> Localized {
        self.both(|voice| voice.quota_effect(index, effect))
    }

    /// What the pin with this index costs.
    pub fn pin(&self, index: usize, effect: &PinEffect) -> Localized {
        self.both(|voice| voice.pin_effect(index, effect))
    }

    /// What each pin decides, and why.
    pub fn decisions(&self) -> Option<Localized> {
        let has_any = !self.input.pins.is_empty();
        has_any.then(|| self.both(|voice| voice.decisions()))
    }

    /// In what the selection departs from the open call, and why.
    pub fn departure(&self, departure: &Departure, reason: Option<&str>) -> Option<Localized> {
        let is_any = *departure != Departure::default();
        is_any.then(|| self.both(|voice| voice.departure(departure, reason)))
    }

    /// What a kommun with this number on the list of reserves can expect.
    pub fn reserve(&self, kommunkod: &str, rank: usize) -> Localized {
        self.both(|voice| voice.reserve(kommunkod, rank))
    }

    /// What the goal with this index has reached; nothing if the answer has no set.
    pub fn goal(&self, index: usize) -> Option<Localized> {
        let goal = *self.input.goals().get(index)?;
        let value = *self.answer.goal_values().get(index)?;
        Some(self.both(|voice| voice.goal(index, goal, value)))
    }

    /// Why the best replacement was this one.
    pub fn replacement(&self, replaced: &Replaced<'_>) -> Localized {
        self.both(|voice| voice.replacement(replaced))
    }

    /// Why there is no set at all; nothing if there is one.
    pub fn impossible(&self) -> Option<Localized> {
        let Answer::Infeasible { because, relaxation } = self.answer else { return None };
        Some(self.both(|voice| voice.impossible(*because, relaxation.as_ref())))
    }
}

#[cfg(test)]
mod tests;
