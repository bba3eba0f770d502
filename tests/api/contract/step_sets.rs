//! Steps that are sent as a batch end as they would have, sent one by one: the same verdicts, the same rows, the same history,
//! the same events, as many mails. Two servers with the same data are twins: one gets a random batch, the other its items one
//! by one. (`time::entry_sets` does the same for entries.)

use std::collections::BTreeMap;

use diesel::prelude::*;
use proptest::prelude::*;
use proptest::sample::select;
use samverkan::identity::policy::Role;
use samverkan::platform::db::schema::{audit_events, status_changes};
use samverkan::platform::ids::Id;
use samverkan::schema::{applications, programmes};
use serde_json::{Value, json};

use super::world::World;
use crate::goals::{BODEN, decision, submission};
use crate::programmes::offer;
use crate::support::{Client, Kind, TestApp, in_rounds, property};
use crate::team::{add_application, with};
use crate::time::{Member, entered, member};

/// Who applies to the programme that has given its three places.
const KOMMUNER: [&str; 8] = ["2580", "2582", "0114", "0180", "1480", "1280", "1281", "0380"];

const MANAGER: usize = 0;
const COORDINATOR: usize = 1;
const ATTESTER: usize = 2;
const ECONOMIST: usize = 3;
/// The first of four colleagues.
const COLLEAGUE: usize = 4;

struct Resource {
    name: &'static str,
    /// Those who send its steps.
    callers: &'static [usize],
    /// The states that steps ask for.
    states: &'static [&'static str],
}

const RESOURCES: [Resource; 3] = [
    Resource {
        name: "milestones",
        callers: &[MANAGER, MANAGER, COORDINATOR, COORDINATOR, ATTESTER],
        states: &["inProgress", "submitted", "returned", "approved", "notApplicable", "planned"],
    },
    Resource {
        name: "time-reports",
        callers: &[ATTESTER, ATTESTER, ECONOMIST, COORDINATOR, MANAGER, COLLEAGUE, COLLEAGUE + 1],
        states: &["signed", "attested", "attested", "open", "empty", "returned", "unsigned", "approved"],
    },
    Resource {
        name: "applications",
        callers: &[MANAGER],
        states: &["selected", "selected", "qualified", "qualified", "terminated", "notSelected", "invited"],
    },
];

struct Twin {
    t: TestApp,
    /// Those who send the steps.
    callers: Vec<Client>,
    /// The ids of each resource, in the same order on both servers.
    ids: Vec<Vec<String>>,
}

