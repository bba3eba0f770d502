//! Pools for tests and the bench: drawn from the 290 kommuner with a seed, so that they are the same every time.

use selection::{Applicant, Dimension, Input, Pin, Quota};

/// Chance with a seed (xorshift64*).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// 0 to `end` − 1.
    pub fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 33) % end.max(1) as u64) as usize
    }

    pub fn is(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    pub fn seed(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }
}

/// The kommuner of the register of 2019, with maturity 3.
pub fn kommuner() -> Vec<Applicant> {
    let register = include_str!("../data/kommuner.csv");
    let kommun = |line: &str| {
        let columns: Vec<&str> = line.split(',').collect();
        let [kommunkod, lan, nuts2, population, group, latitude, longitude] = columns[..] else {
            panic!("{line}")
        };
        let size_band = match population.parse().expect("a number") {
            0..10_000 => "under10k",
            10_000..25_000 => "from10kTo25k",
            25_000..50_000 => "from25kTo50k",
            50_000..100_000 => "from50kTo100k",
            100_000_u32.. => "from100k",
        };
        Applicant {
            kommunkod: kommunkod.to_owned(),
            nuts2: nuts2.to_owned(),
            lan: lan.to_owned(),
            size_band: size_band.to_owned(),
            skr_group: group.to_owned(),
            maturity: 3,
            latitude: latitude.parse().expect("degrees"),
            longitude: longitude.parse().expect("degrees"),
        }
    };
    register.lines().skip(1).map(kommun).collect()
}

/// A pool of `applicants` kommuner for `places`; with quotas and pins when `is_limited`.
pub fn pool(seed: u64, applicants: usize, places: usize, is_limited: bool) -> Input {
    let mut chance = Chance::new(seed.wrapping_mul(1_000_003) + applicants as u64 * 1_009 + places as u64);
    let mut all = kommuner();
    chance.shuffle(&mut all);
    all.truncate(applicants);
    for applicant in &mut all {
        applicant.maturity = if chance.is(10) { 5 } else { *chance.pick(&[1, 1, 2, 2, 2, 3, 3, 3, 4, 4]) };
    }
    let (mut quotas, mut pins) = (Vec::new(), Vec::new());
    if is_limited {
        let quota = |dimension, category: &str, min, max| Quota {
            dimension,
            category: category.to_owned(),
            min,
            max,
        };
        let twelfth = (places / 12).max(1) as u32;
        quotas.push(quota(Dimension::SizeBand, "from100k", None, Some(2 * twelfth)));
        quotas.push(quota(Dimension::SizeBand, "under10k", Some(twelfth), None));
        quotas.push(quota(Dimension::Maturity, "5", Some(twelfth), Some(3 * twelfth)));
        quotas.push(quota(Dimension::Lan, "14", None, Some(2 * twelfth)));
        quotas.push(quota(Dimension::SkrGroup, "C8", Some(1), None));
        let pin = |applicant: &Applicant, is_in| Pin {
            kommunkod: applicant.kommunkod.clone(),
            is_in,
            reason: Some("För provet".to_owned()),
        };
        pins.push(pin(&all[0], true));
        pins.extend(all.iter().skip(1).take(2).map(|applicant| pin(applicant, false)));
    }
    Input {
        places: places as u32,
        seed: chance.seed(),
        goals: None,
        applicants: all,
        quotas,
        pins,
        node_budget: None,
    }
}
