//! The pool taken after the meeting (guide §3, `selectionStage`): the places come first, the letters after.

use samverkan::calls::applications::ApplicationState;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::applications::{BODEN, OVERTORNEA, after_the_meeting, put_in, status, submitted};
use crate::both;
use crate::programmes::offer;
use crate::support::{Client, TestApp};

/// A call with so many places whose pool is taken after the meeting; Boden and Övertorneå have confirmed, Boden with a
/// deadline of its own, and whoever fits has a place. The clock stands on 24:00 of 10 November.
struct Decided {
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
        Self { call, manager, boden, overtornea }
    }

    fn run(&self) -> crate::support::Response {
        let decision =
            json!({"body": "ESF-rådet", "decidedOn": "2020-11-10", "registryNumber": "2020/00373"});
        let running = json!({"to": "running", "data": {"decision": decision}});
        self.manager.post(&format!("{}/status-changes", self.call), running)
    }

    fn status(&self, application: &str) -> Value {
        status(&self.manager, application)
    }

    fn offers(&self, application: &str) -> Vec<String> {
        let seen = self.manager.get(application).is(200);
        let steps = seen["allowedTransitions"].as_array().unwrap();
        steps.iter().map(|step| step["to"].as_str().unwrap().to_owned()).collect()
    }

    /// A letter that the kommun has begun nothing of: the manager registers the paper, whenever it was received.
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

both!(nobody_takes_part_while_a_letter_may_still_come, |t| {
    let d = Decided::new(t, 12, Some("2020-11-25"));
    assert_eq!((d.status(&d.boden), d.status(&d.overtornea)), (json!("selected"), json!("selected")));
    d.paper(&d.overtornea, "2020-11-10T10:00:00Z");
    t.at("2020-11-16");
    // The programme's deadline has passed, Boden's own has not, and its letter is not there.
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
    // Its own deadline lies ahead; but in a running programme the place and the start are one step.
    let refusal = d.manager.change(&d.boden, "selected");
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/avsiktsforklaring".to_owned(), "letterMissing".to_owned())]);
    d.paper(&d.boden, "2020-11-16T10:00:00Z");
    assert_eq!(d.manager.change(&d.boden, "selected").is(200)["status"], "participating");
});

both!(a_letter_found_afterwards_gives_the_place_back, |t| {
    let d = Decided::new(t, 12, None);
    t.at("2020-11-17");
    assert_eq!(d.status(&d.boden), "notQualified");
    assert_eq!(d.offers(&d.boden), ["qualified"]);
    d.paper(&d.boden, "2020-11-13T10:00:00Z");
    assert_eq!(d.status(&d.boden), "selected");
    // The other's letter does not come; the manager lets it go on with a reason, and the clock leaves that alone.
    let excused = d.manager.change_because(&d.overtornea, "qualified", "Brevet kom bort hos SKR.").is(200);
    assert_eq!(excused["status"], "selected");
    t.run_jobs();
    assert_eq!(d.status(&d.overtornea), "selected");
    d.run().is(200);
    assert_eq!(d.status(&d.boden), "participating");
    assert_eq!(d.status(&d.overtornea), "participating");
});

both!(whoever_comes_back_to_a_full_programme_is_in_reserve, |t| {
    let d = Decided::new(t, 1, None);
    d.manager.change(&d.call, "decided").refused(409, "notEnoughPlaces");
    t.at("2020-11-17");
    // Neither letter has come: nobody is in the pool.
    d.manager.change(&d.call, "decided").is(200);
    d.paper(&d.boden, "2020-11-13T10:00:00Z");
    assert_eq!(d.status(&d.boden), "selected");
    d.paper(&d.overtornea, "2020-11-13T11:00:00Z");
    assert_eq!(d.status(&d.overtornea), "reserve");
    assert_eq!(d.offers(&d.overtornea), ["selected", "notSelected"]);
    d.manager.change(&d.overtornea, "selected").refused(409, "notEnoughPlaces");
});

both!(a_step_that_the_programme_has_closed_is_not_offered, |t| {
    let programme = crate::programmes::open(t);
    let manager = t.manager(programme);
    let (path, _) = submitted(t, programme, BODEN);
    put_in(t, &path, ApplicationState::NotQualified);
    let offered = |path: &str| manager.get(path).is(200)["allowedTransitions"].clone();
    assert_eq!(offered(&path), json!([{"to": "qualified", "requiresComment": true}]));
    t.at("2020-11-15");
    manager.change(&format!("/programmes/{programme}"), "decided").is(200);
    assert_eq!(offered(&path), json!([]));
    manager.change_because(&path, "qualified", "För sent.").refused(409, "stateConflict");
});
