//! Lists as a property, tried on time entries: for every query and every role, pages and cursor give the same rows, and they
//! are the rows that a filter and sort in memory gives. New entries between two pages do not move the others.

use std::cmp::Ordering;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Client, TestApp, property};
use crate::team::{BODEN, LULEA, coordinator, running};
use crate::time::{Member, member};

const KINDS: [&str; 3] = ["joint", "own", "coordination"];
const SORTS: [&str; 8] =
    ["kommunkod", "workDate", "minutes", "kind", "activityCode", "participantId", "createdAt", "updatedAt"];

/// A client, and the entries that it may see.
struct Caller {
    client: Client,
    sees: Box<dyn Fn(&Value) -> bool>,
}

/// A running programme with the January of four people; some entries are proposed, some voided.
struct January {
    members: Vec<Member>,
    callers: Vec<Caller>,
    /// Every entry, as the programme manager sees it.
    all: Vec<Value>,
    manager: Client,
}

/// A request whose day, minutes and kind depend on its number.
fn entry(member: Id, number: u32) -> Value {
    json!({
        "participantId": member,
        "workDate": format!("2021-01-{:02}", 4 + (number * 7) % 25),
        "minutes": 1 + (number * 5) % 11,
        "kind": KINDS[(number % 3) as usize],
        "activityCode": if number.is_multiple_of(4) { "network" } else { "development" },
        "description": "Utkast.",
    })
}

fn entered(client: &Client, entry: Value) -> String {
    let answer = client.post("/time-entries", entry);
    answer.is(201);
    answer.id().to_string()
}

impl January {
    fn new(t: &TestApp) -> Self {
        let programme = running(t);
        let places = [(BODEN, 1), (BODEN, 2), (LULEA, 1), (LULEA, 2)];
        let members: Vec<Member> =
            places.iter().map(|(kommunkod, number)| member(t, programme, kommunkod, *number)).collect();
        t.at("2021-01-29T08:00:00+01:00");
        let coordinators = [BODEN, LULEA].map(|kommunkod| coordinator(t, programme, kommunkod));
        for number in 0..56_u32 {
            let member = &members[number as usize % 4];
            // Entries by the coordinator are proposed.
            let by = if number.is_multiple_of(5) {
                &coordinators[number as usize % 4 / 2]
            } else {
                &member.client
            };
            let id = entered(by, entry(member.id, number));
            if number % 9 == 1 {
                member.client.change(&format!("/time-entries/{id}"), "voided").is(200);
            }
            t.clock.advance_now(t.now().plus_millis(i64::from(number % 3) * 1000));
        }
        // An attester sees the entries of signed reports: all of one member's, none of the others'.
        let signer = &members[1];
        for entry in
            signer.client.get("/time-entries?status=proposed&limit=100").is(200)["items"].as_array().unwrap()
        {
            signer
                .client
                .change(&format!("/time-entries/{}", entry["id"].as_str().unwrap()), "recorded")
                .is(200);
        }
        let report = signer.client.get("/time-reports?month=2021-01").is(200)["items"][0]["id"].clone();
        signer.client.change(&format!("/time-reports/{}", report.as_str().unwrap()), "signed").is(200);
        let manager = t.manager(programme);
        let all = manager.get("/time-entries?limit=1000").is(200)["items"].as_array().unwrap().clone();
        assert_eq!(all.len(), 56);
        let own = members[2].client.id();
        let mut january = Self { members, callers: Vec::new(), all, manager: manager.clone() };
        let [boden, _] = coordinators;
        january.add_caller(manager, |_| true);
        january.add_caller(boden, |entry| entry["kommunkod"] == BODEN);
        let theirs = january.members[2].client.clone();
        january.add_caller(theirs, move |entry| entry["personId"] == json!(own));
        let attester = t.in_kommun(Role::Attester, programme, BODEN);
        january.add_caller(attester, move |entry| entry["timeReportId"] == report);
        january
    }

    fn add_caller(&mut self, client: Client, sees: impl Fn(&Value) -> bool + 'static) {
        self.callers.push(Caller { client, sees: Box::new(sees) });
    }
}

/// The query of one case.
#[derive(Clone, Debug)]
struct Query {
    caller: usize,
    kommuner: Vec<&'static str>,
    kinds: Vec<&'static str>,
    states: Vec<&'static str>,
    members: Vec<usize>,
    from: Option<u32>,
    to: Option<u32>,
    /// The entry whose last change `updatedSince` names.
    since: Option<usize>,
    /// The fields, and whether they are descending.
    sort: Vec<(&'static str, bool)>,
    limit: usize,
}

fn queries() -> impl Strategy<Value = Query> {
    let some = |words: &[&'static str]| subsequence(words.to_vec(), 0..=words.len());
    let filters = (some(&[BODEN, LULEA]), some(&KINDS), some(&["proposed", "recorded", "voided"]));
    let members = subsequence(vec![0, 1, 2, 3], 0..=4);
    let days = (proptest::option::of(1..31_u32), proptest::option::of(1..31_u32));
    let since = proptest::option::weighted(0.2, 0..56_usize);
    let sort = subsequence(SORTS.to_vec(), 0..=3).prop_shuffle();
    let sort = sort.prop_flat_map(|names| {
        let length = names.len();
        (Just(names), proptest::collection::vec(any::<bool>(), length))
    });
    let parts = (select(vec![0, 0, 1, 2, 3]), filters, members, days, since, sort, 1..30_usize);
    parts.prop_map(
        |(caller, (kommuner, kinds, states), members, (from, to), since, (names, falls), limit)| {
            let sort = names.into_iter().zip(falls).collect();
            Query { caller, kommuner, kinds, states, members, from, to, since, sort, limit }
        },
    )
}

impl Query {
    fn since<'a>(&self, january: &'a January) -> Option<&'a str> {
        self.since.map(|number| january.all[number]["updatedAt"].as_str().unwrap())
    }

