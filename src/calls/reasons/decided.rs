//! What decisions about single kommuner (pins) and requirements (quotas) have to do with a kommun that is left out. Only what follows
//! from the input, or what the engine has computed without them, is told.

use selection::{Answer, Applicant, Dimension, Explanations, Pin, Quota, Reason, Worse, distance};

use super::change::size;
use super::voice::Voice;
use crate::platform::phrases::{Speaks as _, listed};

/// How many decisions and requirements are told, each of which alone keeps a kommun out.
const MOST_OBSTACLES: usize = 3;

impl<'p> Voice<'p> {
    /// The applicant of the pool with this code.
    fn applicant(&self, kommunkod: &str) -> Option<&'p Applicant> {
        self.teller.input.applicants.iter().find(|one| one.kommunkod == kommunkod)
    }

    /// The applicants that are in by a decision.
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

    /// Whether the open call named a pin.
    pub fn is_planned(&self, pin: &Pin) -> bool {
        self.teller.planned.iter().any(|one| (&one.kommunkod, one.is_in) == (&pin.kommunkod, pin.is_in))
    }

    /// Whether the open call named all pins.
    pub fn all_planned(&self) -> bool {
        self.teller.input.pins.iter().all(|pin| self.is_planned(pin))
    }

    /// What a pin decides, and why. Only what the open call named was decided beforehand.
    pub fn decided_of(&self, pin: &Pin) -> String {
        let (name, reason) = (self.name(&pin.kommunkod), self.quoted(pin.reason.as_deref()));
        let (sv, en) = if pin.is_in { ("ska vara med", "is in") } else { ("inte ska vara med", "is not in") };
        match self.is_planned(pin) {
            true => self.say(
                format!("Det är bestämt i förväg att {name} {sv}{reason}"),
                format!("It is decided beforehand that {name} {en}{reason}"),
            ),
            false => self.say(
                format!("Det är beslutat att {name} {sv}, vilket avviker från utlysningen{reason}"),
                format!("It is decided that {name} {en}, which departs from the call{reason}"),
            ),
        }
    }

    /// What all pins decide, each in a sentence.
    pub fn decisions(&self) -> String {
        let all: Vec<String> = self.teller.input.pins.iter().map(|pin| self.decided_of(pin)).collect();
        all.join(". ") + "."
    }

    /// Which requirement says that no kommun of a category of this one is in.
    pub fn excluded_by(&self, kommunkod: &str) -> Option<usize> {
        let own = self.applicant(kommunkod)?;
        let excludes =
            |quota: &Quota| quota.max == Some(0) && own.category(quota.dimension) == quota.category;
        self.teller.input.quotas.iter().position(excludes)
    }

    /// That a kommun left out would have a place without a decision or without a requirement: a sentence of its own, and only
    /// if the best selection without it is known.
    pub fn otherwise_in(&self, fact: &Reason, all: &Explanations) -> Option<String> {
        let kommunkod = &fact.kommunkod;
        let has_it = |without: &Answer| matches!(without, Answer::Optimal { selected, .. } if selected.contains(kommunkod));
        // What the sentence before has told of is not named again.
        let told = (fact.worse == Worse::Quota).then(|| self.excluded_by(kommunkod)).flatten();
        let mut pins: Vec<_> = all.pins.iter().enumerate().filter(|(_, one)| has_it(&one.without)).collect();
        pins.sort_by_key(|(_, effect)| effect.kommunkod != *kommunkod);
        let pins = pins.into_iter().map(|(index, effect)| match effect.kommunkod == *kommunkod {
            true => self.say("det beslutet", "that decision"),
            false => self.decision(index, &effect.kommunkod),
        });
        let mut quotas: Vec<usize> = (0..)
            .zip(&all.quotas)
            .filter(|(_, effect)| has_it(&effect.without))
            .map(|(index, _)| index)
            .collect();
        quotas.sort_by_key(|index| Some(*index) != told);
        let quotas = quotas.into_iter().filter_map(|index| match told == Some(index) {
            true => Some(self.say("det kravet", "that requirement")),
            false => self.quota_at(index).map(|quota| self.requirement_called(quota)),
        });
        let obstacles: Vec<String> = match told {
            Some(_) => quotas.chain(pins).take(MOST_OBSTACLES).collect(),
            None => pins.chain(quotas).take(MOST_OBSTACLES).collect(),
        };
        let name = self.name(kommunkod);
        match &obstacles[..] {
            [] => None,
            [without] => Some(self.say(
                format!("Utan {without} skulle {name} ha fått plats i det bästa urvalet."),
                format!("Without {without}, {name} would have had a place in the best selection."),
            )),
            several => {
                let several = listed(several, self.language);
                Some(self.say(
                    format!("Det räcker att ett av dessa faller bort för att {name} ska få plats i det bästa urvalet: {several}."),
                    format!("It is enough that one of these falls away for {name} to have a place in the best selection: {several}."),
                ))
            }
        }
    }
}
