//! Time reports: from the first entry to the lock of the month, and every refusal on the way.

use samverkan::identity::policy::Role;
use samverkan::platform::auth::scope::{AuthzKeys, HasKeys as _, Place, Scope};
use samverkan::platform::db::Db;
use samverkan::platform::ids::Id;
use samverkan::time::time_reports::{TimeReportRow, TimeReportState};
use serde_json::{Value, json};

use super::month_submissions::january;
use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner};
use crate::support::{Client, Response, TestApp};
use crate::team::employments::employment;
use crate::team::{BODEN, LULEA, coordinator, each, maja, patch, running, with};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "timeReportId",
    owner: Owner::Kommun,
    make: |t, world| {
        let path = report(&world.maja.client, "2021-01");
        world.maja.client.change(&path, "signed").is(200);
        let attester = t.in_kommun(Role::Attester, world.programme, BODEN);
        attester.change(&path, "attested").is(200)["id"].clone()
    },
    rows: Some(Rows::by_rule::<TimeReportRow>()),
    ..Offer::NONE
}];

/// Attesters see a report once it is signed.
impl Rule for TimeReportRow {
    fn is_visible(&self, _: &mut Db, scope: &Scope) -> bool {
        is_visible_to(scope, &self.keys(), self.status)
    }
}

/// Whether a scope reaches what belongs to a report with this status.
pub fn is_visible_to(scope: &Scope, keys: &AuthzKeys<'_>, status: TimeReportState) -> bool {
    use TimeReportState::{Approved, Attested, Claimed, Locked, Reported, Signed};
    let is_signed = matches!(status, Signed | Attested | Reported | Approved | Locked | Claimed);
    scope.grants.iter().any(|grant| {
        let sees_unsigned = grant.role != "attester" || grant.place == Place::Everywhere;
        grant.place.holds(keys) && (is_signed || sees_unsigned)
    })
}

/// A running programme on the last day of its first month, with Maja in Boden's team.
pub struct Boden {
    pub programme: Id,
    pub coordinator: Client,
    pub attester: Client,
    pub maja: Client,
    pub participant: Value,
}

/// Adds a participant with an employment.
pub fn join(adding: &Client, programme: Id, body: Value) -> Value {
    let added = adding.post("/participants", body).is(201);
    let belongs_to_owner = added["organisation"] == "owner";
    let owners = json!({"organisation": "owner", "kommunkod": null, "employerName": "SKR",
        "organisationNumber": "2220000315", "employerKind": "owner"});
    let kommuns = json!({"kommunkod": added["kommunkod"]});
    let wanted = employment(programme, &added["personId"]);
    adding.post("/employments", with(wanted, if belongs_to_owner { owners } else { kommuns })).is(201);
    added
}

pub fn begun(t: &TestApp) -> Boden {
    let programme = running(t);
    let coordinator = coordinator(t, programme, BODEN);
    let participant = join(&coordinator, programme, maja(programme));
    t.at("2021-01-31T08:00:00+01:00");
    Boden {
        programme,
        attester: t.in_kommun(Role::Attester, programme, BODEN),
        maja: t.login_as("maja.lind@boden.example"),
        participant: participant["id"].clone(),
        coordinator,
    }
}

/// A second member of Boden's team, logged in, and the new participant.
pub fn nils(t: &TestApp, boden: &Boden) -> (Client, Value) {
    let changes = json!({"name": "Nils Berg", "email": "nils@boden.example", "employeeNumber": null});
    let participant = join(&boden.coordinator, boden.programme, with(maja(boden.programme), changes));
    (t.login_as("nils@boden.example"), participant)
}

#[track_caller]
pub fn enter(by: &Client, participant: &Value, day: &str, minutes: i32) -> Value {
    let entry = json!({
        "participantId": participant,
        "workDate": day,
        "minutes": minutes,
        "kind": "own",
        "activityCode": "development",
        "description": "Genomgång av kommunens upphandlingar."
    });
    by.post("/time-entries", entry).is(201)
}

