//! How the places will be given: named before the call opens, shown to anyone, and not changed after that.

use samverkan::platform::ids::Id;
use samverkan::schema::programmes;
use serde_json::{Value, json};

use diesel::prelude::*;

use super::{draft, offer};
use crate::both;
use crate::team::with;

fn default_goals() -> Value {
    json!([
        {"kind": "coverage", "dimension": "nuts2"},
        {"kind": "coverage", "dimension": "lan"},
        {"kind": "balance", "dimension": "sizeBand"},
        {"kind": "balance", "dimension": "maturity"},
        {"kind": "dispersion", "dimension": null},
        {"kind": "lottery", "dimension": null},
    ])
}

fn quota(category: &str, max: i32) -> Value {
    json!({"dimension": "skrGroup", "category": category, "min": null, "max": max})
}

both!(the_open_call_names_how_its_places_will_be_given, |t| {
    let pin = json!({"kommunkod": "2582", "in": true, "reason": "Var värd för pilotomgången."});
    let plan = json!({"quotas": [quota("A1", 1)], "pins": [pin]});
    let new = t.admin().post("/programmes", with(offer(), json!({"selectionPlan": plan})));
    let id: Id = new.id();
    assert_eq!(new.is(201)["selectionPlan"]["goals"], default_goals(), "left out, they are shown");
    let (path, manager) = (format!("/programmes/{id}"), t.manager(id));
    // Each list is changed for itself.
    let goals = json!([{"kind": "balance", "dimension": "skrGroup"}, {"kind": "lottery", "dimension": null}]);
    let change = json!({"selectionPlan": {"goals": goals}});
    let changed = manager.if_match(&manager.get(&path)).patch(&path, change).is(200);
    let expected = json!({"goals": goals, "quotas": [quota("A1", 1)], "pins": [pin]});
    assert_eq!(changed["selectionPlan"], expected);
    manager.change(&path, "scheduled").is(200);
    let fewer = json!({"selectionPlan": {"quotas": [quota("A1", 2)]}});
    let changed = manager.if_match(&manager.get(&path)).patch(&path, fewer).is(200);
    t.anonymous().get(&path).refused(404, "notFound");
    t.at("2020-10-05T10:00:00+02:00");
    let seen = t.anonymous().get(&path).is(200);
    assert_eq!(seen["selectionPlan"], changed["selectionPlan"]);
    assert_eq!(seen["selectionPlan"]["pins"][0]["reason"], "Var värd för pilotomgången.");
    // From now on it stands, whatever else changes.
    for list in ["goals", "quotas", "pins"] {
        let other = if list == "goals" { default_goals() } else { json!([]) };
        let late = json!({"selectionPlan": {list: other}});
        let refusal = manager.if_match(&manager.get(&path)).patch(&path, late);
        assert_eq!(refusal.refused(409, "stateConflict")["currentStatus"], "open");
    }
    let same = json!({"name": "Utvecklingsnätverket", "selectionPlan": {"quotas": [quota("A1", 2)]}});
    let renamed = manager.if_match(&manager.get(&path)).patch(&path, same).is(200);
    assert_eq!(
        (&renamed["name"], &renamed["selectionPlan"]),
        (&json!("Utvecklingsnätverket"), &seen["selectionPlan"])
    );
    let trail = manager.get(&format!("/audit-events?resourceId={id}&limit=100")).is(200);
    assert!(trail.to_string().contains("pilotomgången"), "the trail tells what was planned");
});

