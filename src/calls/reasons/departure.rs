//! In what a selection departs from the plan that the open call named.

use selection::{Pin, Quota};

use super::voice::Voice;
use crate::platform::phrases::{Speaks as _, listed};

/// What is otherwise than in the plan of the open call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Departure {
    /// Whether the goals, or their order, are others.
    pub has_other_goals: bool,
    /// Requirements that the call did not name.
    pub new_quotas: Vec<Quota>,
    /// Requirements of the call that do not hold.
    pub dropped_quotas: Vec<Quota>,
    /// Decisions that the call did not name.
    pub new_pins: Vec<Pin>,
    /// Decisions of the call that do not hold.
    pub dropped_pins: Vec<Pin>,
}

impl Voice<'_> {
    /// What is otherwise, each in a sentence, and why.
    pub fn departure(&self, departure: &Departure, reason: Option<&str>) -> String {
        let Departure { has_other_goals, new_quotas, dropped_quotas, new_pins, dropped_pins } = departure;
        let mut told = Vec::new();
        if *has_other_goals {
            told.push(self.say(
                "Målen, eller deras ordning, är andra än i utlysningen",
                "The goals, or their order, are others than in the call",
            ));
        }
        let rules = |quotas: &[Quota], pins: &[Pin]| {
            let decided = |pin: &Pin| {
                let name = self.name(&pin.kommunkod);
                match pin.is_in {
                    true => self.say(format!("{name} är med"), format!("{name} is in")),
                    false => self.say(format!("{name} inte är med"), format!("{name} is not in")),
                }
            };
            let rules = quotas.iter().map(|quota| self.rule(quota)).chain(pins.iter().map(decided));
            listed(&rules.collect::<Vec<_>>(), self.language)
        };
        let (new, dropped) = (rules(new_quotas, new_pins), rules(dropped_quotas, dropped_pins));
        if !new.is_empty() {
            told.push(self.say(
                format!("Sedan utlysningen öppnade har lagts till att {new}"),
                format!("Since the call opened it was added that {new}"),
            ));
        }
        if !dropped.is_empty() {
            told.push(self.say(
                format!("Sedan utlysningen öppnade har tagits bort att {dropped}"),
                format!("Since the call opened it was dropped that {dropped}"),
            ));
        }
        let reason = self.quoted(reason);
        if !reason.is_empty() {
            told.push(self.say(format!("Skälet är{reason}"), format!("The reason is{reason}")));
        }
        told.join(". ") + "."
    }
}
