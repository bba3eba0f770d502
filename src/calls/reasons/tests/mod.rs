//! The sentences, read aloud: every variant in both languages.

mod decided;
mod departure;
mod effects;
mod one;
mod place;
mod whole;

use std::collections::BTreeMap;

use selection::{Answer, Applicant, Dimension, Explanations, Goal, Input, Pin, Quota, Reason, Worse};

use super::{Lots, Teller};
use crate::calls::dimensions::Labels;
use crate::calls::test_register::{applicant, kommun, lan};
use crate::platform::text::Localized;

/// The pool of most tests, with how far each has come.
const POOL: [(&str, u8); 8] = [
    ("Boden", 1),
    ("Luleå", 2),
    ("Umeå", 3),
    ("Östersund", 1),
    ("Kalmar", 2),
    ("Gotland", 5),
    ("Malmö", 3),
    ("Ystad", 2),
];

/// An input with its answer, ready to be told about.
struct Case {
    input: Input,
    /// The pins that the call named.
    planned: Vec<Pin>,
    answer: Answer,
    names: BTreeMap<String, String>,
    labels: Labels,
    lots: Lots,
}

fn code(name: &str) -> String {
    kommun(name).code
}

fn codes(names: &[&str]) -> Vec<String> {
    let mut codes: Vec<String> = names.iter().map(|name| code(name)).collect();
    codes.sort();
    codes
}

fn pool() -> Vec<Applicant> {
    POOL.map(|(name, level)| applicant(name, level)).into()
}

fn optimal(names: &[&str], goal_values: &[i64]) -> Answer {
    Answer::Optimal { goal_values: goal_values.to_vec(), selected: codes(names), proven_optimal: true }
}

/// Boden, Kalmar, Malmö and Östersund are chosen; the values are the true ones but for the lottery.
fn case() -> Case {
    let input = Input {
        places: 4,
        seed: "0123456789abcdef0123456789abcdef".to_owned(),
        goals: None,
        applicants: pool(),
        quotas: Vec::new(),
        pins: Vec::new(),
        node_budget: None,
    };
    Case {
        answer: optimal(&["Boden", "Kalmar", "Malmö", "Östersund"], &[4, 4, 4, 8, 234_700, 1_234_567]),
        names: POOL.map(|(name, _)| (code(name), name.to_owned())).into_iter().collect(),
        labels: Labels::new(lan()),
        lots: Lots::Sealed,
        planned: Vec::new(),
        input,
    }
}

impl Case {
    fn goals(mut self, goals: &[Goal], values: &[i64]) -> Self {
        self.input.goals = Some(goals.to_vec());
        self.answer = optimal(&["Boden", "Kalmar", "Malmö", "Östersund"], values);
        self
    }

    fn quota(mut self, dimension: Dimension, category: &str, min: Option<u32>, max: Option<u32>) -> Self {
        self.input.quotas.push(Quota { dimension, category: category.to_owned(), min, max });
        self
    }

    /// Adds a pin that the call named.
    fn pin(mut self, name: &str, is_in: bool, reason: Option<&str>) -> Self {
        self.planned.push(Pin { kommunkod: code(name), is_in, reason: reason.map(str::to_owned) });
        self.later_pin(name, is_in, reason)
    }

    /// Adds a pin that the call did not name.
    fn later_pin(mut self, name: &str, is_in: bool, reason: Option<&str>) -> Self {
        self.input.pins.push(Pin { kommunkod: code(name), is_in, reason: reason.map(str::to_owned) });
        self
    }

    fn teller(&self) -> Teller<'_> {
        let Self { input, planned, answer, names, labels, lots } = self;
        Teller { input, planned, answer, names, labels, lots: *lots }
    }

    fn left_out(&self, name: &str, worse: Worse, values: (i64, Option<i64>)) -> Localized {
        self.teller().left_out(&reason(name, worse, values), &Explanations::default())
    }

    fn chosen(&self, name: &str, worse: Worse, values: (i64, Option<i64>)) -> Localized {
        self.teller().chosen(&reason(name, worse, values))
    }
}

fn reason(name: &str, worse: Worse, (from, to): (i64, Option<i64>)) -> Reason {
    Reason { kommunkod: code(name), worse, from: Some(from), to, quota: None, example: None }
}

/// Compares a sentence in both languages; hard spaces are written as plain ones.
#[track_caller]
fn reads(said: &Localized, sv: &str, en: &str) {
    let plain = |text: &str| text.replace('\u{a0}', " ");
    assert_eq!(plain(&said.sv), sv);
    assert_eq!(plain(&said.en), en);
    is_plain(said);
}

