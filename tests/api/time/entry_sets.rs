//! Entries that are sent as a batch and judged as a set end as they would have, sent one by one: the same verdicts, the same
//! rows, the same events. Two pairs of colleagues are twins: one pair gets a random batch, the other its items one by one.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use proptest::prelude::*;
use proptest::sample::select;
use samverkan::platform::db::schema::audit_events;
use serde_json::{Value, json};

use super::{Member, member};
use crate::support::{Client, Kind, TestApp, in_rounds, property};
use crate::team::{BODEN, LULEA, coordinator, running, with};

/// One entry of a random batch, for a twin or for the stranger, who works in another kommun.
#[derive(Clone, Debug)]
struct Item {
    person: usize,
    day: &'static str,
    minutes: i64,
    kind: &'static str,
    activity: &'static str,
    description: Option<&'static str>,
}

const STRANGER: usize = 2;

fn items() -> impl Strategy<Value = Vec<Item>> {
    let days =
        ["2020-12-30", "2021-01-04", "2021-01-04", "2021-01-05", "2021-01-09", "2021-02-03", "2021-03-30"];
    let words = vec![None, Some("Utkast."), Some("Möte.")];
    let parts = (
        select(vec![0_usize, 0, 1, 1, STRANGER]),
        select(days.to_vec()),
        select(vec![1_i64, 30, 240, 300, 700, 1440]),
        select(vec!["own", "joint", "coordination"]),
        select(vec!["development", "development", "travel", "sleeping"]),
        select(words),
    );
    let item = parts.prop_map(|(person, day, minutes, kind, activity, description)| Item {
        person,
        day,
        minutes,
        kind,
        activity,
        description,
    });
    prop::collection::vec(item, 1..12)
}

struct Twins {
    t: TestApp,
    /// Those who get batches, and those who get single requests.
    pairs: [[Member; 2]; 2],
    stranger: Member,
    coordinator: Client,
}

impl Twins {
    fn new(kind: Kind) -> Self {
        let t = TestApp::new(kind);
        let programme = running(&t);
        let colleague = |number| member(&t, programme, BODEN, number);
        let pairs = [[colleague(1), colleague(2)], [colleague(3), colleague(4)]];
        let stranger = member(&t, programme, LULEA, 1);
        let coordinator = coordinator(&t, programme, BODEN);
        t.at("2021-02-04");
        Self { t, pairs, stranger, coordinator }
    }

    fn body(&self, pair: usize, item: &Item) -> Value {
        let member = if item.person == STRANGER { &self.stranger } else { &self.pairs[pair][item.person] };
        let body = json!({"participantId": member.id, "workDate": item.day, "minutes": item.minutes});
        let rest = json!({"kind": item.kind, "activityCode": item.activity, "description": item.description});
        with(body, rest)
    }

    /// The caller: a colleague of the pair, or the coordinator.
    fn caller(&self, pair: usize, caller: usize) -> &Client {
        self.pairs[pair].get(caller).map_or(&self.coordinator, |member| &member.client)
    }

    /// The ids of a pair's entries, in the order in which their twins come.
    fn ids(&self, pair: usize) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (number, member) in self.pairs[pair].iter().enumerate() {
            let path = format!("/time-entries?participantId={}&limit=1000", member.id);
            for entry in self.coordinator.get(&path).is(200)["items"].as_array().unwrap() {
                let told =
                    ["workDate", "minutes", "kind", "activityCode", "description", "status", "version"];
                let told: Vec<String> = told.iter().map(|name| entry[*name].to_string()).collect();
                all.push((format!("{number} {}", told.join(" ")), entry["id"].as_str().unwrap().to_owned()));
            }
        }
        all.sort();
        all
    }

    /// The entries of a pair without what cannot be the same, each with the actions of its events.
    fn entries(&self, pair: usize) -> Vec<(String, Vec<String>)> {
        let events: Vec<(String, String)> = self.t.db(|db| {
            let of_entries = audit_events::table.filter(audit_events::resource_type.eq("timeEntry"));
            let in_order = of_entries.order((audit_events::chain, audit_events::sequence));
            in_order.select((audit_events::resource_id, audit_events::action)).load(db).unwrap()
        });
        let mut actions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, action) in events {
            actions.entry(id).or_default().push(action);
        }
        let with_actions = |(told, id): (String, String)| (told, actions.remove(&id).unwrap_or_default());
        let mut all: Vec<(String, Vec<String>)> = self.ids(pair).into_iter().map(with_actions).collect();
        all.sort();
        all
    }
}

/// Status and code of a verdict, and every fault.
fn verdict(status: u64, problem: &Value) -> String {
    let faults = problem["errors"].as_array().into_iter().flatten();
    let faults: Vec<String> = faults.map(|fault| format!("{} {}", fault["pointer"], fault["code"])).collect();
    format!("{status} {} {}", problem["code"], faults.join(", "))
}

