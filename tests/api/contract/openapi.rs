//! The checked-in OpenAPI document is the one of this very code, and it is good.

use samverkan::platform::http::openapi::{faults, to_json, to_yaml};

use super::generated::generated;

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
