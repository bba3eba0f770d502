//! Reading an input: everything that is wrong with a document is told at once, at its pointer.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "in a test a panic is the report")]

use selection::{Fault, Input, Problem, rule_faults};
use serde_json::{Value, json};

fn applicant(code: u32) -> Value {
    json!({"kommunkod": format!("{code:04}"), "nuts2": "SE11", "lan": "01", "sizeBand": "under10k", "skrGroup": "A1",
        "maturity": 3, "latitude": 59.5, "longitude": 17})
}

fn good() -> Value {
    json!({"places": 2, "seed": "00112233445566778899aabbccddeeff", "applicants": [applicant(114), applicant(115), applicant(117)]})
}

fn told(document: &Value) -> Vec<(String, &'static str)> {
    let faults = Input::from_json(document.to_string().as_bytes()).expect_err("it has faults");
    for Fault { sv, en, .. } in &faults {
        assert!(!sv.is_empty() && !en.is_empty() && sv != en, "{sv} / {en}");
    }
    let mut told: Vec<_> = faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect();
    told.sort();
    told
}

/// What one change makes wrong.
fn after(pointer: &str, value: Value) -> Vec<(String, &'static str)> {
    let mut document = good();
    match document.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => document[pointer.trim_start_matches('/')] = value,
    }
    told(&document)
}

fn one(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(pointer.to_owned(), code)]
}

#[test]
fn a_good_document_is_read_and_written_back() {
    let mut document = good();
    document["goals"] = json!([{"kind": "lottery"}, {"kind": "coverage", "dimension": "skrGroup"}]);
    document["quotas"] = json!([{"dimension": "maturity", "category": "5", "min": 1}]);
    document["pins"] = json!([{"kommunkod": "0117", "in": false, "reason": "Har dragit sig ur"}]);
    document["nodeBudget"] = json!(1_000_000_000);
    let input = Input::from_json(document.to_string().as_bytes()).expect("no fault");
    assert_eq!(serde_json::to_value(&input).expect("JSON"), {
        let mut written = document.clone();
        for index in 0..3 {
            written["applicants"][index]["longitude"] = json!(17.0);
        }
        written
    });
    assert_eq!(serde_json::from_value::<Input>(document).expect("JSON"), input);
    assert!(Problem::new(&input).is_ok());
}

#[test]
fn the_hash_is_that_of_the_canonical_form() {
    let input = Input::from_json(good().to_string().as_bytes()).expect("no fault");
    let canonical = input.canonical().expect("canonical");
    let applicant = |code| {
        format!(
            r#"{{"kommunkod":"{code}","lan":"01","latitude":59.5,"longitude":17,"maturity":3,"nuts2":"SE11","sizeBand":"under10k","skrGroup":"A1"}}"#
        )
    };
    let applicants = ["0114", "0115", "0117"].map(applicant).join(",");
    assert_eq!(
        canonical,
        format!(
            r#"{{"applicants":[{applicants}],"pins":[],"places":2,"quotas":[],"seed":"00112233445566778899aabbccddeeff"}}"#
        )
    );
    assert_eq!(
        Input::from_json(canonical.as_bytes()).expect("no fault"),
        input,
        "the canonical form is an input"
    );
    // Computed with sha256sum.
    assert_eq!(
        input.hash().expect("hash"),
        "c1f0c5b67a533d870c7cc3ccc8719800b835fdda2118f435c5ae5cddbcd32ae1"
    );
}

#[test]
fn each_single_fault_is_told_at_its_place() {
    assert_eq!(after("/places", json!(0)), one("/places", "tooSmall"));
    assert_eq!(after("/places", json!(-1)), one("/places", "tooSmall"));
    assert_eq!(after("/places", json!(2.5)), one("/places", "wrongType"));
    assert_eq!(after("/places", json!(5_000_000_000_u64)), one("/places", "tooLarge"));
    assert_eq!(after("/places", json!(1e20)), one("/places", "tooLarge"));
    assert_eq!(after("/places", json!(-1e20)), one("/places", "tooSmall"));
    assert_eq!(after("/nodeBudget", json!(1e300)), one("/nodeBudget", "tooLarge"));
    assert_eq!(after("/places", json!(4)), one("/applicants", "tooFew"));
    for seed in ["", "00112233445566778899AABBCCDDEEFF", "00112233445566778899aabbccddeef", "0011 "] {
        assert_eq!(after("/seed", json!(seed)), one("/seed", "wrongPattern"));
    }
    assert_eq!(after("/nodeBudget", json!(0)), one("/nodeBudget", "tooSmall"));
    assert_eq!(after("/nodeBudget", json!(1_000_000_001)), one("/nodeBudget", "tooLarge"));
    assert_eq!(after("/unknown", json!(1)), one("/unknown", "unknownField"));
    assert_eq!(after("/applicants", json!({})), one("/applicants", "wrongType"));
}

