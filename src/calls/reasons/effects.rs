//! What a requirement (quota), or a decision taken beforehand (pin), costs: what the goals would be without it.

use selection::{Answer, Because, Goal, PinEffect, QuotaEffect};

use super::change::{Change, size};
use super::voice::Voice;
use crate::platform::phrases::{distances, uncapitalized};

/// How many kommuner that would change places are told by name.
const MOST_NAMES: usize = 3;

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
            Some(quota) => self.requirement(quota),
            None => self.within(effect.dimension, &effect.category),
        };
        let opening = Opening {
            without: self.say(
                format!("Utan kravet på {requirement}"),
                format!("Without the requirement of {requirement},"),
            ),
            subject: self
                .say(format!("Kravet på {requirement}"), format!("The requirement of {requirement}")),
        };
        self.effect(&opening, &effect.without)
    }

    /// What a pin costs.
    pub fn pin_effect(&self, index: usize, effect: &PinEffect) -> String {
        let name = self.name(&effect.kommunkod);
        let is_in = self.teller.input.pins.get(index).is_some_and(|pin| pin.is_in);
        let (sv, en) = if is_in { ("ska vara med", "is in") } else { ("inte ska vara med", "is not in") };
        let opening = Opening {
            without: self.say(
                format!("Utan beslutet i förväg att {name} {sv}"),
                format!("Without the decision beforehand that {name} {en},"),
            ),
            subject: self.say(
                format!("Beslutet i förväg att {name} {sv}"),
                format!("The decision beforehand that {name} {en}"),
            ),
        };
        self.effect(&opening, &effect.without)
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
                format!("{beginning} {better}{others}.")
            }
            None if is_proven && now.selected() == without.selected() => self.say(
                format!("{subject} ändrar ingenting, för urvalet skulle bli detsamma utan det."),
                format!("{subject} changes nothing, because the selection would be the same without it."),
            ),
            None if is_proven => {
                let others = self.exchanged(without);
                self.say(
                    format!("{beginning} skulle urvalet bli ett annat men precis lika bra{others}."),
                    format!("{beginning} the selection would be another but exactly as good{others}."),
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

    /// Who would be in for whom, if they are few: ", med Boden i stället för Luleå".
    fn exchanged(&self, without: &Answer) -> String {
        let (now, other) = (self.teller.answer.selected(), without.selected());
        let come: Vec<&str> = other.iter().filter(|code| !now.contains(code)).map(String::as_str).collect();
        let gone: Vec<&str> = now.iter().filter(|code| !other.contains(code)).map(String::as_str).collect();
        if come.is_empty() || come.len() > MOST_NAMES || come.len() != gone.len() {
            return String::new();
        }
        let (come, gone) = (self.names(&come), self.names(&gone));
        self.say(format!(", med {come} i stället för {gone}"), format!(", with {come} instead of {gone}"))
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
                    self.moved(dimension, change.set).map_or_else(String::new, |how| format!(": {how}"));
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
                self.say("skulle bara lotten falla annorlunda", "only the lots would fall differently")
            }
        }
    }
}