    fn query(&self, january: &January) -> String {
        let mut parts = vec![format!("limit={}", self.limit)];
        let mut any_of = |name: &str, values: &[&str]| {
            parts.extend(values.iter().map(|value| format!("{name}={value}")));
        };
        any_of("kommunkod", &self.kommuner);
        any_of("kind", &self.kinds);
        any_of("status", &self.states);
        let ids: Vec<String> =
            self.members.iter().map(|number| january.members[*number].id.to_string()).collect();
        any_of("participantId", &ids.iter().map(String::as_str).collect::<Vec<_>>());
        parts.extend(self.from.map(|day| format!("workDateFrom=2021-01-{day:02}")));
        parts.extend(self.to.map(|day| format!("workDateTo=2021-01-{day:02}")));
        parts.extend(self.since(january).map(|since| format!("updatedSince={since}")));
        let sort: Vec<String> = self
            .sort
            .iter()
            .map(|(name, falls)| format!("{}{name}", if *falls { "-" } else { "" }))
            .collect();
        if !sort.is_empty() {
            parts.push(format!("sort={}", sort.join(",")));
        }
        parts.join("&")
    }

    fn matches(&self, january: &January, entry: &Value) -> bool {
        let text = |name: &str| entry[name].as_str().unwrap();
        let among = |values: &[&str], name: &str| values.is_empty() || values.contains(&text(name));
        let members: Vec<String> = self.members.iter().map(|n| january.members[*n].id.to_string()).collect();
        let day: u32 = text("workDate")[8..].parse().unwrap();
        (january.callers[self.caller].sees)(entry)
            && among(&self.kommuner, "kommunkod")
            && among(&self.kinds, "kind")
            && among(&self.states, "status")
            && (members.is_empty() || members.iter().any(|id| id == text("participantId")))
            && self.from.is_none_or(|from| day >= from)
            && self.to.is_none_or(|to| day <= to)
            && self.since(january).is_none_or(|since| text("updatedAt") >= since)
    }

    /// The ids that a filter and sort in memory gives.
    fn expected(&self, january: &January) -> Vec<String> {
        let mut found: Vec<&Value> =
            january.all.iter().filter(|entry| self.matches(january, entry)).collect();
        let default = [("workDate", true)];
        let sort: &[(&str, bool)] = if self.sort.is_empty() { &default } else { &self.sort };
        let compared = |one: &Value, other: &Value, name: &str| match (&one[name], &other[name]) {
            (Value::Number(one), Value::Number(other)) => one.as_i64().cmp(&other.as_i64()),
            (one, other) => one.as_str().cmp(&other.as_str()),
        };
        found.sort_by(|one, other| {
            let by_sort = sort.iter().map(|(name, falls)| {
                let order = compared(one, other, name);
                if *falls { order.reverse() } else { order }
            });
            let order = by_sort.fold(Ordering::Equal, Ordering::then);
            // Equal in all fields: in the order of creation, in the direction of the last field.
            let entered = compared(one, other, "id");
            order.then(if sort.last().is_some_and(|(_, falls)| *falls) { entered.reverse() } else { entered })
        });
        found.into_iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    }

    fn paged(&self, january: &January) -> Vec<String> {
        let (client, query) = (&january.callers[self.caller].client, self.query(january));
        let mut found = Vec::new();
        for page in 1.. {
            let answer = client.get(&format!("/time-entries?{query}&page={page}")).is(200);
            let ids = ids(&answer);
            if ids.is_empty() {
                assert_eq!(answer["_meta"]["totalRecords"], found.len());
                return found;
            }
            found.extend(ids);
        }
        found
    }

    /// Reads all pages with the cursor; `between` runs after each.
    fn walked(&self, january: &January, mut between: impl FnMut()) -> Vec<String> {
        let (client, query) = (&january.callers[self.caller].client, self.query(january));
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = client.get(&format!("/time-entries?{query}&cursor={cursor}")).is(200);
            let ids = ids(&answer);
            assert!(ids.len() <= self.limit);
            found.extend(ids);
            between();
            match answer["_meta"]["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return found,
            }
        }
    }
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

both!(every_query_gives_the_rows_that_match, |t| {
    let january = January::new(t);
    property(64, &queries(), |query| {
        let expected = query.expected(&january);
        prop_assert_eq!(&query.paged(&january), &expected, "pages of {}", query.query(&january));
        let walked = query.walked(&january, || {});
        prop_assert_eq!(&walked, &expected, "cursor of {}", query.query(&january));
        Ok(())
    });
});

both!(new_entries_between_two_pages_move_no_others, |t| {
    let january = January::new(t);
    let number = std::cell::Cell::new(100_u32);
    property(10, &queries(), |mut query| {
        // Entries of earlier cases may be found or not. The first 56 are read exactly once, in order.
        query.limit = query.limit.min(9);
        let expected = query.expected(&january);
        let walked = query.walked(&january, || {
            number.set(number.get() + 1);
            let member = &january.members[if number.get().is_multiple_of(2) { 0 } else { 2 }];
            entered(&member.client, entry(member.id, number.get()));
        });
        let mut each = walked.clone();
        each.sort();
        each.dedup();
        prop_assert_eq!(each.len(), walked.len(), "once each: {}", query.query(&january));
        let old: Vec<String> = walked.into_iter().filter(|id| expected.contains(id)).collect();
        prop_assert_eq!(old, expected, "{}", query.query(&january));
        Ok(())
    });
    assert!(january.manager.get("/time-entries").is(200)["_meta"]["totalRecords"].as_u64() > Some(56));
});
