//! What decisions taken beforehand (pins) and requirements (quotas) have to do with a kommun that is left out. Only what follows
//! from the input, or what the engine has computed without them, is told.

use selection::{Answer, Applicant, Dimension, Explanations, Quota, distance};

use super::change::size;
use super::voice::Voice;
use crate::platform::phrases::Speaks as _;

/// How many decisions and requirements are told, each of which alone keeps a kommun out.
const MOST_OBSTACLES: usize = 3;

impl<'p> Voice<'p> {
    /// The applicant of the pool with this code.
    fn applicant(&self, kommunkod: &str) -> Option<&'p Applicant> {
        self.teller.input.applicants.iter().find(|one| one.kommunkod == kommunkod)
    }

    /// The applicants that are in by a decision taken beforehand.
    fn pinned_in(&self) -> impl Iterator<Item = &'p Applicant> {
        let pins = self.teller.input.pins.iter().filter(|pin| pin.is_in);
        pins.filter_map(|pin| self.applicant(&pin.kommunkod))
    }

    /// That all chosen kommuner of its category are in by decision, so that it cannot come instead of one of them: "eftersom
    /// Upplands Väsby i samma län redan är med genom beslut".
    pub fn category_is_decided(&self, kommunkod: &str, dimension: Dimension) -> Option<String> {
        let own = self.applicant(kommunkod)?.category(dimension);
        let chosen = self.teller.answer.selected();
        let applicants = self.teller.input.applicants.iter();
        let of_category = applicants.filter(|one| one.category(dimension) == own);
        let there = of_category.filter(|one| chosen.contains(&one.kommunkod)).count();
        let decided: Vec<&str> = self
            .pinned_in()
            .filter(|one| one.category(dimension) == own && one.kommunkod != kommunkod)
            .map(|one| one.kommunkod.as_str())
            .collect();
        (!decided.is_empty() && decided.len() == there).then(|| self.because_in(&decided, dimension))
    }

    fn because_in(&self, decided: &[&str], dimension: Dimension) -> String {
        let (names, same) = (self.few_names(decided), self.in_the_same(dimension));
        let are = if decided.len() == 1 { "is" } else { "are" };
        self.say(
            format!(", eftersom {names} {same} redan är med genom beslut"),
            format!(", because {names} {same} {are} already in by decision"),
        )
    }

    /// Which kommun that is in by decision is closest, and how far away it is in metres.
    pub fn decided_neighbour(&self, kommunkod: &str) -> Option<(&'p str, i64)> {
        let own = self.applicant(kommunkod)?;
        let at = |one: &Applicant| (one.latitude, one.longitude);
        let others = self.pinned_in().filter(|one| one.kommunkod != kommunkod);
        let apart = others.map(|one| (one.kommunkod.as_str(), distance(at(own), at(one))));
        apart.min_by_key(|(code, metres)| (*metres, *code))
    }

    /// That a requirement of at most so many is filled by decision.
    pub fn requirement_is_filled(&self, kommunkod: &str, quota: &Quota) -> Option<String> {
        let most = size(i64::from(quota.max?));
        let is_of = |one: &Applicant| one.category(quota.dimension) == quota.category;
        let own = self.applicant(kommunkod).filter(|one| is_of(one))?;
        let others = self.pinned_in().filter(|one| is_of(one) && one.kommunkod != own.kommunkod);
        let decided: Vec<&str> = others.map(|one| one.kommunkod.as_str()).collect();
        (!decided.is_empty() && decided.len() >= most).then(|| self.because_in(&decided, quota.dimension))
    }

    /// That a kommun left out would have a place without a decision or without a requirement: a sentence of its own, and only
    /// if the best selection without it is known.
    pub fn otherwise_in(&self, kommunkod: &str, all: &Explanations) -> Option<String> {
        let has_it = |without: &Answer| matches!(without, Answer::Optimal { selected, .. } if selected.iter().any(|code| code == kommunkod));
        let mut pins: Vec<_> = all.pins.iter().enumerate().filter(|(_, one)| has_it(&one.without)).collect();
        // The decision about itself comes first: the sentence before has told of it.
        pins.sort_by_key(|(_, effect)| effect.kommunkod != kommunkod);
        let pins = pins.into_iter().map(|(index, effect)| match effect.kommunkod == kommunkod {
            true => self.say("det beslutet", "that decision"),
            false => self.decision(index, &effect.kommunkod),
        });
        let quotas = all.quotas.iter().enumerate().filter(|(_, effect)| has_it(&effect.without));
        let quotas =
            quotas.filter_map(|(index, _)| self.quota_at(index)).map(|quota| self.requirement_called(quota));
        let obstacles: Vec<String> = pins.chain(quotas).take(MOST_OBSTACLES).collect();
        let (name, without) =
            (self.name(kommunkod), obstacles.join(&self.say(" eller utan ", " or without ")));
        (!obstacles.is_empty()).then(|| {
            self.say(
                format!("Utan {without} skulle {name} ha fått plats i det bästa urvalet."),
                format!("Without {without}, {name} would have had a place in the best selection."),
            )
        })
    }
}
