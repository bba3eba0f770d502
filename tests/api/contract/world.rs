//! A programme with two kommuner at work, and one thing of every kind in Boden: what the contract's walks try to reach.

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::goals::{BODEN, Network, VASBY, decision, submission};
use crate::support::{Client, TestApp};
use crate::time::{Member, entered, member};

/// Path parameters that name what belongs to one kommun or one of its people.
const OF_A_KOMMUN: &[&str] = &[
    "apiClientId",
    "applicationId",
    "auditEventId",
    "avsiktsforklaringId",
    "employmentId",
    "milestoneId",
    "monthExceptionId",
    "monthSubmissionId",
    "participantId",
    "personId",
    "roleAssignmentId",
    "sessionId",
    "timeEntryId",
    "timeReportId",
];

/// The programme, its kommun with things in it, and people of both kommuner.
pub struct World {
    pub programme: Id,
    pub manager: Client,
    /// Boden's.
    pub coordinator: Client,
    /// Boden's; the clock stands on 31 January 2021, and the report of January is submitted.
    pub maja: Member,
    /// Upplands Väsby's, with an entry of his own.
    pub nils: Member,
    ids: Vec<(&'static str, String)>,
}

impl World {
    /// The world of Boden and Upplands Väsby.
    pub fn new(t: &TestApp) -> Self {
        let Network { programme, manager, coordinator, .. } = Network::new(t);
        let (maja, nils) = (member(t, programme, BODEN, 1), member(t, programme, VASBY, 1));
        let employment = coordinator.post("/employments", employment(programme, &maja)).is(201);
        t.at("2021-01-31T08:00:00+01:00");
        let entry = entered(&maja, "2021-01-12", 240);
        entered(&maja, "2021-01-13", 60);
        entered(&nils, "2021-01-12", 60);
        let mut world = Self { programme, manager, coordinator, maja, nils, ids: Vec::new() };
        world.know("timeEntryId", &json!(entry));
        world.know("employmentId", &employment["id"]);
        world.work(t);
        world.find(t);
        world
    }

    fn know(&mut self, parameter: &'static str, id: &Value) {
        self.ids.push((parameter, id.as_str().expect("an id").to_owned()));
    }

    /// January's report signed, attested and submitted; an exception and a client.
    fn work(&mut self, t: &TestApp) {
        let (programme, report) = (self.programme, self.boden("/time-reports", ""));
        let path = format!("/time-reports/{}", report["id"].as_str().unwrap());
        self.maja.client.change(&path, "signed").is(200);
        t.in_kommun(Role::Attester, programme, BODEN).change(&path, "attested").is(200);
        let place = json!({"programmeId": programme, "organisation": "kommun", "kommunkod": BODEN, "month": "2021-01"});
        let submission = self.coordinator.post("/month-submissions", place).is(201);
        let exception = json!({"programmeId": programme, "month": "2021-01", "kommunkod": BODEN,
            "expiresAt": "2021-03-12T23:00:00Z", "reason": "Tidsystemet låg nere."});
        let exception = self.manager.post("/month-exceptions", exception).is(201);
        let client = json!({"name": "Bodens tidsystem", "programmeId": programme, "kommunkod": BODEN});
        let client = self.manager.post("/api-clients", client).is(201);
        self.know("timeReportId", &report["id"]);
        self.know("monthSubmissionId", &submission["id"]);
        self.know("monthExceptionId", &exception["id"]);
        self.know("apiClientId", &client["id"]);
    }

    /// What came by the way.
    fn find(&mut self, t: &TestApp) {
        let (admin, person, programme) = (t.admin(), self.maja.client.id(), self.programme);
        let first = |client: &Client, list: &str| client.get(list).is(200)["items"][0]["id"].clone();
        let (application, letter) = (self.boden("/applications", ""), self.boden("/avsiktsforklaringar", ""));
        let milestone = self.boden("/milestones", "&kind=policyDocument");
        // It came back, so that it waits for Boden's coordinator.
        let path = format!("/milestones/{}", milestone["id"].as_str().unwrap());
        self.coordinator.change(&path, "inProgress").is(200);
        self.coordinator.post(&format!("{path}/status-changes"), submission(decision())).is(200);
        self.manager.change_because(&path, "returned", "Komplettera.").is(200);
        self.know("applicationId", &application["id"]);
        self.know("avsiktsforklaringId", &letter["id"]);
        self.know("milestoneId", &milestone["id"]);
        self.know("participantId", &json!(self.maja.id));
        self.know("personId", &json!(person));
        self.know("roleAssignmentId", &first(&admin, &format!("/people/{person}/role-assignments")));
        self.know("sessionId", &first(&admin, &format!("/sessions?personId={person}")));
        let entry = self.id("timeEntryId").to_owned();
        self.know("auditEventId", &first(&self.manager, &format!("/audit-events?resourceId={entry}")));
        self.know("programmeId", &json!(programme));
        self.know("settingsId", &first(&self.manager, &format!("/programmes/{programme}/settings")));
        let templates = format!("/milestone-templates?programmeId={programme}");
        self.know("milestoneTemplateId", &first(&self.manager, &templates));
        self.know("month", &json!("2021-01"));
        // Of the register; and what only a mailed link's secret opens, whoever knows the id.
        self.know("kommunkod", &json!(BODEN));
        self.know("name", &json!("roles"));
        self.know("invitationId", &json!(programme));
        self.know("passwordResetId", &json!(programme));
    }

    /// Boden's first item of a list, as the manager finds it.
    fn boden(&self, list: &str, filter: &str) -> Value {
        let list = self.manager.get(&format!("{list}?kommunkod={BODEN}&limit=1{filter}")).is(200);
        assert_eq!(list["items"][0]["kommunkod"], BODEN);
        list["items"][0].clone()
    }

    /// The id that a path parameter stands for here.
    #[track_caller]
    pub fn id(&self, parameter: &str) -> &str {
        let known = self.ids.iter().find(|(known, _)| *known == parameter);
        &known.unwrap_or_else(|| panic!("{parameter}: make one in contract/world.rs")).1
    }

    /// A path with the ids of this world.
    pub fn filled(&self, template: &str) -> String {
        parameters(template)
            .iter()
            .fold(template.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), self.id(name)))
    }

    /// The ids of what belongs to Boden alone.
    pub fn of_boden(&self) -> Vec<&str> {
        let of_boden = self.ids.iter().filter(|(name, _)| OF_A_KOMMUN.contains(name));
        of_boden.map(|(_, id)| id.as_str()).collect()
    }

    /// Those, and the ids of what all of the programme shares.
    pub fn of_the_programme(&self) -> Vec<&str> {
        let shared = ["settingsId", "milestoneTemplateId"].map(|name| self.id(name));
        [self.of_boden(), shared.to_vec()].concat()
    }
}

fn employment(programme: Id, maja: &Member) -> Value {
    json!({
        "programmeId": programme,
        "personId": maja.client.id(),
        "organisation": "kommun",
        "kommunkod": BODEN,
        "employerName": "Bodens kommun",
        "organisationNumber": "2120002767",
        "employerKind": "kommun",
        "employmentPercent": 100,
        "jobCategory": "Handläggare",
        "validFrom": "2019-08-12"
    })
}

/// The names of a path's parameters.
pub fn parameters(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

/// Whether a path leads to something that belongs to one kommun.
pub fn is_of_a_kommun(template: &str) -> bool {
    parameters(template).iter().any(|name| OF_A_KOMMUN.contains(name))
}