both!(all_errors_of_a_plan_are_named_with_those_of_the_dates, |t| {
    let wrong = json!({
        "endsOn": "2020-12-31",
        "places": 2,
        "selectionPlan": {
            "goals": [{"kind": "coverage"}, {"kind": "lottery"}, {"kind": "lottery"}],
            "quotas": [{"dimension": "lan", "category": "25", "min": 3, "max": 1}],
            "pins": [
                {"kommunkod": "9999", "in": true, "reason": "Finns inte."},
                {"kommunkod": "2582", "in": true, "reason": "Ett."},
                {"kommunkod": "2582", "in": false, "reason": "Två."},
            ],
        },
    });
    let expected = [
        ("/endsOn", "wrongOrder"),
        ("/selectionPlan/goals/0/dimension", "required"),
        ("/selectionPlan/goals/2", "notUnique"),
        ("/selectionPlan/pins/0/kommunkod", "unknownKommun"),
        ("/selectionPlan/pins/2/kommunkod", "notUnique"),
        ("/selectionPlan/quotas", "minAbovePlaces"),
        ("/selectionPlan/quotas/0/min", "minAboveMax"),
    ];
    let refusal = t.admin().post("/programmes", with(offer(), wrong.clone()));
    refusal.refused(422, "invalidInput");
    let mut faults = refusal.faults();
    faults.sort();
    assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    let id = draft(t);
    let (path, manager) = (format!("/programmes/{id}"), t.manager(id));
    let refusal = manager.if_match(&manager.get(&path)).patch(&path, wrong);
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults().len(), expected.len());
    // Unknown words hide nothing.
    let unknown = json!({
        "endsOn": "2020-12-31",
        "places": 3_000_000_000_u64,
        "selectionPlan": {
            "goals": [{"kind": "fame"}, {"kind": "lottery"}, {"kind": "lottery"}],
            "quotas": [{"dimension": "mood", "category": "1", "min": 3, "max": 1}],
            "pins": [{"kommunkod": "9999", "in": true, "reason": "Finns inte."}, {"in": true, "reason": "Vilken?"}],
        },
    });
    let expected = [
        ("/endsOn", "wrongOrder"),
        ("/places", "tooLarge"),
        ("/selectionPlan/goals/0/kind", "unknownValue"),
        ("/selectionPlan/goals/2", "notUnique"),
        ("/selectionPlan/pins/0/kommunkod", "unknownKommun"),
        ("/selectionPlan/pins/1/kommunkod", "required"),
        ("/selectionPlan/quotas/0/dimension", "unknownValue"),
        ("/selectionPlan/quotas/0/min", "minAboveMax"),
    ];
    let changed = manager.if_match(&manager.get(&path)).patch(&path, unknown.clone());
    for refusal in [t.admin().post("/programmes", with(offer(), unknown)), changed] {
        refusal.refused(422, "invalidInput");
        let mut faults = refusal.faults();
        faults.sort();
        assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    }
    let none = json!({"selectionPlan": {"goals": []}});
    t.admin().post("/programmes", with(offer(), none)).refused(422, "invalidInput");
    // Fewer places than the plan needs are refused, too.
    let pins = json!([
        {"kommunkod": "2582", "in": true, "reason": "Ett."},
        {"kommunkod": "0114", "in": true, "reason": "Två."},
    ]);
    let two = json!({"selectionPlan": {"pins": pins}});
    manager.if_match(&manager.get(&path)).patch(&path, two).is(200);
    let refusal = manager.if_match(&manager.get(&path)).patch(&path, json!({"places": 1}));
    assert_eq!(refusal.faults(), [("/selectionPlan/pins".to_owned(), "moreThanPlaces".to_owned())]);
});

both!(a_plan_is_changed_by_the_programme_manager_alone, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let seen = t.manager(id).get(&path);
    let change = json!({"selectionPlan": {"quotas": [quota("A1", 1)]}});
    t.economist(id).if_match(&seen).patch(&path, change.clone()).refused(403, "forbidden");
    t.manager(draft(t)).if_match(&seen).patch(&path, change.clone()).refused(404, "notFound");
    t.anonymous().if_match(&seen).patch(&path, change).refused(401, "unauthenticated");
});

both!(a_programme_that_is_older_than_plans_has_the_default_goals, |t| {
    let id = draft(t);
    t.write(move |tx| {
        let none = programmes::selection_plan.eq(None::<String>);
        diesel::update(programmes::table.find(id)).set(none).execute(tx.db)?;
        Ok(())
    });
    let (path, manager) = (format!("/programmes/{id}"), t.manager(id));
    let seen = manager.get(&path);
    assert_eq!(seen.is(200)["selectionPlan"], json!({"goals": default_goals(), "quotas": [], "pins": []}));
    let renamed = manager.if_match(&seen).patch(&path, json!({"name": "Nätverket"})).is(200);
    assert_eq!(renamed["selectionPlan"]["goals"], default_goals());
});
