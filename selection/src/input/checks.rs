//! What an input must fulfil beyond its shape. Each check tells all faults that it finds.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::Value;

use super::draft::{Draft, DraftApplicant};
use super::reading::{self, too_many, unknown_value};
use super::{Dimension, MAX_APPLICANTS, MAX_NODE_BUDGET, SIZE_BANDS};
use crate::fault::Fault;

/// The faults of goals, quotas and pins (a document with these three members of an input) as far as they can be told without a
/// pool, with pointers as in an input. Without the number of places, because it is none that can be, what depends on it is not told.
pub fn rule_faults(places: Option<u32>, rules: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let draft = reading::read_rules(rules, &mut faults);
    faults.extend(draft.map(|draft| self::rules(&Draft { places, ..draft })).unwrap_or_default());
    faults
}

/// All faults of a draft that can be told in spite of what is missing in it.
pub(super) fn faults(draft: &Draft) -> Vec<Fault> {
    let mut faults = rules(draft);
    if draft.seed.as_deref().is_some_and(|seed| !is_seed(seed)) {
        let (sv, en) =
            ("Ska vara 32 hexadecimala siffror (0–9, a–f)", "Must be 32 hexadecimal digits (0–9, a–f)");
        faults.push(Fault::new("/seed".to_owned(), "wrongPattern", sv, en));
    }
    match draft.node_budget {
        Some(0) => faults.push(Fault::new(
            "/nodeBudget".to_owned(),
            "tooSmall",
            "Ska vara minst 1",
            "Must be at least 1",
        )),
        Some(budget) if budget > MAX_NODE_BUDGET => {
            faults.push(above("/nodeBudget".to_owned(), MAX_NODE_BUDGET));
        }
        _ => {}
    }
    if let Some(applicants) = &draft.applicants {
        faults.extend(pool(draft, applicants));
    }
    faults
}

fn pool(draft: &Draft, applicants: &[DraftApplicant]) -> Vec<Fault> {
    if applicants.len() > MAX_APPLICANTS {
        return vec![too_many("/applicants".to_owned(), MAX_APPLICANTS, applicants.len())];
    }
    let mut faults = Vec::new();
    let mut first = BTreeMap::new();
    for (index, applicant) in applicants.iter().enumerate() {
        let at = format!("/applicants/{index}");
        self::applicant(applicant, &at, &mut faults);
        let Some(kommunkod) = &applicant.kommunkod else { continue };
        if let Some(earlier) = first.insert(kommunkod.as_str(), index) {
            faults.push(twice(format!("{at}/kommunkod"), earlier));
        }
    }
    if let Some(places) = draft.places.filter(|places| applicants.len() < *places as usize) {
        let has = applicants.len();
        let sv = format!("Antalet platser är {places} men bara {has} finns att välja bland");
        let en = format!("The number of places is {places} but there are only {has} to choose from");
        faults.push(Fault::new("/applicants".to_owned(), "tooFew", sv, en));
    }
    // An applicant whose kommunkod could not be read may be the one that a pin means.
    if applicants
        .iter()
        .all(|applicant| applicant.kommunkod.as_deref().is_some_and(|code| is_digits(code, 4)))
    {
        for (index, pin) in draft.pins.iter().enumerate() {
            if pin.kommunkod.as_ref().is_some_and(|kommunkod| !first.contains_key(kommunkod.as_str())) {
                let (sv, en) =
                    ("Kommunen finns inte bland de sökande", "The kommun is not among the applicants");
                faults.push(Fault::new(format!("/pins/{index}/kommunkod"), "notInPool", sv, en));
            }
        }
    }
    faults
}

fn applicant(applicant: &DraftApplicant, at: &str, faults: &mut Vec<Fault>) {
    if applicant.kommunkod.as_deref().is_some_and(|code| !is_digits(code, 4)) {
        faults.push(pattern(format!("{at}/kommunkod"), "fyra siffror", "four digits"));
    }
    let maturity = applicant.maturity.map(|maturity| maturity.to_string());
    let categories = [
        (Dimension::Nuts2, &applicant.nuts2),
        (Dimension::Lan, &applicant.lan),
        (Dimension::SizeBand, &applicant.size_band),
        (Dimension::SkrGroup, &applicant.skr_group),
        (Dimension::Maturity, &maturity),
    ];
    for (dimension, category) in categories {
        let at = || format!("{at}/{}", dimension.code());
        faults.extend(category.as_deref().and_then(|category| self::category(dimension, category, at)));
    }
    for (name, degrees, limit) in
        [("latitude", applicant.latitude, 90.0), ("longitude", applicant.longitude, 180.0)]
    {
        if degrees.is_some_and(|degrees| !(-limit..=limit).contains(&degrees)) {
            let sv = format!("Ska vara mellan −{limit} och {limit} grader");
            let en = format!("Must be between −{limit} and {limit} degrees");
            faults.push(Fault::new(format!("{at}/{name}"), "outOfRange", sv, en));
        }
    }
}

