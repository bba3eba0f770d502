//! Participants: the members of a kommun's team and the owner's staff.

use samverkan::identity::people::{self, PersonState};
use samverkan::identity::policy::Role;
use samverkan::platform::auth::scope::HasKeys as _;
use samverkan::platform::auth::scope::{Place, Scope};
use samverkan::platform::db::Db;
use samverkan::platform::ids::Id;
use samverkan::schema::people as people_table;
use samverkan::team::participants::{self, ParticipantRow, Team};
use serde_json::{Value, json};

use super::{BODEN, LULEA, coordinator, each, maja, patch, running, with};
use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner, Wish};
use crate::goals::VASBY;
use crate::identity::with_password;
use crate::programmes::{self, content};
use crate::support::TestApp;
use crate::time::month_submissions::january;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "participantId",
    owner: Owner::Kommun,
    make: |_, world| {
        // Besides Maja, a coordinator of the other kommun, whom all coordinators see, and one of the owner's staff.
        for other in [
            json!({"kommunkod": VASBY, "email": "anna@vasby.example", "isCoordinator": true}),
            json!({"organisation": "owner", "kommunkod": null, "email": OWNERS}),
        ] {
            world.manager.post("/participants", with(maja(world.programme), other)).is(201);
        }
        json!(world.maja.id)
    },
    wishes: |world| vec![Wish::post("/participants", maja(world.programme))],
    rows: Some(Rows::by_rule::<ParticipantRow>()),
}];

/// The address of the member of the owner's staff in the contract's world.
pub const OWNERS: &str = "metod@skr.example";

/// Coordinators also see the coordinators of the other kommuner in their programme.
impl Rule for ParticipantRow {
    fn is_visible(&self, _: &mut Db, scope: &Scope) -> bool {
        let is_coordinator = self.is_coordinator && self.kommunkod.is_some();
        scope.grants.iter().any(|grant| {
            let reaches_colleague = match &grant.place {
                Place::Kommun(programme, _) => grant.role == "coordinator" && *programme == self.programme_id,
                _ => false,
            };
            grant.place.holds(&self.keys()) || (is_coordinator && reaches_colleague)
        })
    }
}

both!(a_coordinator_adds_and_changes_members_who_see_each_other, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let anna = json!({"name": "Anna Öberg", "email": "anna@boden.example", "function": "Utvecklingsledare", "isCoordinator": true});
    let anna = manager.post("/participants", with(maja(programme), anna)).is(201);
    assert_eq!((&anna["financingForm"], &anna["isCoordinator"]), (&json!("coFinancing"), &json!(true)));

    t.at("2021-01-04");
    let anna = t.login_as("anna@boden.example");
    let added = anna.post("/participants", maja(programme));
    let shown = added.is(201);
    assert_eq!(shown["email"], "maja.lind@boden.example");
    assert_eq!(shown["employeeNumber"], "104233");
    let path = format!("/participants/{}", added.id());
    assert!(added.header("location").unwrap().ends_with(&path));
    let (_, mail) = t.mails().into_iter().rfind(|(to, _)| to == "maja.lind@boden.example").unwrap();
    assert!(mail.contains("i teamet för Boden") && mail.contains("Europeiska socialfonden"), "{mail}");
    t.link_for("maja.lind@boden.example");

    // A colleague sees the members of the team, but only her own address and number.
    let maja = t.login_as("maja.lind@boden.example");
    let team = maja.get("/participants").is(200);
    assert_eq!(each(&team, "name"), ["Anna Öberg", "Maja Lind"]);
    assert_eq!(each(&team, "email"), [json!(null), json!("maja.lind@boden.example")]);
    assert_eq!(each(&team, "employeeNumber"), [json!(null), json!("104233")]);
    maja.get(&path).is(200);
    maja.post("/participants", super::maja(programme)).refused(403, "forbidden");
    maja.patch(&path, json!({"function": "Chef"})).refused(403, "forbidden");

    let changed = patch(
        &anna,
        &path,
        json!({"function": "Områdeschef", "employeeNumber": null, "validTo": "2021-06-30"}),
    );
    let changed = changed.is(200);
    assert_eq!((&changed["function"], &changed["validTo"]), (&json!("Områdeschef"), &json!("2021-06-30")));
    assert!(changed["employeeNumber"].is_null());
    let in_july = "validFromTo=2021-07-01&validToFrom=2021-07-01";
    assert_eq!(each(&anna.get(&format!("/participants?{in_july}")).is(200), "name"), ["Anna Öberg"]);
    assert_eq!(each(&anna.get("/participants?q=omr%C3%A5des").is(200), "name"), ["Maja Lind"]);
    assert_eq!(each(&anna.get("/participants?isCoordinator=true").is(200), "name"), ["Anna Öberg"]);
    assert_eq!(anna.get("/participants?q=maja.lind").is(200)["items"], json!([]));
});

