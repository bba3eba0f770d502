//! The recorded input of a selection: one JSON document from which anybody can repeat it.

pub mod checks;
mod draft;
mod reading;
mod strict;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::fault::Fault;
use draft::Draft;

/// The largest pool: as many as there are kommuner.
pub const MAX_APPLICANTS: usize = 290;
/// The largest budget in search nodes.
pub const MAX_NODE_BUDGET: u64 = 1_000_000_000;
/// How many nodes the search may visit when an input does not say.
pub const DEFAULT_NODE_BUDGET: u64 = 2_000_000;
/// The size bands by population; the lower bound belongs to the band.
pub const SIZE_BANDS: [&str; 5] = ["under10k", "from10kTo25k", "from25kTo50k", "from50kTo100k", "from100k"];

/// What the goals are when an input names none.
pub const DEFAULT_GOALS: [Goal; 6] = [
    Goal::Coverage(Dimension::Nuts2),
    Goal::Coverage(Dimension::Lan),
    Goal::Balance(Dimension::SizeBand),
    Goal::Balance(Dimension::Maturity),
    Goal::Dispersion,
    Goal::Lottery,
];

/// Everything that an answer depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// How many are chosen, at least 1.
    pub places: u32,
    /// The programme's seed: 32 lower-case hexadecimal digits.
    pub seed: String,
    /// The goals in the order in which they are compared; without them [`DEFAULT_GOALS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goals: Option<Vec<Goal>>,
    /// The pool, in any order.
    pub applicants: Vec<Applicant>,
    /// Hard limits on how many of a category are chosen.
    #[serde(default)]
    pub quotas: Vec<Quota>,
    /// Who is in or out beforehand.
    #[serde(default)]
    pub pins: Vec<Pin>,
    /// How many nodes the search may visit, 1 to [`MAX_NODE_BUDGET`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_budget: Option<u64>,
}

/// A kommun that can be chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Applicant {
    /// Four digits.
    pub kommunkod: String,
    /// `SE11` to `SE33`.
    pub nuts2: String,
    /// The county's code, two digits.
    pub lan: String,
    /// One of [`SIZE_BANDS`].
    pub size_band: String,
    /// The group of SKR's classification, such as `A1`.
    pub skr_group: String,
    /// How far the kommun has come, 1 to 5.
    pub maturity: u8,
    /// Of the kommun's centroid, in degrees (WGS 84).
    pub latitude: f64,
    /// Of the kommun's centroid, in degrees (WGS 84).
    pub longitude: f64,
}

impl Applicant {
    /// The category that the applicant belongs to, as text.
    pub fn category(&self, dimension: Dimension) -> String {
        match dimension {
            Dimension::Nuts2 => self.nuts2.clone(),
            Dimension::Lan => self.lan.clone(),
            Dimension::SizeBand => self.size_band.clone(),
            Dimension::SkrGroup => self.skr_group.clone(),
            Dimension::Maturity => self.maturity.to_string(),
        }
    }
}

/// A property that divides the pool into categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Dimension {
    /// The EU's regions.
    Nuts2,
    /// Counties.
    Lan,
    /// Population.
    SizeBand,
    /// SKR's classification.
    SkrGroup,
    /// How far the kommun has come, 1 to 5.
    Maturity,
}

impl Dimension {
    /// All dimensions.
    pub const ALL: [Dimension; 5] =
        [Dimension::Nuts2, Dimension::Lan, Dimension::SizeBand, Dimension::SkrGroup, Dimension::Maturity];

    /// The code in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Dimension::Nuts2 => "nuts2",
            Dimension::Lan => "lan",
            Dimension::SizeBand => "sizeBand",
            Dimension::SkrGroup => "skrGroup",
            Dimension::Maturity => "maturity",
        }
    }

    /// The dimension with a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Dimension::ALL.into_iter().find(|dimension| dimension.code() == code)
    }
}

/// Something that the choice should be good at. All values are integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "GoalDocument", into = "GoalDocument")]
pub enum Goal {
    /// As many different categories as possible.
    Coverage(Dimension),
    /// As equally many of each category as possible: Σ |K·count − places| over the K categories of the pool, as low as possible.
    Balance(Dimension),
    /// The smallest distance between two chosen in metres, as great as possible; 0 when only one is chosen.
    Dispersion,
    /// The sum of the chosen kommuner's lottery numbers, as great as possible.
    Lottery,
}

impl Goal {
    /// The kinds' codes in JSON.
    pub const KINDS: [&str; 4] = ["coverage", "balance", "dispersion", "lottery"];

