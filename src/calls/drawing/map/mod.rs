//! The map of a selection: the chosen, the reserves and the other applicants as points at the centroids of their kommuner, on a
//! net of latitudes and longitudes. All kommuner are there as faint dots, which show the country's shape; there is no outline.
//! Marks differ by shape, so that a print in grey says as much.

mod column;
mod layout;
mod net;
mod projection;
mod words;

pub use words::what_reserves_are;

use askama::Template;

use crate::platform::text::{Language, Localized};

/// What the map shows.
#[derive(Clone, Debug)]
pub struct MapData {
    /// The name of the programme.
    pub programme: String,
    /// What the selection is: "förslag", "beslutat".
    pub status: Localized,
    /// What has changed since the announcement, as a sentence.
    pub since: Option<Localized>,
    /// The pool.
    pub applicants: Vec<Applicant>,
    /// The names of all län.
    pub lan: Vec<Lan>,
    /// All kommuner of the register.
    pub register: Vec<Place>,
}

/// A kommun and where it is.
#[derive(Clone, Debug)]
pub struct Place {
    /// SCB's four digits.
    pub kommunkod: String,
    /// "Boden".
    pub name: String,
    /// SCB's two digits.
    pub lan_code: String,
    /// Of the centroid, degrees north (WGS 84).
    pub latitude: f64,
    /// Of the centroid, degrees east (WGS 84).
    pub longitude: f64,
}

/// A län and its name.
#[derive(Clone, Debug)]
pub struct Lan {
    /// SCB's two digits.
    pub code: String,
    /// "Norrbottens län".
    pub name: String,
}

/// A kommun of the pool.
#[derive(Clone, Debug)]
pub struct Applicant {
    /// The kommun.
    pub place: Place,
    /// What became of its application.
    pub role: Role,
}

/// What became of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Chosen.
    Chosen,
    /// Chosen, and has left since the announcement.
    Left,
    /// Not chosen, and was given a place after the announcement; with its number if it was a reserve.
    Came(Option<u32>),
    /// Reserve, with its number, the first being 1.
    Reserve(u32),
    /// Neither.
    Other,
}

/// The map as SVG.
///
/// # Errors
/// If the template cannot be rendered, which no data causes.
pub fn map(data: &MapData, language: Language) -> Result<String, askama::Error> {
    layout::Map::new(data, language).render()
}

impl MapData {
    fn of_role(&self, role: Role) -> Vec<&Place> {
        self.applicants.iter().filter(|one| one.role == role).map(|one| &one.place).collect()
    }

    /// The chosen that have not left.
    fn chosen(&self) -> Vec<&Place> {
        self.of_role(Role::Chosen)
    }

    /// The chosen by the decision, those that have left too.
    fn decided(&self) -> Vec<&Place> {
        let is_decided = |one: &&Applicant| matches!(one.role, Role::Chosen | Role::Left);
        self.applicants.iter().filter(is_decided).map(|one| &one.place).collect()
    }

    /// Those that were given a place after the announcement.
    fn came(&self) -> Vec<&Place> {
        let came = self.applicants.iter().filter(|one| matches!(one.role, Role::Came(_)));
        came.map(|one| &one.place).collect()
    }

    /// The reserves in order, each with its number.
    fn reserves(&self) -> Vec<(u32, &Place)> {
        let rank = |one: &Applicant| match one.role {
            Role::Reserve(rank) => Some(rank),
            Role::Chosen | Role::Left | Role::Came(_) | Role::Other => None,
        };
        let mut all: Vec<_> =
            self.applicants.iter().filter_map(|one| Some((rank(one)?, &one.place))).collect();
        all.sort_by_key(|(rank, place)| (*rank, &place.kommunkod));
        all
    }

    fn others(&self) -> Vec<&Place> {
        self.of_role(Role::Other)
    }

    /// The register without the pool.
    fn bystanders(&self) -> impl Iterator<Item = &Place> {
        let is_applicant = |code: &str| self.applicants.iter().any(|one| one.place.kommunkod == code);
        self.register.iter().filter(move |place| !is_applicant(&place.kommunkod))
    }
}

#[cfg(test)]
mod tests;