/// What is wrong with a category.
fn category(dimension: Dimension, category: &str, at: impl Fn() -> String) -> Option<Fault> {
    let mut letters = category.chars();
    match dimension {
        Dimension::Nuts2 => (!category.strip_prefix("SE").is_some_and(|rest| is_digits(rest, 2)))
            .then(|| pattern(at(), "SE och två siffror", "SE and two digits")),
        Dimension::Lan => (!is_digits(category, 2)).then(|| pattern(at(), "två siffror", "two digits")),
        Dimension::SizeBand => (!SIZE_BANDS.contains(&category)).then(|| unknown_value(at(), &SIZE_BANDS)),
        Dimension::SkrGroup => {
            let is_letter = letters.next().is_some_and(|letter| letter.is_ascii_uppercase());
            (!is_letter || !is_digits(letters.as_str(), 1))
                .then(|| pattern(at(), "en stor bokstav och en siffra", "a capital letter and a digit"))
        }
        Dimension::Maturity => {
            let levels = ["1", "2", "3", "4", "5"];
            (!levels.contains(&category)).then(|| unknown_value(at(), &levels))
        }
    }
}

fn rules(draft: &Draft) -> Vec<Fault> {
    let mut faults = Vec::new();
    if draft.places == Some(0) {
        faults.push(Fault::new("/places".to_owned(), "tooSmall", "Ska vara minst 1", "Must be at least 1"));
    }
    goals(draft, &mut faults);
    quotas(draft, &mut faults);
    let mut first = BTreeMap::new();
    for (index, pin) in draft.pins.iter().enumerate() {
        let at = format!("/pins/{index}/kommunkod");
        let Some(kommunkod) = &pin.kommunkod else { continue };
        if !is_digits(kommunkod, 4) {
            faults.push(pattern(at.clone(), "fyra siffror", "four digits"));
        }
        if let Some(earlier) = first.insert(kommunkod.as_str(), index) {
            faults.push(twice(at, earlier));
        }
    }
    faults
}

fn goals(draft: &Draft, faults: &mut Vec<Fault>) {
    let Some(goals) = &draft.goals else { return };
    if goals.is_empty() {
        let (sv, en) = ("Minst 1 i antal, nu 0", "At least 1 item, now 0");
        faults.push(Fault::new("/goals".to_owned(), "tooFew", sv, en));
    }
    for (index, goal) in goals.iter().enumerate().filter(|(_, goal)| goal.is_some()) {
        if let Some(earlier) = goals.iter().take(index).position(|other| other == goal) {
            faults.push(twice(format!("/goals/{index}"), earlier));
        }
    }
}

fn quotas(draft: &Draft, faults: &mut Vec<Fault>) {
    let mut first = BTreeMap::new();
    let mut least: BTreeMap<Dimension, u64> = BTreeMap::new();
    for (index, quota) in draft.quotas.iter().enumerate() {
        let at = format!("/quotas/{index}");
        if !quota.has_limit {
            let (sv, en) = ("Ange min, max eller båda", "Give min, max or both");
            faults.push(Fault::new(at.clone(), "required", sv, en));
        }
        if let (Some(min), Some(max)) = (quota.min, quota.max)
            && min > max
            && min as usize <= MAX_APPLICANTS
        {
            let texts = (format!("min är {min} men max är {max}"), format!("min is {min} but max is {max}"));
            faults.push(Fault::new(format!("{at}/min"), "minAboveMax", texts.0, texts.1));
        }
        for (name, limit) in [("min", quota.min), ("max", quota.max)] {
            if limit.is_some_and(|limit| limit as usize > MAX_APPLICANTS) {
                faults.push(above(format!("{at}/{name}"), MAX_APPLICANTS));
            }
        }
        let (Some(dimension), Some(category)) = (quota.dimension, &quota.category) else { continue };
        faults.extend(self::category(dimension, category, || format!("{at}/category")));
        match first.insert((dimension, category.as_str()), index) {
            Some(earlier) => faults.push(twice(at, earlier)),
            None => {
                let min = quota.min.filter(|min| *min as usize <= MAX_APPLICANTS);
                *least.entry(dimension).or_default() += min.map_or(0, u64::from);
            }
        }
    }
    // That there are no places is told of the number itself.
    let Some(places) = draft.places.filter(|places| *places > 0) else { return };
    for (dimension, sum) in least.into_iter().filter(|(_, sum)| *sum > u64::from(places)) {
        let code = dimension.code();
        let sv = format!("Kvoternas min för {code} är tillsammans {sum} men antalet platser är {places}");
        let en = format!("The minimums for {code} are {sum} in all but the number of places is {places}");
        faults.push(Fault::new("/quotas".to_owned(), "minAbovePlaces", sv, en));
    }
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_seed(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn pattern(at: String, sv: &str, en: &str) -> Fault {
    Fault::new(at, "wrongPattern", format!("Ska vara {sv}"), format!("Must be {en}"))
}

fn above(at: String, most: impl Display) -> Fault {
    Fault::new(at, "tooLarge", format!("Får vara högst {most}"), format!("May be at most {most}"))
}

/// The same as an earlier item of the list.
fn twice(at: String, earlier: usize) -> Fault {
    let (sv, en) = (
        format!("Finns redan i listan, med index {earlier}"),
        format!("Is already in the list, with index {earlier}"),
    );
    Fault::new(at, "notUnique", sv, en)
}
