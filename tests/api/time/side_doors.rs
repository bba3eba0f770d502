//! Ways around "nobody decides their own case" with time: each was open once.

use samverkan::identity::policy::Role;
use serde_json::json;

use super::time_reports::{begun, enter, join, report, steps, submit};
use crate::both;
use crate::support::Client;
use crate::team::{BODEN, coordinator, maja, patch, running, with};

both!(who_attested_a_round_attests_the_next_one_but_approves_none, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    boden.attester.change(&path, "attested").is(200);
    t.economist(boden.programme).change_because(&path, "returned", "Se över den 12.").is(200);
    boden.maja.change(&path, "signed").is(200);
    assert!(steps(&boden.attester.get(&path).is(200)).contains(&"attested"));
    t.in_kommun(Role::Attester, boden.programme, BODEN).change(&path, "attested").is(200);
    submit(&boden.coordinator, &boden).is(201);
    t.grant(&boden.attester, Role::Economist, boden.programme, None);
    let both = t.login(boden.attester.id());
    assert_eq!(steps(&both.get(&path).is(200)), Vec::<&str>::new());
    both.change(&path, "approved").refused(403, "ownWork");
    t.economist(boden.programme).change(&path, "approved").is(200);
});

both!(whoever_changed_a_participation_today_attests_nothing_of_it_today, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    let both = t.in_kommun(Role::Coordinator, boden.programme, BODEN);
    t.grant(&both, Role::Attester, boden.programme, Some(BODEN));
    let both = t.login(both.id());
    let who = format!("/participants/{}", boden.participant.as_str().unwrap());
    patch(&both, &who, json!({"validTo": "2021-06-30"})).is(200);
    both.change(&path, "attested").refused(403, "ownWork");
    t.clock.advance(24 * 60 * 60 * 1000);
    t.login(both.id()).change(&path, "attested").is(200);
});

both!(nobody_adds_themself_to_a_team_or_moves_their_own_place_in_it, |t| {
    let programme = running(t);
    let (manager, boden) = (t.manager(programme), coordinator(t, programme, BODEN));
    let own = |who: &Client| who.get("/me").is(200)["email"].clone();
    for (who, is_coordinator) in [(&manager, true), (&boden, false)] {
        let changes = json!({"email": own(who), "employeeNumber": null, "isCoordinator": is_coordinator});
        let body = with(maja(programme), changes);
        who.post("/participants", body).refused(403, "ownWork");
    }
    let added = join(&boden, programme, maja(programme));
    let path = format!("/participants/{}", added["id"].as_str().unwrap());
    let maja = t.login_as("maja.lind@boden.example");
    t.grant(&maja, Role::ProgrammeManager, programme, None);
    let maja = t.login(maja.id());
    patch(&maja, &path, json!({"isCoordinator": true})).refused(403, "ownWork");
    patch(&maja, &path, json!({"validTo": "2021-03-31"})).refused(403, "ownWork");
    patch(&boden, &path, json!({"validTo": "2021-03-31"})).is(200);
});
