//! Selection after the meeting (guide §3, `selectionStage`): places are given before the letters are received.

use samverkan::calls::applications::ApplicationState;
use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::applications::{BODEN, OVERTORNEA, after_the_meeting, put_in, status, submitted};
use super::selection_proposals::{adoption, waited};
use crate::both;
use crate::programmes::{offer, start};
use crate::support::{Client, TestApp};

/// A call with selection after the meeting. Boden, with its own deadline if given, and Övertorneå have confirmed; both have a
/// place if there are two. The clock is at 24:00 on 10 November.
struct Decided {
    programme: Id,
    call: String,
    manager: Client,
    boden: String,
    overtornea: String,
}

impl Decided {
    fn new(t: &TestApp, places: i32, respond_by: Option<&str>) -> Self {
        let mut small = offer();
        small["places"] = json!(places);
        let programme: Id = t.admin().post("/programmes", small).id();
        after_the_meeting(t, programme);
        let (call, manager) = (format!("/programmes/{programme}"), t.manager(programme));
        manager.change(&call, "scheduled").is(200);
        t.at("2020-10-05T10:00:00+02:00");
        let (boden, of_boden) = submitted(t, programme, BODEN);
        let (overtornea, of_overtornea) = submitted(t, programme, OVERTORNEA);
        let mut invited = json!({"to": "invited"});
        if let Some(day) = respond_by {
            invited["data"] = json!({"respondBy": day});
        }
        manager.post(&format!("{boden}/status-changes"), invited).is(200);
        manager.change(&overtornea, "invited").is(200);
        t.at("2020-11-06T15:00:00+01:00");
        of_boden.change(&boden, "confirmed").is(200);
        of_overtornea.change(&overtornea, "confirmed").is(200);
        t.at("2020-11-10");
        if places >= 2 {
            manager.change(&call, "decided").is(200);
        }
        Self { programme, call, manager, boden, overtornea }
    }

    fn run(&self) -> crate::support::Response {
        self.manager.post(&format!("{}/status-changes", self.call), start("2020-11-10"))
    }

    fn status(&self, application: &str) -> Value {
        status(&self.manager, application)
    }

    fn offers(&self, application: &str) -> Vec<String> {
        let seen = self.manager.get(application).is(200);
        let steps = seen["allowedTransitions"].as_array().unwrap();
        steps.iter().map(|step| step["to"].as_str().unwrap().to_owned()).collect()
    }

    /// Registers a paper letter of a kommun, received at this time.
    fn paper(&self, application: &str, received_at: &str) {
        let id = application.rsplit('/').next().unwrap();
        let letter = self.manager.post("/avsiktsforklaringar", json!({"applicationId": id}));
        letter.is(201);
        let signer = |role: &str| json!({"signerRole": role, "name": role, "signedOn": "2020-11-09"});
        let signers = [signer("municipalDirector"), signer("executiveBoardChair")];
        let received = json!({"to": "received", "data": {"receivedAt": received_at, "signers": signers}});
        self.manager.post(&format!("/avsiktsforklaringar/{}/status-changes", letter.id()), received).is(200);
    }
}

both!(the_programme_does_not_start_while_a_letter_may_still_come, |t| {
    let d = Decided::new(t, 12, Some("2020-11-25"));
    assert_eq!((d.status(&d.boden), d.status(&d.overtornea)), (json!("selected"), json!("selected")));
    d.paper(&d.overtornea, "2020-11-10T10:00:00Z");
    t.at("2020-11-16");
    // The programme's deadline has passed, Boden's own has not, and Boden's letter is missing.
    let refusal = d.run();
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [(d.boden.clone(), "stillHasTime".to_owned())]);
    assert_eq!(d.status(&d.boden), "selected");
    t.at("2020-11-25");
    assert_eq!(d.status(&d.boden), "notQualified");
    d.run().is(200);
    assert_eq!(d.status(&d.overtornea), "participating");
});

both!(a_place_in_a_running_programme_needs_the_letter, |t| {
    let d = Decided::new(t, 12, Some("2020-11-25"));
    d.paper(&d.overtornea, "2020-11-10T10:00:00Z");
    put_in(t, &d.boden, ApplicationState::Reserve);
    t.at("2020-11-16");
    d.run().is(200);
    // Boden's deadline has not passed, but in a running programme selection also starts the participation.
    let refusal = d.manager.change(&d.boden, "selected");
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/avsiktsforklaring".to_owned(), "letterMissing".to_owned())]);
    d.paper(&d.boden, "2020-11-16T10:00:00Z");
    assert_eq!(d.manager.change(&d.boden, "selected").is(200)["status"], "participating");
});