both!(a_participants_role_lasts_until_the_month_of_the_last_day_is_locked, |t| {
    let programme = running(t);
    let boden = || coordinator(t, programme, BODEN);
    let path = format!("/participants/{}", boden().post("/participants", maja(programme)).id());
    // The story is longer than the cache of roles, so each request logs in again.
    let maja = || t.login_as("maja.lind@boden.example");
    maja().get("/participants").refused(403, "forbidden");
    t.at("2021-01-04");
    maja().get("/participants").is(200);
    patch(&boden(), &path, json!({"validTo": "2021-03-10"})).is(200);
    t.at("2021-04-08");
    maja().get("/participants").is(200);

    // Locking another month does not end the role.
    let lock = |month: &str| {
        let month = month.parse().unwrap();
        t.write(|tx| participants::end_roles(tx, programme, month, &[month]));
    };
    lock("2021-02");
    t.at("2021-04-10");
    maja().get("/participants").is(200);
    lock("2021-03");
    maja().get("/participants").is(200);
    t.at("2021-04-12");
    maja().get("/participants").refused(403, "forbidden");
    // A person who comes back gets the role again, and keeps it when the old month is locked again.
    boden().post("/participants", with(super::maja(programme), json!({"validFrom": "2021-05-01"}))).is(201);
    lock("2021-03");
    t.at("2021-05-02");
    maja().get("/participants").is(200);
});

both!(only_the_manager_makes_and_removes_coordinators, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let wanted = with(maja(programme), json!({"isCoordinator": true}));
    boden.post("/participants", wanted.clone()).refused(403, "notYours");
    let path = format!("/participants/{}", boden.post("/participants", maja(programme)).id());
    patch(&boden, &path, json!({"isCoordinator": true})).refused(403, "notYours");
    t.at("2021-01-04");
    let (manager, maja) = (t.manager(programme), t.login_as("maja.lind@boden.example"));
    maja.post("/participants", super::maja(programme)).refused(403, "forbidden");

    patch(&manager, &path, json!({"isCoordinator": true})).is(200);
    assert_eq!(maja.get(&path).is(200)["employeeNumber"], "104233");
    let colleague = with(super::maja(programme), json!({"name": "Olle", "email": "olle@boden.example"}));
    let colleague = format!("/participants/{}", maja.post("/participants", colleague).id());
    patch(&manager, &path, json!({"isCoordinator": false})).is(200);
    maja.post("/participants", super::maja(programme)).refused(403, "forbidden");

    // The coordinator's role ends with the last day; the participant's role lasts until the month is locked.
    patch(&manager, &path, json!({"isCoordinator": true, "validTo": "2021-01-20"})).is(200);
    t.at("2021-01-18");
    patch(&maja, &path, json!({"function": "Chef"})).refused(403, "ownWork");
    patch(&maja, &colleague, json!({"function": "Chef"})).is(200);
    t.at("2021-01-21");
    maja.get(&path).is(200);
    maja.patch(&colleague, json!({"function": "Chef"})).refused(403, "forbidden");
    // The last day was a mistake and is removed.
    patch(&manager, &path, json!({"validTo": null})).is(200);
    patch(&maja, &colleague, json!({"function": "Enhetschef"})).is(200);
});

