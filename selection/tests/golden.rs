//! The same bytes everywhere: answers and explanations of a few inputs are kept in `data/golden.json`, and compared by every
//! build. `SAMVERKAN_REGEN=1` rewrites the file.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "in a test a panic is the report")]

mod support;

use selection::{
    Dimension, Goal, Input, NoWatch, Problem, explain, goal_values, replacement, reserves, solve,
};
use serde_json::{Value, json};

fn inputs() -> Vec<(&'static str, Input)> {
    let mut lottery_first = support::pool(2, 60, 12, true);
    lottery_first.goals = Some(vec![Goal::Lottery, Goal::Coverage(Dimension::SkrGroup)]);
    let mut counts_alone = support::pool(3, 40, 8, false);
    counts_alone.goals = Some(vec![Goal::Balance(Dimension::Lan), Goal::Coverage(Dimension::SkrGroup)]);
    let mut impossible = support::pool(1, 40, 12, true);
    impossible.quotas[1].min = Some(12);
    let mut short = support::pool(4, 120, 12, false);
    short.node_budget = Some(20);
    vec![
        ("12 of 40", support::pool(1, 40, 12, true)),
        ("12 of 120", support::pool(0, 120, 12, false)),
        ("lottery first", lottery_first),
        ("counts alone", counts_alone),
        ("impossible", impossible),
        ("a short budget", short),
    ]
}

/// Everything that is told of an input.
fn told(input: &Input, threads: usize) -> Value {
    let problem = Problem::new(input).expect("no fault");
    let answer = solve(&problem, &NoWatch).expect("not cancelled");
    let explanations = explain(&problem, &answer, threads, &NoWatch).expect("not cancelled");
    let chosen = answer.selected();
    let left = chosen.iter().take(1).cloned().collect::<Vec<_>>();
    let replacement = replacement(&problem, chosen, &left, &NoWatch).expect("not cancelled");
    json!({
        "inputHash": input.hash().expect("JSON"),
        "answer": answer,
        "explanations": explanations,
        "goalValues": goal_values(&problem, chosen),
        "reserves": reserves(&problem, &answer, 3),
        "replacement": replacement,
    })
}

#[test]
fn answers_are_the_same_bytes_everywhere() {
    let all = |threads| {
        let told: Vec<Value> = inputs()
            .iter()
            .map(|(name, input)| json!({"name": name, "told": told(input, threads)}))
            .collect();
        format!("{:#}\n", Value::from(told))
    };
    let one = all(1);
    assert_eq!(one, all(8), "the number of threads changes nothing");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/golden.json");
    if std::env::var_os("SAMVERKAN_REGEN").is_some() {
        std::fs::write(file, &one).expect("the file can be written");
    }
    assert!(std::fs::read_to_string(file).expect("the file is there") == one, "{file} differs");
}

#[test]
fn the_order_of_members_changes_nothing() {
    for (name, input) in inputs() {
        let mut turned = input.clone();
        turned.applicants.reverse();
        let answer = |input: &Input| solve(&Problem::new(input).expect("no fault"), &NoWatch);
        assert_eq!(answer(&input), answer(&turned), "{name}");
    }
}
