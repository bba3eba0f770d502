//! `_links` lead only where their reader may go: every role follows every GET link in the lists and resources that it sees,
//! and none is refused.

use std::collections::BTreeSet;

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::Value;

use super::authz::{holder, names};
use super::operations::{lists, operations};
use super::world::World;
use crate::both;
use crate::goals::{BODEN, VASBY};
use crate::programmes::draft;
use crate::support::{Client, TestApp};

/// The readers: the people at work, every role in Boden, in the other kommun and in another programme, and nobody.
fn readers(t: &TestApp, world: &World, other: Id) -> Vec<(String, Client)> {
    let here = world.programme;
    let mut readers = vec![
        ("nobody".to_owned(), t.anonymous()),
        ("Boden's member".to_owned(), world.maja.client.clone()),
        ("the other kommun's member".to_owned(), world.nils.client.clone()),
        ("the owner's attester".to_owned(), t.in_programme(Role::Attester, here)),
        ("the owner's participant".to_owned(), t.in_programme(Role::Participant, here)),
    ];
    for role in Role::ALL.iter().copied() {
        for (place, programme, kommunkod) in
            [("in Boden", here, BODEN), ("in Väsby", here, VASBY), ("in another programme", other, BODEN)]
        {
            readers.push((format!("{role} {place}"), holder(t, role, programme, kommunkod)));
        }
    }
    let signatory = t.in_kommun(Role::Signatory, here, BODEN);
    names(t, signatory.id(), world.id("avsiktsforklaringId").parse().unwrap());
    readers.push(("the letter's signatory".to_owned(), signatory));
    readers
}

/// The GET links in a response, at any depth, with their relation.
fn links<'v>(value: &'v Value, found: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| links(item, found)),
        Value::Object(members) => {
            for link in members.get("_links").and_then(Value::as_array).into_iter().flatten() {
                if link["method"] == "GET" {
                    found.push((link["rel"].as_str().unwrap(), link["href"].as_str().unwrap()));
                }
            }
            members.values().for_each(|member| links(member, found));
        }
        _ => {}
    }
}

both!(every_link_can_be_followed_by_its_reader, |t| {
    let other = draft(t);
    let world = World::new(t);
    let pages = lists();
    let reads: Vec<String> = operations()
        .iter()
        .filter(|operation| operation.method == "GET" && operation.row.is_some())
        .map(|operation| {
            let first = if pages.contains(&operation.path) { "?limit=5&links=all" } else { "" };
            format!("{}{first}", world.filled(&operation.path))
        })
        .collect();
    let (mut faults, mut followed) = (Vec::new(), BTreeSet::new());
    for (who, client) in readers(t, &world, other) {
        let mut tried = BTreeSet::new();
        for path in &reads {
            let answer = client.get(path);
            // A drawing has no links.
            if answer.status != 200 || answer.header("content-type") != Some("application/json") {
                continue;
            }
            let (shown, mut found) = (answer.json(), Vec::new());
            links(&shown, &mut found);
            for (rel, href) in found {
                if !tried.insert(href.to_owned()) {
                    continue;
                }
                followed.insert(rel.to_owned());
                let answer = client.get(href);
                if answer.status != 200 {
                    faults.push(format!("{who}: {rel} in {path} is {} {href}", answer.status));
                }
            }
        }
    }
    // Without this, the test would pass by following nothing.
    assert!(followed.len() > 20, "{followed:?}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});
