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
use samverkan::schema::programmes;
use serde_json::{Value, json};

use super::world::World;
use crate::goals::{BODEN, decision, submission};
use crate::programmes::offer;
use crate::support::{Client, Kind, TestApp, in_rounds, property};
use crate::team::{add_application, with};
use crate::time::{Member, entered, member};

/// Applications of a decided programme with two places, one of them taken.
const APPLICATIONS: &[(&str, &str)] = &[
    ("2580", "selected"),
    ("2582", "reserve"),
    ("0114", "reserve"),
    ("0180", "confirmed"),
    ("1480", "notSelected"),
    ("1280", "notQualified"),
    ("1281", "invited"),
];

/// The resources, and the states that steps ask for: first those that are reached most easily.
const RESOURCES: [(&str, &[&str]); 3] = [
    ("milestones", &["inProgress", "submitted", "returned", "approved", "notApplicable", "planned"]),
    (
        "time-reports",
        &["signed", "attested", "open", "empty", "returned", "unsigned", "approved", "reported"],
    ),
    (
        "applications",
        &["selected", "qualified", "confirmed", "terminated", "notSelected", "withdrawn", "invited"],
    ),
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

    /// What is stored about the resources, without ids.
    fn stored(&self) -> Vec<String> {
        let mut all: Vec<String> = self.ids.iter().flatten().map(|id| self.history(id)).collect();
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

    fn send(&self, caller: usize, resource: usize, steps: &[Step]) -> Vec<Value> {
        let ids = &self.ids[resource];
        let item = |step: &Step| {
            let mut item = match step.to {
                "submitted" => submission(decision()),
                to => json!({"to": to}),
            };
            item["id"] = ids[step.number % ids.len()].clone().into();
            if step.has_comment {
                item["comment"] = "Därför.".into();
            }
            if step.is_stale {
                item["version"] = 99.into();
            }
            item
        };
        let path = format!("/{}/status-changes/batch", RESOURCES[resource].0);
        let body = json!({"items": steps.iter().map(item).collect::<Vec<_>>()});
        self.callers[caller % self.callers.len()].post(&path, body).is(200)["items"]
            .as_array()
            .unwrap()
            .clone()
    }
}

fn items(by: &Client, path: &str) -> Vec<Value> {
    by.get(path).is(200)["items"].as_array().unwrap().clone()
}

/// A programme that has given its places, made directly in the database.
fn decided_call(t: &TestApp) -> Id {
    let dates = json!({
        "name": "Nästa nätverk",
        "places": 2,
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
    for (kommunkod, status) in APPLICATIONS {
        add_application(t, call, kommunkod, status);
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

/// Who sends steps of which resource.
fn sent() -> impl Strategy<Value = (usize, usize, Vec<Step>)> {
    (any::<usize>(), 0..RESOURCES.len()).prop_flat_map(|(caller, resource)| {
        let parts = (
            any::<usize>(),
            select(RESOURCES[resource].1.to_vec()),
            prop::bool::weighted(0.6),
            prop::bool::weighted(0.1),
        );
        let step =
            parts.prop_map(|(number, to, has_comment, is_stale)| Step { number, to, has_comment, is_stale });
        (Just(caller), Just(resource), prop::collection::vec(step, 1..12))
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
    assert_eq!(twins[0].stored(), twins[1].stored());
    property(48, &sent(), |(caller, resource, steps)| {
        let together = twins[0].send(caller, resource, &steps);
        for (step, together) in steps.iter().zip(&together) {
            let alone = twins[1].send(caller, resource, std::slice::from_ref(step));
            prop_assert_eq!(verdict(together), verdict(&alone[0]), "{:?}", step);
        }
        prop_assert_eq!(twins[0].stored(), twins[1].stored());
        Ok(())
    });
    let steps = twins[0].stored().iter().map(|told| told.matches("programmeManager").count()).sum::<usize>();
    assert!(steps > 10, "too few steps were allowed to compare anything: {steps}");
}

#[test]
fn steps_of_a_set_end_like_single_steps_on_sqlite() {
    in_rounds(|| steps_of_a_set_end_like_single_steps(Kind::Sqlite));
}

#[test]
fn steps_of_a_set_end_like_single_steps_on_postgresql() {
    in_rounds(|| steps_of_a_set_end_like_single_steps(Kind::Postgres));
}
