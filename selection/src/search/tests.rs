//! Every node treated as a hard one finds the same as none treated so.

use super::{Aim, Demands, Meter, Prices, run};
use crate::input::{Applicant, Dimension, Input, Quota, SIZE_BANDS};
use crate::problem::Problem;
use crate::watch::NoWatch;

/// A problem of 24 applicants for eight places, with chance from `seed`.
fn problem(seed: u64) -> Problem {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut below = |end: u64| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    };
    let applicants = (0..24).map(|index| Applicant {
        kommunkod: format!("{index:04}"),
        nuts2: format!("SE1{}", below(3)),
        lan: format!("{:02}", below(8)),
        size_band: SIZE_BANDS[below(4) as usize].to_owned(),
        skr_group: "A1".to_owned(),
        maturity: 1 + below(3) as u8,
        latitude: 56.0 + below(40) as f64 / 4.0,
        longitude: 12.0 + below(20) as f64 / 4.0,
    });
    let applicants = applicants.collect();
    let category = SIZE_BANDS[below(4) as usize].to_owned();
    let max = Some(1 + below(3) as u32);
    Problem::prepared(Input {
        places: 8,
        seed: format!("{seed:032x}"),
        goals: None,
        applicants,
        quotas: vec![Quota { dimension: Dimension::SizeBand, category, min: None, max }],
        pins: Vec::new(),
        node_budget: None,
    })
}

#[test]
fn hard_nodes_find_what_others_find() {
    let (mut possible, mut impossible) = (0, 0);
    for seed in 0..400 {
        let problem = problem(seed);
        let mut demands = Demands::of(&problem);
        demands.balance[Dimension::Maturity as usize] = Some(6);
        demands.coverage[Dimension::Lan as usize] = 6;
        demands.distance = 40_000 + 30_000 * (seed as i64 % 8);
        let mut found = [None, None, None, None];
        for (at, (aim, patience)) in
            [(Aim::Any, u64::MAX / 64), (Aim::Any, 0), (Aim::Greatest, u64::MAX / 64), (Aim::Greatest, 0)]
                .into_iter()
                .enumerate()
        {
            let mut meter = Meter::new(u64::MAX, &NoWatch);
            let with = (&mut found[at], &mut Prices::default());
            assert_eq!(run(&problem, &demands, (aim, patience), with, &mut meter), Ok(()));
        }
        let [usual, hard, greatest, greatest_hard] = found;
        assert_eq!((usual.is_some(), hard.is_some()), (hard.is_some(), greatest.is_some()), "{seed}");
        assert_eq!(greatest, greatest_hard, "{seed}");
        possible += u32::from(usual.is_some());
        impossible += u32::from(usual.is_none());
    }
    assert!(possible > 50 && impossible > 50, "{possible} {impossible}");
}