both!(an_unreadable_name_of_a_participant_is_refused, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    for name in ["104233", "\u{202e}dniL ajaM", "Maja\u{200b}Lind", "\u{3164}"] {
        let answer = boden.post("/participants", with(maja(programme), json!({"name": name})));
        answer.refused(422, "invalidInput");
        assert_eq!(answer.faults(), [("/name".to_owned(), "notAName".to_owned())], "{name:?}");
    }
});

both!(who_reads_and_changes_a_team, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let lulea = coordinator(t, programme, LULEA);
    let path = format!("/participants/{}", boden.post("/participants", maja(programme)).id());
    lulea.get(&path).refused(404, "notFound");
    lulea.patch(&path, json!({"function": "x"})).refused(404, "notFound");
    assert_eq!(lulea.get("/participants").is(200)["items"], json!([]));
    lulea.post("/participants", maja(programme)).refused(403, "notYours");
    t.anonymous().get("/participants").refused(401, "unauthenticated");
    t.in_kommun(Role::KommunReader, programme, BODEN).get("/participants").refused(403, "forbidden");
    let other = t.manager(programmes::draft(t));
    other.get(&path).refused(404, "notFound");
    other.post("/participants", maja(programme)).refused(403, "notYours");
    let supporter = t.in_kommun(Role::ProcessSupporter, programme, BODEN);
    let seen = supporter.get(&path).is(200);
    assert_eq!((&seen["email"], &seen["employeeNumber"]), (&json!("maja.lind@boden.example"), &json!(null)));
    supporter.patch(&path, json!({"function": "x"})).refused(403, "forbidden");
    for role in [Role::ProgrammeManager, Role::Economist, Role::Auditor] {
        assert_eq!(t.in_programme(role, programme).get(&path).is(200)["employeeNumber"], "104233");
    }
    boden.patch(&path, json!({"function": "x"})).refused(428, "preconditionRequired");
    let seen = boden.get(&path);
    boden.if_match(&seen).patch(&path, json!({"function": "x"})).is(200);
    boden.if_match(&seen).patch(&path, json!({"function": "y"})).refused(412, "versionMismatch");
    boden.if_match(&seen).delete(&path).refused(405, "methodNotAllowed");
});

both!(every_error_of_a_new_participant_is_named, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let refused = |body, expected: &[(&str, &str)]| {
        let answer = manager.post("/participants", body);
        answer.refused(422, "invalidInput");
        let found = answer.faults();
        let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
        assert_eq!(found, expected, "{}", answer.text);
    };
    // Without a kommun nobody knows whether the caller may add them; all the other errors are told at once.
    let no_kommun = json!({"kommunkod": null, "employeeNumber": "811218-9876", "function": "", "validFrom": "2020-12-31"});
    let expected = [
        ("/employeeNumber", "personalNumber"),
        ("/function", "tooShort"),
        ("/kommunkod", "required"),
        ("/validFrom", "outsideProgramme"),
    ];
    refused(with(maja(programme), no_kommun.clone()), &expected);
    let by_coordinator =
        coordinator(t, programme, BODEN).post("/participants", with(maja(programme), no_kommun));
    by_coordinator.refused(422, "invalidInput");
    assert_eq!(by_coordinator.faults().len(), expected.len(), "{}", by_coordinator.text);
    refused(
        with(
            maja(programme),
            json!({
                "kommunkod": "9999", "isCoordinator": true, "financingForm": "directCost", "validFrom": "2020-12-31", "validTo": "2020-12-30"
            }),
        ),
        &[
            ("/financingForm", "notAllowed"),
            ("/kommunkod", "unknown"),
            ("/validFrom", "outsideProgramme"),
            ("/validTo", "wrongOrder"),
        ],
    );
    let owners = json!({"organisation": "owner", "email": "skr@skr.example"});
    refused(with(maja(programme), owners.clone()), &[("/kommunkod", "wrongPlace")]);
    let owners = with(with(maja(programme), owners), json!({"kommunkod": null}));
    // When one member cannot be read, no other is named that is right or was not sent.
    let without = |member: &str| {
        let mut body = owners.clone();
        body.as_object_mut().unwrap().retain(|name, _| name != member && name != "kommunkod");
        body
    };
    refused(without("name"), &[("/name", "required")]);
    refused(
        with(without("name"), json!({"name": " ", "validFrom": "x"})),
        &[("/name", "notAName"), ("/validFrom", "wrongFormat")],
    );
    refused(with(owners.clone(), json!({"organisation": "xyz"})), &[("/organisation", "unknownValue")]);
    refused(with(owners.clone(), json!({"isCoordinator": true})), &[("/isCoordinator", "wrongPlace")]);
    refused(
        with(owners.clone(), json!({"financingForm": "coFinancing"})),
        &[("/financingForm", "notAllowed")],
    );
    let added = manager.post("/participants", owners.clone());
    assert_eq!(
        (&added.is(201)["financingForm"], &added.json()["kommunkod"]),
        (&json!("directCost"), &json!(null))
    );
    let path = format!("/participants/{}", added.id());
    patch(&manager, &path, json!({"isCoordinator": true})).refused(422, "invalidInput");
    patch(&manager, &path, json!({"validTo": "2023-01-01"})).refused(422, "invalidInput");
    coordinator(t, programme, BODEN).post("/participants", owners).refused(403, "notYours");
    // The owner's staff see each other, but not the teams of the kommuner.
    let boden = coordinator(t, programme, BODEN);
    let path = format!("/participants/{}", boden.post("/participants", maja(programme)).id());
    t.at("2021-01-04");
    let own = t.login_as("skr@skr.example");
    assert_eq!(own.get("/participants").is(200)["_meta"]["totalRecords"], 1);
    own.get(&path).refused(404, "notFound");
});

