//! The engine against trying every set, on thousands of small pools: status, relaxation, every goal's value, the chosen,
//! explanations, reserves and replacements.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "in a test a panic is the report")]

mod support;

use selection::{
    Answer, Because, Dimension, Explanations, Goal, Input, NoWatch, Pin, Problem, Quota, Worse, explain,
    goal_values, replacement, reserves, solve,
};
use support::Chance;

/// Whatever can be chosen, and how: independent of the engine except for a set's goal values, which `values` recomputes.
struct Brute<'a> {
    input: &'a Input,
    codes: Vec<String>,
}

impl<'a> Brute<'a> {
    fn new(input: &'a Input) -> Self {
        let mut codes: Vec<String> =
            input.applicants.iter().map(|applicant| applicant.kommunkod.clone()).collect();
        codes.sort();
        Brute { input, codes }
    }

    /// All sets of `places`, each sorted, in the order of their lists.
    fn sets(&self, places: usize) -> Vec<Vec<String>> {
        fn extend(codes: &[String], places: usize, set: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
            if set.len() == places {
                return all.push(set.clone());
            }
            for (at, code) in codes.iter().enumerate() {
                set.push(code.clone());
                extend(&codes[at + 1..], places, set, all);
                set.pop();
            }
        }
        let mut all = Vec::new();
        extend(&self.codes, places, &mut Vec::new(), &mut all);
        all
    }

    fn category(&self, code: &str, dimension: Dimension) -> String {
        let found = self.input.applicants.iter().find(|applicant| applicant.kommunkod == code);
        found.expect("in the pool").category(dimension)
    }

    fn count(&self, set: &[String], dimension: Dimension, category: &str) -> i64 {
        set.iter().filter(|code| self.category(code, dimension) == category).count() as i64
    }

    fn is_pinned_right(&self, set: &[String], pins: &[Pin]) -> bool {
        pins.iter().all(|pin| set.contains(&pin.kommunkod) == pin.is_in)
    }

    fn violation(&self, set: &[String]) -> i64 {
        let broken = |quota: &Quota| {
            let count = self.count(set, quota.dimension, &quota.category);
            let (min, max) = (i64::from(quota.min.unwrap_or(0)), quota.max.map_or(i64::MAX, i64::from));
            (min - count).max(0) + (count - max).max(0)
        };
        self.input.quotas.iter().map(broken).sum()
    }

    /// The goals' values by their definitions.
    fn values(&self, set: &[String], places: usize) -> Vec<i64> {
        let value = |goal: &Goal| match goal {
            Goal::Coverage(dimension) => {
                let mut categories: Vec<_> = set.iter().map(|code| self.category(code, *dimension)).collect();
                categories.sort();
                categories.dedup();
                categories.len() as i64
            }
            Goal::Balance(dimension) => {
                let mut pool: Vec<_> =
                    self.codes.iter().map(|code| self.category(code, *dimension)).collect();
                pool.sort();
                pool.dedup();
                let k = pool.len() as i64;
                pool.iter().map(|name| (k * self.count(set, *dimension, name) - places as i64).abs()).sum()
            }
            Goal::Dispersion => {
                let pairs = set.iter().flat_map(|a| set.iter().filter(move |b| a < *b).map(move |b| (a, b)));
                pairs.map(|(a, b)| self.metres(a, b)).min().unwrap_or(0)
            }
            Goal::Lottery => set.iter().map(|code| lottery(&self.input.seed, code)).sum(),
        };
        self.input.goals().iter().map(value).collect()
    }

    fn metres(&self, a: &str, b: &str) -> i64 {
        let point = |code: &str| {
            let found = self.input.applicants.iter().find(|applicant| applicant.kommunkod == code);
            found
                .map(|found| (found.latitude.to_radians(), found.longitude.to_radians()))
                .expect("in the pool")
        };
        let ((north_a, east_a), (north_b, east_b)) = (point(a), point(b));
        let half = |x: f64| (x / 2.0).sin().powi(2);
        let h = half(north_b - north_a) + north_a.cos() * north_b.cos() * half(east_b - east_a);
        (2.0 * 6_371_008.8 * h.sqrt().min(1.0).asin() + 0.5).floor() as i64
    }

