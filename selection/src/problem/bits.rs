//! A set of applicants as bits.

/// Words of 64 applicants: room for 320, more than [`crate::MAX_APPLICANTS`].
const WORDS: usize = 5;

/// A set of applicants, each known by its index in the problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits([u64; WORDS]);

impl Bits {
    /// The applicants 0 to `count` − 1.
    pub(crate) fn first_of(count: usize) -> Self {
        (0..count).collect()
    }

    pub(crate) fn insert(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    pub(crate) fn remove(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word &= !(1 << (index % 64));
        }
    }

    pub(crate) fn contains(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// How many. Bits are counted in bytes of all words together, because without an instruction for it counting word by word takes
    /// most of the search's time.
    pub(crate) fn len(&self) -> usize {
        const PAIRS: u64 = 0x5555_5555_5555_5555;
        const FOURS: u64 = 0x3333_3333_3333_3333;
        const BYTES: u64 = 0x0F0F_0F0F_0F0F_0F0F;
        const WIDE: u64 = 0x00FF_00FF_00FF_00FF;
        let in_bytes = |word: &u64| {
            let pairs = word - (word >> 1 & PAIRS);
            let fours = (pairs & FOURS) + (pairs >> 2 & FOURS);
            (fours + (fours >> 4)) & BYTES
        };
        let bytes: u64 = self.0.iter().map(in_bytes).sum();
        let wide = (bytes & WIDE) + (bytes >> 8 & WIDE);
        (wide.wrapping_mul(0x0001_0001_0001_0001) >> 48) as usize
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The lowest index.
    pub(crate) fn first(&self) -> Option<usize> {
        let (at, word) = self.0.iter().enumerate().find(|(_, word)| **word != 0)?;
        Some(at * 64 + word.trailing_zeros() as usize)
    }

    fn with(mut self, other: &Bits, each: impl Fn(u64, u64) -> u64) -> Bits {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own = each(*own, *other);
        }
        self
    }

    /// In both.
    pub(crate) fn and(&self, other: &Bits) -> Bits {
        self.with(other, |own, other| own & other)
    }

    /// In one or both.
    pub(crate) fn or(&self, other: &Bits) -> Bits {
        self.with(other, |own, other| own | other)
    }

    /// In this one and not in the other.
    pub(crate) fn minus(&self, other: &Bits) -> Bits {
        self.with(other, |own, other| own & !other)
    }

    /// The indexes, upwards.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

impl FromIterator<usize> for Bits {
    fn from_iter<I: IntoIterator<Item = usize>>(indexes: I) -> Self {
        let mut bits = Bits::default();
        indexes.into_iter().for_each(|index| bits.insert(index));
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn sets_are_what_lists_say() {
        let (even, third): (Bits, Bits) = ((0..320).step_by(2).collect(), (0..320).step_by(3).collect());
        let list = |bits: Bits| bits.iter().collect::<Vec<_>>();
        assert_eq!(list(even.and(&third)), (0..320).step_by(6).collect::<Vec<_>>());
        assert_eq!(list(even.or(&third)), (0..320).filter(|i| i % 2 == 0 || i % 3 == 0).collect::<Vec<_>>());
        assert_eq!(list(third.minus(&even)), (3..320).step_by(6).collect::<Vec<_>>());
        assert_eq!((even.len(), even.first(), Bits::default().first()), (160, Some(0), None));
        let mut one = Bits::first_of(1);
        assert!(one.contains(0) && !one.contains(1) && !one.contains(999));
        one.remove(0);
        assert!(one.is_empty());
        assert!((0..=320).all(|count| Bits::first_of(count).len() == count));
    }
}
