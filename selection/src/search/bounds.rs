//! How many of each category the finished set can have: an interval per category, tightened by what is demanded of the layer
//! (a dimension, or the set of which one must be in). A contradiction ends a branch.

use crate::problem::balance_of;

/// A category's interval of the final count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) lo: usize,
    pub(crate) hi: usize,
}

/// No set fulfils the demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction;

/// The limits of a quota that may be broken at a cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) min: usize,
    pub(crate) max: usize,
}

/// The least Σ |K·count − places| with counts in the intervals whose sum is `places`.
pub(crate) fn least_balance(places: usize, intervals: &[Interval]) -> Option<i64> {
    let categories = intervals.len();
    let low = places / categories.max(1);
    let (mut sum, mut deviation, mut raisable, mut room) = (0, 0, 0, 0);
    for Interval { lo, hi } in intervals {
        if lo > hi {
            return None;
        }
        let count = low.clamp(*lo, *hi);
        sum += count;
        deviation += balance_of(categories, places, std::iter::once(count));
        raisable += usize::from(count == low && *hi > low);
        room += hi - count;
    }
    let (k, n) = (categories as i64, places as i64);
    match places.checked_sub(sum) {
        // Every unit that is too many is taken from a category below the mean, and costs K.
        None => {
            let low_sum: usize = intervals.iter().map(|interval| interval.lo).sum();
            (low_sum <= places).then(|| deviation + k * (sum - places) as i64)
        }
        Some(missing) if missing > room => None,
        // One more than `low` is the first above the mean in its category; every further one costs K.
        Some(missing) => {
            let first = missing.min(raisable);
            let step = k * (2 * low as i64 + 1) - 2 * n;
            Some(deviation + step * first as i64 + k * (missing - first) as i64)
        }
    }
}

/// The least Σ by which limits are broken, with counts in the intervals whose sum is `places`.
pub(crate) fn least_violation(places: usize, intervals: &[Interval], limits: &[Limits]) -> Option<i64> {
    let (mut sum, mut violation, mut useful, mut free, mut room) = (0, 0, 0, 0, 0);
    for (Interval { lo, hi }, Limits { min, max }) in intervals.iter().zip(limits) {
        if lo > hi {
            return None;
        }
        sum += lo;
        violation += min.saturating_sub(*lo) + lo.saturating_sub(*max);
        useful += min.min(hi).saturating_sub(*lo);
        free += max.min(hi).saturating_sub(*min.max(lo));
        room += hi - lo;
    }
    let missing = places.checked_sub(sum).filter(|missing| *missing <= room)?;
    let costly = missing.saturating_sub(useful + free);
    Some(violation as i64 - missing.min(useful) as i64 + costly as i64)
}

/// Tightens intervals until each end can be reached with a cost of at most `limit`.
pub(crate) fn narrow(
    intervals: &mut [Interval],
    limit: i64,
    cost: impl Fn(&[Interval]) -> Option<i64>,
) -> Result<(), Contradiction> {
    let holds = |intervals: &[Interval]| cost(intervals).is_some_and(|cost| cost <= limit);
    if !holds(intervals) {
        return Err(Contradiction);
    }
    for at in 0..intervals.len() {
        let Some(Interval { mut lo, mut hi }) = intervals.get(at).copied() else { continue };
        if lo == hi {
            continue;
        }
        let mut holds_with = |count: usize| {
            if let Some(interval) = intervals.get_mut(at) {
                *interval = Interval { lo: count, hi: count };
            }
            holds(intervals)
        };
        while lo <= hi && !holds_with(lo) {
            lo += 1;
        }
        while hi > lo && !holds_with(hi) {
            hi -= 1;
        }
        if lo > hi {
            return Err(Contradiction);
        }
        if let Some(interval) = intervals.get_mut(at) {
            *interval = Interval { lo, hi };
        }
    }
    Ok(())
}

/// Demands that at least `wanted` categories are not empty. Returns how many more than those that the intervals promise must
/// be begun.
pub(crate) fn cover(
    intervals: &mut [Interval],
    counts: &[usize],
    wanted: usize,
) -> Result<usize, Contradiction> {
    let begun = counts.iter().filter(|count| **count > 0).count();
    let is_possible = |(interval, count): &(&mut Interval, &usize)| **count == 0 && interval.hi > 0;
    let possible = intervals.iter_mut().zip(counts).filter(is_possible).count();
    if begun + possible < wanted {
        return Err(Contradiction);
    }
    if begun + possible == wanted {
        for (interval, _) in intervals.iter_mut().zip(counts).filter(is_possible) {
            interval.lo = interval.lo.max(1);
        }
    }
    let promised = intervals.iter().zip(counts).filter(|(interval, count)| **count == 0 && interval.lo > 0);
    Ok(wanted.saturating_sub(begun + promised.count()))
}

/// Tightens by the number of those still to be chosen; `extra` of them must begin a category that nothing promises yet.
pub(crate) fn fit(
    intervals: &mut [Interval],
    counts: &[usize],
    remaining: usize,
    extra: usize,
) -> Result<(), Contradiction> {
    let needed: usize =
        intervals.iter().zip(counts).map(|(interval, count)| interval.lo.saturating_sub(*count)).sum();
    if needed + extra > remaining {
        return Err(Contradiction);
    }
    let spare = remaining - needed - extra;
    let room: usize =
        intervals.iter().zip(counts).map(|(interval, count)| interval.hi.saturating_sub(*count)).sum();
    if room < remaining {
        return Err(Contradiction);
    }
    let slack = room - remaining;
    for (interval, count) in intervals.iter_mut().zip(counts) {
        // One of the extra ones may begin this category.
        let begins = usize::from(extra > 0 && *count == 0 && interval.lo == 0);
        let Interval { lo, hi } = *interval;
        *interval = Interval { lo: lo.max(hi.saturating_sub(slack)), hi: hi.min(lo + spare + begins) };
    }
    Ok(())
}