    /// Greater is better: balance is negated.
    fn rank(&self, values: &[i64]) -> Vec<i64> {
        let signed = |(goal, value): (&Goal, &i64)| match goal {
            Goal::Balance(_) => -value,
            _ => *value,
        };
        self.input.goals().iter().zip(values).map(signed).collect()
    }

    /// The best of some sets: of equal ones the first.
    fn best(&self, sets: &[Vec<String>]) -> Option<(Vec<i64>, Vec<String>)> {
        let mut best: Option<(Vec<i64>, Vec<String>)> = None;
        for set in sets {
            let values = self.values(set, set.len());
            if best.as_ref().is_none_or(|(kept, _)| self.rank(&values) > self.rank(kept)) {
                best = Some((values, set.clone()));
            }
        }
        best
    }
}

fn lottery(seed: &str, code: &str) -> i64 {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("{seed}:{code}"));
    i64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])) % 1_000_000
}

fn small(chance: &mut Chance) -> Input {
    let size = 3 + chance.below(8);
    let places = 1 + chance.below(size.min(6));
    let mut pool = support::pool(chance.next(), size, places, false).applicants;
    let is_on_a_grid = chance.is(40);
    for applicant in &mut pool {
        applicant.maturity = 1 + chance.below(3) as u8;
        applicant.size_band = chance.pick(&["under10k", "from10kTo25k", "from100k"]).to_string();
        applicant.lan = chance.pick(&["01", "03", "14", "25"]).to_string();
        applicant.nuts2 = chance.pick(&["SE11", "SE12", "SE33"]).to_string();
        applicant.skr_group = chance.pick(&["A1", "B4"]).to_string();
        if is_on_a_grid {
            // Many pairs at the same distance, and some at the same place.
            applicant.latitude = 60.0 + chance.below(2) as f64;
            applicant.longitude = 15.0 + chance.below(2) as f64;
        }
    }
    let mut quotas: Vec<Quota> = Vec::new();
    for _ in 0..chance.below(4) {
        let dimension = *chance.pick(&Dimension::ALL);
        let own = chance.pick(&pool).category(dimension);
        let category = match dimension {
            Dimension::Maturity if chance.is(20) => "5".to_owned(),
            Dimension::Lan if chance.is(20) => "99".to_owned(),
            _ => own,
        };
        let min = chance.is(60).then(|| chance.below(places.min(3) + 1) as u32);
        let max = (min.is_none() || chance.is(30)).then(|| min.unwrap_or(0) + chance.below(2) as u32);
        if !quotas.iter().any(|quota| quota.dimension == dimension && quota.category == category) {
            quotas.push(Quota { dimension, category, min, max });
        }
    }
    let mut pins = Vec::new();
    for applicant in &pool {
        if chance.is(10) {
            pins.push(Pin { kommunkod: applicant.kommunkod.clone(), is_in: chance.is(60), reason: None });
        }
    }
    let mut goals: Vec<Goal> =
        Dimension::ALL.into_iter().flat_map(|own| [Goal::Coverage(own), Goal::Balance(own)]).collect();
    goals.extend([Goal::Dispersion, Goal::Lottery]);
    chance.shuffle(&mut goals);
    goals.truncate(1 + chance.below(6));
    let goals = chance.is(70).then_some(goals);
    Input {
        places: places as u32,
        seed: chance.seed(),
        goals,
        applicants: pool,
        quotas,
        pins,
        node_budget: None,
    }
}

