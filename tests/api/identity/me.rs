//! `/me` and `/me/permissions`.

use samverkan::identity::policy::{ACTIONS, Role};
use serde_json::json;

use super::*;
use crate::both;

both!(me_shows_the_caller_and_the_permissions, |t| {
    let programme = programme(t);
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let answer = boden.get("/me");
    let me = answer.is(200);
    assert_eq!(
        (me["id"].as_str(), me["kind"].as_str()),
        (Some(boden.id().to_string().as_str()), Some("person"))
    );
    assert_eq!(
        me["roles"],
        json!([{"role": "coordinator", "signerRole": null, "programmeId": programme, "kommunkod": "2582", "subjectId": null}])
    );
    let etag = answer.header("etag").unwrap();
    assert_eq!(boden.header("If-None-Match", etag).get("/me").status, 304);

    let all = boden.get("/me/permissions").is(200);
    assert_eq!(all["items"].as_array().unwrap().len(), ACTIONS.len());
    let ask = |query: &str| {
        boden.get(&format!("/me/permissions?action=participant.create&{query}")).is(200)["items"][0].clone()
    };
    assert_eq!(ask(&format!("programmeId={programme}&kommunkod=2582"))["isAllowed"], true);
    assert_eq!(ask("kommunkod=2580")["isAllowed"], false);
    assert_eq!(
        ask("")["scope"],
        json!([{"role": "coordinator", "place": "kommun", "programmeId": programme, "kommunkod": "2582", "subjectId": null}])
    );
    let wrong = boden.get("/me/permissions?action=fly&colour=red");
    wrong.refused(400, "invalidQuery");
    assert_eq!(
        wrong.faults(),
        [("action".into(), "invalidValue".into()), ("colour".into(), "unknownParameter".into())]
    );
});

both!(me_needs_a_login, |t| {
    t.anonymous().get("/me").refused(401, "unauthenticated");
    t.anonymous().get("/me/permissions").refused(401, "unauthenticated");
    t.anonymous().get("/sessions").refused(401, "unauthenticated");
});