fn a_set_ends_like_its_items(kind: Kind) {
    let twins = Twins::new(kind);
    property(24, &(items(), 0..3_usize, any::<bool>()), |(items, caller, atomic)| {
        let bodies: Vec<Value> = items.iter().map(|item| twins.body(0, item)).collect();
        let batch = json!({"items": bodies, "atomic": atomic});
        let answer = twins.caller(0, caller).post("/time-entries/batch", batch);
        let answer = answer.is(200);
        let verdicts: Vec<String> = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| verdict(item["status"].as_u64().unwrap(), &item["problem"]))
            .collect();
        let has_failed = answer["failed"] != 0;
        let is_kept = if atomic { !has_failed } else { answer["succeeded"] != 0 };
        prop_assert_eq!(answer["isKept"] == true, is_kept);
        if atomic && has_failed {
            // Nothing is kept, so nothing is sent to the twins. The others have failed with 424.
            let statuses =
                answer["items"].as_array().unwrap().iter().filter_map(|item| item["status"].as_u64());
            let faulty = statuses.filter(|status| *status >= 400 && *status != 424).count();
            let dry =
                twins.caller(0, caller).post("/time-entries/batch", json!({"items": bodies, "dryRun": true}));
            prop_assert_eq!(&dry.is(200)["failed"], &json!(faulty));
        } else {
            for (item, together) in items.iter().zip(&verdicts) {
                let alone = twins.caller(1, caller).post("/time-entries", twins.body(1, item));
                let problem = if alone.status == 201 { Value::Null } else { alone.json() };
                prop_assert_eq!(&verdict(u64::from(alone.status), &problem), together, "{:?}", item);
            }
        }
        prop_assert_eq!(twins.entries(0), twins.entries(1));
        Ok(())
    });
}

/// A step of a random batch: the number of the entry, the state, and whether the version is a wrong one.
type Step = (usize, &'static str, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let states = select(vec!["recorded", "recorded", "voided", "proposed"]);
    prop::collection::vec((0..40_usize, states, prop::bool::weighted(0.1)), 1..10)
}

fn steps_of_a_set_end_like_single_steps(kind: Kind) {
    let twins = Twins::new(kind);
    property(16, &(items(), steps(), 0..3_usize), |(items, steps, caller)| {
        for item in items.iter().filter(|item| item.person != STRANGER) {
            for pair in [0, 1] {
                // The coordinator proposes.
                twins.coordinator.post("/time-entries", twins.body(pair, item));
            }
        }
        let (batched, single) = (twins.ids(0), twins.ids(1));
        prop_assert_eq!(batched.len(), single.len());
        // One step for each entry, so that entries that look the same are twins in any order.
        let mut taken = BTreeSet::new();
        let steps: Vec<Step> = steps
            .into_iter()
            .filter(|_| !batched.is_empty())
            .map(|(number, to, is_wrong)| (number % batched.len(), to, is_wrong))
            .filter(|(number, ..)| taken.insert(*number))
            .collect();
        if steps.is_empty() {
            return Ok(());
        }
        let item = |id: &str, (_, to, is_wrong): &Step| {
            let item = json!({"id": id, "to": to});
            if *is_wrong { with(item, json!({"version": 99})) } else { item }
        };
        let path = "/time-entries/status-changes/batch";
        let together: Vec<Value> = steps.iter().map(|step| item(&batched[step.0].1, step)).collect();
        let answer = twins.caller(0, caller).post(path, json!({"items": together}));
        let verdict_of = |item: &Value| verdict(item["status"].as_u64().unwrap(), &item["problem"]);
        for (step, together) in steps.iter().zip(answer.is(200)["items"].as_array().unwrap()) {
            // A batch of one, because only an item of a batch names its version.
            let alone = json!({"items": [item(&single[step.0].1, step)]});
            let alone = twins.caller(1, caller).post(path, alone);
            prop_assert_eq!(verdict_of(&alone.is(200)["items"][0]), verdict_of(together), "{:?}", step);
        }
        prop_assert_eq!(twins.entries(0), twins.entries(1));
        Ok(())
    });
}

#[test]
fn steps_of_a_set_end_like_single_steps_on_sqlite() {
    in_rounds(|| steps_of_a_set_end_like_single_steps(Kind::Sqlite));
}

#[test]
fn steps_of_a_set_end_like_single_steps_on_postgresql() {
    in_rounds(|| steps_of_a_set_end_like_single_steps(Kind::Postgres));
}

#[test]
fn a_set_ends_like_its_items_on_sqlite() {
    in_rounds(|| a_set_ends_like_its_items(Kind::Sqlite));
}

#[test]
fn a_set_ends_like_its_items_on_postgresql() {
    in_rounds(|| a_set_ends_like_its_items(Kind::Postgres));
}