/// The path of the caller's own report for a month.
#[track_caller]
pub fn report(by: &Client, month: &str) -> String {
    let list = by.get(&format!("/time-reports?personId={}&month={month}", by.id())).is(200);
    assert_eq!(list["_meta"]["totalRecords"], 1);
    format!("/time-reports/{}", list["items"][0]["id"].as_str().unwrap())
}

pub fn submit(by: &Client, boden: &Boden) -> Response {
    by.post("/month-submissions", january(boden.programme))
}

pub fn steps(value: &Value) -> Vec<&str> {
    value["allowedTransitions"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect()
}

both!(a_report_from_its_first_entry_to_the_months_lock, |t| {
    let boden = begun(t);
    let path = report(&boden.maja, "2021-01");
    let empty = boden.maja.get(&path).is(200);
    assert_eq!((empty["status"].as_str(), empty["totalMinutes"].as_i64()), (Some("open"), Some(0)));
    assert_eq!(steps(&empty), ["empty"]);
    boden.maja.change(&path, "signed").refused(409, "stateConflict");

    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    enter(&boden.maja, &boden.participant, "2021-01-16", 60);
    let proposed = enter(&boden.coordinator, &boden.participant, "2021-01-13", 30);
    assert_eq!(proposed["status"], "proposed");
    let refusal = boden.maja.change(&path, "signed");
    refusal.refused(409, "entriesIncomplete");
    let entry = proposed["id"].as_str().unwrap();
    assert_eq!(refusal.faults(), [(format!("/timeEntries/{entry}"), "proposed".to_owned())]);
    boden.maja.change(&format!("/time-entries/{entry}"), "recorded").is(200);

    let read = boden.maja.get(&path).is(200);
    assert_eq!(steps(&read), ["signed"]);
    assert_eq!(read["minutesByKind"], json!({"joint": 0, "own": 330, "coordination": 0}));
    let sign = |sha256: &Value, version: &str| {
        let data = json!({"sha256": sha256, "statementVersion": version});
        boden.maja.post(&format!("{path}/status-changes"), json!({"to": "signed", "data": data}))
    };
    // Everyone signs what they saw. The version says nothing of the entries.
    let unread = boden.maja.post(&format!("{path}/status-changes"), json!({"to": "signed"}));
    unread.refused(428, "preconditionRequired");
    let versioned = boden.maja.if_match(&boden.maja.get(&path));
    versioned
        .post(&format!("{path}/status-changes"), json!({"to": "signed"}))
        .refused(428, "preconditionRequired");
    let current = sign(&json!("0".repeat(64)), "1").refused(409, "textChanged");
    assert_eq!(current["sha256"], read["contentSha256"]);
    sign(&read["contentSha256"], "0").refused(409, "textChanged");
    boden.attester.get(&path).refused(404, "notFound");
    let signed = sign(&read["contentSha256"], "1").is(200);
    assert_eq!(signed["signatures"][0]["signerRole"], "employee");
    assert_eq!(signed["signatures"][0]["sha256"], read["contentSha256"]);
    assert_eq!(
        (signed["signatures"][0]["name"].as_str(), signed["status"].as_str()),
        (Some("Maja Lind"), Some("signed"))
    );

    // Time on Saturday the 16th needs a comment.
    assert_eq!(steps(&boden.attester.get(&path).is(200)), ["attested", "returned"]);
    let refusal = boden.attester.change(&path, "attested");
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/comment".to_owned(), "required".to_owned())]);
    submit(&boden.coordinator, &boden).refused(409, "nothingToSubmit");
    let attested = boden.attester.change_because(&path, "attested", "Öppet hus på lördagen.").is(200);
    assert_eq!(attested["attestedBy"], json!(boden.attester.id()));

    let submission = submit(&boden.coordinator, &boden);
    let handed = submission.is(201);
    assert_eq!((handed["totalMinutes"].as_i64(), &handed["missingParticipantIds"]), (Some(330), &json!([])));
    assert_eq!(handed["reportIds"], json!([signed["id"]]));
    let of_it = boden.coordinator.get(&format!("/time-reports?submissionId={}", submission.id())).is(200);
    assert_eq!(each(&of_it, "status"), ["reported"]);
    submit(&boden.coordinator, &boden).refused(409, "nothingToSubmit");

    let economist = t.economist(boden.programme);
    economist.change(&path, "attested").refused(409, "transitionNotAllowed");
    assert_eq!(economist.change(&path, "approved").is(200)["status"], "approved");
    boden.maja.change(&path, "open").refused(409, "transitionNotAllowed");
    economist.change_because(&path, "returned", "Fel.").refused(409, "transitionNotAllowed");

    t.at("2021-02-09T08:00:00+01:00");
    let month = format!("/programmes/{}/months/2021-01", boden.programme);
    assert_eq!(economist.change(&month, "locked").is(200)["status"], "locked");
    let locked = boden.maja.get(&path).is(200);
    assert_eq!((locked["status"].as_str(), steps(&locked).len()), (Some("locked"), 0));
    let history = boden.maja.get(&format!("{path}/status-changes")).is(200);
    assert_eq!(each(&history, "to"), ["signed", "attested", "reported", "approved", "locked"]);
    assert_eq!(each(&history, "role"), ["participant", "attester", "coordinator", "economist", "economist"]);
});

both!(a_month_is_locked_with_all_reports_or_with_reasons, |t| {
    let boden = begun(t);
    t.at("2021-02-09T08:00:00+01:00");
    let economist = t.economist(boden.programme);
    let month = format!("/programmes/{}/months/2021-01", boden.programme);
    let refusal = economist.change(&month, "locked");
    refusal.refused(422, "invalidInput");
    let who = boden.participant.as_str().unwrap();
    assert_eq!(refusal.faults()[1..], [(format!("/participants/{who}"), "open".to_owned())]);
    let missing = json!([{"participantId": who, "reason": "Sjukskriven hela månaden."}]);
    let lock = json!({"to": "locked", "data": {"missing": missing}});
    economist.post(&format!("{month}/status-changes"), lock).is(200);
    assert_eq!(boden.maja.get(&report(&boden.maja, "2021-01")).is(200)["status"], "open");
});

both!(nobody_attests_or_approves_their_own_report, |t| {
    let boden = begun(t);
    t.grant(&boden.maja, Role::Attester, boden.programme, Some(BODEN));
    t.grant(&boden.maja, Role::Economist, boden.programme, None);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    let signed = boden.maja.change(&path, "signed").is(200);
    assert_eq!(steps(&signed), ["open"]);
    boden.maja.change(&path, "attested").refused(403, "ownWork");
    boden.maja.change_because(&path, "returned", "x").refused(403, "ownWork");
    t.in_kommun(Role::Attester, boden.programme, LULEA).get(&path).refused(404, "notFound");
    t.in_kommun(Role::Attester, boden.programme, LULEA).change(&path, "attested").refused(404, "notFound");
    t.manager(boden.programme).change(&path, "attested").refused(403, "notYours");
    boden.coordinator.change(&path, "attested").refused(403, "notYours");
    t.in_programme(Role::Auditor, boden.programme).change(&path, "attested").refused(403, "forbidden");
    boden.attester.change(&path, "attested").is(200);
    submit(&boden.coordinator, &boden).is(201);
    boden.maja.change(&path, "approved").refused(403, "ownWork");
    t.economist(boden.programme).change(&path, "approved").is(200);
});

both!(whoever_entered_rows_for_another_decides_nothing_about_the_report, |t| {
    let boden = begun(t);
    let id = enter(&boden.coordinator, &boden.participant, "2021-01-12", 240)["id"].clone();
    boden.maja.change(&format!("/time-entries/{}", id.as_str().unwrap()), "recorded").is(200);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    t.grant(&boden.coordinator, Role::Attester, boden.programme, Some(BODEN));
    t.grant(&boden.coordinator, Role::Economist, boden.programme, None);
    let both = t.login(boden.coordinator.id());
    assert_eq!(steps(&both.get(&path).is(200)), Vec::<&str>::new());
    both.change(&path, "attested").refused(403, "ownWork");
    both.change_because(&path, "returned", "x").refused(403, "ownWork");
    boden.attester.change(&path, "attested").is(200);
    submit(&boden.coordinator, &boden).is(201);
    both.change(&path, "approved").refused(403, "ownWork");
    t.economist(boden.programme).change(&path, "approved").is(200);
});

both!(a_signature_keeps_the_name_that_was_held_for_a_day, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    let own = format!("/people/{}", boden.maja.id());
    patch(&boden.maja, &own, json!({"name": "Kommunchefen"})).is(200);
    // The coordinator sees the new name at once.
    let who = format!("/participants/{}", boden.participant.as_str().unwrap());
    assert_eq!(boden.coordinator.get(&who).is(200)["name"], "Kommunchefen");
    let signed = boden.maja.change(&path, "signed").is(200);
    let signature = &signed["signatures"][0];
    assert_eq!((&signature["name"], &signature["personId"]), (&json!("Maja Lind"), &json!(boden.maja.id())));
    boden.maja.change(&path, "open").is(200);
    t.clock.advance(24 * 3_600_000);
    let again = boden.maja.change(&path, "signed").is(200);
    assert_eq!(each(&json!({"items": again["signatures"]}), "name"), ["Maja Lind", "Kommunchefen"]);
});