/// How many small pools: `scripts/long` asks for more.
fn rounds() -> usize {
    std::env::var("SAMVERKAN_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1) * 12_000
}

#[test]
fn the_answer_is_the_best_of_all_sets() {
    let mut seen = [0; 3];
    for round in 0..rounds() as u64 {
        let input = small(&mut Chance::new(round));
        let Ok(problem) = Problem::new(&input) else { continue };
        let brute = Brute::new(&input);
        let answer = solve(&problem, &NoWatch).expect("not cancelled");
        let pinned: Vec<_> = brute
            .sets(input.places as usize)
            .into_iter()
            .filter(|set| brute.is_pinned_right(set, &input.pins))
            .collect();
        let allowed: Vec<_> = pinned.iter().filter(|set| brute.violation(set) == 0).cloned().collect();
        match (&answer, brute.best(&allowed)) {
            (Answer::Optimal { goal_values, selected, .. }, Some(best)) => {
                assert_eq!((goal_values, selected), (&best.0, &best.1), "round {round}");
                assert_eq!(self::goal_values(&problem, selected), Some(best.0), "round {round}");
                seen[0] += 1;
            }
            (Answer::Infeasible { because: Because::Pins, relaxation: None }, None) => {
                assert!(pinned.is_empty(), "round {round}");
                seen[1] += 1;
            }
            (Answer::Infeasible { because: Because::Quotas, relaxation: Some(relaxation) }, None) => {
                let least =
                    pinned.iter().map(|set| brute.violation(set)).min().expect("the pins are possible");
                assert_eq!(relaxation.total as i64, least, "round {round}");
                let by = |relaxed: &selection::Relaxed| {
                    (relaxed.dimension, relaxed.category.clone(), relaxed.bound, relaxed.by as u32)
                };
                assert_eq!(relaxation.quotas.iter().map(|relaxed| relaxed.by).sum::<u64>(), relaxation.total);
                let mut relaxed = input.clone();
                for (dimension, category, bound, by) in relaxation.quotas.iter().map(by) {
                    let quota = relaxed
                        .quotas
                        .iter_mut()
                        .find(|q| q.dimension == dimension && q.category == category);
                    let quota = quota.expect("it names a quota");
                    match bound {
                        selection::Bound::Min => quota.min = quota.min.map(|min| min - by),
                        selection::Bound::Max => quota.max = quota.max.map(|max| max + by),
                    }
                }
                let brute = Brute::new(&relaxed);
                assert!(pinned.iter().any(|set| brute.violation(set) == 0), "round {round}");
                seen[2] += 1;
            }
            (answer, best) => panic!("round {round}: {answer:?}, but {best:?}"),
        }
    }
    assert!(seen.iter().all(|seen| *seen > 100), "{seen:?}");
}

/// What is said of a kommun in or out: forced, and tried.
fn check_verdict(
    brute: &Brute<'_>,
    allowed: &[Vec<String>],
    pinned: usize,
    (worse, from, to): (Worse, Option<i64>, Option<i64>),
    values: &[i64],
) {
    let best = brute.best(allowed);
    match (worse, best) {
        (Worse::Goal(at), Some((forced, _))) => {
            assert_eq!(values[..at], forced[..at]);
            assert_eq!((from, to), (Some(values[at]), Some(forced[at])));
            assert!(brute.input.goals()[at].is_worse(forced[at], values[at]));
        }
        (Worse::TieBreak, Some((forced, _))) => assert_eq!(forced, values),
        (Worse::Quota, None) => assert!(pinned > 0),
        (Worse::Places, None) => assert_eq!(pinned, 0),
        (Worse::Pin, None) => assert_eq!(pinned, 0),
        (worse, best) => panic!("{worse:?}, but {best:?}"),
    }
}

fn check_explanations(input: &Input, answer: &Answer, told: &Explanations) {
    let brute = Brute::new(input);
    let all = brute.sets(input.places as usize);
    let with = |code: &String, is_in: bool| {
        let pinned =
            all.iter().filter(|set| brute.is_pinned_right(set, &input.pins) && set.contains(code) == is_in);
        let pinned: Vec<_> = pinned.cloned().collect();
        let allowed: Vec<_> = pinned.iter().filter(|set| brute.violation(set) == 0).cloned().collect();
        (pinned.len(), allowed)
    };
    let is_pinned = |code: &String| input.pins.iter().any(|pin| pin.kommunkod == *code);
    let values = answer.goal_values();
    let all_codes: Vec<String> = brute.codes.clone();
    let (mut left_out, mut chosen) = (told.left_out.iter(), told.chosen.iter());
    for code in all_codes {
        let is_in = answer.selected().contains(&code);
        let (kommunkod, verdict) = if is_in {
            let own = chosen.next().expect("one per chosen");
            (&own.kommunkod, (own.worse, own.from, own.to))
        } else {
            let own = left_out.next().expect("one per applicant left out");
            (&own.kommunkod, (own.worse, own.from, own.to))
        };
        assert_eq!(*kommunkod, code);
        if is_pinned(&code) {
            assert_eq!(verdict.0, Worse::Pin);
            continue;
        }
        let (pinned, allowed) = with(&code, !is_in);
        check_verdict(&brute, &allowed, pinned, verdict, values);
    }
    assert!(left_out.next().is_none() && chosen.next().is_none());
}

#[test]
fn explanations_are_true_when_tried() {
    let mut explained = 0;
    for round in 0..rounds() as u64 / 20 {
        let input = small(&mut Chance::new(round + 1_000_000));
        let Ok(problem) = Problem::new(&input) else { continue };
        let answer = solve(&problem, &NoWatch).expect("not cancelled");
        let told = explain(&problem, &answer, 1, &NoWatch).expect("not cancelled");
        assert_eq!(told, explain(&problem, &answer, 8, &NoWatch).expect("not cancelled"));
        if let Answer::Optimal { .. } = answer {
            check_explanations(&input, &answer, &told);
            explained += 1;
        }
        for (at, effect) in told.quotas.iter().enumerate() {
            let mut without = input.clone();
            without.quotas.remove(at);
            let problem = Problem::new(&without).expect("no fault");
            assert_eq!(effect.without, solve(&problem, &NoWatch).expect("not cancelled"));
        }
        for (at, effect) in told.pins.iter().enumerate() {
            let mut without = input.clone();
            assert_eq!(without.pins.remove(at).kommunkod, effect.kommunkod);
            let problem = Problem::new(&without).expect("no fault");
            assert_eq!(effect.without, solve(&problem, &NoWatch).expect("not cancelled"));
        }
    }
    assert!(explained > rounds() / 60);
}

#[test]
fn reserves_and_replacements_are_the_best_when_tried() {
    let mut seen = [0; 3];
    for round in 0..rounds() as u64 / 10 {
        let mut chance = Chance::new(round + 2_000_000);
        let input = small(&mut chance);
        let Ok(problem) = Problem::new(&input) else { continue };
        let answer = solve(&problem, &NoWatch).expect("not cancelled");
        let chosen = answer.selected().to_vec();
        if chosen.is_empty() {
            assert!(reserves(&problem, &answer, 3).is_empty());
            continue;
        }
        let brute = Brute::new(&input);
        let is_out = |code: &String| input.pins.iter().any(|pin| !pin.is_in && pin.kommunkod == *code);
        let mut with = chosen.clone();
        for reserve in reserves(&problem, &answer, 3) {
            let sets: Vec<_> = brute
                .sets(with.len() + 1)
                .into_iter()
                .filter(|set| with.iter().all(|code| set.contains(code)) && !set.iter().any(is_out))
                .collect();
            let (values, set) = brute.best(&sets).expect("somebody is left");
            with.push(reserve.kommunkod);
            with.sort();
            assert_eq!((&with, reserve.goal_values), (&set, values), "round {round}");
            seen[0] += 1;
        }
        let mut out = vec![chance.pick(&chosen).clone()];
        if chance.is(50) {
            out.push(chance.pick(&brute.codes).clone());
        }
        let told = replacement(&problem, &chosen, &out, &NoWatch).expect("not cancelled");
        let stay: Vec<_> = chosen.iter().filter(|code| !out.contains(code)).collect();
        let sets: Vec<_> = brute
            .sets(input.places as usize)
            .into_iter()
            .filter(|set| stay.iter().all(|code| set.contains(code)))
            .filter(|set| !set.iter().any(|code| is_out(code) || out.contains(code)))
            .collect();
        let allowed: Vec<_> = sets.iter().filter(|set| brute.violation(set) == 0).cloned().collect();
        match (&told.answer, brute.best(&allowed)) {
            (Answer::Optimal { goal_values, selected, .. }, Some(best)) => {
                assert_eq!((goal_values, selected), (&best.0, &best.1), "round {round}");
                let added: Vec<_> = selected.iter().filter(|code| !chosen.contains(code)).collect();
                assert_eq!(told.added.iter().collect::<Vec<_>>(), added);
                seen[1] += 1;
            }
            (Answer::Infeasible { because: Because::Places, .. }, None) => assert!(sets.is_empty()),
            (Answer::Infeasible { because: Because::Quotas, relaxation: Some(_) }, None) => {
                assert!(!sets.is_empty(), "round {round}");
                seen[2] += 1;
            }
            (answer, best) => panic!("round {round}: {answer:?}, but {best:?}"),
        }
    }
    assert!(seen.iter().all(|seen| *seen > 10), "{seen:?}");
}