both!(the_owners_staff_are_co_financing_when_the_settings_allow_it, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let list = manager.get(&format!("/programmes/{programme}/settings")).is(200);
    let changes = json!({"validFrom": "2021-07-01", "ownerInKindAllowed": true});
    let settings = with(content(list["items"][0].clone()), changes);
    manager.post(&format!("/programmes/{programme}/settings"), settings).is(201);
    let owners = json!({"organisation": "owner", "kommunkod": null, "financingForm": "coFinancing"});
    let before = with(with(maja(programme), owners.clone()), json!({"validFrom": "2021-06-30"}));
    manager.post("/participants", before).refused(422, "invalidInput");
    let after = with(with(maja(programme), owners), json!({"validFrom": "2021-07-01"}));
    assert_eq!(manager.post("/participants", after).is(201)["financingForm"], "coFinancing");
});

both!(a_changed_name_shows_in_the_team, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let path = format!("/participants/{}", boden.post("/participants", maja(programme)).id());
    let olle = with(maja(programme), json!({"name": "Olle Ask", "email": "olle@boden.example"}));
    boden.post("/participants", olle).is(201);
    let maja = t.login_as("maja.lind@boden.example");
    patch(&maja, &format!("/people/{}", maja.id()), json!({"name": "Åsa Lind"})).is(200);
    let list = boden.get("/participants").is(200);
    assert_eq!(each(&list, "name"), ["Olle Ask", "Åsa Lind"]);
    assert_eq!(each(&boden.get("/participants?q=%C3%A5sa").is(200), "name"), ["Åsa Lind"]);
    assert_eq!(boden.get(&path).is(200)["version"], 2);
});

