//! Applications: a kommun's way through a call, and every refusal on the way.

use diesel::prelude::*;
use samverkan::calls::applications::{ApplicationRow, ApplicationState};
use samverkan::identity::policy::Role;
use samverkan::platform::auth::scope::HasKeys as _;
use samverkan::platform::auth::scope::{Place, Scope};
use samverkan::platform::db::Db;
use samverkan::platform::ids::Id;
use samverkan::schema::{applications, people, role_assignments};
use serde_json::{Value, json};

use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner};
use crate::programmes::{content, offer, open, start};
use crate::support::documented::document;
use crate::support::{Client, Response, TestApp};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "applicationId",
    owner: Owner::Kommun,
    make: |_, world| world.first_of_boden("/applications", ""),
    rows: Some(Rows::by_rule::<ApplicationRow>()),
    ..Offer::NONE
}];

/// Only the programme manager sees an application that was never verified.
impl Rule for ApplicationRow {
    fn is_visible(&self, _: &mut Db, scope: &Scope) -> bool {
        let is_verified = !matches!(self.status, ApplicationState::Unverified | ApplicationState::Expired);
        scope.grants.iter().any(|grant| {
            let sees_all = match grant.place {
                Place::Everywhere => true,
                Place::Programme(_) => grant.role == "programmeManager",
                _ => false,
            };
            grant.place.holds(&self.keys()) && (is_verified || sees_all)
        })
    }
}

pub const BODEN: &str = "2582";
pub const OVERTORNEA: &str = "2518";
pub const PASSWORD: &str = "En lång mening om samverkan";

/// The request that expresses a kommun's interest.
pub fn interest(kommunkod: &str, email: &str) -> Value {
    json!({
        "kommunkod": kommunkod,
        "contactName": "Utvecklingsstrateg",
        "contactEmail": email,
        "motivation": "Vi vill arbeta mer strategiskt med sociala företag.",
        "maturity": 2,
        "departments": ["Arbetsmarknadsförvaltningen", "Inköp"],
        "coordinator": {"name": "Koordinator", "email": format!("koordinator.{kommunkod}@example.org")},
        "knownSocialEnterprises": ["Norrsken Återbruk"],
        "registryNumber": "KS 2020/412"
    })
}

pub fn express(t: &TestApp, programme: Id, kommunkod: &str, email: &str) -> Response {
    t.anonymous().post(&format!("/programmes/{programme}/applications"), interest(kommunkod, email))
}

pub fn path_of(taken: &Response) -> String {
    format!("/applications/{}", taken.json()["applicationId"].as_str().unwrap())
}

/// The tokens that were mailed for an application, in no order: the wall clock stands still.
pub fn tokens(t: &TestApp, path: &str) -> Vec<String> {
    let mark = format!("#{}.", path.rsplit('/').next().unwrap());
    let mailed = t.mails().into_iter().filter_map(|(_, body)| {
        let link = body.split(&mark).nth(1)?;
        link.split_whitespace().next().map(str::to_owned)
    });
    mailed.collect()
}

pub fn was_told(t: &TestApp, email: &str, what: &str) -> bool {
    mails_to(t, email).iter().any(|body| body.contains(what))
}

fn verify(t: &TestApp, email: &str) -> Response {
    let (id, token) = t.link_for(email);
    let body = json!({"token": token, "password": PASSWORD});
    t.anonymous().post(&format!("/applications/{id}/verification"), body)
}

/// A verified application and its applicant.
pub fn submitted(t: &TestApp, programme: Id, kommunkod: &str) -> (String, Client) {
    let email = format!("strateg.{kommunkod}@example.org");
    let taken = express(t, programme, kommunkod, &email);
    taken.is(202);
    verify(t, &email).is(200);
    (path_of(&taken), t.login_as(&email))
}

/// Qualified applications and their applicants. There are no letters, so the manager overrides.
pub fn qualified(t: &TestApp, programme: Id, kommunkoder: &[&str]) -> Vec<(String, Client)> {
    let manager = t.manager(programme);
    let all: Vec<_> = kommunkoder.iter().map(|kommunkod| submitted(t, programme, kommunkod)).collect();
    for (path, _) in &all {
        manager.change(path, "invited").is(200);
    }
    t.at("2020-11-06T15:00:00+01:00");
    for (path, applicant) in &all {
        applicant.change(path, "confirmed").is(200);
    }
    t.at("2020-11-15");
    for (path, _) in &all {
        assert_eq!(manager.get(path).is(200)["status"], "notQualified");
        manager.change_because(path, "qualified", "Brevet kom i tid, på papper.").is(200);
    }
    all
}

pub fn status(client: &Client, path: &str) -> Value {
    client.get(path).is(200)["status"].clone()
}

pub fn put_in(t: &TestApp, path: &str, state: ApplicationState) {
    let id: Id = path.rsplit('/').next().unwrap().parse().unwrap();
    t.write(move |tx| {
        diesel::update(applications::table.find(id)).set(applications::status.eq(state)).execute(tx.db)?;
        Ok(())
    });
}

pub fn mails_to(t: &TestApp, email: &str) -> Vec<String> {
    t.mails().into_iter().filter(|(to, _)| to == email).map(|(_, body)| body).collect()
}

