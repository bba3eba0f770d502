//! What each goal has reached in the answer as a whole, and why there may be no answer.

use selection::{Because, Bound, Dimension, Goal, Relaxation, Relaxed};

use super::change::size;
use super::voice::Voice;
use crate::platform::phrases::{Speaks as _, distance, listed};

/// How many categories are told one by one.
const MOST_CATEGORIES: usize = 9;

impl Voice<'_> {
    /// What a goal has reached.
    pub fn goal(&self, index: usize, goal: Goal, value: i64) -> String {
        let said = match goal {
            Goal::Coverage(dimension) => self.kinds_reached(index, dimension, size(value)),
            Goal::Balance(dimension) => self.evenness(index, dimension),
            Goal::Dispersion => self.distance_reached(value),
            Goal::Lottery => self.lots_reached(index, value),
        };
        match self.is_proven(index) {
            true => format!("{said}."),
            false => self.say(
                format!("{said} (om det går att göra bättre är inte avgjort, för beräkningen nådde sin gräns)."),
                format!("{said} (whether better is possible is not settled, because the computation reached its limit)."),
            ),
        }
    }

    fn kinds_reached(&self, index: usize, dimension: Dimension, value: usize) -> String {
        let all = self.teller.labels.of(dimension).len();
        let pool = self.categories(dimension).len();
        let (kinds, reached) = (self.kinds_explained(dimension, value), self.count(value));
        if value == all {
            return self.say(format!("Alla {kinds} är med"), format!("All {kinds} are represented"));
        }
        match (value == pool, value) {
            (true, 1) => {
                let kind = self.single(dimension);
                let is_neuter = matches!(dimension, Dimension::Nuts2 | Dimension::Lan);
                let the = if is_neuter { "Det" } else { "Den" };
                self.say(
                    format!("{the} enda {kind} som har kvalificerade kommuner är med"),
                    format!("The only {kind} with qualified kommuner is represented"),
                )
            }
            (true, _) => self.say(
                format!("Alla {kinds} som har kvalificerade kommuner är med"),
                format!("All {kinds} with qualified kommuner are represented"),
            ),
            (false, _) => {
                let (pool, limit) = (self.kinds_explained(dimension, pool), self.limit(index, value));
                let are = if value == 1 { "is" } else { "are" };
                self.say(
                    format!("{reached} av de {pool} som har kvalificerade kommuner är med{limit}"),
                    format!("{reached} of the {pool} with qualified kommuner {are} represented{limit}"),
                )
            }
        }
    }

    /// So many categories, with what they are if the word is not one of every day.
    fn kinds_explained(&self, dimension: Dimension, count: usize) -> String {
        let kinds = self.kinds(dimension, count);
        match dimension {
            Dimension::Nuts2 => self.say(
                format!("{kinds} (de åtta delar som SCB delar in landet i)"),
                format!(
                    "{kinds} (riksområden: the eight parts into which Statistics Sweden divides the country)"
                ),
            ),
            _ => kinds,
        }
    }

    /// One category without its number.
    fn single(&self, dimension: Dimension) -> String {
        let one = self.kinds_explained(dimension, 1);
        one.split_once('\u{a0}').map_or_else(|| one.clone(), |(_, noun)| noun.to_owned())
    }

    /// Why no more categories are represented.
    fn limit(&self, index: usize, value: usize) -> String {
        if value == self.places() {
            return self.say(
                ", lika många som platserna, så fler är inte möjligt",
                ", as many as there are places, so no more are possible",
            );
        }
        match (self.is_proven(index), self.bounds(index)) {
            (false, _) => String::new(),
            (true, None) => self.say(", och fler är inte möjligt", ", and no more are possible"),
            (true, Some(_)) if self.teller.input.quotas.is_empty() && self.teller.input.pins.is_empty() => {
                self.say(
                    ", och fler är inte möjligt utan att något som väger tyngre blir sämre",
                    ", and no more are possible unless something that weighs more gets worse",
                )
            }
            (true, Some(bounds)) => self.say(
                format!(", och fler är inte möjligt med {bounds}"),
                format!(", and no more are possible with {bounds}"),
            ),
        }
    }

    /// What bounds a goal besides the pool: "kraven, besluten och målen före". Nothing for the first goal of a selection
    /// without requirements and decisions.
    fn bounds(&self, index: usize) -> Option<String> {
        let mut bounds = Vec::new();
        let mut bound = |count: usize, one: (&str, &str), many: (&str, &str)| match count {
            0 => {}
            1 => bounds.push(self.say(one.0, one.1)),
            _ => bounds.push(self.say(many.0, many.1)),
        };
        let input = self.teller.input;
        bound(input.quotas.len(), ("kravet", "the requirement"), ("kraven", "the requirements"));
        bound(input.pins.len(), ("beslutet", "the decision"), ("besluten", "the decisions"));
        bound(index, ("målet före", "the goal before"), ("målen före", "the goals before"));
        (!bounds.is_empty()).then(|| listed(&bounds, self.language))
    }

    /// "så jämnt det går", or what keeps it from being more even.
    fn as_evenly(&self, index: usize) -> String {
        let Some(bounds) = self.bounds(index) else {
            return self.say("så jämnt det går", "as evenly as possible");
        };
        let input = self.teller.input;
        let allow = if input.quotas.len() + input.pins.len() + index == 1 { "allows" } else { "allow" };
        self.say(format!("så jämnt som {bounds} tillåter"), format!("as evenly as {bounds} {allow}"))
    }

    fn evenness(&self, index: usize, dimension: Dimension) -> String {
        let counts = self.counts(dimension, self.teller.answer.selected());
        let over = self.spread_over(dimension);
        let how = if counts.len() > MOST_CATEGORIES {
            let each = || counts.iter().map(|one| one.count);
            let least = self.count(each().min().unwrap_or_default());
            let most = self.kommuner(each().max().unwrap_or_default());
            self.say(
                format!("mellan {least} och {most} i varje"),
                format!("between {least} and {most} in each"),
            )
        } else {
            let each = counts.iter().map(|one| {
                let within = self.within(dimension, &one.category);
                match one.count {
                    0 => self.say(format!("ingen {within}"), format!("none {within}")),
                    count => format!("{} {within}", self.kommuner(count)),
                }
            });
            listed(&each.collect::<Vec<_>>(), self.language)
        };
        match self.is_proven(index) {
            true => {
                let evenly = self.as_evenly(index);
                self.say(
                    format!("Kommunerna är fördelade {evenly} på {over}: {how}"),
                    format!("The kommuner are spread {evenly} over {over}: {how}"),
                )
            }
            false => self.say(
                format!("Kommunerna är fördelade på {over}: {how}"),
                format!("The kommuner are spread over {over}: {how}"),
            ),
        }
    }

    fn distance_reached(&self, value: i64) -> String {
        let far = distance(value, self.language);
        match self.closest(self.teller.answer.selected()).map(|two| self.names(&two)) {
            Some(two) => self.say(
                format!("Det kortaste avståndet mellan två valda kommuner är {far}, mellan {two} (fågelvägen mellan kommunernas mittpunkter enligt kommunregistret)"),
                format!("The shortest distance between two chosen kommuner is {far}, between {two} (as the crow flies between the midpoints of the kommuner in the register)"),
            ),
            None => self.say(
                "Bara en kommun är vald, så det finns inget avstånd mellan valda",
                "Only one kommun is chosen, so there is no distance between chosen ones",
            ),
        }
    }

    fn lots_reached(&self, index: usize, value: i64) -> String {
        let (sum, origin) = (self.number(value), self.origin_of_lots());
        let highest = match (self.is_proven(index), index) {
            (false, _) => String::new(),
            (true, 0) => self.say(", det högsta som går", ", the highest possible"),
            (true, _) => self.say(
                ", det högsta bland urval som annars är lika bra",
                ", the highest among selections that are otherwise equally good",
            ),
        };
        self.say(
            format!("De valdas lottnummer är tillsammans {sum}{highest} ({origin})"),
            format!("The lottery numbers of the chosen add up to {sum}{highest} ({origin})"),
        )
    }

    /// Why there is no answer.
    pub fn impossible(&self, because: Because, relaxation: Option<&Relaxation>) -> String {
        match because {
            Because::Quotas => self.requirements_impossible(relaxation),
            Because::Pins => self.decisions_impossible(),
            Because::Budget => self.say(
                "Beräkningen nådde sin gräns innan något urval hittades, så det är inte avgjort om något kan uppfylla alla krav.",
                "The computation reached its limit before any selection was found, so it is not settled whether one can meet all requirements.",
            ),
            Because::Places => self.say(
                "Inget urval är möjligt, för kommunerna räcker inte till alla platser.",
                "No selection is possible, because there are not enough kommuner for all places.",
            ),
        }
    }

    fn requirements_impossible(&self, relaxation: Option<&Relaxation>) -> String {
        let Some(relaxation) = relaxation.filter(|relaxation| !relaxation.quotas.is_empty()) else {
            return self
                .say("Inget urval kan uppfylla alla krav.", "No selection can meet all requirements.");
        };
        let ways: Vec<String> = relaxation.quotas.iter().map(|relaxed| self.relaxed(relaxed)).collect();
        let total = self.kommuner(usize::try_from(relaxation.total).unwrap_or(usize::MAX));
        let ways = listed(&ways, self.language);
        self.say(
            format!("Inget urval kan uppfylla alla krav, men det räcker att ge efter med sammanlagt {total}, till exempel så: {ways}."),
            format!("No selection can meet all requirements, but it is enough to give way by {total} in all, for instance like this: {ways}."),
        )
    }

    /// "kravet på minst 3 kommuner i Norrbottens län sänks till 1".
    fn relaxed(&self, relaxed: &Relaxed) -> String {
        let mut quotas = self.teller.input.quotas.iter();
        let quota =
            quotas.find(|quota| quota.dimension == relaxed.dimension && quota.category == relaxed.category);
        let bound = quota.and_then(|quota| match relaxed.bound {
            Bound::Min => quota.min,
            Bound::Max => quota.max,
        });
        let bound = usize::try_from(bound.unwrap_or_default()).unwrap_or(usize::MAX);
        let by = usize::try_from(relaxed.by).unwrap_or(usize::MAX);
        let within = self.within(relaxed.dimension, &relaxed.category);
        let kommuner = self.kommuner(bound);
        if let Some(quota) = quota.filter(|quota| quota.max == Some(0)) {
            let (called, more) = (self.requirement_called(quota), self.kommuner(by));
            return self.say(
                format!("{called} mjukas upp till högst {more}"),
                format!("{called} is eased to at most {more}"),
            );
        }
        match relaxed.bound {
            Bound::Min => {
                let less = self.count(bound.saturating_sub(by));
                self.say(
                    format!("kravet på minst {kommuner} {within} sänks till {less}"),
                    format!("the requirement of at least {kommuner} {within} is lowered to {less}"),
                )
            }
            Bound::Max => {
                let more = self.count(bound.saturating_add(by));
                self.say(
                    format!("kravet på högst {kommuner} {within} höjs till {more}"),
                    format!("the requirement of at most {kommuner} {within} is raised to {more}"),
                )
            }
        }
    }

    fn decisions_impossible(&self) -> String {
        let pins = &self.teller.input.pins;
        let pinned_in = pins.iter().filter(|pin| pin.is_in).count();
        let left = self.teller.input.applicants.len().saturating_sub(pins.len() - pinned_in);
        let (places, taken, left) =
            (self.count(self.places()), self.kommuner(pinned_in), self.kommuner(left));
        let (sv, en) = match self.all_planned() {
            true => (" i förväg", " beforehand"),
            false => ("", ""),
        };
        match pinned_in > self.places() {
            true => self.say(
                format!("Inget urval är möjligt, för det är bestämt{sv} att {taken} ska vara med och antalet platser är {places}."),
                format!("No selection is possible, because it is decided{en} that {taken} are in and the number of places is {places}."),
            ),
            false => self.say(
                format!("Inget urval är möjligt, för utan dem som enligt beslut{sv} inte ska vara med finns bara {left} att välja bland och antalet platser är {places}."),
                format!("No selection is possible, because without those that are decided{en} not to be in there are only {left} to choose from and the number of places is {places}."),
            ),
        }
    }
}
