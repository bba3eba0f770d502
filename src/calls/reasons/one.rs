//! Why one kommun is left out, or is among the chosen.

use selection::{Goal, Reason, Worse};

use super::change::Change;
use super::voice::Voice;
use crate::platform::phrases::Speaks as _;

/// What the engine knows of one kommun.
pub struct Fact<'f> {
    kommunkod: &'f str,
    is_chosen: bool,
    worse: Worse,
    from: Option<i64>,
    to: Option<i64>,
    quota: Option<usize>,
    set: Option<&'f [String]>,
}

impl<'f> Fact<'f> {
    /// Of a kommun left out, or of a chosen one.
    pub fn new(reason: &'f Reason, is_chosen: bool) -> Self {
        let Reason { kommunkod, worse, from, to, quota, example } = reason;
        let set = example.as_deref();
        Self { kommunkod, is_chosen, worse: *worse, from: *from, to: *to, quota: *quota, set }
    }
}

impl Voice<'_> {
    /// The sentence about one kommun.
    pub fn one(&self, fact: &Fact<'_>) -> String {
        let said = match fact.worse {
            Worse::Goal(index) => self.goal_gets_worse(fact, index),
            Worse::Quota => self.requirement_breaks(fact),
            Worse::Pin => self.decided_beforehand(fact),
            Worse::Places => self.too_few(fact),
            Worse::TieBreak => self.tie(fact),
            Worse::Open => self.open(fact),
        };
        format!("{said}.")
    }

    /// "Om Boden fick plats", "If Boden had a place," or "Utan Boden", "Without Boden,".
    fn otherwise(&self, fact: &Fact<'_>) -> String {
        let name = self.name(fact.kommunkod);
        match fact.is_chosen {
            false => self.say(format!("Om {name} fick plats"), format!("If {name} had a place,")),
            true => self.say(format!("Utan {name}"), format!("Without {name},")),
        }
    }

    fn goal_gets_worse(&self, fact: &Fact<'_>, index: usize) -> String {
        let (Some(goal), Some(from)) = (self.goal_at(index), fact.from) else { return self.open(fact) };
        let change = Change { kommunkod: Some(fact.kommunkod), goal, from, to: fact.to, set: fact.set };
        let only = self.only_one(fact, goal);
        let decided = match goal {
            Goal::Coverage(dimension) | Goal::Balance(dimension) if !fact.is_chosen => {
                self.category_is_decided(fact.kommunkod, dimension)
            }
            _ => None,
        };
        // That it is the only one, or that a decision keeps it out, says more than what else would be lost.
        let is_told = only.is_some() || (decided.is_some() && matches!(goal, Goal::Coverage(_)));
        let change = Change { set: change.set.filter(|_| !is_told), ..change };
        let worse = self.worse(&change);
        let why = only.or(decided).unwrap_or_default();
        let name = self.name(fact.kommunkod);
        let condition = match (self.kept_before(index), fact.is_chosen) {
            (None, _) => self.otherwise(fact),
            (Some(_), false) => {
                let still = self.still_before(index);
                self.say(
                    format!("Om {name} fick plats och {still},"),
                    format!("If {name} had a place and {still},"),
                )
            }
            (Some(kept), true) => {
                self.say(format!("Utan {name}, men med {kept},"), format!("Without {name}, but with {kept},"))
            }
        };
        format!("{condition} {worse}{why}")
    }

    /// That a chosen kommun is the only one of its category, when one category fewer could be there without it.
    fn only_one(&self, fact: &Fact<'_>, goal: Goal) -> Option<String> {
        let Goal::Coverage(dimension) = goal else { return None };
        let applicants = &self.teller.input.applicants;
        let own = applicants.iter().find(|one| one.kommunkod == fact.kommunkod)?.category(dimension);
        let is_alone = applicants.iter().filter(|one| one.category(dimension) == own).count() == 1;
        let (name, within) = (self.name(fact.kommunkod), self.within(dimension, &own));
        (fact.is_chosen && is_alone).then(|| {
            self.say(
                format!(", för {name} är den enda kvalificerade kommunen {within}"),
                format!(", because {name} is the only kommun {within} that qualified"),
            )
        })
    }

    fn requirement_breaks(&self, fact: &Fact<'_>) -> String {
        let otherwise = self.otherwise(fact);
        let quotas = &self.teller.input.quotas;
        if let Some(index) = self.excluded_by(fact.kommunkod).filter(|_| !fact.is_chosen) {
            let rule = self.quota_at(index).map(|quota| self.nobody(quota)).unwrap_or_default();
            return self.say(format!("Kravet är att {rule}"), format!("The requirement is that {rule}"));
        }
        let index = fact.quota.or((quotas.len() == 1).then_some(0));
        let Some(quota) = index.and_then(|index| self.quota_at(index)) else {
            return self.say(
                format!("{otherwise} skulle inte alla krav på urvalet kunna uppfyllas"),
                format!("{otherwise} not all requirements of the selection could be met"),
            );
        };
        let called = self.requirement_called(quota);
        let filled = (!fact.is_chosen).then(|| self.requirement_is_filled(fact.kommunkod, quota)).flatten();
        match (quotas.len(), filled) {
            (1, why) => {
                let why = why.unwrap_or_default();
                self.say(
                    format!("{otherwise} skulle {called} inte kunna uppfyllas{why}"),
                    format!("{otherwise} {called} could not be met{why}"),
                )
            }
            // What is decided fills this requirement, whatever the others are.
            (_, Some(why)) => self.say(
                format!("{otherwise} skulle {called} inte kunna uppfyllas{why}"),
                format!("{otherwise} {called} could not be met{why}"),
            ),
            _ => self.say(
                format!("{otherwise} skulle inte alla krav på urvalet kunna uppfyllas; till exempel skulle {called} få ge vika"),
                format!("{otherwise} not all requirements of the selection could be met; for instance, {called} would have to give way"),
            ),
        }
    }

    fn decided_beforehand(&self, fact: &Fact<'_>) -> String {
        let name = self.name(fact.kommunkod);
        let pins = &self.teller.input.pins;
        if let Some(pin) = pins.iter().find(|pin| pin.kommunkod == fact.kommunkod) {
            return self.decided_of(pin);
        }
        let places = self.count(self.places());
        let (decided_sv, decided_en) = match self.all_planned() {
            true => ("bestämt i förväg", "decided beforehand"),
            false => ("beslutat", "decided"),
        };
        match fact.is_chosen {
            false if pins.iter().filter(|pin| pin.is_in).count() >= self.places() => self.say(
                format!("Det är {decided_sv} att alla {places} platser går till andra kommuner än {name}"),
                format!("It is {decided_en} that all {places} places go to other kommuner than {name}"),
            ),
            false => self.say(
                format!("Det som är {decided_sv} om andra kommuner lämnar ingen plats åt {name}"),
                format!("What is {decided_en} about other kommuner leaves no place for {name}"),
            ),
            true => self.say(
                format!("Det som är {decided_sv} om andra kommuner gör att {name} måste vara med"),
                format!("What is {decided_en} about other kommuner means that {name} must be in"),
            ),
        }
    }

    fn too_few(&self, fact: &Fact<'_>) -> String {
        let (name, places) = (self.name(fact.kommunkod), self.places());
        let number = self.count(places);
        match places {
            1 => self.say(
                format!("Utan {name} skulle ingen kommun finnas kvar för platsen"),
                format!("Without {name}, no kommun would be left for the place"),
            ),
            _ => self.say(
                format!("Utan {name} skulle kommunerna inte räcka till de {number} platserna"),
                format!("Without {name}, there would not be enough kommuner for the {number} places"),
            ),
        }
    }

    fn tie(&self, fact: &Fact<'_>) -> String {
        let name = self.name(fact.kommunkod);
        let (with_sv, with_en) = if fact.is_chosen { ("utan", "without") } else { ("med", "with") };
        self.say(
            format!("Ett urval {with_sv} {name} kan bli precis lika bra i allt, men mellan helt lika bra urval gäller det vars kommunkoder kommer först i nummerordning"),
            format!("A selection {with_en} {name} can be exactly as good in everything, but among equally good ones the one whose kommunkoder come first in numerical order is taken"),
        )
    }

    fn open(&self, fact: &Fact<'_>) -> String {
        let name = self.name(fact.kommunkod);
        let (with_sv, with_en) = if fact.is_chosen { ("utan", "without") } else { ("med", "with") };
        self.say(
            format!("Det är inte avgjort om urvalet skulle bli sämre {with_sv} {name}, för beräkningen nådde sin gräns innan svaret var klart"),
            format!("It is not settled whether the selection would get worse {with_en} {name}, because the computation reached its limit before it had the answer"),
        )
    }
}