both!(a_person_is_in_a_team_once_at_a_time, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let first = boden.post("/participants", with(maja(programme), json!({"validTo": "2021-06-30"})));
    let refusal = boden.post("/participants", with(maja(programme), json!({"validFrom": "2021-06-30"})));
    assert_eq!(refusal.refused(409, "alreadyExists")["participantId"], first.json()["id"]);
    // A later period or another kommun is allowed. The person keeps the name.
    let again = boden
        .post("/participants", with(maja(programme), json!({"validFrom": "2021-08-01", "name": "M. Lind"})));
    assert_eq!(again.is(201)["name"], "Maja Lind");
    assert_eq!(again.json()["personId"], first.json()["personId"]);
    coordinator(t, programme, LULEA)
        .post("/participants", with(maja(programme), json!({"kommunkod": LULEA})))
        .is(201);
    let path = format!("/participants/{}", first.id());
    patch(&boden, &path, json!({"validTo": "2021-08-01"})).refused(409, "alreadyExists");
    patch(&boden, &path, json!({"validTo": "2021-07-31"})).is(200);
    let found = t.db(|db| {
        let in_july = participants::unscoped_active_in_month(
            db,
            programme,
            Team::Kommun(BODEN),
            "2021-07".parse().unwrap(),
        )
        .unwrap();
        let in_september =
            participants::unscoped_active_in_month(db, programme, Team::Everyone, "2021-09".parse().unwrap())
                .unwrap();
        let of_owner =
            participants::unscoped_active_in_month(db, programme, Team::Owner, "2021-09".parse().unwrap())
                .unwrap();
        (in_july.len(), in_september.len(), of_owner.len())
    });
    assert_eq!(found, (1, 2, 0));
});

both!(concurrent_requests_add_one_participant, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            (0..6).map(|_| scope.spawn(|| boden.post("/participants", maja(programme)).status)).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    assert_eq!(t.mails().iter().filter(|(to, _)| to == "maja.lind@boden.example").count(), 1);
});

both!(teams_change_only_while_the_programme_is_decided_or_running, |t| {
    let programme = programmes::draft(t);
    let refusal = coordinator(t, programme, BODEN).post("/participants", maja(programme));
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/programmeId".to_owned(), "wrongState".to_owned())]);
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let path = format!("/participants/{}", boden.post("/participants", maja(programme)).id());
    t.manager(programme).change_because(&format!("/programmes/{programme}"), "cancelled", "Slut.").is(200);
    patch(&boden, &path, json!({"function": "Chef"})).refused(409, "stateConflict");
});

both!(a_disabled_person_is_not_added, |t| {
    use diesel::prelude::*;

    let programme = running(t);
    t.write(|tx| {
        let words = samverkan::platform::text::Localized::fixed("", "");
        let person = people::invited(tx, "Maja Lind", "maja.lind@boden.example", &words)?.0;
        let target = people_table::table.find(person.id);
        diesel::update(target).set(people_table::status.eq(PersonState::Disabled)).execute(tx.db)?;
        Ok(())
    });
    // Who does not see her learns nothing of her state, and she gets no mail.
    let boden = coordinator(t, programme, BODEN);
    let added = boden.post("/participants", maja(programme));
    added.is(201);
    assert_eq!(mails_to_maja(t), 1);
    // Who sees her is told.
    let again = with(maja(programme), json!({"validFrom": "2022-01-01"}));
    patch(&boden, &format!("/participants/{}", added.id()), json!({"validTo": "2021-06-30"})).is(200);
    let person: samverkan::platform::ids::Id = added.json()["personId"].as_str().unwrap().parse().unwrap();
    t.write(|tx| {
        let given = samverkan::identity::roles::unscoped_to_acknowledge(tx, person)?;
        samverkan::identity::roles::acknowledge(tx, &given)
    });
    let refusal = boden.post("/participants", again);
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/email".to_owned(), "disabled".to_owned())]);
    assert_eq!(mails_to_maja(t), 1);
});