#[test]
fn faults_of_goals() {
    assert_eq!(after("/goals", json!([])), one("/goals", "tooFew"));
    assert_eq!(after("/goals", json!(null)), one("/goals", "wrongType"));
    assert_eq!(after("/goals", json!([{"kind": "beauty"}])), one("/goals/0/kind", "unknownValue"));
    assert_eq!(after("/goals", json!([{"kind": "coverage"}])), one("/goals/0/dimension", "required"));
    let unknown = json!([{"kind": "balance", "dimension": "age"}]);
    assert_eq!(after("/goals", unknown), one("/goals/0/dimension", "unknownValue"));
    let too_much = json!([{"kind": "lottery", "dimension": "lan"}]);
    assert_eq!(after("/goals", too_much), one("/goals/0/dimension", "notAllowed"));
    let twice = json!([{"kind": "lottery"}, {"kind": "dispersion"}, {"kind": "lottery"}]);
    assert_eq!(after("/goals", twice), one("/goals/2", "notUnique"));
}

#[test]
fn faults_of_quotas_and_pins() {
    let quota = |members: Value| after("/quotas", json!([members]));
    assert_eq!(
        quota(json!({"dimension": "age", "category": "1", "min": 1})),
        one("/quotas/0/dimension", "unknownValue")
    );
    assert_eq!(quota(json!({"dimension": "lan", "category": "01"})), one("/quotas/0", "required"));
    assert_eq!(
        quota(json!({"dimension": "lan", "category": "01", "min": 2, "max": 1})),
        one("/quotas/0/min", "minAboveMax")
    );
    let form = [("lan", "1"), ("nuts2", "SE1"), ("skrGroup", "A"), ("skrGroup", "Ö1"), ("skrGroup", "")];
    for (dimension, category) in form {
        let document = json!({"dimension": dimension, "category": category, "max": 1});
        assert_eq!(quota(document), one("/quotas/0/category", "wrongPattern"));
    }
    for (dimension, category) in [("sizeBand", "huge"), ("maturity", "6")] {
        let document = json!({"dimension": dimension, "category": category, "max": 1});
        assert_eq!(quota(document), one("/quotas/0/category", "unknownValue"));
    }
    let lan = |category: &str, min: u32| json!({"dimension": "lan", "category": category, "min": min});
    assert_eq!(after("/quotas", json!([lan("01", 1), lan("01", 1)])), one("/quotas/1", "notUnique"));
    assert_eq!(after("/quotas", json!([lan("01", 2), lan("03", 1)])), one("/quotas", "minAbovePlaces"));
    let pins = |codes: &[&str]| {
        codes.iter().map(|code| json!({"kommunkod": code, "in": true})).collect::<Vec<_>>().into()
    };
    assert_eq!(after("/pins", pins(&["0180"])), one("/pins/0/kommunkod", "notInPool"));
    assert_eq!(after("/pins", pins(&["0114", "0114"])), one("/pins/1/kommunkod", "notUnique"));
    assert_eq!(after("/pins", json!([{"kommunkod": "0114"}])), one("/pins/0/in", "required"));
}

#[test]
fn faults_of_applicants() {
    let at = |name: &str, value: Value| after(&format!("/applicants/1/{name}"), value);
    let place = |name: &str, code| one(&format!("/applicants/1/{name}"), code);
    assert_eq!(at("maturity", json!(6)), place("maturity", "unknownValue"));
    assert_eq!(at("maturity", json!(0)), place("maturity", "unknownValue"));
    assert_eq!(at("maturity", json!(300)), place("maturity", "tooLarge"));
    assert_eq!(at("maturity", json!("3")), place("maturity", "wrongType"));
    assert_eq!(at("latitude", json!(90.5)), place("latitude", "outOfRange"));
    assert_eq!(at("longitude", json!(-181)), place("longitude", "outOfRange"));
    assert_eq!(at("latitude", json!(null)), place("latitude", "wrongType"));
    assert_eq!(at("kommunkod", json!("114")), place("kommunkod", "wrongPattern"));
    assert_eq!(at("kommunkod", json!("0114")), place("kommunkod", "notUnique"));
    assert_eq!(at("sizeBand", json!("from10k")), place("sizeBand", "unknownValue"));
    let mut document = good();
    document["applicants"][1].as_object_mut().expect("object").remove("latitude");
    assert_eq!(told(&document), place("latitude", "required"));
}

