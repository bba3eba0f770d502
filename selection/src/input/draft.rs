//! An input of which parts may be missing, so that a document with faults can be checked as a whole.

use super::{Applicant, Dimension, Goal, Input, Pin, Quota};

/// An [`Input`] as far as it could be read. What is `None` already has its fault, except the optional members.
#[derive(Default)]
pub(super) struct Draft {
    pub places: Option<u32>,
    pub seed: Option<String>,
    pub goals: Option<Vec<Option<Goal>>>,
    pub applicants: Option<Vec<DraftApplicant>>,
    pub quotas: Vec<DraftQuota>,
    pub pins: Vec<DraftPin>,
    pub node_budget: Option<u64>,
}

#[derive(Default)]
pub(super) struct DraftApplicant {
    pub kommunkod: Option<String>,
    pub nuts2: Option<String>,
    pub lan: Option<String>,
    pub size_band: Option<String>,
    pub skr_group: Option<String>,
    pub maturity: Option<u8>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

#[derive(Default)]
pub(super) struct DraftQuota {
    pub dimension: Option<Dimension>,
    pub category: Option<String>,
    pub min: Option<u32>,
    pub max: Option<u32>,
    /// A limit that is there but could not be read is no missing limit.
    pub has_limit: bool,
}

#[derive(Default)]
pub(super) struct DraftPin {
    pub kommunkod: Option<String>,
    pub is_in: Option<bool>,
    pub reason: Option<String>,
}

impl Draft {
    pub(super) fn of(input: &Input) -> Self {
        Draft {
            places: Some(input.places),
            seed: Some(input.seed.clone()),
            goals: input.goals.as_ref().map(|goals| goals.iter().copied().map(Some).collect()),
            applicants: Some(input.applicants.iter().cloned().map(DraftApplicant::of).collect()),
            quotas: input.quotas.iter().cloned().map(DraftQuota::of).collect(),
            pins: input.pins.iter().cloned().map(DraftPin::of).collect(),
            node_budget: input.node_budget,
        }
    }

    /// The input, unless something is missing.
    pub(super) fn into_input(self) -> Option<Input> {
        let Draft { places, seed, goals, applicants, quotas, pins, node_budget } = self;
        let goals = match goals {
            Some(goals) => Some(goals.into_iter().collect::<Option<Vec<Goal>>>()?),
            None => None,
        };
        Some(Input {
            places: places?,
            seed: seed?,
            goals,
            applicants: applicants?.into_iter().map(DraftApplicant::done).collect::<Option<_>>()?,
            quotas: quotas.into_iter().map(DraftQuota::done).collect::<Option<_>>()?,
            pins: pins.into_iter().map(DraftPin::done).collect::<Option<_>>()?,
            node_budget,
        })
    }
}

impl DraftApplicant {
    fn of(whole: Applicant) -> Self {
        let Applicant { kommunkod, nuts2, lan, size_band, skr_group, maturity, latitude, longitude } = whole;
        DraftApplicant {
            kommunkod: Some(kommunkod),
            nuts2: Some(nuts2),
            lan: Some(lan),
            size_band: Some(size_band),
            skr_group: Some(skr_group),
            maturity: Some(maturity),
            latitude: Some(latitude),
            longitude: Some(longitude),
        }
    }

    fn done(self) -> Option<Applicant> {
        Some(Applicant {
            kommunkod: self.kommunkod?,
            nuts2: self.nuts2?,
            lan: self.lan?,
            size_band: self.size_band?,
            skr_group: self.skr_group?,
            maturity: self.maturity?,
            latitude: self.latitude?,
            longitude: self.longitude?,
        })
    }
}

impl DraftQuota {
    fn of(whole: Quota) -> Self {
        let Quota { dimension, category, min, max } = whole;
        let has_limit = min.is_some() || max.is_some();
        DraftQuota { dimension: Some(dimension), category: Some(category), min, max, has_limit }
    }

    fn done(self) -> Option<Quota> {
        Some(Quota { dimension: self.dimension?, category: self.category?, min: self.min, max: self.max })
    }
}

impl DraftPin {
    fn of(whole: Pin) -> Self {
        let Pin { kommunkod, is_in, reason } = whole;
        DraftPin { kommunkod: Some(kommunkod), is_in: Some(is_in), reason }
    }

    fn done(self) -> Option<Pin> {
        Some(Pin { kommunkod: self.kommunkod?, is_in: self.is_in?, reason: self.reason })
    }
}
