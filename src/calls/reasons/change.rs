//! How a goal would change with another set: what follows "Om Boden fick plats" and "If Boden had a place,".

use selection::{Dimension, Goal};

use super::Lots;
use super::voice::Voice;
use crate::platform::phrases::{distances, listed, tenths};

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
            .map(|moved| self.say(format!(", till exempel {moved}"), format!(", for instance {moved}")));
        let how = example.or_else(|| self.further_from_even(dimension, change)).unwrap_or_default();
        self.say(
            format!("skulle kommunerna fördela sig ojämnare på {over}{how}"),
            format!("the kommuner would be spread less evenly over {over}{how}"),
        )
    }

    /// Which categories would have more or fewer kommuner: "4 kommuner med under 10 000 invånare i stället för 3".
    pub fn moved(&self, dimension: Dimension, set: Option<&[String]>) -> Option<String> {
        let others = self.counts(dimension, set?);
        let now = self.counts(dimension, self.teller.answer.selected());
        let pairs = now.iter().zip(&others).filter(|(now, other)| now.count != other.count);
        let moved: Vec<String> = pairs
            .map(|(now, other)| {
                let within = self.within(dimension, &now.category);
                let kommuner = match other.count {
                    0 => self.say("ingen kommun", "no kommun"),
                    count => self.kommuner(count),
                };
                let now = self.count(now.count);
                self.say(
                    format!("{kommuner} {within} i stället för {now}"),
                    format!("{kommuner} {within} instead of {now}"),
                )
            })
            .collect();
        (1..=MOST_CATEGORIES).contains(&moved.len()).then(|| listed(&moved, self.language))
    }

    /// How far from equally many in each category the kommuner would be together. The value of the goal is Σ |K·count − n|, so
    /// its K-th part is a number of kommuner.
    fn further_from_even(&self, dimension: Dimension, change: &Change<'_>) -> Option<String> {
        let kinds = i64::try_from(self.categories(dimension).len()).ok().filter(|kinds| *kinds > 0)?;
        let share = |value: i64| tenths((value.saturating_mul(10) + kinds / 2) / kinds, self.language);
        let (from, to) = (share(change.from), share(change.to?));
        (from != to).then(|| {
            self.say(
                format!("; avvikelsen från lika många i varje skulle bli sammanlagt {to} kommuner i stället för {from}"),
                format!("; the difference from equally many in each would be {to} kommuner in all instead of {from}"),
            )
        })
    }

    fn closer(&self, change: &Change<'_>) -> String {
        let (from, to) = distances(change.from, change.to.unwrap_or(change.from), self.language);
        if change.to.is_none() {
            return self.say(
                format!("skulle det kortaste avståndet mellan två valda kommuner bli mindre än {from}"),
                format!("the shortest distance between two chosen kommuner would be less than {from}"),
            );
        }
        let example = change.set.and_then(|set| self.close_pair(set, change.kommunkod)).unwrap_or_default();
        self.say(
            format!("skulle det kortaste avståndet mellan två valda kommuner bli högst {to} i stället för {from}{example}"),
            format!("the shortest distance between two chosen kommuner would be at most {to} instead of {from}{example}"),
        )
    }

    /// Which two would be closest. If the kommun is none of them, it is told that more have changed: one that comes in, or one
    /// that takes the place, does not bring two others closer to each other.
    fn close_pair(&self, set: &[String], kommunkod: Option<&str>) -> Option<String> {
        let pair = self.closest(set)?;
        let two = self.names(&pair);
        let now = self.teller.answer.selected();
        let newcomers = set.iter().filter(|code| !now.contains(code)).count();
        Some(match newcomers <= 1 || kommunkod.is_some_and(|code| pair.contains(&code)) {
            true => self.say(format!(", till exempel mellan {two}"), format!(", for instance between {two}")),
            false => self.say(
                format!(", till exempel mellan {two} när fler kommuner byts ut för att resten ska hålla"),
                format!(", for instance between {two} when more kommuner are exchanged to keep the rest"),
            ),
        })
    }

    fn lower_lots(&self, change: &Change<'_>) -> String {
        let (from, origin) = (self.number(change.from), self.origin_of_lots());
        match change.to.map(|to| self.number(to)) {
            Some(to) => self.say(
                format!("skulle lotten avgöra, där högst summa vinner: de valdas lottnummer skulle tillsammans bli som mest {to} i stället för {from} ({origin})"),
                format!("lots would decide, where the highest sum wins: the lottery numbers of the chosen would add up to at most {to} instead of {from} ({origin})"),
            ),
            None => self.say(
                format!("skulle lotten avgöra, där högst summa vinner: de valdas lottnummer skulle tillsammans bli mindre än {from} ({origin})"),
                format!("lots would decide, where the highest sum wins: the lottery numbers of the chosen would add up to less than {from} ({origin})"),
            ),
        }
    }

    /// Why nobody could choose the lottery numbers, or that somebody did.
    pub fn origin_of_lots(&self) -> String {
        match self.teller.lots {
            Lots::Sealed => self.say(
                "lottfröet drogs och förseglades innan utlysningen öppnade",
                "the lottery seed was drawn and sealed before the call opened",
            ),
            Lots::Trial => self.say(
                "lottfröet är valt för den här provberäkningen",
                "the lottery seed is chosen for this trial computation",
            ),
        }
    }
}
