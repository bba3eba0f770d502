//! How many of each category the finished set can have: an interval per category, tightened by what is demanded of the layer
//! (a dimension, or the set of which one must be in). A contradiction ends a branch.

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

/// The least cost of counts in intervals whose sum is that of the places, kept up to date when one interval changes.
pub(crate) trait Tally {
    /// Counts an interval in.
    fn add(&mut self, category: usize, interval: Interval);
    /// Takes it out again.
    fn remove(&mut self, category: usize, interval: Interval);
    /// The least cost; `None` when no counts have the sum.
    fn cost(&self) -> Option<i64>;
}

/// The least Σ |K·count − places|: every category as near to the mean as its interval allows, then what is missing or too much.
pub(crate) struct Balance {
    categories: i64,
    places: i64,
    /// The mean, rounded down.
    low: i64,
    sum: i64,
    deviation: i64,
    /// In how many categories one more than `low` is allowed.
    raisable: i64,
    room: i64,
    least_sum: i64,
}

impl Balance {
    pub(crate) fn new(places: usize, categories: usize) -> Self {
        let low = (places / categories.max(1)) as i64;
        let (categories, places) = (categories as i64, places as i64);
        Balance { categories, places, low, sum: 0, deviation: 0, raisable: 0, room: 0, least_sum: 0 }
    }

    fn count(&mut self, Interval { lo, hi }: Interval, sign: i64) {
        let (lo, hi) = (lo as i64, hi as i64);
        let count = self.low.clamp(lo, hi.max(lo));
        self.sum += sign * count;
        self.deviation += sign * (self.categories * count - self.places).abs();
        self.raisable += sign * i64::from(count == self.low && hi > self.low);
        self.room += sign * (hi - count);
        self.least_sum += sign * lo;
    }
}

impl Tally for Balance {
    fn add(&mut self, _category: usize, interval: Interval) {
        self.count(interval, 1);
    }

    fn remove(&mut self, _category: usize, interval: Interval) {
        self.count(interval, -1);
    }

    fn cost(&self) -> Option<i64> {
        let missing = self.places - self.sum;
        if missing < 0 {
            // Every unit that is too many is taken from a category below the mean, and costs K.
            return (self.least_sum <= self.places).then(|| self.deviation - self.categories * missing);
        }
        // One more than `low` is the first above the mean in its category; every further one costs K.
        let first = missing.min(self.raisable);
        let step = self.categories * (2 * self.low + 1) - 2 * self.places;
        (missing <= self.room).then(|| self.deviation + step * first + self.categories * (missing - first))
    }
}

/// The least Σ by which limits are broken: first what mends, then what costs nothing, then what breaks.
pub(crate) struct Violation<'l> {
    limits: &'l [Limits],
    places: i64,
    sum: i64,
    broken: i64,
    mending: i64,
    free: i64,
    room: i64,
}

impl<'l> Violation<'l> {
    pub(crate) fn new(places: usize, limits: &'l [Limits]) -> Self {
        Violation { limits, places: places as i64, sum: 0, broken: 0, mending: 0, free: 0, room: 0 }
    }

    fn count(&mut self, category: usize, Interval { lo, hi }: Interval, sign: i64) {
        let Some(Limits { min, max }) = self.limits.get(category) else { return };
        let of = |count: usize| sign * count as i64;
        self.sum += of(lo);
        self.broken += of(min.saturating_sub(lo) + lo.saturating_sub(*max));
        self.mending += of(hi.min(*min).saturating_sub(lo));
        self.free += of(hi.min(*max).saturating_sub(lo.max(*min)));
        self.room += of(hi.saturating_sub(lo));
    }
}

impl Tally for Violation<'_> {
    fn add(&mut self, category: usize, interval: Interval) {
        self.count(category, interval, 1);
    }

    fn remove(&mut self, category: usize, interval: Interval) {
        self.count(category, interval, -1);
    }

    fn cost(&self) -> Option<i64> {
        let missing = self.places - self.sum;
        let breaking = (missing - self.mending - self.free).max(0);
        (0..=self.room).contains(&missing).then(|| self.broken - missing.min(self.mending) + breaking)
    }
}

/// The least cost with counts in these intervals.
pub(crate) fn least(mut tally: impl Tally, intervals: &[Interval]) -> Option<i64> {
    intervals.iter().enumerate().for_each(|(category, interval)| tally.add(category, *interval));
    tally.cost()
}

/// Tightens intervals until each end can be reached with a cost of at most `limit`.
pub(crate) fn narrow(
    intervals: &mut [Interval],
    limit: i64,
    mut tally: impl Tally,
) -> Result<(), Contradiction> {
    intervals.iter().enumerate().for_each(|(category, interval)| tally.add(category, *interval));
    if tally.cost().is_none_or(|cost| cost > limit) {
        return Err(Contradiction);
    }
    for (category, interval) in intervals.iter_mut().enumerate() {
        let Interval { mut lo, mut hi } = *interval;
        if lo == hi {
            continue;
        }
        tally.remove(category, *interval);
        let mut holds_with = |count: usize| {
            let fixed = Interval { lo: count, hi: count };
            tally.add(category, fixed);
            let holds = tally.cost().is_some_and(|cost| cost <= limit);
            tally.remove(category, fixed);
            holds
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
        *interval = Interval { lo, hi };
        tally.add(category, *interval);
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