both!(from_interest_to_participating, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let email = "strateg.2582@example.org";
    let taken = express(t, programme, BODEN, "Strateg.2582@example.org");
    let path = path_of(&taken);
    taken.is(202);
    assert!(mails_to(t, email)[0].contains("Europeiska socialfonden"));
    assert!(mails_to(t, email)[0].contains("Så behandlas dina personuppgifter"));

    // Only the manager sees an unverified application.
    assert_eq!(status(&manager, &path), "unverified");
    t.economist(programme).get(&path).refused(404, "notFound");
    t.in_kommun(Role::Coordinator, programme, BODEN).get(&path).refused(404, "notFound");
    let verified = verify(t, email).is(200);
    assert_eq!(verified["status"], "submitted");
    assert_eq!(verified["allowedTransitions"][0]["to"], "withdrawn");

    let applicant = t.login_as(email);
    assert_eq!(status(&applicant, &path), "submitted");
    assert_eq!(manager.get("/applications?status=submitted").is(200)["items"][0]["kommunkod"], BODEN);
    manager.change(&path, "changesRequested").refused(422, "invalidInput");
    manager.change_because(&path, "changesRequested", "Vilka förvaltningar?").is(200);
    assert!(was_told(t, email, "Vilka förvaltningar?"));
    let seen = applicant.get(&path);
    let patch = json!({"departments": ["Inköp"], "maturity": 3});
    assert_eq!(applicant.if_match(&seen).patch(&path, patch).is(200)["maturity"], 3);
    applicant.change(&path, "submitted").is(200);
    manager.change(&path, "invited").is(200);
    assert!(was_told(t, email, "2020-11-06 13:00"));

    for answer in ["confirmed", "declined"] {
        let refusal = applicant.change(&path, answer);
        refusal.refused(409, "stateConflict");
        assert!(refusal.text.contains("withdrawn"), "{}", refusal.text);
    }
    t.at("2020-11-06T13:00:00+01:00");
    applicant.change(&path, "confirmed").is(200);
    t.at("2020-11-15");
    let missed = applicant.get(&path).is(200);
    assert_eq!((&missed["status"], &missed["reason"]), (&json!("notQualified"), &json!("letterMissing")));
    manager.change(&path, "qualified").refused(422, "invalidInput");
    let qualified = manager.change_because(&path, "qualified", "Kom i tid på papper.").is(200);
    assert!(qualified["reason"].is_null());

    let call = format!("/programmes/{programme}");
    manager.change(&call, "decided").is(200);
    assert_eq!(status(&applicant, &path), "selected");
    manager.post(&format!("{call}/status-changes"), start("2020-11-14")).is(200);
    assert_eq!(status(&applicant, &path), "participating");
    let coordinator = t.login_as("koordinator.2582@example.org");
    assert_eq!(status(&coordinator, &path), "participating");
    let history = applicant.get(&format!("{path}/status-changes")).is(200);
    let steps: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(
        steps,
        [
            "submitted",
            "changesRequested",
            "submitted",
            "invited",
            "confirmed",
            "notQualified",
            "qualified",
            "selected",
            "participating"
        ]
    );
    coordinator.change(&path, "completed").refused(403, "notYours");
    manager.change(&path, "terminated").refused(422, "invalidInput");
    manager.change(&path, "completed").is(200);
});

both!(the_anonymous_response_is_the_same_in_all_cases, |t| {
    let programme = open(t);
    submitted(t, programme, BODEN);
    let again = express(t, programme, BODEN, "en.annan@example.org");
    let fresh = express(t, programme, OVERTORNEA, "nagon@example.org");
    let known = express(t, programme, OVERTORNEA, "strateg.2582@example.org");
    let shape = |answer: &Response| {
        let mut body = answer.is(202);
        let id = body["applicationId"].take();
        assert!(id.as_str().unwrap().parse::<Id>().is_ok());
        body
    };
    assert_eq!(shape(&again), shape(&fresh));
    assert_eq!(shape(&known), shape(&fresh));
    let links = format!("/programmes/{programme}/verification-links");
    let waiting = t.anonymous().post(&links, json!({"contactEmail": "nagon@example.org"}));
    let unknown = t.anonymous().post(&links, json!({"contactEmail": "ingen@example.org"}));
    assert_eq!(waiting.is(202), unknown.is(202));
    assert!(mails_to(t, "ingen@example.org").is_empty());
});

