//! Conventions that all responses follow and that no other module of the contract tests; and conventions of the source.

use std::collections::BTreeSet;

use samverkan::platform::clock::Clock;
use serde_json::Value;

use super::generated::sources;
use super::operations::operations;
use super::world::World;
use crate::both;
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

both!(head_works_wherever_get_does, |t| {
    let world = World::new(t);
    let admin = t.admin();
    let mut walked = 0;
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let path = world.filled(&operation.path);
        let mut reads = [&admin, &world.manager].into_iter().map(|reader| (reader, reader.get(&path)));
        let Some((reader, read)) = reads.find(|(_, read)| read.status == 200) else { continue };
        walked += 1;
        let head = reader.send("HEAD", &path, None);
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-type"), read.header("content-type"), "{path}");
        assert!(head.header("cache-control").is_some(), "{path}: no Cache-Control");
    }
    assert!(walked > 40, "{walked}");
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

both!(a_browser_reads_the_headers_of_limits_and_versions, |t| {
    let app = TestApp::with(t.kind(), &[("CORS_ORIGINS", "https://app.example.org")]);
    let page = app.anonymous().header("Origin", "https://app.example.org");
    for (path, status) in [("/api-info", 200), ("/me", 401), ("/nowhere", 404)] {
        let answer = page.get(path);
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.org"), "{path}");
        let exposed = answer.header("access-control-expose-headers").unwrap().to_ascii_lowercase();
        for name in
            ["ratelimit", "ratelimit-policy", "retry-after", "etag", "location", "idempotency-replayed"]
        {
            assert!(exposed.split(',').any(|shown| shown.trim() == name), "{path}: {exposed}");
        }
    }
});

both!(the_demonstration_lets_in_frontends_of_the_same_machine, |t| {
    let ask = |app: &TestApp, origin: &str| {
        let asking = app.anonymous().header("Origin", origin).header("Access-Control-Request-Method", "GET");
        asking.send("OPTIONS", "/programmes", None).status
    };
    let demonstration = TestApp::demonstration_by(t.kind(), &[], Clock::system());
    for origin in ["http://localhost:5173", "http://127.0.0.1:3000", "http://localhost"] {
        assert_eq!((ask(&demonstration, origin), ask(t, origin)), (200, 403), "{origin}");
    }
    for origin in
        ["https://localhost:5173", "http://localhost.example.org", "http://localhost:80.example.org"]
    {
        assert_eq!(ask(&demonstration, origin), 403, "{origin}");
    }
});

both!(every_list_has_its_count_and_a_link_to_itself, |t| {
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
        // A single code list is a resource with codes, not a list of resources.
        if path == "/code-lists/roles" {
            continue;
        }
        let href = to_self.map(|link| link["href"].as_str().unwrap().split('?').next().unwrap().to_owned());
        assert_eq!(href, Some(format!("{}/api/v1{path}", t.base)), "{path}");
        // An aggregate has totals instead of `_meta`.
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

/// Every audit event that the reader finds, page by page.
fn trail(reader: &Client) -> Vec<Value> {
    let pages = (1..).map(|page| {
        let list = reader.get(&format!("/audit-events?limit=1000&page={page}")).is(200);
        list["items"].as_array().unwrap().clone()
    });
    pages.take_while(|items| !items.is_empty()).flatten().collect()
}

/// The field names in a value, at any depth.
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

both!(the_fields_in_the_audit_trail_are_camel_case, |t| {
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
    // Every stored type occurs, so that none is left out.
    let types: Vec<&str> = samverkan::app::audited().iter().map(|known| known.code).collect();
    assert!(types.len() > 15, "{types:?}");
    let is_there = |wanted: &str| events.iter().any(|event| event["resourceType"] == wanted);
    let missing: Vec<&str> = types.into_iter().filter(|wanted| !is_there(wanted)).collect();
    assert!(missing.is_empty(), "{missing:?}: offer one in its test module");
});

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

fn depth_of(letter: char) -> i32 {
    i32::from("([{".contains(letter)) - i32::from(")]}".contains(letter))
}

/// The text within the bracket that it starts with.
fn enclosed(text: &str) -> &str {
    let mut depth = 0;
    let end = text.char_indices().find(|(_, letter)| {
        depth += depth_of(*letter);
        depth == 0
    });
    &text[1..end.unwrap().0]
}

/// The structs that derive `Validate`, each with its fields and their attributes.
fn validated(code: &str) -> Vec<(&str, Vec<&str>)> {
    let fields = |body| {
        let mut depth = 0;
        let is_between = |letter| {
            depth += depth_of(letter);
            letter == ',' && depth == 0
        };
        enclosed(body).split(is_between).map(str::trim).collect()
    };
    let derived = code.split("#[derive(").skip(1).filter_map(|rest| {
        let (traits, item) = rest.split_once(")]")?;
        let (_, item) =
            item.split_once("struct ").filter(|_| words(traits).any(|word| word == "Validate"))?;
        let body = item.find(['{', '(', ';']).map(|start| &item[start..])?;
        Some((words(item).next()?, if body.starts_with(';') { Vec::new() } else { fields(body) }))
    });
    derived.collect()
}

/// The types that check themselves: by derive, by hand, or as a text with a rule. A wrapper that only checks what it holds
/// (`Change<T>`) is not one of them.
fn self_checking(code: &str) -> BTreeSet<&str> {
    let by_hand = code.match_indices("Validate for ").filter_map(|(at, start)| {
        let head = code[..at].rsplit("impl").next()?;
        words(&code[at + start.len()..]).next().filter(|_| !head.contains(": Validate"))
    });
    let declared =
        ["text_value! {", "visible_text! {"].into_iter().flat_map(|macros| code.split(macros).skip(1));
    let texts = declared.filter_map(|rest| words(rest.split_once("struct ")?.1).next());
    by_hand.chain(texts).chain(validated(code).into_iter().map(|(name, _)| name)).collect()
}

/// The fields that `Validate` passes over although their type checks itself.
fn unchecked(code: &str) -> Vec<String> {
    let types = self_checking(code);
    let is_unchecked = |field: &str| {
        let of = field.rsplit(": ").next().unwrap_or_default();
        words(of).any(|word| types.contains(word)) && !field.contains("validate(nested")
    };
    let fields =
        validated(code).into_iter().flat_map(|(name, fields)| fields.into_iter().map(move |one| (name, one)));
    fields.filter(|(_, field)| is_unchecked(field)).map(|(name, field)| format!("{name}: {field}")).collect()
}

#[test]
fn every_field_of_a_self_checking_type_is_validated() {
    let code: Vec<String> = sources("src")
        .iter()
        .flat_map(|(_, text)| text.split("#[cfg(test)]").next().unwrap().lines())
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(str::to_owned)
        .collect();
    let code = code.join("\n");
    let types = self_checking(&code);
    assert!(
        ["Kommunkod", "Name", "Text", "Line", "Note", "NewEntry"].iter().all(|known| types.contains(known)),
        "{types:?}"
    );
    let unchecked = unchecked(&code);
    assert!(unchecked.is_empty(), "without #[validate(nested)]:\n{}", unchecked.join("\n"));
}

#[test]
fn an_unchecked_field_is_found() {
    let code = "text_value! { pub struct Name; } \
        impl<T: Validate> Validate for Change<T> {} \
        #[derive(Deserialize, Validate)] #[schema(example = json!({}))] pub struct NewThing { \
            #[schema(max_length = 3)] pub name: Change<Name>, \
            #[validate(nested)] pub other: Name, pub number: Change<i32>, }";
    assert_eq!(unchecked(code), ["NewThing: #[schema(max_length = 3)] pub name: Change<Name>"]);
}
