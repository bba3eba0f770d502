//! Goals, quotas and pins as somebody sends them: judged as a whole, also when a word in them is unknown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::selection_plan::{SelectionGoal, SelectionPin, SelectionPlan, SelectionQuota, selection_fault};
use crate::platform::http::body::{Change, Lenient};
use crate::platform::problem::FieldError;
use crate::platform::text::Localized;
use crate::reference::Kommunkod;

/// As many places as there are kommuner.
const MOST_PLACES: u32 = 290;

/// A change of the plan: a list that is left out stays as it is, one that is sent replaces the old one.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"quotas": [{"dimension": "skrGroup", "category": "A1", "max": 1}]}))]
pub struct SelectionPlanPatch {
    /// The goals in their order.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionGoal>, min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub goals: Change<Vec<Lenient<SelectionGoal>>>,
    /// Limits on single categories.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionQuota>, max_items = 100)]
    #[validate(nested)]
    pub quotas: Change<Vec<Lenient<SelectionQuota>>>,
    /// Kommuner that are in or out whatever the goals say. Shown to anyone once the call has opened.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionPin>, max_items = 290)]
    #[validate(nested)]
    pub pins: Change<Vec<Lenient<SelectionPin>>>,
}

/// A plan as it was sent, or as it will be after a change that was sent.
#[derive(Clone, Debug, Serialize)]
pub struct SentPlan {
    /// The goals in their order.
    pub goals: Vec<Lenient<SelectionGoal>>,
    /// Limits on single categories.
    pub quotas: Vec<Lenient<SelectionQuota>>,
    /// Kommuner that are in or out whatever the goals say.
    pub pins: Vec<Lenient<SelectionPin>>,
}

impl From<SelectionPlan> for SentPlan {
    fn from(plan: SelectionPlan) -> Self {
        fn lenient<T>(values: Vec<T>) -> Vec<Lenient<T>> {
            values.into_iter().map(Lenient::Read).collect()
        }
        let SelectionPlan { goals, quotas, pins } = plan;
        Self { goals: lenient(goals), quotas: lenient(quotas), pins: lenient(pins) }
    }
}

impl SentPlan {
    /// With the lists that a change replaces.
    pub fn with(mut self, patch: SelectionPlanPatch) -> Self {
        let SelectionPlanPatch { goals, quotas, pins } = patch;
        goals.apply(&mut self.goals);
        quotas.apply(&mut self.quotas);
        pins.apply(&mut self.pins);
        self
    }

    /// As it is stored. A list of which not everything could be read, with which nothing is stored, is that of another plan, so
    /// that no rule judges the rest of it.
    pub fn read_or(self, other: SelectionPlan) -> SelectionPlan {
        let Self { goals, quotas, pins } = self;
        SelectionPlan {
            goals: Lenient::all_read(goals).unwrap_or(other.goals),
            quotas: Lenient::all_read(quotas).unwrap_or(other.quotas),
            pins: Lenient::all_read(pins).unwrap_or(other.pins),
        }
    }