    /// The kind's code in JSON.
    pub const fn kind(self) -> &'static str {
        match self {
            Goal::Coverage(_) => "coverage",
            Goal::Balance(_) => "balance",
            Goal::Dispersion => "dispersion",
            Goal::Lottery => "lottery",
        }
    }

    /// The dimension of coverage and balance.
    pub const fn dimension(self) -> Option<Dimension> {
        match self {
            Goal::Coverage(dimension) | Goal::Balance(dimension) => Some(dimension),
            Goal::Dispersion | Goal::Lottery => None,
        }
    }

    /// Whether `value` is worse than `reference`: less, and for balance more.
    pub const fn is_worse(self, value: i64, reference: i64) -> bool {
        match self {
            Goal::Balance(_) => value > reference,
            _ => value < reference,
        }
    }

    /// The next worse integer.
    pub(crate) const fn just_worse(self, value: i64) -> i64 {
        match self {
            Goal::Balance(_) => value + 1,
            _ => value - 1,
        }
    }

    /// The value as something to be made small.
    pub(crate) const fn cost(self, value: i64) -> i64 {
        match self {
            Goal::Balance(_) => value,
            _ => -value,
        }
    }

    /// The goal of a kind and a dimension, when they go together.
    pub fn from_parts(kind: &str, dimension: Option<Dimension>) -> Option<Self> {
        match (kind, dimension) {
            ("coverage", Some(dimension)) => Some(Goal::Coverage(dimension)),
            ("balance", Some(dimension)) => Some(Goal::Balance(dimension)),
            ("dispersion", None) => Some(Goal::Dispersion),
            ("lottery", None) => Some(Goal::Lottery),
            _ => None,
        }
    }
}

/// A goal as it stands in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoalDocument {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dimension: Option<Dimension>,
}

impl From<Goal> for GoalDocument {
    fn from(goal: Goal) -> Self {
        GoalDocument { kind: goal.kind().to_owned(), dimension: goal.dimension() }
    }
}

impl TryFrom<GoalDocument> for Goal {
    type Error = String;

    fn try_from(document: GoalDocument) -> Result<Self, String> {
        Goal::from_parts(&document.kind, document.dimension).ok_or_else(|| {
            format!("{}: unknown kind, or its dimension is missing or too much", document.kind)
        })
    }
}

/// A hard limit on how many of a category are chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quota {
    /// Which property.
    pub dimension: Dimension,
    /// Which category, as text (`3` for maturity). It may be one that nobody in the pool has.
    pub category: String,
    /// At least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

/// A decision taken beforehand about one applicant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pin {
    /// Whom.
    pub kommunkod: String,
    /// Whether it is among the chosen, or not.
    #[serde(rename = "in")]
    pub is_in: bool,
    /// Why. It does not matter for the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Input {
    /// Reads a JSON document.
    ///
    /// # Errors
    /// All faults of the document: of its syntax, of its shape and those of [`Input::faults`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let document = strict::read(bytes).map_err(|fault| vec![fault])?;
        let mut faults = Vec::new();
        let draft = reading::read(&document, &mut faults);
        faults.extend(draft.as_ref().map(checks::faults).unwrap_or_default());
        match draft.and_then(Draft::into_input) {
            Some(input) if faults.is_empty() => Ok(input),
            _ => Err(faults),
        }
    }

    /// Everything that is wrong with the input; empty for one that [`crate::Problem::new`] takes.
    pub fn faults(&self) -> Vec<Fault> {
        checks::faults(&Draft::of(self))
    }

    /// The goals, or the default ones.
    pub fn goals(&self) -> &[Goal] {
        self.goals.as_deref().unwrap_or(&DEFAULT_GOALS)
    }

    /// The canonical form (RFC 8785).
    ///
    /// # Errors
    /// A coordinate that JSON has no number for (infinite, or none).
    pub fn canonical(&self) -> Result<String, Fault> {
        serde_json_canonicalizer::to_string(self).map_err(|error| {
            let (sv, en) = ("Kan inte skrivas som JSON", "Cannot be written as JSON");
            Fault::new(String::new(), "outOfRange", format!("{sv}: {error}"), format!("{en}: {error}"))
        })
    }

    /// The SHA-256 of the canonical form, in lower-case hexadecimal digits.
    ///
    /// # Errors
    /// As [`Input::canonical`].
    pub fn hash(&self) -> Result<String, Fault> {
        let digest = Sha256::digest(self.canonical()?);
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
