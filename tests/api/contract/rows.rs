//! What every list can do with its rows: show fewer or more links, find them by id, count them by state, and go on after one of
//! them. Every list of the document is walked with everyone who may read it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::operations::{Operation, lists, operations};
use super::world::World;
use crate::both;
use crate::programmes::draft;
use crate::support::documented::resolved;
use crate::support::{Client, TestApp};

const UNKNOWN: &str = "0175a2e1-7c00-7000-8000-00000000dead";

/// A list with rows, and its reader.
struct List {
    operation: Operation,
    path: String,
    client: Client,
}

impl List {
    fn get(&self, query: &str) -> Value {
        self.client.get(&format!("{}?{query}", self.path)).is(200)
    }

    fn rows(&self, query: &str) -> Vec<Value> {
        self.get(query)["items"].as_array().unwrap().clone()
    }

    /// The values of the filter by state; none if the rows have no states.
    fn states(&self) -> Option<Vec<String>> {
        let of_status = self.operation.query_parameter("status")?;
        let states = resolved(&resolved(&of_status["schema"])["items"])["enum"].as_array().unwrap();
        Some(states.iter().map(|state| state.as_str().unwrap().to_owned()).collect())
    }
}

/// Every list of the document, with its reader who sees the most.
fn all_lists(t: &TestApp, world: &World) -> Vec<List> {
    let (pages, admin) = (lists(), t.admin());
    let is_page = |operation: &Operation| operation.method == "GET" && pages.contains(&operation.path);
    let read = |operation: Operation| {
        let path = world.filled(&operation.path);
        let readers = [&world.manager, &admin].map(|client| (client.get(&path), client));
        let seen = |answer: &crate::support::Response| {
            if answer.status == 200 { answer.json()["items"].as_array().unwrap().len() } else { 0 }
        };
        let (answer, client) = readers.into_iter().max_by_key(|(answer, _)| seen(answer)).unwrap();
        assert!(seen(&answer) > 0, "{path} has no rows");
        List { operation, path, client: client.clone() }
    };
    operations().into_iter().filter(is_page).map(read).collect()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn rels(row: &Value) -> Vec<&str> {
    let links = row["_links"].as_array().into_iter().flatten();
    links.map(|link| link["rel"].as_str().unwrap()).collect()
}

both!(rows_have_a_link_to_themselves_all_or_none, |t| {
    let world = World::new(t);
    let mut further = 0;
    for list in all_lists(t, &world) {
        let rows = list.rows("limit=5");
        for row in rows.iter().filter(|row| !row["_links"].is_null()) {
            assert_eq!(rels(row), ["self"], "{}", list.path);
            let href = row["_links"][0]["href"].as_str().unwrap();
            assert_eq!(list.client.get(href).status, 200, "{href}");
        }
        assert_eq!(rows, list.rows("limit=5&links=self"));
        for row in list.rows("limit=5&links=none") {
            assert!(rels(&row).is_empty() && row["_links"].is_null() == rows[0]["_links"].is_null());
        }
        for row in list.rows("limit=5&links=all") {
            further += rels(&row).len().saturating_sub(1);
            let Some(href) = row["_links"][0]["href"].as_str() else { continue };
            let alone = list.client.get(href).is(200);
            // What is found by a filter is a page again.
            if alone["items"].is_null() {
                assert_eq!(row["_links"], alone["_links"], "{href}");
            }
        }
        if !rows[0]["_links"].is_null() {
            let narrow = list.rows("limit=1&fields=_links&links=all");
            let names = narrow[0].as_object().unwrap().keys().collect::<Vec<_>>();
            assert_eq!(names, ["_links"], "{}", list.path);
        }
        let refused = list.client.get(&format!("{}?links=some", list.path));
        refused.refused(400, "invalidQuery");
        assert!(refused.text.contains("self, all, none"), "{}", refused.text);
    }
    assert!(further > 40, "{further}");
});

both!(rows_are_found_by_their_ids_within_the_scope, |t| {
    let elsewhere = draft(t);
    let world = World::new(t);
    let stranger = t.manager(elsewhere);
    let mut hidden = 0;
    for list in all_lists(t, &world) {
        let known = ids(&list.rows("limit=3"));
        let wanted = known.iter().map(|id| format!("id={id}")).collect::<Vec<_>>().join("&");
        let mut found = ids(&list.rows(&format!("{wanted}&id={UNKNOWN}&limit=100")));
        found.sort();
        let mut expected = known.clone();
        expected.sort();
        assert_eq!(found, expected, "{}?{wanted}", list.path);
        let page = list.get(&format!("{wanted}&limit=1&cursor="));
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        assert_eq!(page["_meta"]["nextCursor"].is_null(), known.len() == 1);
        assert!(list.rows(&format!("id={UNKNOWN}")).is_empty());
        for wrong in ["", "2582", "nonsense"] {
            let refused = list.client.get(&format!("{}?id={wrong}", list.path));
            refused.refused(400, "invalidQuery");
            assert_eq!(refused.faults(), [("id".to_owned(), "invalidValue".to_owned())]);
        }
        // Who may not see a row does not find it by its id either.
        let all = stranger.get(&format!("{}?limit=1000", list.path));
        let theirs = if all.status == 200 { ids(all.json()["items"].as_array().unwrap()) } else { continue };
        let found =
            ids(stranger.get(&format!("{}?{wanted}", list.path)).is(200)["items"].as_array().unwrap());
        assert!(found.iter().all(|id| theirs.contains(id)), "{}", list.path);
        hidden += usize::from(found.is_empty());
    }
    assert!(hidden > 8, "{hidden}");
});

both!(rows_are_counted_by_state_whatever_state_is_shown, |t| {
    let world = World::new(t);
    let mut counted = 0;
    for list in all_lists(t, &world) {
        let Some(states) = list.states() else {
            let refused = list.client.get(&format!("{}?counts=status", list.path));
            refused.refused(400, "invalidQuery");
            assert_eq!(refused.faults(), [("counts".to_owned(), "unknownParameter".to_owned())]);
            continue;
        };
        counted += 1;
        let rows = list.rows("limit=1000");
        let mut expected: BTreeMap<&str, i64> = states.iter().map(|state| (state.as_str(), 0)).collect();
        for row in &rows {
            *expected.get_mut(row["status"].as_str().unwrap()).unwrap() += 1;
        }
        assert!(list.get("limit=1")["_meta"]["countsByStatus"].is_null());
        let here = &states[0];
        for query in ["limit=1", "limit=1&cursor=", "page=2&limit=1", &format!("status={here}&limit=1")] {
            let meta = list.get(&format!("{query}&counts=status"))["_meta"].clone();
            assert_eq!(meta["countsByStatus"], json!(expected), "{} {query}", list.path);
        }
        for (state, count) in &expected {
            let meta = list.get(&format!("status={state}&limit=1&counts=status"))["_meta"].clone();
            assert_eq!(meta["totalRecords"], json!(count), "{} {state}", list.path);
        }
        let both =
            list.get(&format!("limit=1&counts=status&status={here}&status={}", states[1]))["_meta"].clone();
        assert_eq!(both["totalRecords"], json!(expected[here.as_str()] + expected[states[1].as_str()]));
        // The other filters count.
        let one = list.get(&format!("id={}&counts=status", ids(&rows)[0]))["_meta"]["countsByStatus"].clone();
        assert_eq!(one.as_object().unwrap().values().filter_map(Value::as_i64).sum::<i64>(), 1);
        list.client.get(&format!("{}?counts=kind", list.path)).refused(400, "invalidQuery");
    }
    assert!(counted > 7, "{counted}");
});

/// The cursor with another sort value at its front.
fn forged(cursor: &str) -> String {
    let mut told: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    told[2][0] = json!({"a": 1});
    URL_SAFE_NO_PAD.encode(told.to_string())
}

both!(a_cursor_goes_on_only_where_it_was_made, |t| {
    let world = World::new(t);
    let mut walked = 0;
    for list in all_lists(t, &world) {
        let first = list.get("limit=1&cursor=");
        let Some(cursor) = first["_meta"]["nextCursor"].as_str() else { continue };
        walked += 1;
        list.rows(&format!("limit=7&fields=id&links=none&page=1&cursor={cursor}"));
        let sort = list.operation.query_parameter("sort").unwrap()["schema"]["default"].as_str().unwrap();
        list.rows(&format!("sort={sort}&cursor={cursor}"));
        let other = sort.strip_prefix('-').map_or(format!("-{sort}"), str::to_owned);
        let row: Id = first["items"][0]["id"].as_str().unwrap().parse().unwrap();
        for (query, code) in [
            (format!("sort={other}&cursor={cursor}"), "otherSort"),
            (format!("id={row}&cursor={cursor}"), "otherFilters"),
            (format!("cursor={}", forged(cursor)), "invalidValue"),
        ] {
            let refused = list.client.get(&format!("{}?{query}", list.path));
            refused.refused(400, "invalidQuery");
            assert_eq!(refused.faults(), [("cursor".to_owned(), code.to_owned())], "{} {query}", list.path);
        }
    }
    assert!(walked > 8, "{walked}");
    // The order of filters and of their values says nothing.
    let page =
        t.anonymous().get("/kommuner?limit=1&cursor=&lanCode=25&lanCode=01&sizeBand=under10k&q=o").is(200);
    if let Some(cursor) = page["_meta"]["nextCursor"].as_str() {
        let same = format!("/kommuner?q=o&sizeBand=under10k&lanCode=01&lanCode=25&cursor={cursor}");
        t.anonymous().get(&same).is(200);
        let refused = t.anonymous().get(&same.replace("q=o", "q=a"));
        assert_eq!(refused.faults(), [("cursor".to_owned(), "otherFilters".to_owned())]);
    }
});