both!(a_participant_who_is_known_by_address_only_is_shown_as_sent, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let maja_lind = with_password(t, "Maja Lindberg-Strid", "maja.lind@boden.example");
    let known = boden.post("/participants", maja(programme));
    let new = with(
        maja(programme),
        json!({"name": "Ny Person", "email": "ny.person@boden.example", "employeeNumber": "4713"}),
    );
    let new = boden.post("/participants", new);
    assert_eq!(
        (&known.is(201)["name"], &known.json()["email"]),
        (&json!("Maja Lind"), &json!("maja.lind@boden.example"))
    );
    // Both answers have the same members, and ids that tell no time.
    let members = |answer: &crate::support::Response| -> Vec<String> {
        answer
            .json()
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, _)| name.clone())
            .collect()
    };
    assert_eq!(members(&known), members(&new));
    let time =
        |answer: &crate::support::Response| answer.json()["personId"].as_str().unwrap()[..13].to_owned();
    assert_eq!(time(&known), time(&new));
    boden.get(&format!("/people/{maja_lind}")).refused(404, "notFound");
    t.at("2021-01-10");
    let overview = format!("/programmes/{programme}/months/2021-01/overview?kommunkod={BODEN}");
    for text in [boden.get("/participants").text, boden.get(&overview).text] {
        assert!(text.contains("Maja Lind\"") && !text.contains("Strid"), "{text}");
    }
    assert_eq!(boden.get("/participants?q=strid").is(200)["items"], json!([]));
    // She is renamed before she logs in: nobody learns it. Then she logs in, and is who she says.
    let path = format!("/participants/{}", known.id());
    let version = boden.get(&path).is(200)["version"].clone();
    crate::identity::tokens(&crate::identity::log_in(
        t,
        "maja.lind@boden.example",
        crate::identity::PASSWORD,
    ));
    let shown = boden.get(&path).is(200);
    assert_eq!(shown["name"], "Maja Lindberg-Strid");
    assert_ne!(shown["version"], version);
    assert_eq!(boden.get("/participants?q=strid").is(200)["_meta"]["totalRecords"], 1);
    boden.get(&format!("/people/{maja_lind}")).is(200);
    // Who has the name that was sent keeps the version.
    let path = format!("/participants/{}", new.id());
    let before = boden.get(&path).is(200);
    t.login_as("ny.person@boden.example");
    assert_eq!(boden.get(&path).is(200), before);
});

fn mails_to_maja(t: &TestApp) -> usize {
    t.mails().iter().filter(|(to, _)| to == "maja.lind@boden.example").count()
}

both!(only_a_kommun_with_a_place_has_a_team, |t| {
    let programme = running(t);
    let kiruna = t.in_kommun(Role::Coordinator, programme, "2584");
    let wanted = with(maja(programme), json!({"kommunkod": "2584"}));
    let refusal = kiruna.post("/participants", wanted);
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/kommunkod".to_owned(), "notParticipating".to_owned())]);
});

both!(a_coordinator_cannot_prolong_the_own_role, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let body = with(maja(programme), json!({"isCoordinator": true}));
    let path = format!("/participants/{}", manager.post("/participants", body).id());
    t.at("2021-01-02");
    let maja = t.login_as("maja.lind@boden.example");
    let seen = maja.get(&path);
    maja.if_match(&seen).patch(&path, json!({"validTo": "2022-06-30"})).refused(403, "ownWork");
    manager.if_match(&seen).patch(&path, json!({"validTo": "2022-06-30"})).is(200);
});

both!(the_coordinator_adds_the_kommuns_people_and_the_manager_the_owners, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let refusal = manager.post("/participants", maja(programme)).refused(403, "notYours");
    assert!(refusal["detail"].as_str().unwrap().contains("coordinator"), "{refusal}");
    manager.post("/participants", with(maja(programme), json!({"isCoordinator": true}))).is(201);
    let nowhere = with(maja(programme), json!({"programmeId": "0175a2e1-7c00-7000-8000-000000000001"}));
    manager.post("/participants", nowhere).refused(404, "notFound");
});

both!(coordinators_see_each_other, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let anna = json!({"name": "Anna Öberg", "email": "anna@boden.example", "isCoordinator": true});
    let anna = manager.post("/participants", with(maja(programme), anna));
    let boden = coordinator(t, programme, BODEN);
    let colleague = boden.post("/participants", maja(programme)).id();
    let lulea = coordinator(t, programme, LULEA);
    let list = lulea.get("/participants").is(200);
    assert_eq!(each(&list, "name"), ["Anna Öberg"]);
    assert_eq!(
        (each(&list, "email"), each(&list, "employeeNumber")),
        (vec![json!("anna@boden.example")], vec![json!(null)])
    );
    let path = format!("/participants/{}", anna.id());
    assert_eq!(lulea.get(&path).is(200)["email"], "anna@boden.example");
    lulea.if_match(&anna).patch(&path, json!({"function": "x"})).refused(403, "notYours");
    lulea.get(&format!("/participants/{colleague}")).refused(404, "notFound");
    t.in_kommun(Role::Participant, programme, LULEA).get(&path).refused(404, "notFound");
    let elsewhere = coordinator(t, programmes::draft(t), LULEA);
    elsewhere.get(&path).refused(404, "notFound");
});

