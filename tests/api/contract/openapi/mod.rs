//! The checked-in OpenAPI document is what the code makes, and it keeps the rules for a good document.

mod finishing;
mod profile;
mod promises;
pub mod quality;
mod values;

use samverkan::platform::http::openapi::{to_json, to_yaml};

use serde_json::{Value, json};

use super::generated::generated;
use crate::both;
use crate::programmes::draft;
use crate::support::documented::document;
use quality::faults;

#[test]
fn openapi_json_and_yaml_are_generated_from_the_operations() {
    let document = document();
    generated("openapi/openapi.json", &to_json(document).unwrap());
    let yaml = to_yaml(document).unwrap();
    generated("openapi/openapi.yaml", &yaml);
    assert!(yaml_serde::from_str::<Value>(&yaml).unwrap() == *document, "YAML says something else than JSON");
}

#[test]
fn the_document_keeps_the_rules() {
    for is_demonstration in [false, true] {
        let faults = faults(&samverkan::app::document(is_demonstration).unwrap());
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
}

#[test]
fn only_the_demonstrations_document_has_its_clock() {
    let is_there = |document: &Value| document["paths"].get("/demo/clock-advances").is_some();
    assert!(is_there(&samverkan::app::document(true).unwrap()));
    assert!(!is_there(document()));
}

both!(the_served_document_has_its_own_address_and_is_compact_and_compressed_on_request, |t| {
    let plain = t.anonymous().get("/openapi.json");
    assert_eq!(plain.is(200)["servers"][0]["url"], format!("{}/api/v1", t.base));
    assert!(!plain.text.contains("samverkan.example.org/"), "the installation's own address");
    assert!(!plain.text.contains('\n'));
    let known = t.anonymous().header("If-None-Match", plain.header("etag").unwrap()).get("/openapi.json");
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let packed = t.anonymous().header("Accept-Encoding", "gzip").send("HEAD", "/openapi.json", None);
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));
    assert_ne!(packed.header("etag"), plain.header("etag"));
    assert!(packed.header("vary").unwrap().contains("Accept-Encoding"));
});

both!(the_served_yaml_equals_the_served_json, |t| {
    let yaml = t.anonymous().get("/openapi.yaml");
    assert_eq!(yaml.header("content-type"), Some("application/yaml; charset=utf-8"));
    assert!(yaml_serde::from_str::<Value>(&yaml.text).unwrap() == t.anonymous().get("/openapi.json").json());
});

both!(an_impossible_version_is_refused_with_its_pointer, |t| {
    let id = draft(t);
    let item = json!({"id": id, "to": "scheduled", "version": 3_000_000_000_u64});
    let refused = t.manager(id).post("/programmes/status-changes/batch", json!({"items": [item]}));
    let error = &refused.is(200)["items"][0]["problem"]["errors"][0];
    assert_eq!((&error["pointer"], &error["code"]), (&json!("/version"), &json!("tooLarge")));
    // In a request of one thing as well.
    let single = json!({"to": "scheduled", "version": 3_000_000_000_u64});
    let refused = t.manager(id).post(&format!("/programmes/{id}/status-changes"), single);
    refused.refused(422, "invalidInput");
    assert_eq!(refused.faults()[0], ("/version".to_owned(), "tooLarge".to_owned()));
});

both!(a_flattened_field_can_be_selected_in_a_list, |t| {
    let id = draft(t);
    let settings = t.manager(id).get(&format!("/programmes/{id}/settings?fields=validFrom,annualHours"));
    assert_eq!(settings.is(200)["items"][0].as_object().unwrap().len(), 2);
});