both!(the_mail_to_an_unverified_address_contains_no_text_of_the_sender, |t| {
    const AD: &str = "Vinn en bil: https://bil.example";
    let programme = open(t);
    let path = format!("/programmes/{programme}/applications");
    let (plain, spammed) = ("nagon@example.org", "offer@example.org");
    let mut spam = interest(BODEN, spammed);
    for name in ["contactName", "motivation", "registryNumber"] {
        spam[name] = json!(AD);
    }
    spam["departments"] = json!([AD]);
    spam["knownSocialEnterprises"] = json!([AD]);
    spam["coordinator"] = json!({"name": AD, "email": "vinn.en.bil@bil.example"});
    // The request has every field that an anonymous sender may use, so a new field must be added here.
    let sent = spam.as_object().unwrap().keys().map(String::as_str);
    let managers = ["receivedAt", "respondBy", "reason"];
    let mut sent: Vec<&str> = sent.chain(managers).collect();
    let mut known: Vec<&String> = document()["components"]["schemas"]["NewApplication"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    sent.sort_unstable();
    known.sort_unstable();
    assert_eq!(known, sent);

    t.anonymous().post(&path, interest(BODEN, plain)).is(202);
    t.anonymous().header("Accept-Language", "en").post(&path, spam).is(202);
    // A link that is requested later comes in the same mail.
    t.clock.advance(6 * 60_000);
    for email in [plain, spammed] {
        let links = format!("/programmes/{programme}/verification-links");
        t.anonymous().post(&links, json!({"contactEmail": email})).is(202);
    }
    t.run_jobs();
    let to_plain = letters_to(t, plain);
    assert_eq!(to_plain.len(), 2);
    assert!(to_plain.iter().all(|letter| letter.contains("Boden") && letter.contains("LINK")));
    // The mail is the same for everyone, so nobody can send their own text with it.
    assert_eq!(letters_to(t, spammed), to_plain);
});

/// The mails to an address as they were sent, sorted, without recipient, date, message id and links.
fn letters_to(t: &TestApp, email: &str) -> Vec<String> {
    use samverkan::platform::db::schema::outbox_mails as mails;
    let rows: Vec<(Id, String)> = t.db(|db| {
        let to = mails::table.filter(mails::recipient.eq(email));
        to.select((mails::id, mails::subject)).load(db).unwrap()
    });
    let mut letters: Vec<String> = rows
        .into_iter()
        .map(|(id, subject)| {
            let file = std::fs::read_to_string(t.mail_file(id)).unwrap();
            let (head, _) = file.split_once("\r\n\r\n").unwrap();
            let own = ["To:", "Date:", "Message-ID:"];
            let head = head.lines().filter(|line| !own.iter().any(|name| line.starts_with(name)));
            let body = t.sent(id);
            let links = body.split_whitespace().filter(|word| word.contains('#'));
            // The code below the link is its part after the #.
            let body = links.fold(body.clone(), |text, link| {
                text.replace(link, "LINK").replace(link.split_once('#').unwrap().1, "CODE")
            });
            format!("{subject}\n{}\n\n{body}", head.collect::<Vec<_>>().join("\n"))
        })
        .collect();
    letters.sort_unstable();
    letters
}

both!(a_second_application_of_a_kommun_becomes_a_note_on_the_first, |t| {
    let programme = open(t);
    let (first, applicant) = submitted(t, programme, BODEN);
    let second = path_of(&express(t, programme, BODEN, "en.annan@example.org"));
    let merged = verify(t, "en.annan@example.org").is(200);
    assert_eq!(merged["status"], "merged");
    assert_eq!(merged["allowedTransitions"], json!([]));
    let noted = applicant.get(&first).is(200);
    assert_eq!(noted["notes"][0]["contactEmail"], "en.annan@example.org");
    assert_eq!(noted["status"], "submitted");
    assert!(was_told(t, "strateg.2582@example.org", "en.annan@example.org"));
    // The second sender learns that there is an application, but not from whom.
    assert!(!was_told(t, "en.annan@example.org", "strateg.2582"));
    let strangers: i64 = t.db(|db| {
        people::table.filter(people::email.eq("en.annan@example.org")).count().get_result(db).unwrap()
    });
    assert_eq!(strangers, 0);
    t.manager(programme).change(&second, "invited").refused(409, "transitionNotAllowed");
    // After the first application has ended, the kommun may apply again.
    applicant.change(&first, "withdrawn").is(200);
    express(t, programme, BODEN, "en.tredje@example.org").is(202);
    assert_eq!(verify(t, "en.tredje@example.org").is(200)["status"], "submitted");
    // The previous applicant no longer acts for the kommun.
    t.run_jobs();
    applicant.get(&first).refused(403, "forbidden");
});

/// A live application whose first contact may be an impostor, with a later interest from another address: their paths.
fn with_later_interest(t: &TestApp, programme: Id) -> (String, Client, String) {
    let (first, applicant) = submitted(t, programme, BODEN);
    let second = path_of(&express(t, programme, BODEN, "en.annan@example.org"));
    verify(t, "en.annan@example.org").is(200);
    (first, applicant, second.rsplit('/').next().unwrap().to_owned())
}

fn contact_tasks(client: &Client) -> Vec<Value> {
    let tasks = client.get("/me/tasks").is(200)["items"].clone();
    tasks.as_array().unwrap().iter().filter(|task| task["code"] == "contactToReview").cloned().collect()
}

both!(a_later_interest_is_a_task_and_the_application_can_be_handed_over, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let (path, impostor, interest) = with_later_interest(t, programme);
    let tasks = contact_tasks(&manager);
    assert_eq!((tasks.len(), &tasks[0]["count"]), (1, &json!(1)));
    assert!(tasks[0]["title"].as_str().unwrap().contains("Boden"));
    manager.get(tasks[0]["href"].as_str().unwrap()).is(200);
    // The impostor lets a second person apply too.
    let second = t.person("Medhjälpare", &[]);
    t.grant(&second, Role::Applicant, programme, Some(BODEN));
    let decisions = format!("{path}/contact-decisions");
    let decision =
        json!({"decision": "handedOver", "interestId": interest, "reason": "Växeln känner inte den första."});
    impostor.post(&decisions, decision.clone()).refused(403, "forbidden");
    // The invitation is the last mail with a link.
    t.clock.advance(1000);
    let handed = manager.post(&decisions, decision.clone()).is(200).clone();
    assert_eq!(
        (&handed["contactEmail"], &handed["notes"][0]["decision"], &handed["status"]),
        (&json!("en.annan@example.org"), &json!("handedOver"), &json!("submitted"))
    );
    assert_eq!(handed["notes"][1]["contactEmail"], "strateg.2582@example.org");
    assert!(contact_tasks(&manager).is_empty());
    for email in ["strateg.2582@example.org", "en.annan@example.org"] {
        assert!(was_told(t, email, "Växeln känner inte den första."), "{email}");
    }
    // The old contact's role has ended, and the new one has it.
    for former in [&impostor, &second] {
        t.login(former.id()).get(&path).refused(403, "forbidden");
    }
    let link = t.link_for("en.annan@example.org");
    let proof = json!({"token": link.1, "password": "ett långt lösenord 2020"});
    t.anonymous().post(&format!("/invitations/{}/acceptance", link.0), proof).is(200);
    let new = t.login_as("en.annan@example.org");
    let seen = new.get(&path);
    assert_eq!(seen.is(200)["contactPersonId"], json!(new.id()));
    new.if_match(&seen).patch(&path, json!({"maturity": 4})).is(200);
    let trail = manager.get("/audit-events?action=application.handedOver").is(200);
    assert_eq!(trail["_meta"]["totalRecords"], 1);
    // Once is enough, and whoever changed the contact today decides nothing more about it today.
    t.manager(programme).post(&decisions, decision.clone()).refused(422, "invalidInput");
    manager.post(&decisions, decision.clone()).refused(403, "ownWork");
    manager.change(&path, "invited").refused(403, "ownWork");
    t.clock.advance(24 * 60 * 60 * 1000);
    t.login(manager.id()).post(&decisions, decision).refused(422, "invalidInput");
});