/// What no sentence may have in any language.
#[track_caller]
fn is_plain(said: &Localized) {
    let foreign = [
        "lexicographic",
        "lexikografisk",
        "haversine",
        "nuts",
        "dispersion",
        "coverage",
        "täckning",
        "balance",
        "balans",
        "lottfrö",
        "landsdel",
        "seed",
        "hash",
        "sha-256",
        "se11",
        "se33",
        "under10k",
        "from10k",
        "from25k",
        "from50k",
        "from100k",
        "sizeband",
    ];
    for text in [&*said.sv, &*said.en] {
        let lower = text.to_lowercase();
        for word in foreign {
            assert!(!lower.contains(word), "{word} in: {text}");
        }
        assert!(text.ends_with('.') && !text.ends_with(".."), "{text}");
        assert!(text.starts_with(|first: char| first.is_uppercase() || first.is_numeric()), "{text}");
        for fault in ["  ", " ,", " .", ",,", " ;", "::", ",.", "{", "}", "None", "Some("] {
            assert!(!text.contains(fault), "{fault:?} in: {text}");
        }
    }
    assert_ne!(said.sv, said.en);
}

/// All sentences about an answer.
fn all(teller: Teller<'_>, explanations: &Explanations) -> Vec<Localized> {
    let mut said: Vec<Localized> =
        (0..teller.input.goals().len()).filter_map(|index| teller.goal(index)).collect();
    said.extend(explanations.left_out.iter().map(|fact| teller.left_out(fact, explanations)));
    said.extend(explanations.chosen.iter().map(|fact| teller.chosen(fact)));
    said.extend(explanations.quotas.iter().enumerate().map(|(index, effect)| teller.quota(index, effect)));
    said.extend(explanations.pins.iter().enumerate().map(|(index, effect)| teller.pin(index, effect)));
    said.extend(teller.impossible());
    said.extend(teller.decisions());
    said
}

#[test]
fn what_the_engine_finds_can_all_be_said() {
    let some = case().quota(Dimension::Lan, "25", None, Some(1)).pin("Ystad", false, Some("Har tackat nej."));
    let goals: Vec<Goal> = Dimension::ALL
        .into_iter()
        .flat_map(|dimension| [Goal::Balance(dimension), Goal::Coverage(dimension)])
        .chain([Goal::Lottery, Goal::Dispersion])
        .collect();
    let impossible = case().quota(Dimension::Lan, "25", Some(3), None).quota(
        Dimension::SizeBand,
        "under10k",
        Some(1),
        None,
    );
    let too_many_pins = case().pin("Boden", true, None).pin("Luleå", true, None).pin("Umeå", true, None);
    let too_many_pins = too_many_pins.pin("Kalmar", true, None).pin("Malmö", true, None);
    let mut told = 0;
    for mut case in [case(), some, case().goals(&goals, &[]), impossible, too_many_pins] {
        let problem = selection::Problem::new(&case.input).unwrap();
        case.answer = selection::solve(&problem, &selection::NoWatch).unwrap();
        let explanations = selection::explain(&problem, &case.answer, 1, &selection::NoWatch).unwrap();
        for said in all(case.teller(), &explanations) {
            is_plain(&said);
            told += 1;
        }
    }
    assert!(told > 50, "{told}");
}

#[test]
fn every_goal_in_every_dimension_can_be_said_with_and_without_an_example() {
    let other = codes(&["Luleå", "Umeå", "Ystad", "Gotland"]);
    let goals = Dimension::ALL
        .into_iter()
        .flat_map(|dimension| [Goal::Coverage(dimension), Goal::Balance(dimension)])
        .chain([Goal::Dispersion, Goal::Lottery]);
    for goal in goals {
        let (from, to) = if matches!(goal, Goal::Balance(_)) { (4, 9) } else { (9, 4) };
        for lots in [Lots::Sealed, Lots::Trial] {
            let case = Case { lots, ..case().goals(&[goal], &[from]) };
            let teller = case.teller();
            for (to, set) in [(None, None), (Some(to), None), (Some(to), Some(other.as_slice()))] {
                let left_out = Reason {
                    example: set.map(<[String]>::to_vec),
                    ..reason("Gotland", Worse::Goal(0), (from, to))
                };
                is_plain(&teller.left_out(&left_out, &Explanations::default()));
                is_plain(&teller.chosen(&Reason {
                    example: set.map(<[String]>::to_vec),
                    ..reason("Boden", Worse::Goal(0), (from, to))
                }));
            }
            is_plain(&teller.goal(0).unwrap());
        }
    }
}
