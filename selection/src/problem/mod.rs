//! A checked input, made ready to be searched: applicants as bits, categories as sets, distances and lottery numbers.

mod bits;
mod measures;
mod values;

use crate::fault::Fault;
use crate::input::{DEFAULT_NODE_BUDGET, Dimension, Goal, Input};
pub(crate) use bits::Bits;
pub use measures::distance;

/// A checked input, ready to be searched.
#[derive(Clone, Debug)]
pub struct Problem {
    input: Input,
    pub(crate) places: usize,
    pub(crate) goals: Vec<Goal>,
    pub(crate) node_budget: u64,
    /// By index: from north to south, because neighbours of the conflict graph then are neighbours of the order.
    pub(crate) codes: Vec<String>,
    /// One per [`Dimension::ALL`].
    pub(crate) partitions: Vec<Partition>,
    pub(crate) lottery: Vec<i64>,
    /// Metres, by two indexes.
    distances: Vec<Vec<i64>>,
    /// The different distances between two applicants, upwards.
    pub(crate) steps: Vec<i64>,
    pub(crate) pinned_in: Bits,
    pub(crate) pinned_out: Bits,
    /// Quotas on categories that nobody has and that want somebody, with how many.
    pub(crate) unreachable: Vec<(Dimension, String, u32)>,
}

/// The pool divided by a dimension.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) dimension: Dimension,
    /// In the order of their names.
    pub(crate) categories: Vec<Category>,
    /// By the applicant's index: its category's index.
    pub(crate) of: Vec<usize>,
    pub(crate) has_quotas: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Category {
    pub(crate) name: String,
    pub(crate) members: Bits,
    /// How many may be chosen by the quotas: 0 and all places without one.
    pub(crate) min: usize,
    pub(crate) max: usize,
}

impl Problem {
    /// Checks and prepares an input.
    ///
    /// # Errors
    /// Those of [`Input::faults`].
    pub fn new(input: &Input) -> Result<Self, Vec<Fault>> {
        let faults = input.faults();
        if faults.is_empty() { Ok(Problem::prepared(input.clone())) } else { Err(faults) }
    }

    /// The input that it was made of.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Prepares an input that has no faults.
    pub(crate) fn prepared(input: Input) -> Self {
        let mut pool: Vec<_> = input.applicants.iter().collect();
        pool.sort_by(|a, b| b.latitude.total_cmp(&a.latitude).then_with(|| a.kommunkod.cmp(&b.kommunkod)));
        let points: Vec<_> = pool.iter().map(|applicant| (applicant.latitude, applicant.longitude)).collect();
        let pinned = |is_in| {
            let is_pinned =
                |code: &str| input.pins.iter().any(|pin| pin.is_in == is_in && pin.kommunkod == code);
            (0..pool.len())
                .filter(|index| pool.get(*index).is_some_and(|applicant| is_pinned(&applicant.kommunkod)))
                .collect()
        };
        let places = input.places as usize;
        let partitions = Dimension::ALL.map(|dimension| {
            let of: Vec<_> = pool.iter().map(|applicant| applicant.category(dimension)).collect();
            partition(&input, dimension, &of)
        });
        let unreachable = input.quotas.iter().filter_map(|quota| {
            let min = quota.min.filter(|min| *min > 0)?;
            let is_there = input
                .applicants
                .iter()
                .any(|applicant| applicant.category(quota.dimension) == quota.category);
            (!is_there).then(|| (quota.dimension, quota.category.clone(), min))
        });
        let distances: Vec<Vec<i64>> = points
            .iter()
            .map(|from| points.iter().map(|to| measures::distance(*from, *to)).collect())
            .collect();
        let later =
            |(index, metres): (usize, &Vec<i64>)| metres.iter().skip(index + 1).copied().collect::<Vec<_>>();
        let mut steps: Vec<i64> = distances.iter().enumerate().flat_map(later).collect();
        steps.sort_unstable();
        steps.dedup();
        Problem {
            places,
            goals: input.goals().to_vec(),
            node_budget: input.node_budget.unwrap_or(DEFAULT_NODE_BUDGET),
            codes: pool.iter().map(|applicant| applicant.kommunkod.clone()).collect(),
            partitions: partitions.into(),
            lottery: pool
                .iter()
                .map(|applicant| measures::lottery_number(&input.seed, &applicant.kommunkod))
                .collect(),
            distances,
            steps,
            pinned_in: pinned(true),
            pinned_out: pinned(false),
            unreachable: unreachable.collect(),
            input,
        }
    }

    /// How many applicants there are.
    pub(crate) fn len(&self) -> usize {
        self.codes.len()
    }

    /// The pool divided by a dimension.
    pub(crate) fn partition(&self, dimension: Dimension) -> &Partition {
        #[expect(clippy::indexing_slicing, reason = "there is one per dimension, in the order of ALL")]
        &self.partitions[dimension as usize]
    }

    /// The distances from an applicant to all, in metres; none for an index that does not exist.
    pub(crate) fn distances_from(&self, index: usize) -> &[i64] {
        self.distances.get(index).map_or(&[], Vec::as_slice)
    }

    /// The index of a kommun.
    pub(crate) fn index(&self, kommunkod: &str) -> Option<usize> {
        self.codes.iter().position(|code| code == kommunkod)
    }

    /// The kommuner of a set, sorted.
    pub(crate) fn sorted(&self, set: Bits) -> Vec<String> {
        let mut codes: Vec<_> = set.iter().filter_map(|index| self.codes.get(index).cloned()).collect();
        codes.sort();
        codes
    }

    /// Whether the sorted list of a set comes before that of another one of the same size.
    pub(crate) fn is_before(&self, set: Bits, other: Bits) -> bool {
        let first = |bits: Bits| bits.iter().filter_map(|index| self.codes.get(index)).min();
        // The first place where the lists differ has the smallest code that only one of them has.
        match (first(set.minus(&other)), first(other.minus(&set))) {
            (Some(own), Some(others)) => own < others,
            _ => false,
        }
    }
}

fn partition(input: &Input, dimension: Dimension, of: &[String]) -> Partition {
    let mut names = of.to_vec();
    names.sort();
    names.dedup();
    let index: Vec<usize> = of.iter().filter_map(|name| names.binary_search(name).ok()).collect();
    let places = input.places as usize;
    let quotas = || input.quotas.iter().filter(|quota| quota.dimension == dimension);
    let categories = names.into_iter().enumerate().map(|(category, name)| {
        let quota = quotas().find(|quota| quota.category == name);
        let (min, max) = quota.map_or((None, None), |quota| (quota.min, quota.max));
        Category {
            members: index
                .iter()
                .enumerate()
                .filter(|(_, of)| **of == category)
                .map(|(index, _)| index)
                .collect(),
            min: min.map_or(0, |min| min as usize),
            max: max.map_or(places, |max| places.min(max as usize)),
            name,
        }
    });
    let has_quotas = quotas().next().is_some();
    Partition { dimension, categories: categories.collect(), of: index, has_quotas }
}
