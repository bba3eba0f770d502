//! What a new register year must be, and what it says of each kommun. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde_json::Value;

use super::requests::NewRegisterYear;
use super::store::RegisterYearRow;
use crate::platform::http::body::Lenient;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::reference::Kommunkod;
use crate::reference::kommuner::KommunFacts;

/// Everything that is wrong with the facts; `known` are all kommuner of the register.
pub fn faults(new: &NewRegisterYear, known: &BTreeSet<String>, today: Day) -> Vec<FieldError> {
    let mut faults = day_faults(new, today);
    faults.extend(group_faults(new, today));
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    // Which kommun somebody means whose code cannot be read nobody knows.
    let mut are_all_read = true;
    for (index, fact) in new.kommuner.iter().enumerate() {
        let at = format!("/kommuner/{index}/kommunkod");
        let code = match fact {
            Lenient::Read(fact) => Some(&*fact.kommunkod),
            Lenient::Unread(sent) => sent.get("kommunkod").and_then(Value::as_str),
        };
        let Some(code) = code.filter(|code| Kommunkod::is_form_of(code)) else {
            are_all_read = false;
            continue;
        };
        if !known.contains(code) {
            let words = Localized::fixed("Det finns ingen sådan kommun.", "There is no such kommun.");
            faults.push(FieldError::new(at, "unknownKommun", words));
        } else if let Some(earlier) = first.insert(code, index) {
            let words = Localized::new(
                format!("Finns redan i /kommuner/{earlier}."),
                format!("Is already in /kommuner/{earlier}."),
            );
            faults.push(FieldError::new(at, "notUnique", words));
        }
    }
    let missing: Vec<&str> =
        known.iter().map(String::as_str).filter(|code| !first.contains_key(code)).collect();
    if are_all_read && !missing.is_empty() {
        let (count, codes) = (missing.len(), missing.join(", "));
        let words = Localized::new(
            format!("Alla kommuner ska vara med; antal som saknas: {count} ({codes})."),
            format!("Every kommun must be there; number that is missing: {count} ({codes})."),
        );
        faults.push(FieldError::new("/kommuner", "missing", words));
    }
    faults
}

/// The earliest and the latest register year that can be.
const YEARS: RangeInclusive<i32> = 2000..=2100;

fn day_faults(new: &NewRegisterYear, today: Day) -> Vec<FieldError> {
    // A year that cannot be is told of the field itself.
    let Some(day) = new.day().filter(|_| YEARS.contains(&new.year)) else { return Vec::new() };
    let at = if new.population_on.is_some() { "/populationOn" } else { "/year" };
    let mut faults = Vec::new();
    if !day.to_string().starts_with(&format!("{:04}-", new.year)) {
        let words = Localized::fixed("Ska ligga i året.", "Must lie within the year.");
        faults.push(FieldError::new(at, "otherYear", words));
    }
    if today < day {
        let words =
            Localized::new(format!("{day} ligger i framtiden."), format!("{day} lies in the future."));
        faults.push(FieldError::new(at, "inTheFuture", words));
    }
    faults
}

fn group_faults(new: &NewRegisterYear, today: Day) -> Option<FieldError> {
    let has_groups = new.kommuner.iter().any(|fact| match fact {
        Lenient::Read(fact) => fact.skr_group.is_some(),
        Lenient::Unread(sent) => sent.get("skrGroup").is_some_and(|group| !group.is_null()),
    });
    let this_year = today.to_string().get(..4).and_then(|year| year.parse::<i32>().ok());
    let (code, words) = match new.skr_group_year {
        None if has_groups => (
            "required",
            Localized::fixed(
                "Fältet saknas; kommungrupper har ett årtal.",
                "The field is missing; groups have a year.",
            ),
        ),
        Some(_) if !has_groups => (
            "notAllowed",
            Localized::fixed("Ingen kommun har någon kommungrupp här.", "No kommun has a group here."),
        ),
        Some(year) if this_year.is_some_and(|this_year| this_year < year) => {
            ("inTheFuture", Localized::fixed("Ligger i framtiden.", "Lies in the future."))
        }
        _ => return None,
    };
    Some(FieldError::new("/skrGroupYear", code, words))
}

/// 409 unless the year is later than the newest one.
pub fn check_later(year: i32, newest: &RegisterYearRow, is_there: bool) -> Result<(), Problem> {
    if newest.year < year {
        return Ok(());
    }
    if is_there {
        return Err(Problem::new(Code::AlreadyExists).detail(
            format!("Registeråret {year} finns redan."),
            format!("The register year {year} is there already."),
        ));
    }
    let newest = newest.year;
    Err(Problem::new(Code::StateConflict).detail(
        format!("Det nyaste registeråret är {newest}; bara ett senare kan läggas in."),
        format!("The newest register year is {newest}; only a later one can be added."),
    ))
}

