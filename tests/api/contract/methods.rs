//! Every documented path, with every method: those that it has, and the truth about those that it has not.

use std::collections::{BTreeMap, BTreeSet};

use super::operations::operations;
use crate::both;
use crate::support::TestApp;

const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FETCH"];

/// The paths outside the base path, which have only GET.
const OUTSIDE: [&str; 9] = [
    "//",
    "//docs",
    "//docs/",
    "//docs/index.html",
    "//health/live",
    "//health/ready",
    "//problems/notFound",
    "//.well-known/jwks.json",
    "//.well-known/oauth-authorization-server",
];

/// Every path, with its parameters filled, and its methods.
fn paths() -> BTreeMap<String, BTreeSet<String>> {
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations() {
        paths.entry(operation.filled(&[])).or_default().insert(operation.method.clone());
    }
    paths.extend(OUTSIDE.map(|path| (path.to_owned(), BTreeSet::from(["GET".to_owned()]))));
    for methods in paths.values_mut() {
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        methods.insert("OPTIONS".to_owned());
    }
    paths
}

both!(a_path_tells_the_truth_about_its_methods, |t| {
    let (nobody, paths) = (t.anonymous(), paths());
    assert!(paths.len() > 80, "{}", paths.len());
    for (path, methods) in &paths {
        let allow = methods.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let options = nobody.send("OPTIONS", path, None);
        assert_eq!((options.status, options.header("allow")), (204, Some(allow.as_str())), "OPTIONS {path}");
        for method in METHODS {
            let answer = nobody.send(method, path, None);
            if methods.contains(method) {
                assert_ne!(answer.status, 405, "{method} {path}");
                continue;
            }
            assert_eq!(
                (answer.status, answer.header("allow")),
                (405, Some(allow.as_str())),
                "{method} {path}"
            );
            if method != "HEAD" {
                answer.refused(405, "methodNotAllowed");
            }
        }
    }
});

#[test]
fn a_fixed_path_is_no_value_of_a_parameter() {
    let t = TestApp::new(crate::support::Kind::Sqlite);
    let admin = t.admin();
    admin.patch("/time-entries/aggregate", serde_json::json!({})).refused(405, "methodNotAllowed");
    admin.delete("/time-entries/batch").refused(405, "methodNotAllowed");
    admin.get("/time-entries/batch").refused(405, "methodNotAllowed");
    // Below another one, and written with escapes.
    admin.delete("/time-entries/%61ggregate").refused(405, "methodNotAllowed");
    t.anonymous().get("//nothing").refused(404, "notFound");
    t.anonymous().send("OPTIONS", "//docs/nothing/here", None).refused(404, "notFound");
}