both!(a_role_given_afterwards_makes_no_report_an_economists, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    boden.attester.change(&path, "attested").is(200);
    submit(&boden.coordinator, &boden).is(201);
    // The exception is for the owner's staff only.
    t.grant(&boden.maja, Role::Economist, boden.programme, None);
    let manager = t.manager(boden.programme);
    assert!(steps(&manager.get(&path).is(200)).is_empty());
    manager.change(&path, "approved").refused(403, "notYours");
    manager.change_because(&path, "returned", "Fel.").refused(403, "notYours");
    // Of the owner's staff it counts for those who were economists when the report was made.
    let (other, path) = staff(t, boden.programme, "annan@skr.example");
    t.clock.advance(24 * 3_600_000);
    t.grant(&other, Role::Economist, boden.programme, None);
    t.in_programme(Role::Attester, boden.programme).change(&path, "attested").is(200);
    let body = json!({"programmeId": boden.programme, "organisation": "owner", "month": "2021-01"});
    manager.post("/month-submissions", body).is(201);
    manager.change(&path, "approved").refused(403, "notYours");
    t.economist(boden.programme).change(&path, "approved").is(200);
});

/// A member of the owner's staff, logged in, with the path of a signed report of one hour.
fn staff(t: &TestApp, programme: Id, email: &str) -> (Client, String) {
    let body = json!({
        "programmeId": programme,
        "organisation": "owner",
        "name": "Ekonomen",
        "email": email,
        "function": "Ekonom",
        "department": "SKR",
        "validFrom": "2021-01-01"
    });
    let participant = join(&t.manager(programme), programme, body);
    let person = t.login_as(email);
    enter(&person, &participant["id"], "2021-01-12", 60);
    let path = report(&person, "2021-01");
    person.change(&path, "signed").is(200);
    (person, path)
}

