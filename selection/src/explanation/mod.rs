//! Why one is in and another is not, and what quotas and pins cost.

mod parallel;
mod verdict;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::answer::Answer;
use crate::input::{Dimension, Input, Pin, Quota};
use crate::problem::{Bits, Problem};
use crate::solving::solve;
use crate::watch::{Cancelled, Watch};
use verdict::{Reference, Verdict};

/// All explanations of an answer; empty lists when it is infeasible, except for the effects of quotas and pins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Explanations {
    /// Per applicant left out, by kommunkod: what would get worse if it were in.
    pub left_out: Vec<Reason>,
    /// Per chosen, by kommunkod: what would be lost without it.
    pub chosen: Vec<Reason>,
    /// Per quota, in the input's order: the goals' values without it.
    pub quotas: Vec<QuotaEffect>,
    /// Per pin, in the input's order: the goals' values without it.
    pub pins: Vec<PinEffect>,
}

/// What would get worse first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// The goal with this index.
    Goal(usize),
    /// No set would fulfil the quotas.
    Quota,
    /// A pin decides: it is pinned itself, or others' pins leave no place.
    Pin,
    /// Too few would be left.
    Places,
    /// Nothing: another set is as good, and the order of kommunkoder decides.
    TieBreak,
    /// It is not known: the node budget ended.
    Open,
}

/// Why one applicant is left out, or chosen: what would get worse first if it were the other way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reason {
    /// Which kommun.
    pub kommunkod: String,
    /// The first thing that would get worse otherwise.
    pub worse: Worse,
    /// That goal's value now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// The best value of that goal otherwise, when the goals before keep theirs. Absent when only "worse" could be proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
    /// With `quota`: the index of a quota that would have to give way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<usize>,
    /// With `to`: a set that reaches it, sorted by kommunkod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Vec<String>>,
}

/// What the goals would be without a quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuotaEffect {
    /// The quota's dimension.
    pub dimension: Dimension,
    /// The quota's category.
    pub category: String,
    /// The answer without it: its status, goal values and chosen.
    pub without: Answer,
}

/// What the goals would be without a pin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PinEffect {
    /// Whom the pin is about.
    pub kommunkod: String,
    /// The answer without it: its status, goal values and chosen.
    pub without: Answer,
}

impl Worse {
    const WORDS: [(Worse, &'static str); 5] = [
        (Worse::Quota, "quota"),
        (Worse::Pin, "pin"),
        (Worse::Places, "places"),
        (Worse::TieBreak, "tieBreak"),
        (Worse::Open, "open"),
    ];
}

/// A goal is its index, everything else a word.
impl Serialize for Worse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self, Worse::WORDS.iter().find(|(worse, _)| worse == self)) {
            (Worse::Goal(index), _) => index.serialize(serializer),
            (_, word) => word.map_or("open", |(_, word)| word).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Worse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Document {
            Index(usize),
            Word(String),
        }
        match Document::deserialize(deserializer)? {
            Document::Index(index) => Ok(Worse::Goal(index)),
            Document::Word(word) => Worse::WORDS
                .iter()
                .find(|(_, known)| *known == word)
                .map(|(worse, _)| *worse)
                .ok_or_else(|| D::Error::custom(format!("{word}: unknown"))),
        }
    }
}

/// Explains an answer, with so many threads; the explanations are the same for any number.
///
/// # Errors
/// [`Cancelled`] when the watch says so.
pub fn explain(
    problem: &Problem,
    answer: &Answer,
    threads: usize,
    watch: &dyn Watch,
) -> Result<Explanations, Cancelled> {
    let selected: Bits = answer.selected().iter().filter_map(|code| problem.index(code)).collect();
    let input = problem.input();
    let mut items = Vec::new();
    if !selected.is_empty() {
        let mut by_code: Vec<usize> = (0..problem.len()).collect();
        by_code.sort_by_key(|index| problem.codes.get(*index));
        items.extend(by_code.into_iter().map(|index| Item::Applicant(index, selected.contains(index))));
    }
    items.extend((0..input.quotas.len()).map(Item::Quota));
    items.extend((0..input.pins.len()).map(Item::Pin));
    let reference = Reference::of(problem, answer);
    let told = parallel::each(&items, threads, watch, |item| match *item {
        Item::Applicant(index, is_chosen) => reference.verdict(index, is_chosen, watch).map(Told::Verdict),
        Item::Quota(at) => without(problem, |input| drop(input.quotas.remove(at)), watch).map(Told::Without),
        Item::Pin(at) => without(problem, |input| drop(input.pins.remove(at)), watch).map(Told::Without),
    })?;
    let mut explanations = Explanations::default();
    for (item, told) in items.into_iter().zip(told) {
        explanations.add(problem, item, told);
    }
    Ok(explanations)
}

/// What is to be explained.
enum Item {
    /// An applicant, and whether it is chosen.
    Applicant(usize, bool),
    Quota(usize),
    Pin(usize),
}

enum Told {
    Verdict(Verdict),
    Without(Answer),
}

fn without(
    problem: &Problem,
    change: impl FnOnce(&mut Input),
    watch: &dyn Watch,
) -> Result<Answer, Cancelled> {
    let mut input = problem.input().clone();
    change(&mut input);
    // The progress of a part says nothing about the whole.
    solve(&Problem::prepared(input), &parallel::Silent(watch))
}

impl Explanations {
    fn add(&mut self, problem: &Problem, item: Item, told: Told) {
        let input = problem.input();
        match (item, told) {
            (
                Item::Applicant(index, is_chosen),
                Told::Verdict(Verdict { worse, from, to, quota, example }),
            ) => {
                let Some(kommunkod) = problem.codes.get(index).cloned() else { return };
                let list = if is_chosen { &mut self.chosen } else { &mut self.left_out };
                list.push(Reason { kommunkod, worse, from, to, quota, example });
            }
            (Item::Quota(at), Told::Without(without)) => {
                let Some(Quota { dimension, category, .. }) = input.quotas.get(at).cloned() else { return };
                self.quotas.push(QuotaEffect { dimension, category, without });
            }
            (Item::Pin(at), Told::Without(without)) => {
                let Some(Pin { kommunkod, .. }) = input.pins.get(at).cloned() else { return };
                self.pins.push(PinEffect { kommunkod, without });
            }
            _ => {}
        }
    }
}