both!(a_contact_can_be_kept_or_replaced_by_somebody_else, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let (path, applicant, interest) = with_later_interest(t, programme);
    // Whoever changed the contact today decides nothing more today: each time another manager.
    let decide = |body: Value| t.manager(programme).post(&format!("{path}/contact-decisions"), body);
    let kept = json!({"decision": "kept", "interestId": interest, "reason": "Kommunchefen har bekräftat."});
    let seen = decide(kept.clone()).is(200).clone();
    assert_eq!(
        (&seen["contactEmail"], &seen["notes"][0]["decision"]),
        (&json!("strateg.2582@example.org"), &json!("kept"))
    );
    assert!(contact_tasks(&manager).is_empty());
    assert!(was_told(t, "en.annan@example.org", "Kommunchefen har bekräftat."));
    decide(kept).refused(409, "stateConflict");
    applicant.get(&path).is(200);
    let other = json!({"name": "Ny kontakt", "email": "ny.kontakt@example.org"});
    let other = json!({"decision": "handedOver", "contact": other, "reason": "Har bytt tjänst."});
    assert_eq!(decide(other.clone()).is(200)["contactName"], "Ny kontakt");
    t.login_as("ny.kontakt@example.org").get(&path).is(200);
    t.login(applicant.id()).get(&path).refused(403, "forbidden");
    let wrong = [
        (json!({"decision": "handedOver", "reason": "x"}), "/interestId", "oneOf"),
        (json!({"decision": "kept", "reason": "x"}), "/interestId", "required"),
        (json!({"decision": "kept", "interestId": programme, "reason": "x"}), "/interestId", "unknown"),
        (json!({"decision": "kept", "contact": other["contact"], "reason": "x"}), "/contact", "notHere"),
        (other, "/contact/email", "sameContact"),
    ];
    for (body, pointer, code) in wrong {
        let refused = decide(body);
        refused.refused(422, "invalidInput");
        assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
    }
    decide(json!({"decision": "kept", "interestId": interest})).refused(422, "invalidInput");
});

both!(nobody_hands_an_application_to_themself_or_past_a_reason, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let (path, applicant, _) = with_later_interest(t, programme);
    let own = manager.get("/me").is(200)["email"].clone();
    let decide = |who: &Client, email: &Value| {
        let contact = json!({"name": "Ny kontakt", "email": email});
        let body = json!({"decision": "handedOver", "contact": contact, "reason": "Har bytt tjänst."});
        who.post(&format!("{path}/contact-decisions"), body)
    };
    decide(&manager, &own).refused(403, "ownWork");
    // Nor do they decide about themself.
    t.grant(&applicant, Role::ProgrammeManager, programme, None);
    decide(&t.login(applicant.id()), &json!("ny.kontakt@example.org")).refused(403, "ownWork");
    // A PATCH gives no reason.
    let seen = manager.get(&path);
    let patch = json!({"contactEmail": "ny.kontakt@example.org"});
    let refused = manager.if_match(&seen).patch(&path, patch);
    refused.refused(403, "notYours");
    assert_eq!(refused.faults(), [("/contactEmail".to_owned(), "otherRole".to_owned())]);
    manager.if_match(&seen).patch(&path, json!({"contactName": "Ny stavning"})).is(200);
    // In an ended application nothing is handed over.
    t.login(applicant.id()).change(&path, "withdrawn").is(200);
    decide(&manager, &json!("ny.kontakt@example.org")).refused(409, "stateConflict");
});

both!(concurrent_verifications_make_one_live_application, |t| {
    let programme = open(t);
    let emails: Vec<String> = (0..8).map(|number| format!("kontakt{number}@example.org")).collect();
    for email in &emails {
        express(t, programme, BODEN, email).is(202);
    }
    let mut outcomes: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            emails.iter().map(|email| scope.spawn(move || verify(t, email).is(200))).collect();
        let answers = threads.into_iter().map(|thread| thread.join().unwrap());
        answers.map(|answer| answer["status"].as_str().unwrap().to_owned()).collect()
    });
    outcomes.sort();
    assert_eq!(outcomes.iter().filter(|status| *status == "submitted").count(), 1);
    assert_eq!(outcomes.iter().filter(|status| *status == "merged").count(), 7);
    let live = t.manager(programme).get("/applications?status=submitted").is(200);
    assert_eq!(live["items"][0]["notes"].as_array().unwrap().len(), 7);
});

both!(a_link_is_used_once_and_a_wrong_link_reveals_nothing, |t| {
    let programme = open(t);
    let email = "strateg.2582@example.org";
    express(t, programme, BODEN, email).is(202);
    let (id, token) = t.link_for(email);
    let path = format!("/applications/{id}/verification");
    let proof = |token: &str, password: &str| json!({"token": token, "password": password});
    let anonymous = t.anonymous();
    anonymous.post(&path, proof("fel", PASSWORD)).refused(410, "linkInvalid");
    let other = express(t, programme, OVERTORNEA, "nagon@example.org");
    let others = format!("{}/verification", path_of(&other));
    anonymous.post(&others, proof(&token, PASSWORD)).refused(410, "linkInvalid");
    let nothing = "/applications/0175a2e1-7c00-7000-8000-000000000001/verification";
    anonymous.post(nothing, proof(&token, PASSWORD)).refused(410, "linkInvalid");
    anonymous.post("/applications/boden/verification", proof(&token, PASSWORD)).refused(404, "notFound");
    // A weak or missing password does not use up the link.
    let weak = anonymous.post(&path, proof(&token, "kort"));
    weak.refused(422, "invalidInput");
    assert_eq!(weak.faults()[0], ("/password".to_owned(), "tooShort".to_owned()));
    anonymous.post(&path, json!({"token": token})).refused(422, "invalidInput");
    // Nor does a person who is logged in with another address.
    t.economist(programme).post(&path, json!({"token": token})).refused(403, "notYours");
    let once = anonymous.header("Idempotency-Key", "k1");
    let first = once.post(&path, proof(&token, PASSWORD));
    first.is(200);
    let replayed = once.post(&path, proof(&token, PASSWORD));
    assert_eq!((replayed.is(200), replayed.header("idempotency-replayed")), (first.json(), Some("true")));
    anonymous.post(&path, proof(&token, PASSWORD)).refused(410, "linkInvalid");
});

