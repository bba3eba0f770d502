//! Checks of a value against the schema and the rules of its type: every error, with its pointer, in the right stage.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use validator::ValidationError;

use super::*;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month};

crate::codes! {
    /// Kinds of time.
    pub enum Kind as "testKinds" {
        /// On one's own.
        Own = "own", "egen", "own";
        /// With others.
        Joint = "joint", "gemensam", "joint";
    }
}

#[derive(Deserialize, ToSchema, Validate, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "name_differs", skip_on_field_errors = false))]
pub(super) struct Person {
    #[schema(min_length = 2, max_length = 10)]
    full_name: String,
    #[schema(format = "email")]
    email: Option<String>,
    #[schema(minimum = 0, maximum = 1440)]
    #[validate(custom(function = "whole_quarters"))]
    minutes_per_day: Option<i32>,
    kind: Option<Kind>,
    first_kind: Option<Kind>,
}

fn whole_quarters(minutes: i32) -> Result<(), ValidationError> {
    if minutes % 15 == 0 { Ok(()) } else { Err(broken("notAQuarter", "Hela kvartar", "Whole quarters")) }
}

fn name_differs(person: &Person) -> Result<(), ValidationError> {
    match &person.email {
        Some(email) if email.starts_with(&person.full_name) => {
            Err(broken_at("fullName", "nameInEmail", "Namnet står i adressen", "The name is in the address"))
        }
        _ => Ok(()),
    }
}

#[derive(Deserialize, ToSchema, Debug, PartialEq)]
#[serde(tag = "method", rename_all = "camelCase", deny_unknown_fields)]
enum Signing {
    #[serde(rename_all = "camelCase")]
    Paper { signed_on: Day, kind: Option<Kind> },
    #[serde(rename_all = "camelCase")]
    Digital { code_word: String },
}

#[derive(Deserialize, ToSchema, Validate, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Plan {
    programme_id: Id,
    #[validate(nested)]
    coordinator: Person,
    #[validate(nested)]
    deputy: Option<Person>,
    #[schema(min_items = 1, max_items = 3)]
    #[validate(nested)]
    team: Vec<Person>,
    kind: Option<Kind>,
    starts_on: Option<Day>,
    month: Option<Month>,
    at: Option<Instant>,
    signing: Option<Signing>,
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}$")]
    kommunkod: String,
    #[validate(length(max = 3, message = "Högst 3|At most 3"))]
    note: Option<String>,
    #[serde(default)]
    counts: BTreeMap<String, i32>,
    extra: Option<Value>,
}

fn plan() -> Value {
    json!({
        "programmeId": "0175a2e1-7c00-7000-8000-000000000001",
        "coordinator": {"fullName": "Eva Lind", "email": "eva.lind@boden.se", "minutesPerDay": 30},
        "deputy": null,
        "team": [{"fullName": "Per"}, {"fullName": "Ulla", "email": null}],
        "kind": "joint", "startsOn": "2021-03-01", "month": "2021-03", "at": "2020-11-03T23:00:00Z",
        "signing": {"method": "paper", "signedOn": "2021-03-01"},
        "kommunkod": "2582", "note": "ok", "counts": {"a": 1}, "extra": {"anything": [1, null]},
    })
}

/// The plan with some members replaced: `("/team/0/fullName", 5)`.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut value = plan();
    for (pointer, new) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match value.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[name.parse::<usize>().unwrap()] = new.clone(),
            parent => parent[name] = new.clone(),
        }
    }
    value
}

