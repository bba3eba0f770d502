//! One language in which a teller speaks, and what all its sentences need to know of the pool.

use selection::{Answer, Applicant, Dimension, Goal, Quota};

use super::Teller;
use crate::calls::geography::closest;
use crate::platform::phrases::{Speaks, counted, listed};
use crate::platform::text::Language;

/// How many kommuner are told by name.
const MOST_NAMES: usize = 3;

/// How many kommuner of a category there are.
pub struct Count {
    /// The category's code.
    pub category: String,
    /// How many.
    pub count: usize,
}

/// A teller that speaks one language.
#[derive(Clone, Copy)]
pub struct Voice<'p> {
    /// What it tells about.
    pub teller: Teller<'p>,
    /// Its language.
    pub language: Language,
}

impl Speaks for Voice<'_> {
    fn language(&self) -> Language {
        self.language
    }
}

impl<'p> Voice<'p> {
    /// The name of a kommun; of an unknown one its code.
    pub fn name<'n>(&self, kommunkod: &'n str) -> &'n str
    where
        'p: 'n,
    {
        self.teller.names.get(kommunkod).map_or(kommunkod, String::as_str)
    }

    /// The names of kommuner in a row.
    pub fn names(&self, kommunkoder: &[&str]) -> String {
        let names: Vec<&str> = kommunkoder.iter().map(|code| self.name(code)).collect();
        listed(&names, self.language)
    }

    /// The names of some kommuner in a row; of many only the first, and how many others there are.
    pub fn few_names(&self, kommunkoder: &[&str]) -> String {
        let Some((first, others)) =
            kommunkoder.split_at_checked(MOST_NAMES).filter(|(_, rest)| !rest.is_empty())
        else {
            return self.names(kommunkoder);
        };
        let mut names: Vec<String> = first.iter().map(|code| self.name(code).to_owned()).collect();
        names.push(counted(others.len(), self.language, ["annan", "andra", "other", "others"]));
        listed(&names, self.language)
    }

    /// The name of a category.
    pub fn label(&self, dimension: Dimension, category: &str) -> String {
        self.teller.labels.label(dimension, category).get(self.language).to_owned()
    }

    /// The number of places.
    pub fn places(&self) -> usize {
        usize::try_from(self.teller.input.places).unwrap_or(usize::MAX)
    }

    /// The goal with an index.
    pub fn goal_at(&self, index: usize) -> Option<Goal> {
        self.teller.input.goals().get(index).copied()
    }

    /// The quota with an index.
    pub fn quota_at(&self, index: usize) -> Option<&'p Quota> {
        self.teller.input.quotas.get(index)
    }

    /// The applicants of the pool that are in a set.
    fn members(&self, set: &[String]) -> Vec<&'p Applicant> {
        self.teller.input.applicants.iter().filter(|one| set.contains(&one.kommunkod)).collect()
    }

    /// Which categories the pool has, in their usual order.
    pub fn categories(&self, dimension: Dimension) -> Vec<String> {
        self.teller.labels.present(&self.teller.input.applicants, dimension)
    }

    /// How many of a set there are in each category of the pool.
    pub fn counts(&self, dimension: Dimension, set: &[String]) -> Vec<Count> {
        let members = self.members(set);
        let count = |category: &str| members.iter().filter(|one| one.category(dimension) == category).count();
        let categories = self.categories(dimension).into_iter();
        categories.map(|category| Count { count: count(&category), category }).collect()
    }

    /// The two of a set that are closest to each other.
    pub fn closest(&self, set: &[String]) -> Option<[&'p str; 2]> {
        let members = self.members(set);
        let (one, other, _) = closest(&members, |one| (one.latitude, one.longitude))?;
        Some([&one.kommunkod, &other.kommunkod])
    }

    /// Whether the value of a goal is proven to be the best.
    pub fn is_proven(&self, index: usize) -> bool {
        match self.teller.answer {
            Answer::Optimal { .. } => true,
            Answer::Feasible { open_goal, .. } => index < *open_goal,
            Answer::Infeasible { .. } => false,
        }
    }
}
