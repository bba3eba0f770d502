//! How the chosen are spread: for each dimension and each category of the pool, how many are chosen of how many applied. As
//! figures, and as a drawing of bars whose figures a screen reader finds as tables.

mod layout;
mod words;

use askama::Template;
use selection::{Applicant, Dimension};
use serde::Serialize;
use utoipa::ToSchema;

use crate::calls::dimensions::{Labels, heading};
use crate::platform::text::{Language, Localized};

/// The chosen against the pool, in one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DimensionShare {
    /// The dimension: `nuts2`, `lan`, `sizeBand`, `skrGroup` or `maturity`.
    #[schema(value_type = String, examples("nuts2"))]
    pub dimension: Dimension,
    /// What it is about, in the answer's language.
    pub label: String,
    /// The categories that somebody in the pool has, in their usual order.
    pub categories: Vec<CategoryShare>,
}

/// The chosen against the pool, in one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryShare {
    /// Its code.
    pub category: String,
    /// Its name, in the answer's language.
    pub label: String,
    /// How many kommuner of the pool are of it.
    pub pool: usize,
    /// How many of these are chosen.
    pub chosen: usize,
    /// Whether nobody of it is chosen.
    pub is_pool_only: bool,
}

/// What the drawing shows.
#[derive(Clone, Debug)]
pub struct DistributionData {
    /// The name of the programme.
    pub programme: String,
    /// What the selection is: "förslag", "beslutat".
    pub status: Localized,
    /// What has changed since the announcement, as a sentence.
    pub since: Option<Localized>,
    /// The figures, in the language of the drawing.
    pub dimensions: Vec<DimensionShare>,
    /// How many applied.
    pub pool: usize,
    /// How many are chosen.
    pub chosen: usize,
}

/// The figures of all dimensions.
pub fn shares(
    applicants: &[Applicant],
    chosen: &[String],
    labels: &Labels,
    language: Language,
) -> Vec<DimensionShare> {
    let share = |dimension| {
        let count = |category: &str, is_counted: &dyn Fn(&Applicant) -> bool| {
            let is_of = |one: &&Applicant| one.category(dimension) == category && is_counted(one);
            applicants.iter().filter(is_of).count()
        };
        let categories = labels.present(applicants, dimension).into_iter().map(|category| {
            let chosen = count(&category, &|one| chosen.contains(&one.kommunkod));
            CategoryShare {
                label: labels.label(dimension, &category).get(language).to_owned(),
                pool: count(&category, &|_| true),
                chosen,
                is_pool_only: chosen == 0,
                category,
            }
        });
        DimensionShare {
            dimension,
            label: heading(dimension).get(language).to_owned(),
            categories: categories.collect(),
        }
    };
    Dimension::ALL.map(share).into()
}

/// The drawing as SVG.
///
/// # Errors
/// If the template cannot be rendered, which no data causes.
pub fn distribution(data: &DistributionData, language: Language) -> Result<String, askama::Error> {
    layout::Bars::new(data, language).render()
}

#[cfg(test)]
mod tests;
