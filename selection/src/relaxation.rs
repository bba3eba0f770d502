//! When no set fulfils the quotas: the smallest total by which they must be broken, and one way of it.

use crate::answer::{Bound, Relaxation, Relaxed};
use crate::input::Dimension;
use crate::problem::{Bits, Problem};
use crate::search::{self, Demands, Meter, Prices, Quotas, Stop};
use crate::solving::FIRST_SET_NODES;
use crate::watch::{Cancelled, Watch};

/// The smallest relaxation; `None` when the search would have to visit too many nodes. Pins hold.
pub(crate) fn relaxation(problem: &Problem, watch: &dyn Watch) -> Result<Option<Relaxation>, Cancelled> {
    let mut meter = Meter::new(FIRST_SET_NODES, watch);
    match least_broken(problem, Demands::of(problem), &mut meter) {
        Ok(set) => Ok(set.map(|set| broken_by(problem, set))),
        Err(Stop::Budget | Stop::Pause) => Ok(None),
        Err(Stop::Cancelled) => Err(Cancelled),
    }
}

/// A set that breaks the quotas by as little as possible; `None` when no set has the pins.
pub(crate) fn least_broken(
    problem: &Problem,
    mut demands: Demands,
    meter: &mut Meter<'_>,
) -> Result<Option<Bits>, Stop> {
    // Every set breaks them by less than this.
    let most: u64 = problem.input().quotas.iter().map(|quota| u64::from(quota.min.unwrap_or(0))).sum();
    let most = most as i64 + (problem.places * Dimension::ALL.len()) as i64;
    for total in 0..=most {
        demands.quotas = Quotas::BrokenBy(total);
        if let Some(set) = search::any(problem, &demands, &mut Prices::default(), meter)? {
            return Ok(Some(set));
        }
    }
    Ok(None)
}

/// By how much a set breaks each quota.
pub(crate) fn broken_by(problem: &Problem, set: Bits) -> Relaxation {
    let mut quotas: Vec<_> = problem.input().quotas.iter().collect();
    quotas.sort_by_key(|quota| (quota.dimension, &quota.category));
    let broken = quotas.into_iter().filter_map(|quota| {
        let categories = &problem.partition(quota.dimension).categories;
        let category = categories.iter().find(|category| category.name == quota.category);
        let count = category.map_or(0, |category| category.members.and(&set).len()) as u64;
        let too_few = u64::from(quota.min.unwrap_or(0)).saturating_sub(count);
        let too_many = quota.max.map_or(0, |max| count.saturating_sub(u64::from(max)));
        let (bound, by) = if too_few > 0 { (Bound::Min, too_few) } else { (Bound::Max, too_many) };
        (by > 0).then(|| Relaxed { dimension: quota.dimension, category: quota.category.clone(), bound, by })
    });
    let quotas: Vec<Relaxed> = broken.collect();
    Relaxation { total: quotas.iter().map(|relaxed| relaxed.by).sum(), quotas }
}