both!(the_attester_does_not_approve_and_an_economist_is_approved_by_another, |t| {
    let programme = running(t);
    t.at("2021-01-31T08:00:00+01:00");
    let (economist, path) = staff(t, programme, "ekonom@skr.example");
    t.grant(&economist, Role::Economist, programme, None);
    let both = t.person(
        "Attestant",
        &[(Role::Attester, Some(programme), None), (Role::Economist, Some(programme), None)],
    );
    both.change(&path, "attested").is(200);
    let manager = t.manager(programme);
    let month = json!({"programmeId": programme, "organisation": "owner", "month": "2021-01"});
    t.in_kommun(Role::Coordinator, programme, BODEN)
        .post("/month-submissions", month.clone())
        .refused(403, "notYours");
    manager.post("/month-submissions", month.clone()).is(201);
    economist.change(&path, "approved").refused(403, "ownWork");
    both.change(&path, "approved").refused(403, "ownWork");
    assert_eq!(manager.change(&path, "approved").is(200)["status"], "approved");

    // Other staff are approved by an economist, not by the manager who attested.
    let (_, path) = staff(t, programme, "utredare@skr.example");
    manager.change(&path, "attested").is(200);
    manager.post("/month-submissions", month).is(201);
    manager.change(&path, "approved").refused(403, "ownWork");
    t.manager(programme).change(&path, "approved").refused(403, "notYours");
    economist.change(&path, "approved").is(200);
});

