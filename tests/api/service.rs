//! The root of the server.

use crate::support::{Kind, TestApp};

#[test]
fn the_bare_address_leads_to_the_documentation() {
    let t = TestApp::new(Kind::Sqlite);
    let answer = t.anonymous().get("//");
    let places = answer.is(303);
    assert_eq!(answer.header("location"), Some(format!("{}/docs/", t.base).as_str()));
    for place in ["documentation", "openapi", "apiInfo"] {
        assert_eq!(t.anonymous().get(places[place].as_str().unwrap()).status, 200, "{place}");
    }
    assert_eq!(t.anonymous().post("//", places).status, 405);
}