both!(the_previous_link_works_until_one_is_used, |t| {
    let programme = open(t);
    let email = "strateg.2582@example.org";
    express(t, programme, BODEN, email).is(202);
    let (id, old) = t.link_for(email);
    let application = format!("/applications/{id}");
    let links = format!("/programmes/{programme}/verification-links");
    let ask = || t.anonymous().post(&links, json!({"contactEmail": "Strateg.2582@example.org"})).is(202);
    ask();
    assert_eq!(tokens(t, &application).len(), 1, "one is already sent");
    t.at("2020-10-11");
    t.clock.advance(6 * 60_000);
    ask();
    let path = format!("{application}/verification");
    let new = tokens(t, &application).into_iter().find(|token| *token != old).unwrap();
    // The new link is valid for seven days.
    t.at("2020-10-16");
    let proof = |token: &str| json!({"token": token, "password": PASSWORD});
    t.anonymous().post(&path, proof(&old)).refused(410, "linkInvalid");
    assert_eq!(t.anonymous().post(&path, proof(&new)).is(200)["status"], "submitted");
});

both!(a_person_who_is_logged_in_sends_only_the_token, |t| {
    let programme = open(t);
    let (_, applicant) = submitted(t, programme, BODEN);
    let email = "strateg.2582@example.org";
    let hash = |t: &TestApp| -> Option<String> {
        t.db(|db| {
            people::table.filter(people::email.eq(email)).select(people::password_hash).first(db).unwrap()
        })
    };
    let before = hash(t);
    let path = path_of(&express(t, programme, OVERTORNEA, email));
    let answer = applicant.post(&format!("{path}/verification"), json!({"token": tokens(t, &path)[0]}));
    assert_eq!(answer.is(200)["status"], "submitted");
    applicant.get(&path).is(200);
    // The link does not change the password of an existing account.
    let path = path_of(&express(t, programme, "0114", email));
    let other = json!({"token": tokens(t, &path)[0], "password": "Ett helt annat lösenord"});
    t.anonymous().post(&format!("{path}/verification"), other).is(200);
    assert!(before.is_some());
    assert_eq!(hash(t), before);
    assert!(was_told(t, email, "du redan har"));
});

both!(an_applicant_who_is_logged_in_reads_the_verified_application_at_once, |t| {
    let programme = open(t);
    let strategist = t.person("Strateg", &[]);
    assert_eq!(strategist.get("/me").is(200)["roles"], json!([]));
    let email = strategist.get("/me").is(200)["email"].as_str().unwrap().to_owned();
    let path = path_of(&express(t, programme, BODEN, &email));
    strategist.get(&path).refused(403, "forbidden");
    let proof = json!({"token": tokens(t, &path)[0]});
    strategist.post(&format!("{path}/verification"), proof).is(200);
    strategist.get(&path).is(200);
});

both!(the_clock_ends_unanswered_applications, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let unproved = path_of(&express(t, programme, OVERTORNEA, "nagon@example.org"));
    let (silent, _) = submitted(t, programme, BODEN);
    let (late, applicant) = submitted(t, programme, "0114");
    t.at("2020-10-13");
    let ended = manager.get(&unproved).is(200);
    assert_eq!(ended["status"], "expired");
    // Only the manager sees an application that expired unverified.
    for role in [Role::Economist, Role::Auditor] {
        let reader = t.in_programme(role, programme);
        reader.get(&unproved).refused(404, "notFound");
        assert_eq!(reader.get("/applications").is(200)["_meta"]["totalRecords"], 2);
    }
    let (id, token) = t.link_for("nagon@example.org");
    let proof = json!({"token": token, "password": PASSWORD});
    t.anonymous().post(&format!("/applications/{id}/verification"), proof).refused(410, "linkInvalid");
    manager.change(&silent, "invited").is(200);
    let invited = json!({"to": "invited", "data": {"respondBy": "2020-11-12"}});
    manager.post(&format!("{late}/status-changes"), invited).is(200);
    t.at("2020-11-10");
    let silent = manager.get(&silent).is(200);
    assert_eq!((&silent["status"], &silent["reason"]), (&json!("declined"), &json!("noAnswer")));
    assert_eq!(status(&manager, &late), "invited");
    applicant.change(&late, "confirmed").is(200);
    t.run_jobs();
    assert_eq!(status(&manager, &late), "confirmed");
});

both!(after_the_deadline_only_the_manager_registers_applications, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let path = format!("/programmes/{programme}/applications");
    t.at("2020-11-03");
    express(t, programme, BODEN, "sen@example.org").refused(409, "deadlinePassed");
    t.at("2020-11-05T10:00:00+01:00");
    let mut paper = interest(BODEN, "sen@example.org");
    paper["receivedAt"] = json!("2020-11-03");
    t.anonymous().post(&path, paper.clone()).refused(401, "unauthenticated");
    t.economist(programme).post(&path, paper.clone()).refused(403, "notYours");
    let refusal = manager.post(&path, paper.clone());
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/reason".to_owned(), "required".to_owned())]);
    paper["reason"] = json!("Kom med post.");
    let in_time = manager.post(&path, paper.clone());
    let row = in_time.is(201);
    assert_eq!((&row["status"], &row["isLate"]), (&json!("submitted"), &json!(false)));
    assert_eq!(row["reason"], "Kom med post.");
    manager.post(&path, paper).refused(409, "alreadyExists");
    let mut late = interest(OVERTORNEA, "senare@example.org");
    late["receivedAt"] = json!("2020-11-05T09:00:00+01:00");
    late["reason"] = json!("E-post.");
    late["respondBy"] = json!("2020-11-09");
    manager.post(&path, late.clone()).refused(422, "invalidInput");
    late["receivedAt"] = json!("2020-11-06T09:00:00+01:00");
    assert_eq!(manager.post(&path, late.clone()).faults().len(), 2);
    late["receivedAt"] = json!("2020-11-05");
    late["respondBy"] = json!("2020-11-12");
    let registered = manager.post(&path, late).is(201);
    assert_eq!(registered["isLate"], true);
    assert_eq!(manager.get("/applications?isLate=true").is(200)["_meta"]["totalRecords"], 1);
    let applicant = t.login_as("senare@example.org");
    let own = applicant.get("/applications").is(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    assert_eq!(own["items"][0]["kommunkod"], OVERTORNEA);
});

