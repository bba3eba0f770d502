//! The words for dimensions, categories and requirements inside a sentence.

use selection::{Dimension, Goal, Quota};

use super::voice::Voice;
use crate::calls::dimensions::nouns;
use crate::platform::phrases::{Speaks as _, counted, listed};
use crate::platform::text::Language;

impl Voice<'_> {
    /// Where, or how, the kommuner of a category are, after "kommuner": "i Norrbottens län", "med under 10 000 invånare".
    pub fn within(&self, dimension: Dimension, category: &str) -> String {
        let label = self.label(dimension, category);
        match dimension {
            Dimension::Nuts2 => {
                self.say(format!("i riksområdet {label}"), format!("in the national area {label}"))
            }
            Dimension::Lan => self.say(format!("i {label}"), format!("in {label}")),
            Dimension::SizeBand => self.say(format!("med {label}"), format!("with {label}")),
            Dimension::SkrGroup => {
                self.say(format!("i kommungruppen ”{label}”"), format!("in the kommun group “{label}”"))
            }
            Dimension::Maturity => self.say(format!("på {label}"), format!("at {label}")),
        }
    }

    /// So many kommuner: "1 kommun", "3 kommuner".
    pub fn kommuner(&self, count: usize) -> String {
        counted(count, self.language, ["kommun", "kommuner", "kommun", "kommuner"])
    }

    /// So many categories: "7 riksområden".
    pub fn kinds(&self, dimension: Dimension, count: usize) -> String {
        let forms = match dimension {
            Dimension::Maturity => [
                "nivå i samverkan med sociala företag (egen bedömning, 1–5)",
                "nivåer i samverkan med sociala företag (egen bedömning, 1–5)",
                "level of cooperation with social enterprises (their own assessment, 1–5)",
                "levels of cooperation with social enterprises (their own assessment, 1–5)",
            ],
            _ => nouns(dimension),
        };
        counted(count, self.language, forms)
    }

    /// In the same category as another kommun: "i samma län".
    pub fn in_the_same(&self, dimension: Dimension) -> String {
        let [sv, _, en, _] = nouns(dimension);
        match dimension {
            Dimension::Maturity => self.say(format!("på samma {sv}"), format!("at the same {en}")),
            _ => self.say(format!("i samma {sv}"), format!("in the same {en}")),
        }
    }

    /// What the kommuner are spread over: "storleksklasserna".
    pub fn spread_over(&self, dimension: Dimension) -> String {
        match dimension {
            Dimension::Nuts2 => self.say("riksområdena", "the national areas"),
            Dimension::Lan => self.say("länen", "the län"),
            Dimension::SizeBand => self.say("storleksklasserna", "the size classes"),
            Dimension::SkrGroup => self.say("kommungrupperna", "the kommun groups"),
            Dimension::Maturity => {
                self.say(
                    "nivåerna 1–5 i hur långt de själva anser att de har kommit i samverkan med sociala företag",
                    "the levels 1–5 of how far they consider themselves to have come in cooperation with social enterprises",
                )
            }
        }
    }

    /// By what the kommuner are spread evenly: "efter storlek".
    fn by(&self, dimension: Dimension) -> String {
        match dimension {
            Dimension::Nuts2 => self.say("efter riksområde", "by national area"),
            Dimension::Lan => self.say("efter län", "by län"),
            Dimension::SizeBand => self.say("efter storlek", "by size"),
            Dimension::SkrGroup => self.say("efter kommungrupp", "by kommun group"),
            Dimension::Maturity => self.say(
                "efter hur långt de själva anser att de har kommit",
                "by how far they consider themselves to have come",
            ),
        }
    }

    /// That the goals before one keep their values: "lika många riksområden och län och lika jämn fördelning efter storlek".
    /// Nothing for the first goal.
    pub fn kept_before(&self, index: usize) -> Option<String> {
        let before: Vec<Goal> = self.teller.input.goals().iter().take(index).copied().collect();
        let mut parts = Vec::new();
        let nouns_of = |goal: &Goal| match goal {
            Goal::Coverage(dimension) => {
                let [_, sv, _, en] = nouns(*dimension);
                Some(self.say(sv, en))
            }
            _ => None,
        };
        let kinds: Vec<String> = before.iter().filter_map(nouns_of).collect();
        if !kinds.is_empty() {
            let kinds = listed(&kinds, self.language);
            parts.push(self.say(format!("lika många {kinds}"), format!("as many {kinds}")));
        }
        let by = |goal: &Goal| match goal {
            Goal::Balance(dimension) => Some(self.by(*dimension)),
            _ => None,
        };
        let by: Vec<String> = before.iter().filter_map(by).collect();
        if !by.is_empty() {
            let by = listed(&by, self.language);
            parts.push(self.say(format!("lika jämn fördelning {by}"), format!("as even a spread {by}")));
        }
        if before.contains(&Goal::Dispersion) {
            parts.push(self.say("lika långt mellan de närmaste", "as far between the closest"));
        }
        if before.contains(&Goal::Lottery) {
            parts.push(self.say("lika höga lottnummer", "as high lottery numbers"));
        }
        (!parts.is_empty()).then(|| listed(&parts, self.language))
    }

    /// The same as a clause: "lika många riksområden ändå skulle vara med och fördelningen efter storlek vara lika jämn".
    pub fn still_before(&self, index: usize) -> String {
        let before: Vec<Goal> = self.teller.input.goals().iter().take(index).copied().collect();
        let (mut kinds, mut by) = (Vec::new(), Vec::new());
        for goal in &before {
            match goal {
                Goal::Coverage(dimension) => {
                    let [_, sv, _, en] = nouns(*dimension);
                    kinds.push(self.say(sv, en));
                }
                Goal::Balance(dimension) => by.push(self.by(*dimension)),
                Goal::Dispersion | Goal::Lottery => {}
            }
        }
        let (kinds, by) = (some_listed(&kinds, self.language), some_listed(&by, self.language));
        let mut parts: Vec<[String; 3]> = Vec::new();
        let mut part = |subject: String, verb: &str, en: String| parts.push([subject, verb.to_owned(), en]);
        if let Some(kinds) = kinds {
            part(
                format!("lika många {kinds}"),
                "vara med",
                format!("as many {kinds} were still represented"),
            );
        }
        if let Some(by) = by {
            part(
                format!("fördelningen {by}"),
                "vara lika jämn",
                format!("the spread {by} were still as even"),
            );
        }
        if before.contains(&Goal::Dispersion) {
            let en = "the closest were still as far apart".to_owned();
            part("de närmaste".to_owned(), "ligga lika långt isär", en);
        }
        if before.contains(&Goal::Lottery) {
            let en = "the lottery numbers were still as high".to_owned();
            part("lottnumren".to_owned(), "vara lika höga", en);
        }
        let clause = |(index, [subject, verb, en]): (usize, [String; 3])| {
            let still = if index == 0 { " ändå skulle" } else { "" };
            self.say(format!("{subject}{still} {verb}"), en)
        };
        listed(&parts.into_iter().enumerate().map(clause).collect::<Vec<_>>(), self.language)
    }

    /// What a quota of none asks for: "ingen kommun i Norrbottens län är med".
    pub fn nobody(&self, quota: &Quota) -> String {
        let within = self.within(quota.dimension, &quota.category);
        self.say(format!("ingen kommun {within} är med"), format!("no kommun {within} is in"))
    }

    /// What a quota asks for: "högst 1 kommun i Norrbottens län".
    pub fn requirement(&self, quota: &Quota) -> String {
        let size = |bound: u32| usize::try_from(bound).unwrap_or(usize::MAX);
        let amount = match (quota.min.map(size), quota.max.map(size)) {
            (Some(min), Some(max)) if min == max => {
                let kommuner = self.kommuner(min);
                self.say(format!("exakt {kommuner}"), format!("exactly {kommuner}"))
            }
            (Some(min), Some(max)) => {
                let (min, kommuner) = (self.count(min), self.kommuner(max));
                self.say(
                    format!("minst {min} och högst {kommuner}"),
                    format!("at least {min} and at most {kommuner}"),
                )
            }
            (Some(min), None) => {
                let kommuner = self.kommuner(min);
                self.say(format!("minst {kommuner}"), format!("at least {kommuner}"))
            }
            (None, Some(max)) => {
                let kommuner = self.kommuner(max);
                self.say(format!("högst {kommuner}"), format!("at most {kommuner}"))
            }
            (None, None) => self.say("hur många kommuner som helst", "any number of kommuner"),
        };
        format!("{amount} {}", self.within(quota.dimension, &quota.category))
    }

    /// A requirement as a rule: "minst 1 kommun i Norrbottens län är med".
    pub fn rule(&self, quota: &Quota) -> String {
        if quota.max == Some(0) {
            return self.nobody(quota);
        }
        let requirement = self.requirement(quota);
        let is_one = quota.max.or(quota.min) == Some(1);
        let are = if is_one { "is" } else { "are" };
        self.say(format!("{requirement} är med"), format!("{requirement} {are} in"))
    }

    /// A reason as somebody wrote it, in quotation marks after a colon; nothing for none.
    pub fn quoted(&self, reason: Option<&str>) -> String {
        match reason.map(|reason| reason.trim().trim_end_matches('.')).filter(|reason| !reason.is_empty()) {
            Some(reason) => self.say(format!(": ”{reason}”"), format!(": “{reason}”")),
            None => String::new(),
        }
    }
}

/// The words in a row; nothing for none.
fn some_listed(words: &[String], language: Language) -> Option<String> {
    (!words.is_empty()).then(|| listed(words, language))
}
