//! Every text of every request body, as a Mac sends it: letters and their marks apart. It is accepted or refused as the composed
//! text is, and what is given back is composed.

use super::invisible::{places, put};
use super::{JSON, Writes};
use crate::contract::world::World;
use crate::support::documented::template_of;
use crate::support::{Kind, Response, TestApp};

const SENT: &str = "A\u{30a}ngstro\u{308}m och O\u{308}berg";
const COMPOSED: &str = "Ångström och Öberg";

/// Whether a text has marks that stand apart from their letters.
fn is_decomposed(text: &str) -> bool {
    text.contains(['\u{308}', '\u{30a}']) || text.contains("\\u030") || text.contains("\\u0308")
}

#[test]
fn every_text_is_given_back_composed() {
    let t = TestApp::new(Kind::Postgres);
    let world = World::new(&t);
    let writes = Writes::of(&t, &world);
    let (mut faults, mut known, mut shown) = (Vec::new(), Vec::new(), 0);
    for write in &writes.all {
        let Some((schema, places)) = places(write) else { continue };
        for place in &places {
            let name = (template_of(&write.path), write.method.clone(), place.pointer.clone());
            if known.contains(&name) || place.pointer.to_lowercase().ends_with("password") {
                continue;
            }
            known.push(name);
            let sent = |text: &str| -> Response {
                super::prepare(&t, [write]);
                let mut body = serde_json::from_str(&write.body.as_ref().unwrap().1).unwrap();
                put(&mut body, schema, &place.pointer, text);
                write.who.unchecked().send(&write.method, &write.path, Some((JSON, body.to_string())))
            };
            let (apart, together) = (sent(SENT), sent(COMPOSED));
            if apart.status != together.status || is_decomposed(&apart.text) {
                faults.push(format!("{}: {}: {} {}", write.name, place.pointer, apart.status, apart.text));
            }
            shown += usize::from(apart.status < 300 && apart.text.contains(COMPOSED));
        }
    }
    assert!(known.len() > 100, "only {} texts were found", known.len());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    // Without this, the test would pass by refusing everything.
    assert!(shown > 20, "only {shown} texts were given back");
}
