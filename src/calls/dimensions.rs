//! What the dimensions of a selection and their categories are called, for people.

use selection::{Applicant, Dimension};

use crate::platform::codes::CodeList;
use crate::platform::phrases::kept_together;
use crate::platform::text::Localized;
use crate::reference::kommuner::{SizeBand, SkrGroup};
use crate::reference::lan::Nuts2;

/// The names of all categories, in the order in which people are used to them.
#[derive(Clone, Debug)]
pub struct Labels {
    categories: Vec<(Dimension, Vec<(String, Localized)>)>,
}

impl Labels {
    /// The names: those of the län, by code, and of the code lists.
    pub fn new(lan: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut lan: Vec<(String, Localized)> =
            lan.into_iter().map(|(code, name)| (code, Localized::same(name))).collect();
        lan.sort_by(|one, other| one.0.cmp(&other.0));
        let levels: Vec<_> = (1..=5).map(|level| (level.to_string(), level_name(level))).collect();
        let categories = Dimension::ALL.map(|dimension| match dimension {
            Dimension::Nuts2 => (dimension, listed(&Nuts2::LIST)),
            Dimension::Lan => (dimension, std::mem::take(&mut lan)),
            Dimension::SizeBand => (dimension, listed(&SizeBand::LIST)),
            Dimension::SkrGroup => (dimension, listed(&SkrGroup::LIST)),
            Dimension::Maturity => (dimension, levels.clone()),
        });
        Self { categories: categories.into() }
    }

    /// The categories of a dimension, with their names.
    pub fn of(&self, dimension: Dimension) -> &[(String, Localized)] {
        let found = self.categories.iter().find(|(known, _)| *known == dimension);
        found.map(|(_, categories)| categories.as_slice()).unwrap_or_default()
    }

    /// The categories that somebody of a pool has: the known ones in their usual order, then any others.
    pub fn present(&self, applicants: &[Applicant], dimension: Dimension) -> Vec<String> {
        let mut found: Vec<String> = applicants.iter().map(|one| one.category(dimension)).collect();
        found.sort();
        found.dedup();
        let known = self.of(dimension);
        found.sort_by_key(|category| {
            known.iter().position(|(code, _)| code == category).unwrap_or(usize::MAX)
        });
        found
    }

    /// The name of a category; of an unknown one its code.
    pub fn label(&self, dimension: Dimension, category: &str) -> Localized {
        let found = self.of(dimension).iter().find(|(code, _)| code == category);
        found.map_or_else(|| Localized::same(category), |(_, label)| label.clone())
    }
}

fn listed(list: &CodeList) -> Vec<(String, Localized)> {
    let kept = |label: Localized| Localized::new(kept_together(&label.sv), kept_together(&label.en));
    (list.codes)().into_iter().map(|(code, label)| (code.to_owned(), kept(label))).collect()
}

fn level_name(level: u8) -> Localized {
    Localized::new(format!("nivå\u{a0}{level}"), format!("level\u{a0}{level}"))
}

/// What a dimension divides the kommuner into: Swedish one and many, English one and many.
pub const fn nouns(dimension: Dimension) -> [&'static str; 4] {
    match dimension {
        Dimension::Nuts2 => ["riksområde", "riksområden", "national area", "national areas"],
        Dimension::Lan => ["län", "län", "län", "län"],
        Dimension::SizeBand => ["storleksklass", "storleksklasser", "size class", "size classes"],
        Dimension::SkrGroup => ["kommungrupp", "kommungrupper", "kommun group", "kommun groups"],
        Dimension::Maturity => ["nivå", "nivåer", "level", "levels"],
    }
}

/// What a dimension is about, as a heading.
pub const fn heading(dimension: Dimension) -> Localized {
    match dimension {
        Dimension::Nuts2 => Localized::fixed("Riksområde", "National area (riksområde)"),
        Dimension::Lan => Localized::fixed("Län", "Län"),
        Dimension::SizeBand => Localized::fixed("Folkmängd", "Population"),
        Dimension::SkrGroup => Localized::fixed("Kommungrupp (SKR)", "Kommun group (SKR)"),
        Dimension::Maturity => Localized::fixed(
            "Samverkan med sociala företag: egen bedömning, nivå\u{a0}1–5",
            "Cooperation with social enterprises: own assessment, level\u{a0}1–5",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_a_name_in_its_usual_order() {
        let labels =
            Labels::new([("25".into(), "Norrbottens län".into()), ("01".into(), "Stockholms län".into())]);
        let codes =
            |dimension| labels.of(dimension).iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>();
        assert_eq!(codes(Dimension::Lan), ["01", "25"]);
        assert_eq!(codes(Dimension::SizeBand), selection::SIZE_BANDS);
        assert_eq!(codes(Dimension::Maturity), ["1", "2", "3", "4", "5"]);
        assert_eq!(codes(Dimension::Nuts2).len(), 8);
        assert_eq!(labels.label(Dimension::Nuts2, "SE33").sv, "Övre Norrland");
        assert_eq!(labels.label(Dimension::SizeBand, "under10k").sv, "under 10\u{a0}000 invånare");
        assert_eq!(labels.label(Dimension::SkrGroup, "X1").en, "X1");
    }
}
