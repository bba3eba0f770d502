//! A batch has a result per item, whatever is wrong with an item.

use serde_json::{Value, json};

use crate::both;
use crate::programmes::draft;
use crate::support::Response;
use crate::team::{BODEN, running};
use crate::time::{member, work};

fn each(batch: &Value, name: &str) -> Vec<Value> {
    batch["items"].as_array().unwrap().iter().map(|item| item[name].clone()).collect()
}

/// Fails unless the counts are those of the items.
#[track_caller]
fn counted(answer: &Response) -> Value {
    let batch = answer.is(200);
    let failed = each(&batch, "problem").iter().filter(|problem| !problem.is_null()).count();
    assert_eq!(batch["failed"], failed, "{batch}");
    assert_eq!(batch["succeeded"], each(&batch, "index").len() - failed, "{batch}");
    batch
}

both!(an_item_that_breaks_a_bound_fails_alone, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let mut long = work(&maja, "2021-01-11", 60);
    long["description"] = json!("x".repeat(2001));
    long["activityCode"] = json!("");
    let good = work(&maja, "2021-01-11", 60);
    let items = json!([good, work(&maja, "2021-01-11", 1441), long, work(&maja, "2021-01-14", 60)]);
    let batch = |more: Value| {
        let mut body = json!({"items": items});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        counted(&maja.client.post("/time-entries/batch", body))
    };
    let entries = || maja.client.get("/time-entries").is(200)["_meta"]["totalRecords"].clone();
    let tried = batch(json!({"dryRun": true}));
    assert_eq!(
        (each(&tried, "status"), entries()),
        (vec![json!(201), json!(422), json!(422), json!(422)], json!(0))
    );
    let atomic = batch(json!({"atomic": true}));
    assert_eq!(each(&atomic, "status"), [424, 422, 422, 422]);
    assert_eq!((&atomic["failed"], entries()), (&json!(4), json!(0)));
    let kept = batch(json!({}));
    assert_eq!(
        (each(&kept, "status"), entries()),
        (vec![json!(201), json!(422), json!(422), json!(422)], json!(1))
    );
    assert_eq!(
        (&kept["items"][0]["version"], &kept["items"][0]["newStatus"]),
        (&json!(1), &json!("recorded"))
    );
    assert_eq!(
        (&tried["items"][0]["version"], &tried["items"][0]["newStatus"]),
        (&json!(null), &json!("recorded"))
    );
    let item = json!({"id": kept["items"][0]["id"], "version": 1, "to": "voided"});
    let voided = maja.client.post("/time-entries/status-changes/batch", json!({"items": [item]})).is(200);
    assert_eq!(
        (&voided["items"][0]["version"], &voided["items"][0]["newStatus"]),
        (&json!(2), &json!("voided"))
    );
    let problems = each(&kept, "problem");
    // As a request of its own would be refused.
    for (item, problem) in items.as_array().unwrap().iter().zip(&problems).skip(1) {
        let alone = maja.client.post("/time-entries", item.clone()).refused(422, "invalidInput");
        assert_eq!((&problem["code"], &problem["errors"]), (&alone["code"], &alone["errors"]));
    }
    assert_eq!(problems[1]["errors"][0]["pointer"], "/minutes");
    // A body of another shape is refused as a whole, and so is one of which not all was looked at.
    let mut unknown = good.clone();
    unknown["colour"] = json!("blue");
    let refused = maja.client.post("/time-entries/batch", json!({"items": [good, unknown]}));
    refused.refused(400, "invalidBody");
    let mut wrong = work(&maja, "2021-01-11", 1441);
    wrong["activityCode"] = json!("");
    let refused = maja.client.post("/time-entries/batch", json!({"items": vec![wrong; 1000]}));
    refused.refused(422, "invalidInput");
    maja.client.post("/time-entries/batch", json!({"items": []})).refused(422, "invalidInput");
    maja.client.post("/time-entries/batch", json!({"items": vec![good; 1001]})).refused(422, "invalidInput");
    assert_eq!(entries(), 1);
});

both!(a_step_that_breaks_a_bound_fails_alone, |t| {
    let (one, other) = (draft(t), draft(t));
    let manager = t.manager(one);
    t.grant(&manager, samverkan::identity::policy::Role::ProgrammeManager, other, None);
    let items = json!([
        {"id": one, "to": "scheduled", "comment": "x".repeat(2001)},
        {"id": other, "to": "scheduled", "version": 0},
        {"id": other, "to": "scheduled"},
    ]);
    let manager = t.login(manager.id());
    let done = counted(&manager.post("/programmes/status-changes/batch", json!({"items": items})));
    assert_eq!(each(&done, "status"), [422, 422, 200]);
    let pointers = each(&done, "problem");
    assert_eq!(pointers[0]["errors"][0]["pointer"], "/comment");
    assert_eq!(pointers[1]["errors"][0]["pointer"], "/version");
    assert_eq!(manager.get(&format!("/programmes/{one}")).is(200)["status"], "draft");
    assert_eq!(manager.get(&format!("/programmes/{other}")).is(200)["status"], "scheduled");
});
