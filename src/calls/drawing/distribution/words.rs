//! What the drawing says.

use super::{CategoryShare, DimensionShare, DistributionData};
use crate::calls::dimensions::nouns;
use crate::platform::phrases::{Speaks, capitalized, counted};
use crate::platform::text::Language;

/// The texts of a drawing, in one language.
pub struct Words<'d> {
    data: &'d DistributionData,
    language: Language,
}

impl Speaks for Words<'_> {
    fn language(&self) -> Language {
        self.language
    }
}

impl<'d> Words<'d> {
    /// The texts of a drawing.
    pub fn new(data: &'d DistributionData, language: Language) -> Self {
        Self { data, language }
    }

    /// The name of the drawing.
    pub fn title(&self) -> String {
        let (programme, status) = (&self.data.programme, self.data.status.get(self.language));
        self.say(
            format!("Hur de valda kommunerna fördelar sig ({status}): {programme}"),
            format!("How the chosen kommuner are spread ({status}): {programme}"),
        )
    }

    /// Below the programme's name.
    pub fn subtitle(&self) -> String {
        let status = capitalized(self.data.status.get(self.language));
        let (chosen, pool) = (self.count(self.data.chosen), self.count(self.data.pool));
        self.say(
            format!("{status}: hur de {chosen} valda fördelar sig, av {pool} kvalificerade"),
            format!("{status}: how the {chosen} chosen are spread, of {pool} that qualified"),
        )
    }

    /// Below that: that the figures are those of the decision, when something has changed since.
    pub fn since(&self) -> Option<String> {
        let since = self.data.since.as_ref()?.get(self.language);
        Some(self.say(
            format!("{since} Siffrorna visar urvalet som det beslutades."),
            format!("{since} The figures show the selection as it was decided."),
        ))
    }

    /// What there is to see, in words.
    pub fn description(&self) -> String {
        let (chosen, pool) = (self.count(self.data.chosen), self.count(self.data.pool));
        let mut sentences = vec![self.say(
            format!(
                "Staplar som visar hur de {chosen} valda kommunerna fördelar sig, av {pool} kvalificerade"
            ),
            format!("Bars that show how the {chosen} chosen kommuner are spread, of {pool} that qualified"),
        )];
        sentences.extend(
            self.data.dimensions.iter().map(|share| format!("{}: {}", share.label, self.reached(share))),
        );
        sentences.push(self.say(
            "Alla siffror står i tabeller, en för varje indelning",
            "All figures are in tables, one for each division",
        ));
        let all = sentences.join(". ") + ".";
        self.since().map_or_else(|| all.clone(), |since| format!("{all} {since}"))
    }

    /// How many categories have somebody chosen.
    pub fn reached(&self, share: &DimensionShare) -> String {
        let reached = share.categories.iter().filter(|category| !category.is_pool_only).count();
        let all = counted(share.categories.len(), self.language, nouns(share.dimension));
        let reached_en = if reached == 1 { "has" } else { "have" };
        let reached = self.count(reached);
        self.say(
            format!("{reached} av {all} har någon vald kommun"),
            format!("{reached} of {all} {reached_en} a chosen kommun"),
        )
    }

    /// The figures of a category, short, beside its bar.
    pub fn figures(&self, share: &CategoryShare) -> String {
        let (chosen, pool) = (self.count(share.chosen), self.count(share.pool));
        self.say(format!("{chosen} av {pool}"), format!("{chosen} of {pool}"))
    }

    /// The figures of a category for a screen reader.
    pub fn figures_in_full(&self, share: &CategoryShare) -> String {
        let (chosen, pool) = (self.count(share.chosen), self.count(share.pool));
        self.say(
            format!("{chosen} valda av {pool} kvalificerade"),
            format!("{chosen} chosen of {pool} that qualified"),
        )
    }

    /// The legend: the bar's filled part, its outline, and how to read them.
    pub fn legend(&self) -> [String; 3] {
        [
            self.say("valda", "chosen"),
            self.say("alla kvalificerade", "all that qualified"),
            self.say(
                "Antal kommuner. Varje indelning har sin egen skala.",
                "Numbers of kommuner. Each division has its own scale.",
            ),
        ]
    }
}