both!(the_coordinators_role_and_the_participant_agree, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    // The person has the role before being in the team.
    let anna = t.in_kommun(Role::Coordinator, programme, BODEN);
    let email = anna.get(&format!("/people/{}", anna.id())).is(200)["email"].clone();
    let boden = coordinator(t, programme, BODEN);
    let added = boden.post("/participants", with(maja(programme), json!({"email": email})));
    let roles = format!("/people/{}/role-assignments", anna.id());
    assert_eq!(
        (&added.is(201)["isCoordinator"], &added.json()["personId"]),
        (&json!(true), &json!(anna.id()))
    );
    let list = manager.get(&format!("{roles}?role=coordinator")).is(200);
    let role = format!("{roles}/{}", list["items"][0]["id"].as_str().unwrap());
    let refusal = patch(&manager, &role, json!({"validTo": "2020-12-31"}));
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/validTo".to_owned(), "inTheTeam".to_owned())]);
    let path = format!("/participants/{}", added.id());
    patch(&manager, &path, json!({"isCoordinator": false})).is(200);
    anna.get("/employments").refused(403, "forbidden");
    // For a member of the team, `isCoordinator` of the participant decides, not the role assignment.
    let wanted = json!({"role": "coordinator", "programmeId": programme, "kommunkod": BODEN});
    let refusal = manager.post(&roles, wanted);
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/role".to_owned(), "inTheTeam".to_owned())]);
    patch(&manager, &path, json!({"isCoordinator": true})).is(200);
    let list = manager.get(&format!("{roles}?role=coordinator")).is(200);
    assert_eq!(each(&list, "validTo").iter().filter(|last| last.is_null()).count(), 1);
});

/// The path of a kommun's application.
fn application(t: &TestApp, programme: Id, kommunkod: &str) -> String {
    let list = format!("/applications?programmeId={programme}&kommunkod={kommunkod}");
    let list = t.manager(programme).get(&list).is(200);
    format!("/applications/{}", list["items"][0]["id"].as_str().unwrap())
}