impl Twin {
    fn new(kind: Kind) -> Self {
        let t = TestApp::new(kind);
        let world = World::new(&t);
        let programme = world.programme;
        let colleagues: Vec<Member> = (5..9).map(|number| member(&t, programme, BODEN, number)).collect();
        for colleague in &colleagues {
            entered(colleague, "2021-01-12", 60);
        }
        let call = decided_call(&t);
        t.grant(&world.manager, Role::ProgrammeManager, call, None);
        let manager = &world.manager;
        let participants = items(manager, &format!("/participants?programmeId={programme}&limit=200"));
        let email = |item: &Value| (item["id"].to_string(), item["email"].to_string());
        let emails: BTreeMap<String, String> = participants.iter().map(email).collect();
        let in_order = |path: String| -> Vec<String> {
            let mut all = items(manager, &path);
            all.sort_by_key(|item| {
                let person = emails.get(&item["participantId"].to_string());
                format!("{} {} {person:?} {}", item["kommunkod"], item["kind"], item["month"])
            });
            all.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        let ids = vec![
            in_order(format!("/milestones?programmeId={programme}&limit=200")),
            in_order(format!("/time-reports?programmeId={programme}&limit=200")),
            in_order(format!("/applications?programmeId={call}&limit=200")),
        ];
        let attester = t.in_kommun(Role::Attester, programme, BODEN);
        let mut callers = vec![world.manager.clone(), world.coordinator.clone(), attester];
        callers.push(t.economist(programme));
        callers.extend(colleagues.iter().map(|colleague| colleague.client.clone()));
        Self { t, callers, ids }
    }

    /// What is stored about each resource, without ids; and how many mails.
    fn stored(&self) -> Vec<String> {
        let of_all = |ids: &Vec<String>| ids.iter().map(|id| self.history(id)).collect::<Vec<_>>().join("\n");
        let mut all: Vec<String> = self.ids.iter().map(of_all).collect();
        all.push(format!("{} mails", self.t.mails().len()));
        all
    }

    fn history(&self, id: &str) -> String {
        let key: Id = id.parse().unwrap();
        self.t.db(|db| {
            let steps: Vec<(String, String, String, Option<String>, i32)> = status_changes::table
                .filter(status_changes::resource_id.eq(key))
                .order(status_changes::resource_version)
                .select((
                    status_changes::from_status,
                    status_changes::to_status,
                    status_changes::role,
                    status_changes::comment,
                    status_changes::resource_version,
                ))
                .load(db)
                .unwrap();
            let events: Vec<(String, Option<String>)> = audit_events::table
                .filter(audit_events::resource_id.eq(id))
                .order(audit_events::sequence)
                .select((audit_events::action, audit_events::actor_role))
                .load(db)
                .unwrap();
            format!("{steps:?} {events:?}")
        })
    }

    /// Makes room for steps: applications get these states, and the colleagues sign what they can.
    fn prepare(&self, states: &[&str]) {
        self.t.write(|tx| {
            for (id, state) in self.ids[2].iter().zip(states) {
                let this = applications::table.find(id.parse::<Id>().unwrap());
                diesel::update(this).set(applications::status.eq(*state)).execute(tx.db)?;
            }
            Ok(())
        });
        for colleague in &self.callers[COLLEAGUE..] {
            for report in items(colleague, "/time-reports?status=open&month=2021-01") {
                colleague.change(&format!("/time-reports/{}", report["id"].as_str().unwrap()), "signed");
            }
        }
    }

    fn send(&self, caller: usize, resource: usize, steps: &[Step]) -> Vec<Value> {
        let ids = &self.ids[resource];
        let item = |step: &Step| {
            let mut item = match step.to {
                "submitted" => submission(decision()),
                to => json!({"to": to}),
            };
            let id = &ids[step.number % ids.len()];
            item["id"] = id.clone().into();
            let path = format!("/{}/{id}", RESOURCES[resource].name);
            if let Some(read) = self.callers[caller].read_before(&path, step.to) {
                item["data"] = read;
            }
            if step.has_comment {
                item["comment"] = "Därför.".into();
            }
            if step.is_stale {
                item["version"] = 99.into();
            }
            item
        };
        let path = format!("/{}/status-changes/batch", RESOURCES[resource].name);
        let body = json!({"items": steps.iter().map(item).collect::<Vec<_>>()});
        let answer = self.callers[caller].post(&path, body);
        if answer.status == 403 {
            // The caller has no role that takes any step.
            return vec![answer.json(); steps.len()];
        }
        answer.is(200)["items"].as_array().unwrap().clone()
    }
}

fn items(by: &Client, path: &str) -> Vec<Value> {
    by.get(path).is(200)["items"].as_array().unwrap().clone()
}

/// A programme that has given its places, made directly in the database.
fn decided_call(t: &TestApp) -> Id {
    let dates = json!({
        "name": "Nästa nätverk",
        "places": 3,
        "startsOn": "2021-08-01",
        "opensAt": "2021-02-05T08:00:00+01:00",
        "interestDeadline": "2021-03-03",
        "infoMeetingAt": "2021-03-06T13:00:00+01:00",
        "confirmationDeadline": "2021-03-10",
        "avsiktsforklaringDeadline": "2021-03-15"
    });
    let call = t.admin().post("/programmes", with(offer(), dates)).id();
    t.write(|tx| {
        diesel::update(programmes::table.find(call)).set(programmes::status.eq("decided")).execute(tx.db)?;
        Ok(())
    });
    for kommunkod in KOMMUNER {
        t.write(|tx| add_application(tx, call, kommunkod, "reserve"));
    }
    call
}

#[derive(Clone, Debug)]
struct Step {
    number: usize,
    to: &'static str,
    has_comment: bool,
    is_stale: bool,
}

/// Who sends steps of which resource, and the states of the applications before.
fn sent() -> impl Strategy<Value = (usize, usize, Vec<Step>, Vec<&'static str>)> {
    (0..RESOURCES.len()).prop_flat_map(|resource| {
        let parts = (
            any::<usize>(),
            select(RESOURCES[resource].states),
            prop::bool::weighted(0.6),
            prop::bool::weighted(0.1),
        );
        let step =
            parts.prop_map(|(number, to, has_comment, is_stale)| Step { number, to, has_comment, is_stale });
        let states = select(&["participating", "notQualified", "notQualified", "reserve", "notSelected"][..]);
        (
            select(RESOURCES[resource].callers),
            Just(resource),
            prop::collection::vec(step, 3..14),
            prop::collection::vec(states, KOMMUNER.len()),
        )
    })
}

/// Status and code of a verdict, and every fault.
fn verdict(item: &Value) -> String {
    let problem = &item["problem"];
    let faults = problem["errors"].as_array().into_iter().flatten();
    let faults: Vec<&Value> = faults.map(|fault| &fault["code"]).collect();
    format!("{} {} {faults:?}", item["status"], problem["code"])
}

fn steps_of_a_set_end_like_single_steps(kind: Kind) {
    let twins = [Twin::new(kind), Twin::new(kind)];
    let first = twins[0].stored();
    assert_eq!(first, twins[1].stored());
    property(48, &sent(), |(caller, resource, steps, states)| {
        twins.iter().for_each(|twin| twin.prepare(&states));
        let together = twins[0].send(caller, resource, &steps);
        for (step, together) in steps.iter().zip(&together) {
            let alone = twins[1].send(caller, resource, std::slice::from_ref(step));
            prop_assert_eq!(verdict(together), verdict(&alone[0]), "{:?}", step);
        }
        prop_assert_eq!(twins[0].stored(), twins[1].stored());
        Ok(())
    });
    for (before, after) in first.iter().zip(twins[0].stored()) {
        assert_ne!(*before, after, "no step was allowed");
    }
}

#[test]
fn steps_of_a_set_end_like_single_steps_on_sqlite() {
    in_rounds(|| steps_of_a_set_end_like_single_steps(Kind::Sqlite));
}

#[test]
fn steps_of_a_set_end_like_single_steps_on_postgresql() {
    in_rounds(|| steps_of_a_set_end_like_single_steps(Kind::Postgres));
}
