//! Employee numbers: each names one person per programme, employer and day, also when two requests come at once, and is found by
//! those who may see it.

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::employments::employment;
use super::{BODEN, LULEA, coordinator, each, maja, patch, running, with};
use crate::both;
use crate::support::{Client, Response};

const NUMBER: &str = "104233";

/// Adds somebody with Maja's employee number.
fn add(by: &Client, programme: Id, email: &str, changes: Value) -> Response {
    let somebody = json!({"name": "Nils Berg", "email": email, "employeeNumber": NUMBER});
    by.post("/participants", with(with(maja(programme), somebody), changes))
}

/// Registers Boden as somebody's employer, or another one.
fn employ(by: &Client, programme: Id, added: &Value, changes: Value) -> Response {
    by.post("/employments", with(employment(programme, &added["personId"]), changes))
}

/// An employer of its own, owned by the kommun.
fn company() -> Value {
    json!({"employerName": "Bodens Energi AB", "organisationNumber": "5560157843", "employerKind": "municipalCompany"})
}

both!(a_number_names_one_person_per_employer_and_day, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let first = boden.post("/participants", maja(programme)).is(201);
    // No employment says otherwise: both are taken for the kommun's own people.
    let taken = add(&boden, programme, "nils@boden.example", json!({}));
    let problem = taken.refused(409, "alreadyExists");
    assert_eq!(taken.faults(), [("/employeeNumber".to_owned(), "notUnique".to_owned())]);
    assert_eq!(problem["participantId"], first["id"]);
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("Maja Lind"), "{problem}");
    // Nobody is invited by a request that is refused.
    assert_eq!(boden.get("/participants").is(200)["_meta"]["totalRecords"], 1);
    // On other days the number can be somebody else's.
    let path = format!("/participants/{}", first["id"].as_str().unwrap());
    patch(&boden, &path, json!({"validTo": "2021-03-31"})).is(200);
    let later = add(&boden, programme, "nils@boden.example", json!({"validFrom": "2021-04-01"})).is(201);
    patch(&boden, &path, json!({"validTo": "2021-04-01"})).refused(409, "alreadyExists");
    // Another number is free at once.
    patch(&boden, &path, json!({"validTo": null, "employeeNumber": "7"})).is(200);
    let path = format!("/participants/{}", later["id"].as_str().unwrap());
    patch(&boden, &path, json!({"employeeNumber": "7"})).refused(409, "alreadyExists");
});

both!(two_employers_may_use_the_same_number, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let first = boden.post("/participants", maja(programme)).is(201);
    employ(&boden, programme, &first, company()).is(201);
    let second = add(&boden, programme, "nils@boden.example", json!({})).is(201);
    // The employment would make the number ambiguous.
    employ(&boden, programme, &second, company()).refused(409, "alreadyExists");
    employ(&boden, programme, &second, json!({})).is(201);
    // Another kommun's coordinator is not told whose number it is.
    let lulea = coordinator(t, programme, LULEA);
    let elsewhere = add(&lulea, programme, "eva@lulea.example", json!({"kommunkod": LULEA})).is(201);
    let theirs = with(company(), json!({"kommunkod": LULEA}));
    let problem = employ(&lulea, programme, &elsewhere, theirs).refused(409, "alreadyExists");
    assert!(problem.get("participantId").is_none() && !problem.to_string().contains("Maja"), "{problem}");
});

both!(of_two_requests_at_once_one_gets_the_number, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    for round in 0..4 {
        let add = |who: u32| {
            let email = format!("person{round}{who}@boden.example");
            let number = json!({"name": "Nils Berg", "email": email, "employeeNumber": format!("n{round}")});
            boden.post("/participants", with(maja(programme), number)).status
        };
        let mut answers = std::thread::scope(|scope| {
            let both = [scope.spawn(|| add(1)), scope.spawn(|| add(2))];
            both.map(|request| request.join().unwrap())
        });
        answers.sort_unstable();
        assert_eq!(answers, [201, 409]);
    }
});

both!(a_number_is_found_by_those_who_see_it, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let first = boden.post("/participants", maja(programme)).is(201);
    let other = json!({"name": "Nils Berg", "email": "nils@boden.example", "employeeNumber": "A-9", "isCoordinator": true});
    t.manager(programme).post("/participants", with(maja(programme), other)).is(201);
    t.at("2021-01-04T09:00:00+01:00");
    let found = |by: &Client, query: &str| each(&by.get(&format!("/participants?{query}")).is(200), "name");
    let own = t.login_as("maja.lind@boden.example");
    let searches = [format!("employeeNumber={NUMBER}"), format!("q={NUMBER}")];
    for search in &searches {
        for by in [&boden, &own, &t.manager(programme), &t.economist(programme)] {
            assert_eq!(found(by, search), [json!("Maja Lind")], "{search}");
        }
        for role in [Role::Attester, Role::ProcessSupporter] {
            assert_eq!(
                found(&t.in_kommun(role, programme, BODEN), search),
                [json!(null); 0],
                "{role} {search}"
            );
        }
        assert_eq!(found(&t.login_as("nils@boden.example"), search), [json!("Maja Lind")], "{search}");
    }
    // A coordinator elsewhere sees Boden's coordinator, but not their number.
    let lulea = coordinator(t, programme, LULEA);
    assert_eq!(found(&lulea, "q=nils"), [json!("Nils Berg")]);
    for search in ["employeeNumber=A-9", "q=A-9"] {
        assert_eq!(found(&lulea, search), [json!(null); 0], "{search}");
        assert_eq!(found(&boden, search), [json!("Nils Berg")], "{search}");
    }
    // Names are found as before, and a part of a number is not.
    assert_eq!(found(&boden, "q=maja"), [json!("Maja Lind")]);
    assert_eq!(found(&boden, "q=10423"), [json!(null); 0]);
    assert_eq!(first["employeeNumber"], NUMBER);
});
