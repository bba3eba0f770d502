//! Places after the announcement: what a reserve can expect, and why a kommun was the best replacement for one that left.

use super::Replaced;
use super::change::Change;
use super::voice::Voice;
use crate::platform::phrases::Speaks as _;

impl Voice<'_> {
    /// Why this one got the place.
    pub fn replacement(&self, replaced: &Replaced<'_>) -> String {
        let name = self.name(replaced.kommunkod);
        let best = self.say(
            format!("{name} var den bästa ersättaren när platsen gavs"),
            format!("{name} was the best replacement when the place was given"),
        );
        let Some(next) = replaced.next else {
            return match (replaced.goal_values.is_empty(), self.teller.input.quotas.is_empty()) {
                (true, _) => format!("{best}."),
                (false, true) => self.say(
                    format!("{name} var den enda kommun som kunde få platsen."),
                    format!("{name} was the only kommun that could get the place."),
                ),
                (false, false) => self.say(
                    format!("{name} var den enda kommun som kunde få platsen med de krav som ställts."),
                    format!(
                        "{name} was the only kommun that could get the place with the requirements made."
                    ),
                ),
            };
        };
        let goals = self.teller.input.goals().iter().zip(replaced.goal_values).zip(next).enumerate();
        let different = goals.map(|(index, ((goal, from), to))| (index, *goal, *from, *to));
        match different.into_iter().find(|(.., from, to)| from != to) {
            None => self.say(
                format!("{best}. En annan kunde ha blivit precis lika bra i allt, men mellan helt lika bra urval gäller det vars kommunkoder kommer först i nummerordning."),
                format!("{best}. Another could have been exactly as good in everything, but among equally good selections the one whose kommunkoder come first in numerical order is taken."),
            ),
            Some((index, goal, from, to)) if goal.is_worse(to, from) => {
                let change = Change { kommunkod: None, goal, from, to: Some(to), set: None };
                let worse = self.worse(&change);
                match self.kept_before(index) {
                    Some(kept) => self.say(
                        format!("{best}. Med någon annan av dem som kunde få den, men med {kept}, {worse}."),
                        format!("{best}. With any other that could get it, but with {kept}, {worse}."),
                    ),
                    None => self.say(
                        format!("{best}. Med någon annan av dem som kunde få den {worse}."),
                        format!("{best}. With any other that could get it, {worse}."),
                    ),
                }
            }
            Some(_) => format!("{best}."),
        }
    }

    /// What a reserve can expect. Its number is not its place in a queue.
    pub fn reserve(&self, kommunkod: &str, rank: usize) -> String {
        let (name, number) = (self.name(kommunkod), self.count(rank));
        let more = match rank {
            1 => self.say(
                "om det fanns en plats till skulle den få den",
                "if there were one more place, it would get it",
            ),
            _ => self.say(
                format!("om det fanns {number} platser till skulle den få en av dem"),
                format!("if there were {number} more places, it would get one of them"),
            ),
        };
        self.say(
            format!("{name} är reserv nummer {number}: {more}. Vem som får en plats som blir ledig räknas fram på nytt, så det kan bli en annan kommun, också en som inte är reserv."),
            format!("{name} is reserve number {number}: {more}. Who gets a place that becomes free is computed anew, so it can be another kommun, also one that is not a reserve."),
        )
    }
}