both!(the_team_of_a_kommun_that_leaves_ends, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let anna = json!({"name": "Anna Öberg", "email": "anna@boden.example", "isCoordinator": true});
    let anna = manager.post("/participants", with(maja(programme), anna));
    let boden = coordinator(t, programme, BODEN);
    let now = boden.post("/participants", maja(programme));
    let later = with(maja(programme), json!({"email": "olle@boden.example", "validFrom": "2021-01-25"}));
    let later = boden.post("/participants", later);
    let elsewhere = with(maja(programme), json!({"kommunkod": LULEA}));
    let elsewhere = coordinator(t, programme, LULEA).post("/participants", elsewhere);
    t.at("2021-01-20T08:00:00+01:00");
    manager.change_because(&application(t, programme, BODEN), "terminated", "Ny majoritet.").is(200);

    let last = |id: Id| manager.get(&format!("/participants/{id}")).is(200)["validTo"].clone();
    assert_eq!((last(anna.id()), last(now.id())), (json!("2021-01-20"), json!("2021-01-20")));
    assert_eq!((last(later.id()), last(elsewhere.id())), (json!("2020-12-31"), json!(null)));
    let path = format!("/participants/{}", now.id());
    let refusal = patch(&boden, &path, json!({"validTo": null}));
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/kommunkod".to_owned(), "notParticipating".to_owned())]);
    let another = with(maja(programme), json!({"email": "nils@boden.example"}));
    boden.post("/participants", another).refused(409, "stateConflict");

    // Work until that day can still be entered and settled; later work cannot, and no new reports are made.
    let work = |who: &str, participant: Id, day: &str| {
        let entry = json!({"participantId": participant, "workDate": day, "minutes": 60, "kind": "own",
            "activityCode": "development", "description": "Utkast till policy."});
        t.login_as(who).post("/time-entries", entry)
    };
    t.at("2021-01-29T08:00:00+01:00");
    let maja = "maja.lind@boden.example";
    work(maja, now.id(), "2021-01-20").is(201);
    work(maja, now.id(), "2021-01-21").refused(422, "invalidInput");
    t.login_as("olle@boden.example").get("/time-reports").refused(403, "forbidden");
    t.at("2021-02-02T08:00:00+01:00");
    let reports = |month: &str| {
        let path = format!("/time-reports?programmeId={programme}&kommunkod={BODEN}&month={month}");
        manager.get(&path).is(200)["items"].clone()
    };
    assert_eq!(reports("2021-02"), json!([]));
    let reports = reports("2021-01");
    let report = reports.as_array().unwrap().iter().find(|report| report["participantId"] == json!(now.id()));
    let path = format!("/time-reports/{}", report.unwrap()["id"].as_str().unwrap());
    t.login_as(maja).change(&path, "signed").is(200);
    t.in_kommun(Role::Attester, programme, BODEN).change(&path, "attested").is(200);
    let anna = || t.login_as("anna@boden.example");
    anna().post("/month-submissions", january(programme)).is(201);
    let economist = t.economist(programme);
    economist.change(&path, "approved").is(200);

    // The roles end when the month is locked: also that of the coordinator who is not in the team.
    t.at("2021-02-05");
    let open =
        manager.get(&format!("/time-reports?programmeId={programme}&month=2021-01&status=open")).is(200);
    let missing: Vec<Value> = open["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| json!({"participantId": report["participantId"], "reason": "Har lämnat."}))
        .collect();
    let lock = json!({"to": "locked", "data": {"missing": missing}});
    t.login(boden.id()).get("/month-submissions").is(200);
    economist.post(&format!("/programmes/{programme}/months/2021-01/status-changes"), lock).is(200);
    t.at("2021-02-08");
    anna().get("/month-submissions").refused(403, "forbidden");
    t.login(boden.id()).get("/month-submissions").refused(403, "forbidden");
    // Maja is still in Luleå's team. She can read her report in Boden, but not change it.
    let maja = t.login_as(maja);
    let seen = maja.get(&path).is(200);
    assert_eq!((&seen["status"], &seen["allowedTransitions"]), (&json!("locked"), &json!([])));
    for link in seen["_links"].as_array().unwrap() {
        maja.get(link["href"].as_str().unwrap()).is(200);
    }
    maja.change(&path, "open").refused(403, "notYours");
});

both!(a_coordinator_without_a_team_loses_the_role_with_the_last_month, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let (boden, lulea) = (coordinator(t, programme, BODEN), coordinator(t, programme, LULEA));
    let holds = |who: &crate::support::Client| t.login(who.id()).get("/month-submissions").status == 200;
    t.at("2021-02-10T08:00:00+01:00");
    manager.change_because(&application(t, programme, BODEN), "terminated", "Ny majoritet.").is(200);
    let lock = |month: &str| {
        let path = format!("/programmes/{programme}/months/{month}/status-changes");
        t.economist(programme).post(&path, json!({"to": "locked"})).is(200);
    };
    // The month before does not end it.
    lock("2021-01");
    t.at("2021-03-10");
    assert!(holds(&boden));
    lock("2021-02");
    t.at("2021-03-12");
    assert!(!holds(&boden) && holds(&lulea));
    // Who leaves when every month is locked has nothing left to settle.
    t.at("2023-01-20");
    for month in (1..=12)
        .map(|month| format!("2021-{month:02}"))
        .chain((1..=12).map(|month| format!("2022-{month:02}")))
    {
        if !["2021-01", "2021-02"].contains(&month.as_str()) {
            lock(&month);
        }
    }
    assert!(holds(&lulea));
    manager.change_because(&application(t, programme, LULEA), "terminated", "Ny majoritet.").is(200);
    t.at("2023-01-22");
    assert!(!holds(&lulea));
});
