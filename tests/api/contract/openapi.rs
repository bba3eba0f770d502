//! The checked-in OpenAPI document is the one of this very code, and it is good.

use samverkan::platform::http::deprecation;
use samverkan::platform::http::openapi::{faults, to_json, to_yaml};

use serde_json::json;

use super::generated::generated;
use crate::both;
use crate::programmes::draft;

#[test]
fn the_checked_in_document_is_that_of_the_code() {
    let document = samverkan::app::document().unwrap();
    generated("openapi/openapi.json", &to_json(&document).unwrap());
    generated("openapi/openapi.yaml", &to_yaml(&document));
}

#[test]
fn the_document_is_good() {
    let faults = faults(&samverkan::app::document().unwrap());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_is_deprecated_is_there_and_so_is_what_comes_instead() {
    let faults = deprecation::faults(deprecation::DEPRECATED, &samverkan::app::document().unwrap());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

both!(the_served_document_is_short_and_packed_for_whoever_can_unpack_it, |t| {
    let plain = t.anonymous().get("/openapi.json");
    assert_eq!(plain.is(200)["openapi"], "3.1.0");
    assert!(!plain.text.contains('\n'));
    let known = t.anonymous().header("If-None-Match", plain.header("etag").unwrap()).get("/openapi.json");
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let packed = t.anonymous().header("Accept-Encoding", "gzip").send("HEAD", "/openapi.json", None);
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));
    assert_ne!(packed.header("etag"), plain.header("etag"));
    assert!(packed.header("vary").unwrap().contains("Accept-Encoding"));
});

both!(a_version_that_no_row_can_have_is_refused_at_its_place, |t| {
    let id = draft(t);
    let item = json!({"id": id, "to": "scheduled", "version": 3_000_000_000_u64});
    let refused = t.manager(id).post("/programmes/status-changes/batch", json!({"items": [item]}));
    refused.refused(422, "invalidInput");
    assert_eq!(refused.faults()[0].0, "/items/0/version");
});

both!(a_flattened_field_is_a_field_of_the_list, |t| {
    let id = draft(t);
    let settings = t.manager(id).get(&format!("/programmes/{id}/settings?fields=validFrom,annualHours"));
    assert_eq!(settings.is(200)["items"][0].as_object().unwrap().len(), 2);
});
