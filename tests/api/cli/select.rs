//! `samverkan select`: anybody repeats a selection from its recorded input, with nothing but the program.

use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use super::{Folder, program, run};

fn applicant(code: &str, lan: &str, latitude: f64) -> Value {
    json!({"kommunkod": code, "nuts2": "SE11", "lan": lan, "sizeBand": "under10k", "skrGroup": "A1", "maturity": 3,
        "latitude": latitude, "longitude": 17.5})
}

/// Two places for four: 0114 and 0115 are of one län, and 2580 is far from all.
fn input() -> Value {
    json!({"places": 2, "seed": "00112233445566778899aabbccddeeff",
        "goals": [{"kind": "coverage", "dimension": "lan"}, {"kind": "dispersion"}],
        "applicants": [applicant("0114", "01", 59.5), applicant("0115", "01", 59.6), applicant("0380", "03", 59.9), applicant("2580", "25", 65.6)],
        "quotas": [{"dimension": "lan", "category": "03", "max": 1}],
        "pins": [{"kommunkod": "0115", "in": true, "reason": "Var med förra gången"}]})
}

fn select(folder: &Folder, input: &[u8], more: &[&str]) -> Output {
    let file = folder.file("input.json");
    std::fs::write(&file, input).unwrap();
    let mut arguments = vec!["select", file.to_str().unwrap()];
    arguments.extend(more);
    run(&mut program(&folder.file("data"), &arguments))
}

fn answer(output: &Output) -> (Option<i32>, Value) {
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn problem(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    serde_json::from_slice(&output.stderr).unwrap()
}

#[test]
fn the_best_choice_is_told_and_nothing_is_touched() {
    let folder = Folder::new();
    let output = select(&folder, input().to_string().as_bytes(), &[]);
    // R · 6° in radians, rounded: 0115 and 2580 lie on one meridian.
    let expected = json!({"status": "optimal", "goalValues": [2, 667_170], "selected": ["0115", "2580"], "provenOptimal": true});
    assert_eq!(answer(&output), (Some(0), expected));
    assert!(!folder.file("data").exists(), "it needs no data folder");
}

#[test]
fn explanations_are_the_same_for_any_number_of_threads() {
    let folder = Folder::new();
    let input = input().to_string();
    let [one, eight] =
        ["1", "8"].map(|threads| select(&folder, input.as_bytes(), &["--explain", "--threads", threads]));
    assert_eq!(one.stdout, eight.stdout);
    let (status, told) = answer(&one);
    assert_eq!(status, Some(0));
    assert_eq!(
        told["explanations"]["leftOut"],
        json!([
            {"kommunkod": "0114", "worse": 0, "from": 2, "to": 1, "example": ["0114", "0115"]},
            {"kommunkod": "0380", "worse": 1, "from": 667_170, "to": 33_359, "example": ["0115", "0380"]},
        ])
    );
    assert_eq!(
        told["explanations"]["chosen"],
        json!([
            {"kommunkod": "0115", "worse": "pin"},
            {"kommunkod": "2580", "worse": 1, "from": 667_170, "to": 33_359, "example": ["0115", "0380"]},
        ])
    );
    let effect = &told["explanations"]["pins"][0];
    assert_eq!(
        (&effect["kommunkod"], &effect["without"]["selected"]),
        (&json!("0115"), &json!(["0114", "2580"]))
    );
    assert_eq!(told["explanations"]["quotas"][0]["without"]["status"], "optimal");
}

#[test]
fn standard_input_is_read_too() {
    let mut child = program(std::path::Path::new("/nonexistent"), &["select", "-"]);
    let mut child = child.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input().to_string().as_bytes()).unwrap();
    assert_eq!(answer(&child.wait_with_output().unwrap()).1["selected"], json!(["0115", "2580"]));
}

#[test]
fn what_is_impossible_and_what_is_open_have_their_own_statuses() {
    let folder = Folder::new();
    let mut impossible = input();
    impossible["quotas"] = json!([{"dimension": "lan", "category": "03", "min": 1}, {"dimension": "lan", "category": "99", "min": 1}]);
    let (status, told) = answer(&select(&folder, impossible.to_string().as_bytes(), &[]));
    assert_eq!(
        (status, &told["status"], &told["because"]),
        (Some(1), &json!("infeasible"), &json!("quotas"))
    );
    assert_eq!(
        told["relaxation"],
        json!({"total": 1, "quotas": [{"dimension": "lan", "category": "99", "bound": "min", "by": 1}]})
    );
    let mut short = input();
    short["nodeBudget"] = json!(1);
    let (status, told) = answer(&select(&folder, short.to_string().as_bytes(), &[]));
    assert_eq!(
        (status, &told["status"], &told["provenOptimal"]),
        (Some(3), &json!("feasible"), &json!(false))
    );
    assert!(told["openGoal"].is_u64() && told["selected"].as_array().unwrap().len() == 2, "{told}");
}

#[test]
fn a_malformed_input_is_a_problem_that_names_all_faults() {
    let folder = Folder::new();
    let mut wrong = input();
    wrong["places"] = json!(0);
    wrong["applicants"][0]["maturity"] = json!(6);
    wrong["goals"][1] = json!({"kind": "beauty"});
    let told = problem(&select(&folder, wrong.to_string().as_bytes(), &[]));
    assert_eq!((&told["code"], &told["status"]), (&json!("invalidInput"), &json!(422)));
    assert!(told["type"].as_str().unwrap().ends_with("/problems/invalidInput") && told["title"].is_string());
    let mut pointers: Vec<_> = told["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            assert!(error["detail"].is_string() && error["code"].is_string());
            error["pointer"].as_str().unwrap()
        })
        .collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/applicants/0/maturity", "/goals/1/kind", "/places"]);
    assert!(told.get("traceId").is_none() && told.get("instance").is_none());

    assert_eq!(problem(&select(&folder, b"{", &[]))["code"], "malformedJson");
    let missing = run(&mut program(&folder.file("data"), &["select", "/nonexistent/input.json"]));
    assert!(problem(&missing)["detail"].as_str().unwrap().contains("/nonexistent/input.json"));
}