both!(a_closed_month_accepts_no_first_signature, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    t.at("2021-02-05T23:59:59+01:00");
    boden.maja.change(&path, "signed").is(200);
    boden.maja.change(&path, "open").is(200);
    t.at("2021-02-06T00:00:00+01:00");
    // A report that was signed before can be signed again, unchanged.
    assert_eq!(boden.maja.change(&path, "signed").is(200)["signatures"].as_array().unwrap().len(), 2);
    t.at("2021-03-12T00:00:00+01:00");
    let february = report(&boden.maja, "2021-02");
    boden.maja.change(&february, "empty").refused(409, "monthClosed");
    boden.maja.change(&february, "signed").refused(409, "monthClosed");
});

both!(a_returned_report_can_be_edited_for_some_days_and_signed_later, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    t.at("2021-02-09T08:00:00+01:00");
    boden.attester.change(&path, "returned").refused(422, "invalidInput");
    boden.attester.change_because(&path, "returned", "Vilken upphandling?").is(200);
    boden.attester.get(&path).refused(404, "notFound");
    let returned = boden.maja.get(&path).is(200);
    assert_eq!(returned["reason"], "Vilken upphandling?");
    assert_eq!(returned["editableUntil"], "2021-02-16T23:00:00.000Z");
    assert_eq!((&returned["signatures"][0]["isVoid"], &returned["signedAt"]), (&json!(true), &json!(null)));
    // The month is closed, but this report accepts entries.
    enter(&boden.maja, &boden.participant, "2021-01-14", 60);
    t.at("2021-02-17T08:00:00+01:00");
    let again = boden.maja.change(&path, "signed").is(200);
    assert_eq!((again["status"].as_str(), again["totalMinutes"].as_i64()), (Some("signed"), Some(300)));
    assert_eq!(again["signatures"][1]["textVersion"], 2);
    boden.attester.change(&path, "attested").is(200);
    submit(&boden.coordinator, &boden).is(201);
    let economist = t.economist(boden.programme);
    let back = economist.change_because(&path, "returned", "Summan stämmer inte.").is(200);
    assert_eq!((&back["submissionId"], &back["attestedBy"]), (&json!(null), &json!(null)));
});

both!(a_report_is_declared_empty_and_opened_again, |t| {
    let boden = begun(t);
    let path = report(&boden.maja, "2021-01");
    boden.coordinator.change(&path, "empty").refused(403, "notYours");
    assert_eq!(steps(&boden.maja.change(&path, "empty").is(200)), ["open"]);
    submit(&boden.coordinator, &boden).refused(409, "nothingToSubmit");
    boden.maja.change(&path, "open").is(200);
    let entry = enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let refusal = boden.maja.change(&path, "empty");
    refusal.refused(409, "stateConflict");
    let pointer = format!("/timeEntries/{}", entry["id"].as_str().unwrap());
    assert_eq!(refusal.faults(), [(pointer, "hasTime".to_owned())]);
});

