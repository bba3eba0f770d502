//! Long JSON is packed for whoever can unpack it, and says the same as the plain answer; secrets are not packed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::operations::operations;
use super::world::World;
use crate::both;
use crate::programmes::{draft, offer};
use crate::support::documented::{document, resolved};
use crate::support::{Client, Response};

const JSON: &str = "application/json";

fn asking(client: &Client, coding: &str) -> Client {
    client.header("Accept-Encoding", coding)
}

/// What is wrong with an answer, whose plain form is known.
fn faults(plain: &Response, answer: &Response, coding: &str) -> Vec<String> {
    let is_long = plain.text.len() > 1024;
    let mut faults = Vec::new();
    let mut expect = |what: &str, is_right: bool| {
        if !is_right {
            faults.push(format!("{coding}: {what} {:?}", answer.headers));
        }
    };
    expect("says something else", answer.text == plain.text);
    expect("Content-Encoding", answer.header("content-encoding") == is_long.then_some(coding));
    expect("length", if is_long { answer.sent < plain.sent } else { answer.sent == plain.sent });
    expect("Vary", answer.header("vary").is_some_and(|vary| vary.contains("Accept-Encoding")));
    let tag = plain.header("etag").map(|tag| if is_long { format!("W/{tag}") } else { tag.to_owned() });
    expect("ETag", answer.header("etag") == tag.as_deref());
    faults
}

/// What is wrong with HEAD and with If-None-Match.
fn conditional_faults(client: &Client, path: &str, plain: &Response, answer: &Response) -> Vec<String> {
    let mut faults = Vec::new();
    let head = client.send("HEAD", path, None);
    for name in ["content-encoding", "content-length", "etag", "vary"] {
        if head.header(name) != answer.header(name) {
            faults.push(format!("HEAD {name} {:?} {:?}", head.header(name), answer.header(name)));
        }
    }
    for tag in [plain, answer].iter().filter_map(|seen| seen.header("etag")) {
        let known = client.header("If-None-Match", tag).get(path);
        if known.status != 304 || known.sent > 0 || known.header("etag") != answer.header("etag") {
            faults.push(format!("If-None-Match {tag}: {} {:?}", known.status, known.headers));
        }
    }
    faults
}

