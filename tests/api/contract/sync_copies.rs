//! A client that keeps the rows of every list by `updatedSince` holds, after each writing request and after the jobs of the
//! clock, what the lists show. Nothing here names a resource or a field of one: exempt is what depends on the caller and on
//! the time of reading, which API-DESIGN.md names.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::sync::{BEGINNING, Followed, changes, followed, synced_to};
use super::world::World;
use super::writes::{Writes, prepare};
use crate::both;
use crate::calls::avsiktsforklaringar::letter_draft;
use crate::support::{Kind, TestApp};
use crate::team::each;
use crate::time::work;

/// What depends on the caller and on the time of reading; a client reads the row again before it acts.
const EXEMPT: [&str; 6] = ["allowedTransitions", "_links", "warnings", "missing", "isLate", "isValid"];

/// What a client holds of a list: its rows by id.
type Copy = BTreeMap<String, Map<String, Value>>;

fn key(row: &Map<String, Value>) -> String {
    let known = ["id", "kommunkod", "lanCode"].iter().find_map(|name| row.get(*name)?.as_str());
    known.expect("a row has an id").to_owned()
}

fn rows(page: &Value) -> Copy {
    let items = page["items"].as_array().unwrap().iter();
    let kept = |item: &Value| {
        let mut row = item.as_object().unwrap().clone();
        row.retain(|name, _| !EXEMPT.contains(&name.as_str()));
        row
    };
    items.map(kept).map(|row| (key(&row), row)).collect()
}

/// What a client holds of each followed list, and how far it has come.
struct Copies(Vec<(Copy, String)>);

impl Copies {
    fn new(lists: &[Followed]) -> Self {
        let whole = |list: &Followed| {
            let page = changes(&list.reader, &list.path, BEGINNING);
            (rows(&page), synced_to(&page).to_owned())
        };
        Self(lists.iter().map(whole).collect())
    }

    /// Takes over the changes, and names the fields in which the copies differ from the lists.
    fn follow(&mut self, lists: &[Followed], after: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for ((copy, since), list) in self.0.iter_mut().zip(lists) {
            let page = changes(&list.reader, &list.path, since);
            copy.extend(rows(&page));
            synced_to(&page).clone_into(since);
            let fresh = rows(&changes(&list.reader, &list.path, BEGINNING));
            for (id, row) in &fresh {
                let held = copy.get(id);
                let stale =
                    row.iter().filter(|(name, value)| held.and_then(|held| held.get(*name)) != Some(*value));
                faults.extend(stale.map(|(name, _)| format!("{}: {name} after {after}", list.path)));
            }
        }
        faults
    }
}

/// Gives every person and every API client another name.
fn rename_everybody(t: &TestApp) {
    for list in ["/people", "/api-clients"] {
        let all = t.admin().get(&format!("{list}?limit=1000")).is(200);
        for row in all["items"].as_array().unwrap() {
            let path = format!("{list}/{}", row["id"].as_str().unwrap());
            let name = format!("{} Ny", row["name"].as_str().unwrap());
            t.admin().header("If-Match", "*").patch(&path, json!({"name": name})).is(200);
        }
    }
}

both!(a_row_follows_what_it_shows_of_others, |t| {
    let world = World::new(t);
    let lists = followed(t, &world);
    t.clock.advance(10_000);
    let mut copies = Copies::new(&lists);
    let entry = world.nils.client.post("/time-entries", work(&world.nils, "2021-01-12", 60)).is(201);
    let report = entry["timeReportId"].as_str().unwrap().to_owned();
    let change = |since: &str| each(&changes(&world.manager, "/time-reports", since), "id");
    assert!(change(&t.now().to_string()).contains(&json!(report)));
    rename_everybody(t);
    let faults = copies.follow(&lists, "an entry and new names");
    assert!(faults.is_empty(), "{faults:?}");
    t.clock.advance(10_000);
    t.person("Någon annan", &[]);
    t.clock.advance(10_000);
    assert!(change(&t.now().to_string()).is_empty());
});

both!(a_report_follows_an_entry_that_leaves_it, |t| {
    let world = World::new(t);
    t.at("2021-02-04T08:00:00+01:00");
    let nils = &world.nils;
    let entry = nils.client.post("/time-entries", work(nils, "2021-01-12", 60)).is(201);
    let lists = followed(t, &world);
    t.clock.advance(10_000);
    let mut copies = Copies::new(&lists);
    let path = format!("/time-entries/{}", entry["id"].as_str().unwrap());
    let report = format!("/time-reports/{}", entry["timeReportId"].as_str().unwrap());
    let total = || nils.client.get(&report).is(200)["totalMinutes"].as_i64().unwrap();
    let before = total();
    let moved = nils.client.header("If-Match", "*").patch(&path, json!({"workDate": "2021-02-02"})).is(200);
    assert_ne!(moved["timeReportId"], entry["timeReportId"]);
    assert_eq!(total(), before - 60);
    let faults = copies.follow(&lists, "an entry in another month");
    assert!(faults.is_empty(), "{faults:?}");
});

both!(an_application_follows_its_deleted_letter, |t| {
    let (letter, reader, applicant) = letter_draft(t);
    let applications = [Followed { template: String::new(), path: "/applications".to_owned(), reader }];
    t.clock.advance(10_000);
    let mut copies = Copies::new(&applications);
    applicant.if_match(&applicant.get(&letter)).delete(&letter).is(204);
    assert_eq!(copies.follow(&applications, "a deleted letter"), [""; 0]);
});

#[test]
fn what_a_client_holds_is_what_the_lists_show() {
    let t = TestApp::new(Kind::Postgres);
    let world = World::new(&t);
    let lists = followed(&t, &world);
    let writes = Writes::of(&t, &world);
    let (mut faults, mut done) = (Vec::new(), 0);
    for write in &writes.all {
        prepare(&t, [write]);
        // So that what is there is older than what is written.
        t.clock.advance(10_000);
        let mut copies = Copies::new(&lists);
        let status = write.send().status;
        done += usize::from(status < 300);
        faults.extend(copies.follow(&lists, &write.name));
    }
    assert!(done * 5 > writes.all.len() * 4, "{done} of {} were done", writes.all.len());
    prepare(&t, []);
    t.clock.advance(10_000);
    let mut copies = Copies::new(&lists);
    rename_everybody(&t);
    faults.extend(copies.follow(&lists, "new names"));
    for day in ["2021-02-20", "2021-04-20", "2023-02-01"] {
        let mut copies = Copies::new(&lists);
        t.at(day);
        faults.extend(copies.follow(&lists, &format!("the jobs until {day}")));
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{} fields are stale:\n{}", faults.len(), faults.join("\n"));
}
