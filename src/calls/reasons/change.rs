//! How a goal would change with another set: what follows "Om Boden fick plats" and "If Boden had a place,".

use selection::{Dimension, Goal};

use super::Lots;
use super::voice::Voice;
use crate::platform::phrases::{Speaks as _, distance, distances, tenths};

/// A goal with its value now and its value with another set.
#[derive(Clone, Copy)]
pub struct Change<'f> {
    /// The kommun that comes in or is taken out, if it is about one.
    pub kommunkod: Option<&'f str>,
    /// Which goal.
    pub goal: Goal,
    /// Its value now.
    pub from: i64,
    /// The best value otherwise; none if it is only known to be worse.
    pub to: Option<i64>,
    /// A set with that value, if one is known.
    pub set: Option<&'f [String]>,
}

/// How many categories are told one by one.
const MOST_CATEGORIES: usize = 9;

/// How many that would have to leave are told by name.
const MOST_LEFT: usize = 3;

/// The value of a goal that counts categories.
pub fn size(value: i64) -> usize {
    usize::try_from(value).unwrap_or_default()
}

impl Voice<'_> {
    /// What would get worse.
    pub fn worse(&self, change: &Change<'_>) -> String {
        match change.goal {
            Goal::Coverage(dimension) => self.fewer_kinds(dimension, change),
            Goal::Balance(dimension) => self.less_even(dimension, change),
            Goal::Dispersion => self.closer(change),
            Goal::Lottery => self.lower_lots(change),
        }
    }

    fn fewer_kinds(&self, dimension: Dimension, change: &Change<'_>) -> String {
        let from = self.number(change.from);
        let Some(to) = change.to else {
            let kinds = self.kinds(dimension, size(change.from));
            return self.say(
                format!("skulle färre än {kinds} kunna vara med"),
                format!("fewer than {kinds} could be represented"),
            );
        };
        let kinds = self.kinds(dimension, size(to));
        let lost = self.lost(dimension, change.set).map_or_else(String::new, |lost| {
            self.say(
                format!("; till exempel skulle ingen kommun {lost} få plats"),
                format!("; for instance, no kommun {lost} would have a place"),
            )
        });
        self.say(
            format!("skulle högst {kinds} kunna vara med i stället för {from}{lost}"),
            format!("at most {kinds} could be represented instead of {from}{lost}"),
        )
    }

    /// The categories that the chosen have and the other set lacks, if they are few.
    fn lost(&self, dimension: Dimension, set: Option<&[String]>) -> Option<String> {
        let others = self.counts(dimension, set?);
        let now = self.counts(dimension, self.teller.answer.selected());
        let pairs = now.iter().zip(&others).filter(|(now, other)| now.count > 0 && other.count == 0);
        let lost: Vec<String> = pairs.map(|(now, _)| self.within(dimension, &now.category)).collect();
        (1..=3).contains(&lost.len()).then(|| lost.join(&self.say(" eller ", " or ")))
    }

    fn less_even(&self, dimension: Dimension, change: &Change<'_>) -> String {
        let over = self.spread_over(dimension);
        let example = self
            .moved(dimension, change.set)
            .map(|moved| format!("{moved}{}", self.if_some_left(change)))
            .map(|moved| self.say(format!(" (till exempel {moved})"), format!(" (for instance {moved})")));
        let how = example.or_else(|| self.further_from_even(dimension, change)).unwrap_or_default();
        self.say(
            format!("skulle kommunerna fördela sig ojämnare på {over}{how}"),
            format!("the kommuner would be spread less evenly over {over}{how}"),
        )
    }

    /// Which categories would have more or fewer kommuner: "med under 10 000 invånare: 4 i stället för 3".
    pub fn moved(&self, dimension: Dimension, set: Option<&[String]>) -> Option<String> {
        let others = self.counts(dimension, set?);
        let now = self.counts(dimension, self.teller.answer.selected());
        let pairs = now.iter().zip(&others).filter(|(now, other)| now.count != other.count);
        let moved: Vec<String> = pairs
            .map(|(now, other)| {
                let within = self.within(dimension, &now.category);
                let some = |count| if count == 0 { self.say("ingen", "none") } else { self.count(count) };
                let (then, now) = (some(other.count), some(now.count));
                self.say(
                    format!("{within}: {then} i stället för {now}"),
                    format!("{within}: {then} instead of {now}"),
                )
            })
            .collect();
        (1..=MOST_CATEGORIES).contains(&moved.len()).then(|| moved.join("; "))
    }

    /// How far from equally many in each category the kommuner would be together. The value of the goal is Σ |K·count − n|, so
    /// its K-th part is a number of kommuner.
    fn further_from_even(&self, dimension: Dimension, change: &Change<'_>) -> Option<String> {
        let kinds = i64::try_from(self.categories(dimension).len()).ok().filter(|kinds| *kinds > 0)?;
        let share = |value: i64| tenths((value.saturating_mul(10) + kinds / 2) / kinds, self.language);
        let (from, to) = (share(change.from), share(change.to?));
        (from != to).then(|| {
            self.say(
                format!(" (avvikelsen från lika många i varje skulle bli sammanlagt {to} kommuner i stället för {from})"),
                format!(" (the difference from equally many in each would be {to} kommuner in all instead of {from})"),
            )
        })
    }

    fn closer(&self, change: &Change<'_>) -> String {
        let (from, to) = distances(change.from, change.to.unwrap_or(change.from), self.language);
        let how = self.how_measured();
        let decided = self.close_by_decision(change, &to);
        if change.to.is_none() {
            let decided = decided.unwrap_or_default();
            return self.say(
                format!("skulle det kortaste avståndet mellan två valda kommuner ({how}) bli mindre än {from}{decided}"),
                format!("the shortest distance between two chosen kommuner ({how}) would be less than {from}{decided}"),
            );
        }
        let example = || change.set.and_then(|set| self.close_pair(set, change)).unwrap_or_default();
        let why = decided.unwrap_or_else(example);
        self.say(
            format!("skulle det kortaste avståndet mellan två valda kommuner ({how}) bli högst {to} i stället för {from}{why}"),
            format!("the shortest distance between two chosen kommuner ({how}) would be at most {to} instead of {from}{why}"),
        )
    }

    /// What a distance is, in short; the goal's own sentence says it in full.
    fn how_measured(&self) -> String {
        self.say("fågelvägen mellan mittpunkterna", "as the crow flies between their midpoints")
    }

    /// That the kommun that comes in is so close to one that is in by decision. Only when that alone gives the value (`to`, in
    /// words), or none is known.
    fn close_by_decision(&self, change: &Change<'_>, to: &str) -> Option<String> {
        let kommunkod =
            change.kommunkod.filter(|code| !self.teller.answer.selected().iter().any(|one| one == code))?;
        let (other, metres) = self.decided_neighbour(kommunkod)?;
        let far = match change.to {
            Some(best) if best == metres => to.to_owned(),
            None if metres < change.from => distance(metres, self.language),
            _ => return None,
        };
        let other = self.name(other);
        Some(self.say(
            format!(", eftersom {other}, som redan är med genom beslut, ligger {far} bort"),
            format!(", because {other}, which is already in by decision, is {far} away"),
        ))
    }

    /// Which two would be closest. If the kommun is none of them and more have changed, it is told who would have left: one that
    /// comes in, or one that takes the place, does not bring two others closer to each other.
    fn close_pair(&self, set: &[String], change: &Change<'_>) -> Option<String> {
        let pair = self.closest(set)?;
        let two = self.names(&pair);
        let now = self.teller.answer.selected();
        let newcomers = set.iter().filter(|code| !now.contains(code)).count();
        let condition = self.if_some_left(change);
        let is_plain = newcomers <= 1 || change.kommunkod.is_some_and(|code| pair.contains(&code));
        Some(match is_plain || condition.is_empty() {
            true => self.say(format!(", till exempel mellan {two}"), format!(", for instance between {two}")),
            false => self.say(
                format!("; till exempel skulle {two} ligga närmast varandra{condition}"),
                format!("; for instance, {two} would be the closest to each other{condition}"),
            ),
        })
    }

    /// Which chosen kommuner, besides the one that it is about, have no place in the example: ", om Malmö lämnade sin plats".
    /// Nothing if it is not about a kommun: then it is told elsewhere who comes for whom.
    fn if_some_left(&self, change: &Change<'_>) -> String {
        let Some((set, kommunkod)) = change.set.zip(change.kommunkod) else { return String::new() };
        let now = self.teller.answer.selected().iter();
        let left = now.filter(|code| !set.contains(code) && *code != kommunkod).map(String::as_str);
        let left: Vec<&str> = left.collect();
        match left.len() {
            0 => String::new(),
            1 => {
                let name = self.names(&left);
                self.say(format!(", om {name} lämnade sin plats"), format!(", if {name} left its place"))
            }
            2..=MOST_LEFT => {
                let names = self.names(&left);
                self.say(
                    format!(", om {names} lämnade sina platser"),
                    format!(", if {names} left their places"),
                )
            }
            many => {
                let many = self.count(many);
                self.say(
                    format!(", om {many} av de valda lämnade sina platser"),
                    format!(", if {many} of the chosen left their places"),
                )
            }
        }
    }

    fn lower_lots(&self, change: &Change<'_>) -> String {
        let (from, origin) = (self.number(change.from), self.origin_of_lots());
        let sum = match change.to.map(|to| self.number(to)) {
            Some(to) => self.say(
                format!("skulle de valdas lottnummer tillsammans bli som mest {to} i stället för {from}"),
                format!("the lottery numbers of the chosen would add up to at most {to} instead of {from}"),
            ),
            None => self.say(
                format!("skulle de valdas lottnummer tillsammans bli mindre än {from}"),
                format!("the lottery numbers of the chosen would add up to less than {from}"),
            ),
        };
        self.say(
            format!("{sum}; när det som väger tyngre är lika bra gäller den högsta summan ({origin})"),
            format!("{sum}; when what weighs more is equally good, the highest sum counts ({origin})"),
        )
    }

    /// Why nobody could choose the lottery numbers, or that somebody did.
    pub fn origin_of_lots(&self) -> String {
        match self.teller.lots {
            Lots::Sealed => self.say(
                "varje kommuns lottnummer följer av ett slumptal som drogs och låstes innan utlysningen öppnade",
                "the lottery number of each kommun follows from a random number that was drawn and locked before the call opened",
            ),
            Lots::Trial => self.say(
                "varje kommuns lottnummer följer av ett tal som är valt för den här provberäkningen",
                "the lottery number of each kommun follows from a number that is chosen for this trial computation",
            ),
        }
    }
}