both!(a_letter_registered_later_restores_the_place, |t| {
    let d = Decided::new(t, 12, None);
    t.at("2020-11-17");
    assert_eq!(d.status(&d.boden), "notQualified");
    assert_eq!(d.offers(&d.boden), ["qualified"]);
    d.paper(&d.boden, "2020-11-13T10:00:00Z");
    assert_eq!(d.status(&d.boden), "selected");
    // Övertorneå's letter is missing. The manager overrides with a reason, and the jobs keep that.
    let excused = d.manager.change_because(&d.overtornea, "qualified", "Brevet kom bort hos SKR.").is(200);
    assert_eq!(excused["status"], "selected");
    t.run_jobs();
    assert_eq!(d.status(&d.overtornea), "selected");
    d.run().is(200);
    assert_eq!(d.status(&d.boden), "participating");
    assert_eq!(d.status(&d.overtornea), "participating");
});

both!(a_kommun_that_returns_to_a_full_programme_is_in_reserve, |t| {
    let d = Decided::new(t, 1, None);
    d.manager.change(&d.call, "decided").refused(409, "notEnoughPlaces");
    t.at("2020-11-17");
    // No letter has come, so nobody is qualified.
    d.manager.change(&d.call, "decided").is(200);
    d.paper(&d.boden, "2020-11-13T10:00:00Z");
    assert_eq!(d.status(&d.boden), "selected");
    d.paper(&d.overtornea, "2020-11-13T11:00:00Z");
    assert_eq!(d.status(&d.overtornea), "reserve");
    assert_eq!(d.offers(&d.overtornea), ["notSelected"]);
    d.manager.change(&d.overtornea, "selected").refused(409, "notEnoughPlaces");
});

both!(a_step_that_the_decided_programme_refuses_is_not_offered, |t| {
    let programme = crate::programmes::open(t);
    let manager = t.manager(programme);
    let (path, _) = submitted(t, programme, BODEN);
    put_in(t, &path, ApplicationState::NotQualified);
    let offered = |path: &str| manager.get(path).is(200)["allowedTransitions"].clone();
    assert_eq!(offered(&path), json!([{"to": "qualified", "requiresComment": true, "requires": []}]));
    t.at("2020-11-15");
    manager.change(&format!("/programmes/{programme}"), "decided").is(200);
    assert_eq!(offered(&path), json!([]));
    manager.change_because(&path, "qualified", "För sent.").refused(409, "stateConflict");
});

both!(a_selection_after_the_meeting_gives_places_before_the_letters, |t| {
    let d = Decided::new(t, 1, None);
    let other = t.person("Andra projektledaren", &[(Role::ProgrammeManager, Some(d.programme), None)]);
    let made = d.manager.post(&format!("{}/selection-proposals", d.call), json!({}));
    made.is(201);
    let path = format!("/selection-proposals/{}", made.id());
    d.manager.change(&path, "computed").is(202);
    let computed = waited(&d.manager, &path, |seen| seen["explanation"]["state"] == "done");
    d.manager.change(&path, "proposed").is(200);
    let mut adoption = adoption();
    adoption["data"]["decision"]["decidedOn"] = json!("2020-11-11");
    other.post(&format!("{path}/status-changes"), adoption).is(200);
    d.manager.change(&path, "announced").is(200);
    let boden_is_in = computed["selected"] == json!([BODEN]);
    let (chosen, left) = if boden_is_in { (&d.boden, &d.overtornea) } else { (&d.overtornea, &d.boden) };
    assert_eq!((d.status(chosen), d.status(left)), (json!("selected"), json!("reserve")));
    // No letter comes in time: the clock takes the place back, and the reserve is proposed.
    t.at("2020-11-17");
    assert_eq!(d.status(chosen), "notQualified");
    let best = d.manager.get(&format!("{path}/replacements")).is(200);
    let expected = if boden_is_in { OVERTORNEA } else { BODEN };
    assert_eq!((&best["freePlaces"], &best["best"][0]["kommunkod"]), (&json!(1), &json!(expected)));
});