#[test]
fn all_faults_are_told_at_once() {
    let mut document = good();
    document["places"] = json!(0);
    document["seed"] = json!("x");
    document["nodeBudget"] = json!(0);
    document["goals"] = json!([{"kind": "beauty"}, {"kind": "lottery"}, {"kind": "lottery"}]);
    document["applicants"][0]["maturity"] = json!(6);
    document["applicants"][2] = json!("0117");
    document["quotas"] = json!([{"dimension": "age", "category": "1", "min": 1}, {"dimension": "lan", "category": "01", "min": 3, "max": 1}]);
    document["pins"] = json!([{"kommunkod": "01", "in": 1}]);
    let mut expected: Vec<(String, &str)> = [
        ("/places", "tooSmall"),
        ("/seed", "wrongPattern"),
        ("/nodeBudget", "tooSmall"),
        ("/goals/0/kind", "unknownValue"),
        ("/goals/2", "notUnique"),
        ("/applicants/0/maturity", "unknownValue"),
        ("/applicants/2", "wrongType"),
        ("/quotas/0/dimension", "unknownValue"),
        ("/quotas/1/min", "minAboveMax"),
        ("/pins/0/kommunkod", "wrongPattern"),
        ("/pins/0/in", "wrongType"),
    ]
    .map(|(pointer, code)| (pointer.to_owned(), code))
    .to_vec();
    expected.sort();
    assert_eq!(told(&document), expected);
}

#[test]
fn no_fault_follows_from_another() {
    let quota = |min: u64| json!({"dimension": "lan", "category": "01", "min": min});
    assert_eq!(after("/quotas", json!([quota(2), quota(2)])), one("/quotas/1", "notUnique"));
    assert_eq!(after("/quotas", json!([quota(291)])), one("/quotas/0/min", "tooLarge"));
    let quota = json!({"dimension": "lan", "category": "01", "min": 300, "max": 1});
    assert_eq!(after("/quotas", json!([quota])), one("/quotas/0/min", "tooLarge"));
    let goals = json!([{"kind": "lottery", "dimension": "age"}, {"kind": "lottery", "dimension": 5}]);
    let expected = ["/goals/0/dimension", "/goals/1/dimension"].map(|at| (at.to_owned(), "notAllowed"));
    assert_eq!(after("/goals", goals), expected);
}

#[test]
fn a_pool_that_is_too_large_is_refused_at_once() {
    let many: Vec<Value> = (0..5_000).map(applicant).collect();
    assert_eq!(after("/applicants", json!(many)), one("/applicants", "tooMany"));
    let exactly: Vec<Value> = (0..290).map(applicant).collect();
    let mut document = good();
    document["applicants"] = json!(exactly);
    let mut input = Input::from_json(document.to_string().as_bytes()).expect("no fault");
    let last = input.applicants[0].clone();
    input.applicants.push(selection::Applicant { kommunkod: "9999".to_owned(), ..last });
    assert_eq!(input.faults().len(), 1);
}

#[test]
fn what_is_no_object_or_no_json_is_told_too() {
    for text in ["", "{", "[1,]", r#"{"places": 1, "places": 2}"#] {
        let faults = Input::from_json(text.as_bytes()).expect_err("no JSON");
        assert_eq!((faults.len(), faults[0].code), (1, "malformedJson"), "{text}");
    }
    assert_eq!(told(&json!([])), one("", "wrongType"));
    assert_eq!(told(&json!({})).len(), 3, "places, seed, applicants");
}

#[test]
fn rules_are_checked_without_a_pool() {
    let rules = json!({"goals": [{"kind": "lottery"}, {"kind": "lottery"}, {"kind": "fame"}], "quotas": [{"dimension": "age"}]});
    let faults = rule_faults(Some(0), &rules);
    let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    let expected = [
        ("/goals/2/kind", "unknownValue"),
        ("/quotas/0/dimension", "unknownValue"),
        ("/quotas/0/category", "required"),
        ("/places", "tooSmall"),
        ("/goals/1", "notUnique"),
        ("/quotas/0", "required"),
    ];
    assert_eq!(told, expected);
    assert!(rule_faults(Some(12), &json!({"goals": selection::DEFAULT_GOALS})).is_empty());
}