both!(who_may_read_and_change_an_application, |t| {
    let programme = open(t);
    let (path, applicant) = submitted(t, programme, BODEN);
    let (other, neighbour) = submitted(t, programme, OVERTORNEA);
    neighbour.get(&path).refused(404, "notFound");
    neighbour.change(&path, "withdrawn").refused(404, "notFound");
    t.anonymous().get(&path).refused(401, "unauthenticated");
    applicant.change(&path, "invited").refused(403, "notYours");
    t.economist(programme).change(&path, "invited").refused(403, "forbidden");
    t.in_programme(Role::Auditor, programme).get(&path).is(200);
    t.in_kommun(Role::Participant, programme, BODEN).get(&path).refused(403, "forbidden");
    let manager = t.manager(programme);
    manager.change(&path, "selected").refused(409, "transitionNotAllowed");
    manager.change(&path, "withdrawn").refused(403, "notYours");
    // Each field belongs to a role, and can be changed for some time.
    let seen = applicant.get(&path);
    applicant.patch(&path, json!({"maturity": 3})).refused(428, "preconditionRequired");
    let refusal = applicant.if_match(&seen).patch(&path, json!({"respondBy": "2020-11-12", "maturity": 3}));
    refusal.refused(403, "notYours");
    assert_eq!(refusal.faults(), [("/respondBy".to_owned(), "otherRole".to_owned())]);
    manager.if_match(&seen).patch(&path, json!({"motivation": "Annat."})).refused(403, "notYours");
    let early = json!({"respondBy": "2020-11-01"});
    manager.if_match(&seen).patch(&path, early).refused(422, "invalidInput");
    applicant.if_match(&seen).patch(&path, json!({"maturity": 6})).refused(422, "invalidInput");
    applicant.if_match(&seen).patch(&path, json!({"departments": ["  "]})).refused(422, "invalidInput");
    applicant.if_match(&seen).patch(&path, json!({"maturity": 4})).is(200);
    applicant.if_match(&seen).patch(&path, json!({"maturity": 5})).refused(412, "versionMismatch");
    neighbour.change(&other, "withdrawn").is(200);
    let seen = neighbour.get(&other);
    neighbour.if_match(&seen).patch(&other, json!({"maturity": 5})).refused(409, "stateConflict");
    // One response names every error.
    let mut wrong = interest("0000", "ingen adress");
    wrong["maturity"] = json!(7);
    let refusal = t.anonymous().post(&format!("/programmes/{programme}/applications"), wrong);
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults().len(), 3);
    express(t, programme, "0000", "nagon@example.org").refused(422, "invalidInput");
    manager.get("/applications?colour=blue").refused(400, "invalidQuery");
});

both!(unreadable_names_in_an_application_are_refused, |t| {
    let programme = open(t);
    let (path, applicant) = submitted(t, programme, BODEN);
    let seen = applicant.get(&path);
    let named = |name: &str| {
        let coordinator = json!({"name": name, "email": "koordinator@example.org"});
        json!({"contactName": name, "coordinator": coordinator})
    };
    for name in ["2582", "\u{202e}getartS", "Strateg\nVinn en bil", "\u{3164}"] {
        let mut new = interest(OVERTORNEA, "nagon@example.org");
        new.as_object_mut().unwrap().append(named(name).as_object_mut().unwrap());
        let wrong = [
            t.anonymous().post(&format!("/programmes/{programme}/applications"), new),
            applicant.if_match(&seen).patch(&path, named(name)),
        ];
        for answer in wrong {
            answer.refused(422, "invalidInput");
            let both = ["/contactName", "/coordinator/name"].map(|at| (at.to_owned(), "notAName".to_owned()));
            assert_eq!(answer.faults(), both, "{name:?}");
        }
    }
    applicant.if_match(&seen).patch(&path, named("Åsa Öberg")).is(200);
});

both!(nobody_decides_on_their_own_application, |t| {
    let programme = open(t);
    let (path, applicant) = submitted(t, programme, BODEN);
    t.grant(&applicant, Role::ProgrammeManager, programme, None);
    t.login(applicant.id()).change(&path, "invited").refused(403, "ownWork");
});

both!(no_manager_registers_themself_as_the_contact_or_decides_after_having_been_it, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let register = |by: &Client, email: &str| {
        let mut paper = interest(BODEN, email);
        paper["receivedAt"] = json!("2020-10-05T07:00:00Z");
        paper["reason"] = json!("Kom med post.");
        by.post(&format!("/programmes/{programme}/applications"), paper)
    };
    let own = manager.get("/me").is(200)["email"].as_str().unwrap().to_owned();
    register(&manager, &own).refused(403, "ownWork");
    // Whoever registers for another is author of the registration only.
    let path = format!("/applications/{}", register(&manager, "forsta@example.org").id());
    manager.change_because(&path, "changesRequested", "Motivera.").is(200);
    let first = t.login_as("forsta@example.org");
    first.change(&path, "submitted").is(200);
    // The first contact hands over to a second one, and becomes a manager: not of this application.
    let seen = first.get(&path);
    let patch = json!({"contactName": "Ny strateg", "contactEmail": "andra@example.org"});
    first.if_match(&seen).patch(&path, patch).is(200);
    t.grant(&first, Role::ProgrammeManager, programme, None);
    t.clock.advance(40 * 24 * 60 * 60 * 1000);
    let first = t.login(first.id());
    first.change(&path, "invited").refused(403, "ownWork");
    let seen = first.get(&path);
    first.if_match(&seen).patch(&path, json!({"attendedInfoMeeting": true})).refused(403, "ownWork");
    let second = json!({"name": "Tredje", "email": "tredje@example.org"});
    let decision = json!({"decision": "handedOver", "contact": second, "reason": "Har bytt tjänst."});
    first.post(&format!("{path}/contact-decisions"), decision).refused(403, "ownWork");
});