/// 409 unless it is the newest year, and an administrator's: what older ones say was used when they were the newest.
pub fn check_correctable(row: &RegisterYearRow, added: &[RegisterYearRow]) -> Result<(), Problem> {
    if added.last().is_some_and(|newest| newest.id == row.id) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).detail(
        "Bara det nyaste registeråret kan rättas, och inte det som programmet har med sig.",
        "Only the newest register year can be corrected, and not the one that the program brings.",
    ))
}

/// What the year says of every kommun: its own population, and its own group or else the one before.
pub fn facts(new: &NewRegisterYear, before: &RegisterYearRow) -> Vec<KommunFacts> {
    let given: BTreeMap<&str, _> =
        new.kommuner.iter().filter_map(Lenient::read).map(|fact| (&*fact.kommunkod, fact)).collect();
    let mut facts = before.facts.0.clone();
    for old in &mut facts {
        let Some(fact) = given.get(old.kommunkod.as_str()) else { continue };
        old.population = fact.population;
        if let (Some(group), Some(year)) = (fact.skr_group, new.skr_group_year) {
            old.skr_group = group;
            old.skr_group_year = year;
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::platform::context::Context;

    fn known() -> BTreeSet<String> {
        ["0114", "2580", "2582"].map(str::to_owned).into()
    }

    fn new(changes: Value) -> NewRegisterYear {
        let mut body = json!({
            "year": 2020,
            "source": "SCB",
            "kommuner": [
                {"kommunkod": "0114", "population": 48_000},
                {"kommunkod": "2580", "population": 78_000},
                {"kommunkod": "2582", "population": 28_000},
            ],
        });
        let members = body.as_object_mut().unwrap();
        members.extend(changes.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    fn found(changes: Value) -> Vec<(String, &'static str)> {
        let today = Day::new(2021, 3, 1).unwrap();
        faults(&new(changes), &known(), today).into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn all(expected: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect()
    }

    #[test]
    fn a_year_has_every_kommun_once() {
        assert!(found(json!({})).is_empty());
        let kommuner = json!([
            {"kommunkod": "2582", "population": 1},
            {"kommunkod": "9999", "population": 1},
            {"kommunkod": "2582", "population": 2},
        ]);
        let expected = [
            ("/kommuner/1/kommunkod", "unknownKommun"),
            ("/kommuner/2/kommunkod", "notUnique"),
            ("/kommuner", "missing"),
        ];
        assert_eq!(found(json!({"kommuner": kommuner})), all(&expected));
    }

    #[test]
    fn its_day_is_in_the_year_and_has_been() {
        assert_eq!(found(json!({"populationOn": "2019-12-31"})), all(&[("/populationOn", "otherYear")]));
        assert_eq!(found(json!({"year": 2021})), all(&[("/year", "inTheFuture")]));
        assert!(found(json!({"year": 2021, "populationOn": "2021-03-01"})).is_empty());
    }

    #[test]
    fn groups_have_a_year_and_a_year_has_groups() {
        assert_eq!(found(json!({"skrGroupYear": 2020})), all(&[("/skrGroupYear", "notAllowed")]));
        let kommuner = json!([
            {"kommunkod": "0114", "population": 48_000, "skrGroup": "A2"},
            {"kommunkod": "2580", "population": 78_000},
            {"kommunkod": "2582", "population": 28_000},
        ]);
        assert_eq!(found(json!({"kommuner": kommuner})), all(&[("/skrGroupYear", "required")]));
        let later = json!({"kommuner": kommuner, "skrGroupYear": 2022});
        assert_eq!(found(later), all(&[("/skrGroupYear", "inTheFuture")]));
    }

    #[test]
    fn what_is_not_given_stays_with_its_year() {
        let before = RegisterYearRow::example(&Context::example());
        let given = json!({"skrGroupYear": 2020, "kommuner": [{"kommunkod": "2582", "population": 9_999, "skrGroup": "C8"}]});
        let after = facts(&new(given), &before);
        let boden = after.iter().find(|fact| fact.kommunkod == "2582").unwrap();
        assert_eq!((boden.population, boden.skr_group.as_str(), boden.skr_group_year), (9_999, "C8", 2020));
        let without =
            facts(&new(json!({"kommuner": [{"kommunkod": "2582", "population": 10_000}]})), &before);
        assert_eq!((without[0].population, without[0].skr_group_year), (10_000, 2023));
    }
}