both!(the_report_of_a_person_who_left_is_unsigned_until_a_paper_sheet_is_registered, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.coordinator.change_because(&path, "unsigned", "Slutat.").refused(409, "stateConflict");
    let who = format!("/participants/{}", boden.participant.as_str().unwrap());
    patch(&boden.coordinator, &who, json!({"validTo": "2021-01-28"})).is(200);
    boden.coordinator.change(&path, "unsigned").refused(422, "invalidInput");
    let left = boden.coordinator.change_because(&path, "unsigned", "Slutat utan att skriva under.").is(200);
    // Who can still log in, in a month that takes their signature, signs.
    assert_eq!(steps(&left), ["open"]);
    let unread = json!({"signedOn": "2021-01-28", "checkedBy": "Karin Öberg"});
    let sheet = with(unread.clone(), boden.coordinator.read_before(&path, "signed").unwrap());
    let body = json!({"to": "signed", "data": sheet.clone()});
    boden.coordinator.post(&format!("{path}/status-changes"), body).refused(409, "stateConflict");
    t.at("2021-02-09T08:00:00+01:00");
    let offer = boden.coordinator.get(&path).is(200)["allowedTransitions"].clone();
    let needs = ["sha256", "checkedBy", "signedOn"];
    assert_eq!(offer, json!([{"to": "signed", "requiresComment": false, "requires": needs}]));
    let register = |data: Value| {
        boden.coordinator.post(&format!("{path}/status-changes"), json!({"to": "signed", "data": data}))
    };
    let required = |place: &str| (place.to_owned(), "required".to_owned());
    assert_eq!(register(json!({})).faults(), [required("/data/checkedBy"), required("/data/signedOn")]);
    let late = json!({"signedOn": "2021-02-10", "checkedBy": "Karin Öberg"});
    assert_eq!(register(late).faults()[0].1, "inTheFuture");
    register(unread).refused(428, "preconditionRequired");
    let signed = register(sheet).is(200);
    assert_eq!(signed["signatures"][0]["checkedBy"], "Karin Öberg");
    let told = t.mails().into_iter().rev().find(|(to, _)| to == "maja.lind@boden.example").unwrap();
    assert!(told.1.contains("på papper") && told.1.contains("Karin Öberg"), "{told:?}");
    let signature = &signed["signatures"][0];
    assert_eq!(
        (signature["method"].as_str(), signature["name"].as_str()),
        (Some("inkScan"), Some("Maja Lind"))
    );
    assert_eq!(signature["signedAt"], "2021-01-27T23:00:00.000Z");
    // Nobody is in the team again while a sheet stands for them: the report is returned first, which voids it.
    boden.attester.change(&path, "attested").is(200);
    let again = patch(&boden.coordinator, &who, json!({"validTo": null}));
    again.refused(409, "stateConflict");
    assert_eq!(again.faults(), [("/validTo".to_owned(), "paperSheet".to_owned())]);
    patch(&boden.coordinator, &who, json!({"validTo": "2021-01-29"})).refused(409, "stateConflict");
    // Nor as somebody who is added anew.
    let anew = |from: &str| {
        boden.coordinator.post("/participants", with(maja(boden.programme), json!({"validFrom": from})))
    };
    assert_eq!(anew("2021-01-29").faults(), [("/validFrom".to_owned(), "paperSheet".to_owned())]);
    let economist = t.economist(boden.programme);
    economist.change_because(&path, "returned", "Kom tillbaka.").is(200);
    patch(&boden.coordinator, &who, json!({"validTo": null})).is(200);
});