    /// The lists of which not everything could be read.
    pub fn unread(&self) -> Vec<&'static str> {
        let lists = [
            ("goals", self.goals.iter().all(|goal| goal.read().is_some())),
            ("quotas", self.quotas.iter().all(|quota| quota.read().is_some())),
            ("pins", self.pins.iter().all(|pin| pin.read().is_some())),
        ];
        lists.into_iter().filter(|(_, is_read)| !is_read).map(|(name, _)| name).collect()
    }

    /// As the engine reads it, which knows no null.
    pub fn document(&self) -> Value {
        let mut document = json!(self);
        leave_out_nulls(&mut document);
        document
    }

    /// What is wrong with it, for so many places, as far as that can be told before anybody has applied; `known` are the kommuner
    /// that there are, at least those of its pins. The pointers begin at the plan.
    pub fn faults(&self, places: i32, known: &BTreeSet<String>) -> Vec<FieldError> {
        // Any other number is told of the field itself.
        let places = u32::try_from(places).ok().filter(|places| (1..=MOST_PLACES).contains(places));
        let mut faults: Vec<FieldError> =
            selection::rule_faults(places, &self.document()).into_iter().map(selection_fault).collect();
        faults.extend(self.unknown_kommuner(known));
        faults.extend(places.and_then(|places| self.too_many_pins(places, known)));
        faults
    }

    /// More kommuner that are to get a place than there are places.
    pub fn too_many_pins(&self, places: u32, known: &BTreeSet<String>) -> Option<FieldError> {
        // Of two pins on one kommun that say different things nobody knows which one is meant.
        let read = || self.pins.iter().filter_map(Lenient::read);
        let of = |is_in: bool| read().filter(move |pin| pin.is_in == is_in).map(|pin| &*pin.kommunkod);
        let out: BTreeSet<&str> = of(false).collect();
        let pinned: BTreeSet<&str> =
            of(true).filter(|code| known.contains(*code) && !out.contains(code)).collect();
        let pinned = u32::try_from(pinned.len()).ok().filter(|pinned| places < *pinned)?;
        let words = Localized::new(
            format!("{pinned} kommuner ska få plats men antalet platser är {places}"),
            format!("{pinned} kommuner are to get a place but the number of places is {places}"),
        );
        Some(FieldError::new("/pins", "moreThanPlaces", words))
    }

    /// The kommuner that it pins.
    pub fn pinned(&self) -> Vec<String> {
        self.pins.iter().filter_map(kommunkod).map(str::to_owned).collect()
    }

    fn unknown_kommuner(&self, known: &BTreeSet<String>) -> Vec<FieldError> {
        let is_unknown =
            |pin: &Lenient<SelectionPin>| kommunkod(pin).is_some_and(|code| !known.contains(code));
        let unknown = self.pins.iter().enumerate().filter(|(_, pin)| is_unknown(pin));
        let fault = |(index, _)| {
            let words = Localized::fixed("Det finns ingen sådan kommun.", "There is no such kommun.");
            FieldError::new(format!("/pins/{index}/kommunkod"), "unknownKommun", words)
        };
        unknown.map(fault).collect()
    }
}

/// The kommun of a pin, also of one of which something else cannot be read.
fn kommunkod(pin: &Lenient<SelectionPin>) -> Option<&str> {
    match pin {
        Lenient::Read(pin) => Some(&*pin.kommunkod),
        Lenient::Unread(sent) => sent.get("kommunkod")?.as_str().filter(|code| Kommunkod::is_form_of(code)),
    }
}