both!(no_manager_gives_a_place_to_their_own_kommun_with_the_programmes_step, |t| {
    let programme = open_with(t, 2);
    let all = qualified(t, programme, &[BODEN, OVERTORNEA]);
    t.grant(&all[0].1, Role::ProgrammeManager, programme, None);
    let call = format!("/programmes/{programme}");
    t.login(all[0].1.id()).change(&call, "decided").refused(403, "ownWork");
    t.manager(programme).change(&call, "decided").is(200);
});

both!(a_new_contact_is_invited, |t| {
    let programme = open(t);
    let (path, applicant) = submitted(t, programme, BODEN);
    let seen = applicant.get(&path);
    let patch = json!({"contactName": "Ny strateg", "contactEmail": "ny@example.org"});
    applicant.if_match(&seen).patch(&path, patch).is(200);
    assert_eq!(t.login_as("ny@example.org").get(&path).is(200)["contactName"], "Ny strateg");
    assert!(mails_to(t, "ny@example.org")[0].contains("Europeiska socialfonden"));
});

both!(a_new_contact_without_an_account_gets_a_link, |t| {
    let programme = open(t);
    let (path, applicant) = submitted(t, programme, BODEN);
    t.write(|tx| {
        let words = samverkan::platform::text::Localized::fixed("Du är med.", "You are in.");
        samverkan::identity::people::invited(tx, "Ny strateg", "ny@example.org", &words)?;
        Ok(())
    });
    let seen = applicant.get(&path);
    applicant.if_match(&seen).patch(&path, json!({"contactEmail": "ny@example.org"})).is(200);
    let mails = mails_to(t, "ny@example.org");
    assert_eq!(mails.iter().filter(|mail| mail.contains('#')).count(), 2, "{mails:?}");
    assert!(mails.iter().any(|mail| mail.contains("kontaktperson") && mail.contains('#')));
    // A person with an account gets a mail without a link.
    let seen = applicant.get(&path);
    let back = json!({"contactEmail": "strateg.2582@example.org"});
    applicant.if_match(&seen).patch(&path, back).is(200);
    assert!(mails_to(t, "strateg.2582@example.org").iter().all(|mail| !mail.contains("lösenord inom")));
    let informed: Vec<Option<String>> = t.db(|db| {
        let both = ["ny@example.org", "strateg.2582@example.org"];
        let rows = people::table.filter(people::email.eq_any(both));
        rows.select(people::information_version).load(db).unwrap()
    });
    assert!(informed.len() == 2 && informed.iter().all(Option::is_some), "{informed:?}");
});

/// An open programme with this number of places.
fn open_with(t: &TestApp, places: i32) -> Id {
    let mut small = offer();
    small["places"] = json!(places);
    let id = t.admin().post("/programmes", small).id();
    t.manager(id).change(&format!("/programmes/{id}"), "scheduled").is(200);
    t.at("2020-10-05T10:00:00+02:00");
    id
}

both!(more_qualified_than_places_wait_for_a_selection, |t| {
    let programme = open_with(t, 1);
    let all = qualified(t, programme, &[BODEN, OVERTORNEA]);
    let manager = t.manager(programme);
    let call = format!("/programmes/{programme}");
    let refusal = manager.change(&call, "decided").refused(409, "notEnoughPlaces");
    assert_eq!((&refusal["qualified"], &refusal["places"]), (&json!(2), &json!(1)));
    assert_eq!(status(&manager, &call), "selecting");
    all[0].1.change(&all[0].0, "withdrawn").is(200);
    manager.change(&call, "decided").is(200);
    assert_eq!(status(&manager, &all[1].0), "selected");
    assert_eq!(status(&manager, &all[0].0), "withdrawn");
});

both!(a_free_place_can_go_to_a_reserve, |t| {
    let programme = open_with(t, 2);
    let all = qualified(t, programme, &[BODEN, OVERTORNEA]);
    let (waiting, waiter) = submitted_late(t, programme, "0114");
    let manager = t.manager(programme);
    let call = format!("/programmes/{programme}");
    manager.change(&call, "decided").is(200);
    let ended = waiter.get(&waiting).is(200);
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("rejected"), &json!("callEnded")));
    put_in(t, &waiting, ApplicationState::Reserve);
    manager.change(&waiting, "selected").refused(409, "notEnoughPlaces");
    all[0].1.change(&all[0].0, "declined").is(200);
    assert_eq!(manager.change(&waiting, "selected").is(200)["status"], "selected");
    manager.post(&format!("{call}/status-changes"), start("2020-11-14")).is(200);
    assert_eq!(status(&manager, &all[1].0), "participating");
    // In a running programme, selection also starts the participation. A place that was given back can be given again.
    let third = &all[0].0;
    put_in(t, third, ApplicationState::NotSelected);
    manager.change(third, "selected").refused(409, "notEnoughPlaces");
    manager.change_because(&waiting, "terminated", "Flyttade resurserna.").is(200);
    assert_eq!(manager.change(third, "selected").is(200)["status"], "participating");
    let steps = manager.get(&format!("{third}/status-changes")).is(200);
    let last: Vec<&Value> =
        steps["items"].as_array().unwrap().iter().rev().take(2).map(|s| &s["to"]).collect();
    assert_eq!(last, ["participating", "selected"]);
});

