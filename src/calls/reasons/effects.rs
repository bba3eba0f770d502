//! What a requirement (quota), or a decision about a kommun (pin), costs: what the goals would be without it.

use selection::{Answer, Because, Goal, PinEffect, Quota, QuotaEffect};

use super::change::{Change, size};
use super::voice::Voice;
use crate::platform::phrases::{Speaks as _, capitalized, distances, uncapitalized};

/// How sentences about an effect begin.
struct Opening {
    /// "Utan kravet på högst 1 kommun i Norrbottens län", "Without the requirement of …,".
    without: String,
    /// "Kravet på högst 1 kommun i Norrbottens län".
    subject: String,
}

impl Voice<'_> {
    /// What a quota costs.
    pub fn quota_effect(&self, index: usize, effect: &QuotaEffect) -> String {
        let requirement = match self.quota_at(index) {
            Some(quota) => self.requirement_called(quota),
            None => self.within(effect.dimension, &effect.category),
        };
        self.effect(&self.opening(&requirement), &effect.without)
    }

    /// What a pin costs.
    pub fn pin_effect(&self, index: usize, effect: &PinEffect) -> String {
        let decision = self.decision(index, &effect.kommunkod);
        let told = self.effect(&self.opening(&decision), &effect.without);
        match self.teller.input.pins.get(index).is_some_and(|pin| !self.is_planned(pin)) {
            true => self.say(
                format!("{told} Beslutet avviker från utlysningen."),
                format!("{told} The decision departs from the call."),
            ),
            false => told,
        }
    }

    /// What a pin is called: "beslutet i förväg att Boden ska vara med"; without "i förväg" if the open call did not name it.
    pub fn decision(&self, index: usize, kommunkod: &str) -> String {
        let name = self.name(kommunkod);
        let pin = self.teller.input.pins.get(index);
        let is_in = pin.is_some_and(|pin| pin.is_in);
        let (sv, en) = if is_in { ("ska vara med", "is in") } else { ("inte ska vara med", "is not in") };
        let (when_sv, when_en) = match pin.is_some_and(|pin| self.is_planned(pin)) {
            true => (" i förväg", " beforehand"),
            false => ("", ""),
        };
        self.say(
            format!("beslutet{when_sv} att {name} {sv}"),
            format!("the decision{when_en} that {name} {en}"),
        )
    }

    /// What a quota is called: "kravet på högst 1 kommun i Norrbottens län".
    pub fn requirement_called(&self, quota: &Quota) -> String {
        if quota.max == Some(0) {
            let nobody = self.nobody(quota);
            return self.say(format!("kravet att {nobody}"), format!("the requirement that {nobody}"));
        }
        let requirement = self.requirement(quota);
        self.say(format!("kravet på {requirement}"), format!("the requirement of {requirement}"))
    }

    fn opening(&self, obstacle: &str) -> Opening {
        Opening {
            without: self.say(format!("Utan {obstacle}"), format!("Without {obstacle},")),
            subject: capitalized(obstacle),
        }
    }

    fn effect(&self, opening: &Opening, without: &Answer) -> String {
        let Opening { without: beginning, subject } = opening;
        match (self.teller.answer, without) {
            (_, Answer::Infeasible { because: Because::Budget, .. }) => self.unsettled(subject),
            (Answer::Infeasible { .. }, Answer::Infeasible { .. }) => self.say(
                format!("{subject} är inte det enda hindret, för inget urval är möjligt utan det heller."),
                format!(
                    "{subject} is not the only obstacle, because no selection is possible without it either."
                ),
            ),
            (Answer::Infeasible { .. }, _) => self.say(
                format!("{beginning} skulle ett urval vara möjligt."),
                format!("{beginning} a selection would be possible."),
            ),
            _ => self.difference(opening, without),
        }
    }

    fn difference(&self, opening: &Opening, without: &Answer) -> String {
        let Opening { without: beginning, subject } = opening;
        let now = self.teller.answer;
        let values = self.teller.input.goals().iter().zip(now.goal_values()).zip(without.goal_values());
        let changed = values.map(|((goal, from), to)| (*goal, *from, *to)).find(|(_, from, to)| from != to);
        let is_proven = [now, without].iter().all(|answer| matches!(answer, Answer::Optimal { .. }));
        match changed {
            Some((goal, from, to)) if goal.is_worse(from, to) => {
                let change =
                    Change { kommunkod: None, goal, from, to: Some(to), set: Some(without.selected()) };
                let (better, others) = (self.better(&change), self.exchanged(without));
                format!("{beginning} {better}.{others}")
            }
            None if is_proven && now.selected() == without.selected() => self.say(
                format!("{subject} ändrar ingenting, för urvalet skulle bli detsamma utan det."),
                format!("{subject} changes nothing, because the selection would be the same without it."),
            ),
            None if is_proven => {
                let others = self.exchanged(without);
                self.say(
                    format!("{beginning} skulle urvalet bli ett annat men precis lika bra.{others}"),
                    format!("{beginning} the selection would be another but exactly as good.{others}"),
                )
            }
            _ => self.unsettled(subject),
        }
    }

    fn unsettled(&self, subject: &str) -> String {
        let subject = uncapitalized(subject);
        self.say(
            format!("Det är inte avgjort vad {subject} kostar, för beräkningen nådde sin gräns."),
            format!("It is not settled what {subject} costs, because the computation reached its limit."),
        )
    }

    /// Who would be in for whom, as a sentence of its own: " Boden skulle då få plats i stället för Luleå."
    fn exchanged(&self, without: &Answer) -> String {
        let (now, other) = (self.teller.answer.selected(), without.selected());
        let come: Vec<&str> = other.iter().filter(|code| !now.contains(code)).map(String::as_str).collect();
        let gone: Vec<&str> = now.iter().filter(|code| !other.contains(code)).map(String::as_str).collect();
        let (they_come, they_go) = (self.few_names(&come), self.few_names(&gone));
        match (come.is_empty(), gone.is_empty()) {
            (true, true) => String::new(),
            (false, true) => self.say(
                format!(" {they_come} skulle då få plats."),
                format!(" {they_come} would then have a place."),
            ),
            (true, false) => self.say(
                format!(" {they_go} skulle då bli utan plats."),
                format!(" {they_go} would then be without a place."),
            ),
            (false, false) => self.say(
                format!(" {they_come} skulle då få plats i stället för {they_go}."),
                format!(" {they_come} would then have a place instead of {they_go}."),
            ),
        }
    }

    /// What would get better.
    fn better(&self, change: &Change<'_>) -> String {
        let to = change.to.unwrap_or(change.from);
        match change.goal {
            Goal::Coverage(dimension) => {
                let (from, kinds) = (self.number(change.from), self.kinds(dimension, size(to)));
                self.say(
                    format!("skulle {kinds} kunna vara med i stället för {from}"),
                    format!("{kinds} could be represented instead of {from}"),
                )
            }
            Goal::Balance(dimension) => {
                let over = self.spread_over(dimension);
                let how =
                    self.moved(dimension, change.set).map_or_else(String::new, |how| format!(" ({how})"));
                self.say(
                    format!("skulle kommunerna kunna fördela sig jämnare på {over}{how}"),
                    format!("the kommuner could be spread more evenly over {over}{how}"),
                )
            }
            Goal::Dispersion => {
                let (from, to) = distances(change.from, to, self.language);
                self.say(
                    format!("skulle det kortaste avståndet mellan två valda kommuner kunna vara {to} i stället för {from}"),
                    format!("the shortest distance between two chosen kommuner could be {to} instead of {from}"),
                )
            }
            Goal::Lottery => {
                let (from, to) = (self.number(change.from), self.number(to));
                let origin = self.origin_of_lots();
                self.say(
                    format!("skulle bara de valdas lottnummer bli andra, tillsammans {to} i stället för {from} ({origin})"),
                    format!("only the lottery numbers of the chosen would be others, {to} in all instead of {from} ({origin})"),
                )
            }
        }
    }
}