both!(a_batch_attests_many_and_a_stale_version_is_refused, |t| {
    let boden = begun(t);
    let (nils, participant) = nils(t, &boden);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    enter(&nils, &participant["id"], "2021-01-12", 120);
    let paths = [report(&boden.maja, "2021-01"), report(&nils, "2021-01")];
    boden.maja.change(&paths[0], "signed").is(200);
    let before = boden.attester.get(&paths[0]);
    boden.maja.change(&paths[0], "open").is(200);
    boden.maja.change(&paths[0], "signed").is(200);
    boden.attester.if_match(&before).change(&paths[0], "attested").refused(412, "versionMismatch");
    let id = |path: &String| path.rsplit('/').next().unwrap().to_owned();
    // Each says what was read: the content, or the version.
    let unread = json!({"items": [{"id": id(&paths[0]), "to": "attested"}]});
    let refused = boden.attester.post("/time-reports/status-changes/batch", unread).is(200);
    assert_eq!(refused["items"][0]["problem"]["code"], "preconditionRequired");
    // `*` says nothing of what was read.
    let any = boden.attester.header("If-Match", "*");
    any.post(&format!("{}/status-changes", paths[0]), json!({"to": "attested"}))
        .refused(428, "preconditionRequired");
    let item = |path: &String| json!({"id": id(path), "to": "attested", "data": boden.attester.read_before(path, "attested")});
    let batch = |atomic: bool| {
        let items: Vec<Value> = paths.iter().map(item).collect();
        boden
            .attester
            .post("/time-reports/status-changes/batch", json!({"atomic": atomic, "items": items}))
            .is(200)
    };
    // Nils has not signed, so the attester does not see his report.
    let without_signatures = batch(true);
    assert_eq!(each(&without_signatures, "status"), [json!(424), json!(404)]);
    let problem = &without_signatures["items"][0]["problem"];
    assert_eq!((&problem["code"], &problem["status"]), (&json!("failedDependency"), &json!(424)));
    assert!(problem["type"].as_str().unwrap().ends_with("/problems/failedDependency"));
    assert_eq!((&without_signatures["succeeded"], &without_signatures["failed"]), (&json!(0), &json!(2)));
    nils.change(&paths[1], "signed").is(200);
    assert_eq!(batch(true)["succeeded"], 2);
    let list = boden.attester.get("/time-reports?status=attested&sort=month").is(200);
    assert_eq!(list["_meta"]["totalRecords"], 2);
    assert_eq!(submit(&boden.coordinator, &boden).is(201)["totalMinutes"], 360);
});

both!(every_role_sees_its_own_reports, |t| {
    let boden = begun(t);
    let path = report(&boden.maja, "2021-01");
    let count =
        |client: &Client| client.get("/time-reports").is(200)["_meta"]["totalRecords"].as_i64().unwrap();
    assert_eq!(count(&boden.coordinator), 1);
    assert_eq!(count(&boden.attester), 0);
    assert_eq!(count(&coordinator(t, boden.programme, LULEA)), 0);
    assert_eq!(count(&t.in_programme(Role::Auditor, boden.programme)), 1);
    coordinator(t, boden.programme, LULEA).get(&path).refused(404, "notFound");
    t.in_kommun(Role::Participant, boden.programme, BODEN).get(&path).refused(404, "notFound");
    t.in_kommun(Role::ProcessSupporter, boden.programme, BODEN).get(&path).refused(403, "forbidden");
    t.anonymous().get(&path).refused(401, "unauthenticated");
    boden.maja.get("/time-reports?reportVersion=1&updatedSince=2021-01-01T00:00:00Z&monthFrom=2021-01&monthTo=2021-01").is(200);
    boden.maja.get("/time-reports?colour=blue").refused(400, "invalidQuery");
    let lulea = json!({"programmeId": boden.programme, "organisation": "kommun", "kommunkod": LULEA, "month": "2021-01"});
    boden.coordinator.post("/month-submissions", lulea.clone()).refused(403, "notYours");
    let wrong = with(lulea, json!({"kommunkod": null, "month": "2021-01"}));
    boden.coordinator.post("/month-submissions", wrong).refused(422, "invalidInput");
});