both!(long_json_is_packed_and_says_the_same, |t| {
    let world = World::new(t);
    let admin = t.admin();
    let (mut found, mut walked) = (Vec::new(), BTreeSet::new());
    let reads: Vec<_> = operations().into_iter().filter(|operation| operation.method == "GET").collect();
    for operation in &reads {
        let path = world.filled(&operation.path);
        let readers = [&world.manager, &admin];
        let seen = readers.into_iter().map(|client| (client, client.get(&path)));
        let Some((client, plain)) = seen.into_iter().find(|(_, answer)| answer.status == 200) else {
            continue;
        };
        // The document is packed once and for all; what differs each time cannot be compared.
        let is_fixed = client.get(&path).text == plain.text;
        if plain.header("content-type") != Some(JSON) || path.starts_with("/openapi.") || !is_fixed {
            continue;
        }
        walked.insert((operation.path.as_str(), plain.text.len() > 1024));
        found.extend(faults(&plain, &plain, "identity").into_iter().filter(|fault| fault.contains("Vary")));
        for coding in ["gzip", "br"] {
            let asking = asking(client, coding);
            let answer = asking.get(&path);
            let mut here = faults(&plain, &answer, coding);
            here.extend(conditional_faults(&asking, &path, &plain, &answer));
            found.extend(here.into_iter().map(|fault| format!("{path}: {fault}")));
        }
        // Who asks for the plain form knows the packed one's tag.
        let weak = plain.header("etag").map(|tag| format!("W/{tag}"));
        if let Some(weak) = weak {
            let known = client.header("If-None-Match", &weak).get(&path);
            assert_eq!((known.status, known.header("etag")), (304, plain.header("etag")), "{path}");
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    let long = walked.iter().filter(|(_, is_long)| *is_long).count();
    assert!(long > 10 && walked.len() > long + 3, "{walked:?}");
});

both!(refusals_batches_and_kept_answers_are_packed_too, |t| {
    let (id, admin) = (draft(t), t.admin());
    let manager = t.manager(id);
    let unknown: Value = (0..30).map(|number| (format!("field{number}"), json!(1))).collect();
    let plain = admin.post("/programmes", unknown.clone());
    let packed = asking(&admin, "br, gzip;q=0.5").post("/programmes", unknown);
    packed.refused(400, "invalidBody");
    assert!(plain.text.len() > 1024 && packed.sent < plain.sent / 3);
    assert_eq!(packed.header("content-encoding"), Some("br"));
    let item = json!({"id": id, "to": "running"});
    let batch = json!({"dryRun": true, "items": vec![item; 20]});
    let packed = asking(&manager, "gzip").post("/programmes/status-changes/batch", batch);
    assert_eq!(packed.is(200)["failed"], 20);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut wanted = offer();
    wanted["description"] = json!("Samverkan med sociala företag. ".repeat(40));
    let keyed = asking(&admin, "gzip").header("Idempotency-Key", "packed");
    let (first, again) =
        (keyed.post("/programmes", wanted.clone()), keyed.post("/programmes", wanted.clone()));
    first.is(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let plain = admin.header("Idempotency-Key", "packed").post("/programmes", wanted);
    for answer in [&first, &again] {
        assert_eq!(faults(&plain, answer, "gzip"), Vec::<String>::new());
    }
    // The weak tag is good for a change.
    let tag = again.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("W/\"1-"), "{tag}");
    let path = format!("/programmes/{}", again.id());
    t.manager(again.id()).header("If-Match", &tag).patch(&path, json!({"places": 3})).is(200);
});

/// Answers that a token or a secret can be in, by the names in their schemas.
const SECRETIVE: [&str; 2] = ["/api-clients", "/oauth/token"];

fn names_secret(schema: &'static Value) -> bool {
    let schema = resolved(schema);
    let is_secret = |name: &String| {
        let name = name.to_lowercase();
        name.ends_with("secret") || name.ends_with("token")
    };
    let own = schema["properties"].as_object().is_some_and(|all| all.keys().any(is_secret));
    own || schema.pointer("/properties/items/items").is_some_and(names_secret)
}

both!(tokens_and_secrets_are_not_packed, |t| {
    // A new answer with a secret must be `Answer::secret`, and is named here.
    for (path, item) in document()["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch"] {
            let answers = ["200", "201"].into_iter().filter_map(|status| {
                item.pointer(&format!("/{method}/responses/{status}/content/application~1json/schema"))
            });
            let is_known = SECRETIVE.iter().any(|known| path.starts_with(known));
            assert!(is_known || !answers.into_iter().any(names_secret), "{method} {path}");
        }
    }
    let both = "gzip, br";
    let (programme, admin) = (draft(t), t.admin());
    let new = json!({"name": "Personalsystemet i Boden ".repeat(8).trim(), "programmeId": programme, "kommunkod": "2582"});
    let made = asking(&admin, both).post("/api-clients", new);
    let path = format!("/api-clients/{}", made.id());
    let rotated = asking(&admin, both).post(&format!("{path}/secrets"), json!({}));
    for answer in [&made, &rotated] {
        assert!(answer.is(201)["clientSecret"].is_string());
        assert!(answer.text.len() > 1024, "{}", answer.text.len());
        assert_eq!(answer.header("content-encoding"), None);
    }
    let shown = asking(&admin, both).get(&path);
    assert!(shown.is(200)["clientSecret"].is_null());
    assert_eq!(shown.header("content-encoding"), Some("gzip"));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let secret = rotated.json()["clientSecret"].as_str().unwrap().to_owned();
    let token = asking(&t.anonymous(), both).form(
        "/oauth/token",
        &[("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)],
    );
    assert!(token.is(200)["access_token"].is_string());
    assert_eq!(token.header("content-encoding"), None);
    let refused = asking(&t.anonymous(), both).form("/oauth/token", &[("grant_type", &"x".repeat(3000))]);
    assert_eq!((refused.status, refused.header("content-encoding")), (400, None));
});