pub(super) fn problem<T: Input + std::fmt::Debug>(value: Value) -> (u16, Vec<(String, &'static str)>) {
    let problem = check::<T>(value).unwrap_err();
    let status = problem.code.status();
    (status, problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect())
}

fn errors(changes: &[(&str, Value)]) -> (u16, Vec<(String, &'static str)>) {
    problem::<Plan>(with(changes))
}

fn details(changes: &[(&str, Value)]) -> Vec<(String, String)> {
    let errors = check::<Plan>(with(changes)).unwrap_err().errors;
    errors.into_iter().map(|error| (error.detail.sv.into_owned(), error.detail.en.into_owned())).collect()
}

pub(super) fn list(expected: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect()
}

#[test]
fn a_complete_value_is_accepted() {
    let read = check::<Plan>(plan()).unwrap();
    assert_eq!(read.team.len(), 2);
    assert_eq!(read.kind, Some(Kind::Joint));
    assert_eq!(read.signing, Some(Signing::Paper { signed_on: Day::new(2021, 3, 1).unwrap(), kind: None }));
    assert_eq!((Kind::LIST.name, (Kind::LIST.codes)().len()), ("testKinds", 2));
}

#[test]
fn optional_fields_may_be_absent_or_null() {
    let least = json!({
        "programmeId": "0175a2e1-7c00-7000-8000-000000000001",
        "coordinator": {"fullName": "Eva"}, "team": [{"fullName": "Per"}],
        "kind": null, "startsOn": null, "signing": null, "note": null, "kommunkod": "2582",
    });
    let read = check::<Plan>(least).unwrap();
    assert_eq!((read.kind, read.starts_on, read.signing, read.note), (None, None, None, None));
}

#[test]
fn all_errors_of_shape_are_reported_before_the_rules() {
    let found = errors(&[
        ("/programmeId", json!(5)),
        ("/unknown", json!(1)),
        ("/a~b", json!(1)),
        ("/coordinator/nick", json!("E")),
        ("/coordinator/fullName", json!(null)),
        ("/coordinator/email", json!("not an address")),
        ("/deputy", json!("Eva")),
        ("/team/1", json!([])),
        ("/kind", json!(7)),
        ("/startsOn", json!(20210301)),
        ("/counts/a", json!(1.5)),
        ("/note", json!(true)),
    ]);
    let expected = [
        ("/a~0b", "unknownField"),
        ("/coordinator/fullName", "wrongType"),
        ("/coordinator/nick", "unknownField"),
        ("/counts/a", "wrongType"),
        ("/deputy", "wrongType"),
        ("/kind", "wrongType"),
        ("/note", "wrongType"),
        ("/programmeId", "wrongType"),
        ("/startsOn", "wrongType"),
        ("/team/1", "wrongType"),
        ("/unknown", "unknownField"),
    ];
    assert_eq!(found, (400, list(&expected)));
    assert_eq!(problem::<Plan>(json!([])), (400, list(&[("", "wrongType")])));
}

#[test]
fn the_errors_of_a_nullable_object_are_reported_in_their_stage() {
    let found = errors(&[("/deputy", json!({"fullName": 1, "x": 2}))]);
    assert_eq!(found, (400, list(&[("/deputy/fullName", "wrongType"), ("/deputy/x", "unknownField")])));
    let found = errors(&[("/deputy", json!({"fullName": "x", "kind": "x"}))]);
    assert_eq!(found, (422, list(&[("/deputy/fullName", "tooShort"), ("/deputy/kind", "unknownValue")])));
    let found = errors(&[("/deputy", json!({"email": "a@b"}))]);
    assert_eq!(found, (422, list(&[("/deputy/email", "wrongFormat"), ("/deputy/fullName", "required")])));
}

#[test]
fn all_broken_rules_of_the_schema_are_reported() {
    let found = errors(&[
        ("/programmeId", json!("0175a2e17c0070008000000000000001")),
        ("/coordinator", json!({"fullName": "åäöåäöåäöåä", "email": "eva@boden.se", "minutesPerDay": 1441})),
        (
            "/team",
            json!([{"fullName": "x"}, {"fullName": "Per", "minutesPerDay": 7}, {}, {"fullName": "Li"}]),
        ),
        ("/kind", json!("owner")),
        ("/startsOn", json!("2021-02-29")),
        ("/month", json!("2021-13")),
        ("/at", json!("2020-11-03 23:00")),
        ("/kommunkod", json!("25820")),
        ("/counts/a", json!(3_000_000_000_i64)),
    ]);
    let expected = [
        ("/at", "wrongFormat"),
        ("/coordinator/fullName", "tooLong"),
        ("/coordinator/minutesPerDay", "tooLarge"),
        ("/counts/a", "tooLarge"),
        ("/kind", "unknownValue"),
        ("/kommunkod", "wrongPattern"),
        ("/month", "wrongFormat"),
        ("/programmeId", "wrongFormat"),
        ("/startsOn", "wrongFormat"),
        ("/team", "tooMany"),
        ("/team/0/fullName", "tooShort"),
        ("/team/2/fullName", "required"),
    ];
    assert_eq!(found, (422, list(&expected)));
}

#[test]
fn broken_rules_of_schema_and_code_are_reported_together() {
    let found = errors(&[
        ("/coordinator", json!({"fullName": "eva", "email": "eva@boden.se", "minutesPerDay": -7})),
        ("/team", json!([{"fullName": "x"}, {"fullName": "Per", "minutesPerDay": 7}])),
        ("/note", json!("åäöå")),
    ]);
    let expected = [
        ("/coordinator/fullName", "nameInEmail"),
        ("/coordinator/minutesPerDay", "notAQuarter"),
        ("/coordinator/minutesPerDay", "tooSmall"),
        ("/note", "tooLong"),
        ("/team/0/fullName", "tooShort"),
        ("/team/1/minutesPerDay", "notAQuarter"),
    ];
    assert_eq!(found, (422, list(&expected)));
}

#[test]
fn errors_of_items_are_sorted_by_index() {
    let strings: Vec<Value> = (0..12).map(|n| if n % 9 == 2 { json!(n) } else { json!("x") }).collect();
    let pointers: Vec<_> =
        problem::<Numbers>(json!({ "numbers": strings })).1.into_iter().map(|found| found.0).collect();
    assert_eq!(pointers.first().unwrap(), "/numbers/0");
    assert_eq!(pointers.last().unwrap(), "/numbers/10");
    assert_eq!(pointers.get(2).unwrap(), "/numbers/3");
}

#[derive(Deserialize, ToSchema, Validate, Debug)]
#[serde(deny_unknown_fields)]
struct Numbers {
    #[expect(dead_code, reason = "only its errors matter")]
    numbers: Vec<i32>,
}

#[test]
fn the_number_of_errors_is_bounded() {
    assert_eq!(problem::<Numbers>(json!({ "numbers": vec!["x"; 50_000] })).1.len(), 1000);
}

#[test]
fn variants_are_recognised_by_their_tag() {
    let signing = |value: Value| errors(&[("/signing", value)]);
    let found = signing(json!({"method": "paper", "signedOn": "2021-02-30"}));
    assert_eq!(found, (422, list(&[("/signing/signedOn", "wrongFormat")])));
    let found = signing(json!({"method": "paper", "signedOn": "2021-02-30", "kind": "x"}));
    assert_eq!(
        found,
        (422, list(&[("/signing/kind", "unknownValue"), ("/signing/signedOn", "wrongFormat")]))
    );
    let found = signing(json!({"method": "digital", "codeWord": 1, "signedOn": "2021-02-01"}));
    assert_eq!(
        found,
        (400, list(&[("/signing/codeWord", "wrongType"), ("/signing/signedOn", "unknownField")]))
    );
    assert_eq!(signing(json!({"method": "wax"})), (422, list(&[("/signing/method", "unknownValue")])));
    assert_eq!(signing(json!({"method": 1})), (400, list(&[("/signing/method", "wrongType")])));
    assert_eq!(signing(json!({})), (422, list(&[("/signing/method", "required")])));
    assert_eq!(signing(json!("paper")), (400, list(&[("/signing", "wrongType")])));
    let texts = details(&[("/signing", json!({"method": "wax"}))]);
    assert_eq!(texts[0].1, "Must be one of: paper, digital");
}

#[test]
fn errors_say_in_both_languages_what_would_be_valid() {
    let changes =
        [("/deputy", json!({"nick": 1})), ("/kind", json!(1)), ("/team", json!({})), ("/note", json!(1.5))];
    let expected = [
        (
            "Fältet finns inte; kända fält: email, firstKind, fullName, kind, minutesPerDay",
            "Unknown field; known fields: email, firstKind, fullName, kind, minutesPerDay",
        ),
        ("Ska vara en text eller null, är ett heltal", "Must be a string or null, is an integer"),
        ("Ska vara en text eller null, är decimaltal", "Must be a string or null, is a decimal number"),
        ("Ska vara en lista, är ett objekt", "Must be a list, is an object"),
    ];
    let owned = |list: &[(&str, &str)]| -> Vec<_> {
        list.iter().map(|(sv, en)| ((*sv).to_owned(), (*en).to_owned())).collect()
    };
    assert_eq!(details(&changes), owned(&expected));
    let changes = [
        ("/coordinator", json!({"fullName": "E", "email": "x", "minutesPerDay": 1441})),
        ("/kind", json!("x")),
        ("/note", json!("long")),
        ("/startsOn", json!("x")),
        ("/team", json!([])),
    ];
    let expected = [
        ("Ska vara en e-postadress", "Must be an e-mail address"),
        ("Minst 2 tecken, nu 1", "At least 2 characters, now 1"),
        ("Får vara högst 1440", "May be at most 1440"),
        ("Ska vara ett av: own, joint", "Must be one of: own, joint"),
        (
            "Ska vara en dag som finns i kalendern, skriven ÅÅÅÅ-MM-DD",
            "Must be a day that exists in the calendar, written YYYY-MM-DD",
        ),
        ("Minst 1 i antal, nu 0", "At least 1 item, now 0"),
    ];
    assert_eq!(details(&changes), owned(&expected));
}

#[test]
fn e_mail_addresses_must_be_deliverable() {
    let is_valid = |address: &str| check::<Plan>(with(&[("/coordinator/email", json!(address))])).is_ok();
    for good in ["eva.lind@boden.se", "e@a.b.se", "eva+x@boden.se"] {
        assert!(is_valid(good), "{good}");
    }
    for bad in [
        "eva",
        "eva@boden",
        "@boden.se",
        "Eva <eva@boden.se>",
        "eva@[127.0.0.1]",
        "a b@boden.se",
        " e@b.se",
        "",
    ] {
        assert!(!is_valid(bad), "{bad}");
    }
}

#[test]
fn a_schema_is_compiled_once_for_all_threads() {
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(|| check::<Plan>(plan()).is_ok())).collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
}