fn leave_out_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(plan: Value) -> SentPlan {
        SentPlan::from(SelectionPlan::default()).with(serde_json::from_value(plan).unwrap())
    }

    fn found(faults: Vec<FieldError>) -> Vec<(String, &'static str)> {
        let mut found: Vec<_> = faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect();
        found.sort();
        found
    }

    fn named(faults: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        faults.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect()
    }

    #[test]
    fn nothing_is_wrong_with_the_default_and_the_example() {
        let known = BTreeSet::from(["2582".to_owned()]);
        assert!(sent(json!({})).faults(1, &known).is_empty());
        assert!(sent(SelectionPlan::example()).faults(1, &known).is_empty());
    }

    #[test]
    fn an_unknown_word_hides_no_other_fault() {
        let sent = sent(json!({
            "goals": [{"kind": "fame"}, {"kind": "lottery"}, {"kind": "balance", "dimension": "age"}, {"kind": "lottery"}],
            "quotas": [
                {"dimension": "age", "category": "25", "min": 2, "max": 1},
                {"dimension": "lan", "category": "25", "min": 3},
            ],
            "pins": [{"kommunkod": 7, "in": true, "reason": "a"}, {"kommunkod": "9999", "reason": "b"}],
        }));
        let expected = [
            ("/goals/0/kind", "unknownValue"),
            ("/goals/2/dimension", "unknownValue"),
            ("/goals/3", "notUnique"),
            ("/pins/0/kommunkod", "wrongType"),
            ("/pins/1/in", "required"),
            ("/pins/1/kommunkod", "unknownKommun"),
            ("/quotas", "minAbovePlaces"),
            ("/quotas/0/dimension", "unknownValue"),
            ("/quotas/0/min", "minAboveMax"),
        ];
        assert_eq!(found(sent.faults(2, &BTreeSet::new())), named(&expected));
        // Nothing of such a list is stored; until then no rule judges half of it.
        let other = SelectionPlan { pins: Vec::new(), ..SelectionPlan::default() };
        assert_eq!(sent.read_or(other.clone()), other);
    }

    #[test]
    fn all_faults_are_named_at_once() {
        let wrong = sent(json!({
            "goals": [{"kind": "coverage"}, {"kind": "lottery", "dimension": "lan"}, {"kind": "dispersion"}, {"kind": "dispersion"}],
            "quotas": [
                {"dimension": "lan", "category": "25"},
                {"dimension": "sizeBand", "category": "huge", "min": 1},
                {"dimension": "maturity", "category": "3", "min": 2, "max": 1},
                {"dimension": "maturity", "category": "3", "min": 1},
            ],
            "pins": [
                {"kommunkod": "2582", "in": true, "reason": "a"},
                {"kommunkod": "2582", "in": false, "reason": "b"},
                {"kommunkod": "0114", "in": true, "reason": "c"},
                {"kommunkod": "9999", "in": true, "reason": "d"},
            ],
        }));
        let faults = wrong.faults(2, &["2582".to_owned(), "0114".to_owned()].into());
        let expected = [
            ("/goals/0/dimension", "required"),
            ("/goals/1/dimension", "notAllowed"),
            ("/goals/3", "notUnique"),
            ("/pins/1/kommunkod", "notUnique"),
            ("/pins/3/kommunkod", "unknownKommun"),
            ("/quotas/0", "required"),
            ("/quotas/1/category", "unknownValue"),
            ("/quotas/2/min", "minAboveMax"),
            ("/quotas/3", "notUnique"),
        ];
        assert_eq!(found(faults), named(&expected));
    }

    #[test]
    fn no_fault_follows_from_another_one() {
        let known: BTreeSet<String> = ["2582".to_owned(), "0114".to_owned()].into();
        let quota = |min: i32| json!({"dimension": "lan", "category": "25", "min": min});
        let pin = |code: &str| json!({"kommunkod": code, "in": true, "reason": "a"});
        let twice = json!({"quotas": [quota(2), quota(2)], "pins": [pin("2582"), pin("2582"), pin("9999")]});
        let expected = [
            ("/pins/1/kommunkod", "notUnique"),
            ("/pins/2/kommunkod", "unknownKommun"),
            ("/quotas/1", "notUnique"),
        ];
        assert_eq!(found(sent(twice).faults(2, &known)), named(&expected));
        let either = json!({"kommunkod": "0114", "in": false, "reason": "b"});
        let contradictory = json!({"pins": [pin("0114"), either, pin("2582")]});
        assert_eq!(
            found(sent(contradictory).faults(1, &known)),
            named(&[("/pins/1/kommunkod", "notUnique")])
        );
        let more = json!({"quotas": [quota(2)], "pins": [pin("2582"), pin("0114")]});
        let expected = [("/pins", "moreThanPlaces"), ("/quotas", "minAbovePlaces")];
        assert_eq!(found(sent(more.clone()).faults(1, &known)), named(&expected));
        // A number of places that cannot be has its own fault.
        for places in [0, -1, 291, i32::MAX] {
            assert_eq!(sent(more.clone()).faults(places, &known), [], "{places}");
        }
    }
}