/// An application that the manager registers after the deadline, and its applicant.
fn submitted_late(t: &TestApp, programme: Id, kommunkod: &str) -> (String, Client) {
    let email = format!("strateg.{kommunkod}@example.org");
    let mut late = interest(kommunkod, &email);
    late["receivedAt"] = json!("2020-11-12");
    late["reason"] = json!("E-post.");
    let answer = t.manager(programme).post(&format!("/programmes/{programme}/applications"), late);
    answer.is(201);
    (format!("/applications/{}", answer.id()), t.login_as(&email))
}

/// Sets `selectionStage` to `afterMeeting` (guide §3).
pub fn after_the_meeting(t: &TestApp, programme: Id) {
    let economist = t.economist(programme);
    let list = economist.get(&format!("/programmes/{programme}/settings")).is(200);
    let path = format!("/programmes/{programme}/settings/{}", list["items"][0]["id"].as_str().unwrap());
    let seen = economist.get(&path);
    let mut settings = content(seen.json());
    settings["selectionStage"] = json!("afterMeeting");
    economist.if_match(&seen).put(&path, settings).is(200);
}

both!(with_selection_after_the_meeting_the_letter_comes_last, |t| {
    let programme = crate::programmes::draft(t);
    after_the_meeting(t, programme);
    let (call, manager) = (format!("/programmes/{programme}"), t.manager(programme));
    manager.change(&call, "scheduled").is(200);
    t.at("2020-10-05T10:00:00+02:00");
    let (path, applicant) = submitted(t, programme, BODEN);
    let (other, _) = submitted(t, programme, OVERTORNEA);
    manager.change(&path, "invited").is(200);
    manager.change(&other, "invited").is(200);
    t.at("2020-11-06T15:00:00+01:00");
    applicant.change(&path, "confirmed").is(200);
    t.at("2020-11-10");
    assert_eq!(status(&manager, &call), "selecting");
    assert_eq!(status(&manager, &other), "declined");
    manager.change(&call, "decided").is(200);
    assert_eq!(status(&manager, &path), "selected");
    let running = start("2020-11-10");
    manager.post(&format!("{call}/status-changes"), running.clone()).refused(409, "stateConflict");
    t.at("2020-11-15");
    let missed = manager.get(&path).is(200);
    assert_eq!((&missed["status"], &missed["reason"]), (&json!("notQualified"), &json!("letterMissing")));
    put_in(t, &path, ApplicationState::Reserve);
    manager.change(&path, "selected").refused(409, "stateConflict");
    manager.post(&format!("{call}/status-changes"), running).is(200);
    assert_eq!(status(&manager, &path), "reserve");
});

both!(no_decision_while_a_kommun_still_has_time, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let (path, applicant) = submitted(t, programme, BODEN);
    let invited = json!({"to": "invited", "data": {"respondBy": "2020-11-20"}});
    manager.post(&format!("{path}/status-changes"), invited).is(200);
    t.at("2020-11-16");
    let call = format!("/programmes/{programme}");
    manager.change(&call, "decided").refused(409, "stateConflict");
    applicant.change(&path, "declined").is(200);
    manager.change(&call, "decided").is(200);
});

both!(a_cancelled_programme_ends_all_applications, |t| {
    let programme = open(t);
    let (path, applicant) = submitted(t, programme, BODEN);
    let (gone, goner) = submitted(t, programme, OVERTORNEA);
    goner.change(&gone, "withdrawn").is(200);
    let unproved = path_of(&express(t, programme, "0114", "nagon@example.org"));
    let (taking_part, _) = submitted(t, programme, "0180");
    put_in(t, &taking_part, ApplicationState::Participating);
    let manager = t.manager(programme);
    manager.change_because(&format!("/programmes/{programme}"), "cancelled", "Ingen finansiering.").is(200);
    let ended = applicant.get(&path).is(200);
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("rejected"), &json!("programmeCancelled")));
    assert_eq!(status(&manager, &gone), "withdrawn");
    assert_eq!(status(&manager, &unproved), "expired");
    assert_eq!(status(&manager, &taking_part), "terminated");
    assert!(was_told(t, "strateg.2582@example.org", "programmet är inställt"));
});

both!(a_batch_invites_many, |t| {
    let programme = open(t);
    let (boden, _) = submitted(t, programme, BODEN);
    let (other, _) = submitted(t, programme, OVERTORNEA);
    let manager = t.manager(programme);
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let items = json!([
        {"id": id(&boden), "to": "invited"},
        {"id": id(&other), "to": "rejected"},
        {"id": "0175a2e1-7c00-7000-8000-000000000001", "to": "invited"}
    ]);
    let batch = "/applications/status-changes/batch";
    let tried = manager.post(batch, json!({"dryRun": true, "items": items.clone()})).is(200);
    assert_eq!((&tried["succeeded"], &tried["isKept"]), (&json!(1), &json!(false)));
    let atomic = manager.post(batch, json!({"atomic": true, "items": items.clone()})).is(200);
    assert_eq!(atomic["isKept"], false);
    let kept = manager.post(batch, json!({"items": items})).is(200);
    let statuses: Vec<&Value> =
        kept["items"].as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, [200, 422, 404]);
    assert_eq!(status(&manager, &boden), "invited");
    assert_eq!(status(&manager, &other), "submitted");
});

both!(the_applicants_role_is_for_the_kommun_and_the_programme, |t| {
    let programme = open(t);
    let (_, applicant) = submitted(t, programme, BODEN);
    let person = applicant.id();
    let held: Vec<(Role, Option<Id>, Option<String>)> = t.db(|db| {
        let own = role_assignments::table.filter(role_assignments::person_id.eq(person));
        let columns = (role_assignments::role, role_assignments::programme_id, role_assignments::kommunkod);
        own.select(columns).load(db).unwrap()
    });
    assert_eq!(held, [(Role::Applicant, Some(programme), Some(BODEN.to_owned()))]);
});
