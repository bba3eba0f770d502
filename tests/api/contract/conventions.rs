//! What every answer has in common, as far as no other file of the contract looks at it.

use serde_json::Value;

use super::authz::operations;
use super::generated::sources;
use super::world::World;
use crate::both;
use crate::programmes::draft;
use crate::support::{Client, TestApp};

both!(every_text_comes_in_swedish_or_english, |t| {
    let nobody = t.anonymous();
    let swedish = nobody.get("/kommuner/9999");
    let english = nobody.header("Accept-Language", "en-GB, sv;q=0.3").get("/kommuner/9999");
    assert_eq!(
        (swedish.header("content-language"), english.header("content-language")),
        (Some("sv"), Some("en"))
    );
    let (swedish, english) = (swedish.refused(404, "notFound"), english.refused(404, "notFound"));
    for text in ["title", "detail"] {
        assert_ne!(swedish[text], english[text]);
    }
    assert!(swedish["type"].as_str().unwrap().ends_with("/problems/notFound"));
    assert_eq!(nobody.get("//problems/notFound").status, 200);
});

both!(head_answers_wherever_get_does, |t| {
    let programme = draft(t).to_string();
    let admin = t.admin();
    let known = [("programmeId", programme.as_str()), ("kommunkod", "2582"), ("name", "roles")];
    let mut walked = 0;
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let path = operation.filled(&known);
        let read = admin.get(&path);
        if read.status != 200 {
            continue;
        }
        walked += 1;
        let head = admin.send("HEAD", &path, None);
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-type"), read.header("content-type"), "{path}");
        assert!(head.header("cache-control").is_some(), "{path}: no Cache-Control");
    }
    assert!(walked > 15, "{walked}");
});

both!(a_browser_is_told_which_methods_its_origin_may_use, |t| {
    let app = TestApp::with(t.kind(), &[("CORS_ORIGINS", "https://app.example.org")]);
    let ask = |origin: &str, method: &str| {
        let asking = app.anonymous().header("Origin", origin).header("Access-Control-Request-Method", method);
        asking.send("OPTIONS", "/programmes", None)
    };
    let allowed = ask("https://app.example.org", "POST");
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example.org"));
    let listed = allowed.header("access-control-allow-methods").unwrap();
    let mut methods: Vec<&str> = listed.split(',').map(str::trim).collect();
    methods.sort_unstable();
    assert_eq!(methods, ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]);
    ask("https://app.example.org", "TRACE").refused(405, "methodNotAllowed");
    let refused = ask("https://other.example.org", "POST");
    refused.refused(403, "originNotAllowed");
    assert_eq!(refused.header("access-control-allow-origin"), None);
});

both!(every_list_says_how_much_and_where_it_is, |t| {
    let world = World::new(t);
    let admin = t.admin();
    let mut whole = 0;
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let path = world.filled(&operation.path);
        let answer =
            [&world.manager, &admin].map(|who| who.get(&path)).into_iter().find(|it| it.status == 200);
        let answer = answer.filter(|answer| answer.header("content-type") == Some("application/json"));
        let Some(list) = answer.map(|answer| answer.json()).filter(|list| list["items"].is_array()) else {
            continue;
        };
        let to_self = list["_links"].as_array().into_iter().flatten().find(|link| link["rel"] == "self");
        // One closed list is a thing of its own, with its codes.
        if path == "/code-lists/roles" {
            continue;
        }
        let href = to_self.map(|link| link["href"].as_str().unwrap().split('?').next().unwrap().to_owned());
        assert_eq!(href, Some(format!("{}/api/v1{path}", t.base)), "{path}");
        // A sum has its totals in their place.
        if path != "/time-entries/aggregate" {
            let (meta, count) = (&list["_meta"], list["items"].as_array().unwrap().len());
            assert_eq!(meta["count"], count, "{path}");
            assert!(meta["totalRecords"].as_u64() >= Some(count as u64), "{path}");
            whole += u32::from(meta["page"].is_null());
        }
    }
    assert!(whole > 8, "{whole}");
    let asked = "/me/permissions?action=milestone.update&kommunkod=2582";
    let own = admin.get(asked).is(200);
    assert_eq!(own["_links"][0]["href"], format!("{}/api/v1{asked}", t.base));
    let asked = "/time-entries/aggregate?groupBy=kind&month=2021-01";
    let sums = world.manager.get(asked).is(200);
    assert_eq!(sums["_links"][0]["href"], format!("{}/api/v1{asked}", t.base));
});

/// Every event that somebody reads, page by page.
fn trail(reader: &Client) -> Vec<Value> {
    let pages = (1..).map(|page| {
        let list = reader.get(&format!("/audit-events?limit=1000&page={page}")).is(200);
        list["items"].as_array().unwrap().clone()
    });
    pages.take_while(|items| !items.is_empty()).flatten().collect()
}

/// The names in a value, however deep they lie.
fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, inner)| std::iter::once(name.as_str()).chain(names(inner)))
            .collect(),
        Value::Array(items) => items.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

fn is_camel_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

both!(the_values_in_the_audit_trail_are_named_as_everywhere, |t| {
    let world = World::new(t);
    let admin = t.admin();
    let session = format!("/sessions/{}", world.id("sessionId"));
    admin.if_match(&admin.get(&session)).delete(&session).is(204);
    let events = [trail(&world.manager), trail(&admin)].concat();
    let mut wrong: Vec<String> = Vec::new();
    for event in &events {
        let written = [&event["before"], &event["after"]].map(names).concat();
        let odd = written.into_iter().filter(|name| !is_camel_case(name));
        wrong.extend(odd.map(|name| format!("{}: {name}", event["resourceType"])));
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} names:\n{}", wrong.len(), wrong.join("\n"));
    // Nothing that is stored is passed over: what is in no event here has to be made in the world.
    let sources = sources("src");
    let rows = sources.iter().flat_map(|(_, text)| text.split("crate::stored!(").skip(1));
    let types: Vec<&str> = rows.filter_map(|row| row.split('"').nth(1)).collect();
    assert!(types.len() > 15, "{types:?}");
    let is_there = |wanted: &str| events.iter().any(|event| event["resourceType"] == wanted);
    let missing: Vec<&str> = types.into_iter().filter(|wanted| !is_there(wanted)).collect();
    assert!(missing.is_empty(), "{missing:?}: make one in contract/world.rs");
});
