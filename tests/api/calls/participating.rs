//! Who takes part in a programme, as anyone reads it.

use samverkan::calls::applications::ApplicationState;
use serde_json::{Value, json};

use super::applications::{BODEN, OVERTORNEA, put_in, qualified, status};
use crate::both;
use crate::programmes::{draft, open, start};
use crate::support::Client;

fn codes(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|kommun| kommun["kommunkod"].as_str().unwrap()).collect()
}

fn has_link(programme: &Value) -> bool {
    let links = programme["_links"].as_array().unwrap();
    links.iter().any(|link| link["rel"] == "participatingKommuner")
}

both!(anyone_reads_who_takes_part_once_the_places_are_given, |t| {
    let programme = open(t);
    let (call, manager, anyone) = (format!("/programmes/{programme}"), t.manager(programme), t.anonymous());
    let path = format!("{call}/participating-kommuner");
    let all = qualified(t, programme, &[BODEN, OVERTORNEA, "0114"]);
    // Before the decision the list tells nothing, to the manager no more than to others.
    for client in [&anyone, &manager, &all[0].1] {
        assert_eq!(client.get(&path).is(200)["_meta"]["totalRecords"], 0);
        assert!(!has_link(&client.get(&call).is(200)));
    }
    t.at("2020-11-16T09:00:00+01:00");
    manager.change(&call, "decided").is(200);
    t.at("2020-11-17T09:00:00+01:00");
    let first = anyone.get(&path);
    let page = first.is(200);
    assert_eq!(codes(&page), [BODEN, "0114", OVERTORNEA], "by name");
    assert!(has_link(&anyone.get(&call).is(200)));
    let boden = &page["items"][0];
    assert_eq!((&boden["name"], &boden["lanName"]), (&json!("Boden"), &json!("Norrbottens län")));
    assert_eq!((&boden["sizeBand"], &boden["status"]), (&json!("from25kTo50k"), &json!("selected")));
    assert_eq!(boden["selectedAt"], "2020-11-16T08:00:00.000Z");
    for personal in ["strateg", "Utvecklingsstrateg", "koordinator", "@", "KS 2020/412"] {
        assert!(!first.text.contains(personal), "{personal}");
    }
    let north = anyone.get(&format!("{path}?lanCode=25&sort=-name")).is(200);
    assert_eq!(codes(&north), [OVERTORNEA, BODEN]);
    // Whoever says no is not in it any more; those who stay take part, and later have taken part.
    all[2].1.change(&all[2].0, "declined").is(200);
    assert_eq!(codes(&anyone.get(&path).is(200)), [BODEN, OVERTORNEA]);
    manager.post(&format!("{call}/status-changes"), start("2020-11-14")).is(200);
    assert_eq!(anyone.get(&path).is(200)["items"][0]["status"], "participating");
    manager.change_because(&all[0].0, "terminated", "Flyttade resurserna.").is(200);
    manager.change(&all[1].0, "completed").is(200);
    let page = anyone.get(&path).is(200);
    assert_eq!((codes(&page), &page["items"][0]["status"]), (vec![OVERTORNEA], &json!("completed")));
    assert_eq!(page["items"][0]["selectedAt"], "2020-11-16T08:00:00.000Z");
});

both!(a_list_of_nobody_before_the_decision_and_in_a_cancelled_programme, |t| {
    let planned = draft(t);
    let hidden = format!("/programmes/{planned}/participating-kommuner");
    t.anonymous().get(&hidden).refused(404, "notFound");
    assert_eq!(t.manager(planned).get(&hidden).is(200)["_meta"]["totalRecords"], 0);
    let programme = open(t);
    let (path, _) = super::applications::submitted(t, programme, BODEN);
    // Even if an application had a place already, the list would not say so before the programme does.
    put_in(t, &path, ApplicationState::Selected);
    let list = format!("/programmes/{programme}/participating-kommuner");
    assert_eq!(t.anonymous().get(&list).is(200)["_meta"]["totalRecords"], 0);
    refuses_what_is_unknown(&t.anonymous(), &list);
    let manager = t.manager(programme);
    manager.change_because(&format!("/programmes/{programme}"), "cancelled", "Ingen finansiering.").is(200);
    assert_eq!(status(&t.anonymous(), &format!("/programmes/{programme}")), "cancelled");
    assert_eq!(t.anonymous().get(&list).is(200)["_meta"]["totalRecords"], 0);
});

fn refuses_what_is_unknown(anyone: &Client, list: &str) {
    let refusal = anyone.get(&format!("{list}?lanCode=99&status=selected"));
    refusal.refused(400, "invalidQuery");
    let places: Vec<String> = refusal.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(places, ["lanCode", "status"]);
}
