//! The README's walk as a folder: from an expression of interest to an approved month and an approved policy document.

use serde_json::{Value, json};

use super::request::url;

const MANAGER: &str = "projektledare3@example.org";
const ECONOMIST: &str = "ekonom2@example.org";
const APPLICANT: &str = "naringsliv.boden@example.org";
const COORDINATOR: &str = "koordinator.boden@example.org";
const EMPLOYEE: &str = "upphandlare.boden@example.org";
const ATTESTER: &str = "attestant.boden@example.org";

/// A request of the walk. Whoever calls is named first in its name; nobody logs in for what anybody may do.
struct Step {
    name: String,
    is_open: bool,
    method: &'static str,
    path: String,
    body: Option<Value>,
    before: Vec<String>,
    after: Vec<String>,
}

fn step(who: &str, what: &str, method: &'static str, path: &str, body: Option<Value>) -> Step {
    let is_open = !who.contains('@');
    let created = if method == "POST" { "[200, 201, 202]" } else { "[200]" };
    let after =
        vec![format!("pm.test('it is done', () => pm.expect(pm.response.code).to.be.oneOf({created}));")];
    let (name, path) = (format!("{who} {what}"), path.to_owned());
    Step { name, is_open, method, path, body, before: Vec::new(), after }
}

impl Step {
    /// Asserts the value of a member of the answer.
    fn is(mut self, member: &str, value: &str) -> Self {
        let line = format!(
            "pm.test('{member} is {value}', () => pm.expect(String(pm.response.json().{member})).to.eql('{value}'));"
        );
        self.after.push(line);
        self
    }

    /// Keeps a member of the answer in a variable.
    fn keeps(mut self, variable: &str, member: &str) -> Self {
        self.after.push(format!("pm.collectionVariables.set('{variable}', pm.response.json().{member});"));
        self
    }

    fn item(self) -> Value {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let query = query.split('&').filter_map(|one| one.split_once('='));
        let query = query.map(|(key, value)| json!({ "key": key, "value": value })).collect();
        let mut headers = Vec::new();
        if self.body.is_some() {
            headers.push(json!({ "key": "Content-Type", "value": "application/json" }));
        }
        if self.method == "POST" {
            headers.push(json!({ "key": "Idempotency-Key", "value": "{{$guid}}" }));
        }
        if self.method == "PATCH" {
            headers.push(json!({ "key": "If-Match", "value": "{{milestoneEtag}}" }));
        }
        let mut request = json!({ "method": self.method, "header": headers, "url": url(path, query) });
        if let Some(body) = &self.body {
            let text = serde_json::to_string_pretty(body).unwrap();
            request["body"] =
                json!({ "mode": "raw", "raw": text, "options": { "raw": { "language": "json" } } });
        }
        if self.is_open {
            request["auth"] = json!({ "type": "noauth" });
        }
        let mut events = vec![super::script("test", &self.after.join("\n"))];
        if !self.before.is_empty() {
            events.push(super::script("prerequest", &self.before.join("\n")));
        }
        json!({ "name": self.name, "request": request, "event": events, "response": [] })
    }
}

/// The administrator moves the demonstration's clock; `to` is JavaScript for milliseconds.
fn clock(until: &str, to: &str) -> Step {
    let body = json!({ "to": "{{to}}" });
    let mut step = step(
        "admin@example.org",
        &format!("moves the clock {until}"),
        "POST",
        "/demo/clock-advances",
        Some(body),
    );
    step.before.push(format!(
        "const at = (name) => Date.parse(pm.collectionVariables.get(name));\nconst minutes = 60000, hours = 60 * minutes;\n\
         pm.collectionVariables.set('to', new Date({to}).toISOString());"
    ));
    step.keeps("now", "now")
}

fn status(who: &str, what: &str, path: &str, body: Value) -> Step {
    let to = body["to"].as_str().unwrap().to_owned();
    step(who, what, "POST", &format!("{path}/status-changes"), Some(body)).is("status", &to)
}

/// Somebody takes the link that was mailed to them.
fn linked(to: &str, what: &str, path: &str) -> Step {
    let body = json!({ "token": "{{linkToken}}", "password": "{{password}}" });
    let mut step = step("With the mailed link", what, "POST", path, Some(body));
    step.before.push(format!("const to = '{to}';\n{}", super::LINK.trim()));
    step
}

fn accepts(who: &str, what: &str) -> Step {
    linked(who, &format!("{what} chooses a password"), "/invitations/{linkId}/acceptance")
}

/// All requests, in their order.
pub fn items() -> Vec<Value> {
    let steps = [call(), letter(), team(), month(), evidence()];
    steps.into_iter().flatten().map(Step::item).collect()
}

fn call() -> Vec<Step> {
    let application = json!({
        "kommunkod": "2582", "contactName": "Näringslivschef Boden", "contactEmail": APPLICANT,
        "motivation": "Vi vill köpa mer av sociala företag.", "maturity": 2,
        "departments": ["Arbetsmarknadsförvaltningen"],
        "coordinator": { "name": "Koordinator Boden", "email": COORDINATOR },
    });
    let mut open = step("Anybody", "finds the open call", "GET", "/programmes?status=open", None);
    open.after.push(
        "pm.test('a call is open', () => pm.expect(pm.response.json().items).to.have.lengthOf(1));"
            .to_owned(),
    );
    for member in ["infoMeetingAt", "avsiktsforklaringDeadline", "startsOn"] {
        open = open.keeps(member, &format!("items[0].{member}"));
    }
    vec![
        open,
        clock("an hour", "Date.now() + hours"),
        step(
            "Boden",
            "expresses its interest",
            "POST",
            "/programmes/{programmeId}/applications",
            Some(application),
        ),
        clock("five minutes", "at('now') + 5 * minutes"),
        linked(APPLICANT, "Boden verifies its address", "/applications/{linkId}/verification")
            .keeps_link("applicationId"),
        status(MANAGER, "invites Boden", "/applications/{applicationId}", json!({ "to": "invited" })),
        clock("past the information meeting", "at('infoMeetingAt') + 2 * hours"),
        status(
            APPLICANT,
            "is still interested",
            "/applications/{applicationId}",
            json!({ "to": "confirmed" }),
        ),
    ]
}

impl Step {
    /// The id of the link is that of what it leads to.
    fn keeps_link(mut self, variable: &str) -> Self {
        self.after
            .push(format!("pm.collectionVariables.set('{variable}', pm.collectionVariables.get('linkId'));"));
        self
    }
}

fn letter() -> Vec<Step> {
    let path = "/avsiktsforklaringar/{avsiktsforklaringId}";
    let letter = json!({ "applicationId": "{{applicationId}}", "signers": [
        { "signerRole": "municipalDirector", "name": "Kommundirektör Boden", "title": "Kommundirektör", "email": "kd.boden@example.org" },
        { "signerRole": "executiveBoardChair", "name": "Ordförande Boden", "title": "Kommunstyrelsens ordförande", "email": "ks.boden@example.org" },
    ] });
    let mut steps = vec![
        step(APPLICANT, "writes the avsiktsförklaring", "POST", "/avsiktsforklaringar", Some(letter)),
        status(APPLICANT, "sends it to be signed", path, json!({ "to": "sentForSignature" })),
        clock("an hour", "at('now') + hours"),
    ];
    for who in ["kd.boden@example.org", "ks.boden@example.org"] {
        let signature = json!({ "method": "account", "sha256": "{{sha256}}" });
        steps.push(accepts(who, who));
        steps.push(step(who, "reads it", "GET", path, None).keeps("sha256", "textSha256"));
        steps.push(step(who, "signs it", "POST", &format!("{path}/signatures"), Some(signature)));
    }
    let decision = json!({ "body": "ESF-rådet", "decidedOn": "2026-01-15", "registryNumber": "2026/00001" });
    let running = json!({ "to": "running", "data": { "decision": decision } });
    steps.extend([
        step(APPLICANT, "is qualified", "GET", "/applications/{applicationId}", None)
            .is("status", "qualified"),
        clock("past the deadline of the letters", "at('avsiktsforklaringDeadline') + hours"),
        status(MANAGER, "decides the places", "/programmes/{programmeId}", json!({ "to": "decided" })),
        status(MANAGER, "starts the programme", "/programmes/{programmeId}", running),
        clock("an hour", "at('now') + hours"),
        accepts(COORDINATOR, "the coordinator"),
    ]);
    steps
}

fn team() -> Vec<Step> {
    let colleague = json!({
        "programmeId": "{{programmeId}}", "organisation": "kommun", "kommunkod": "2582", "name": "Upphandlare Boden",
        "email": EMPLOYEE, "function": "Upphandlare", "department": "Upphandlingsenheten", "isCoordinator": false,
        "validFrom": "{{startsOn}}",
    });
    let attester = json!({
        "name": "Förvaltningschef Boden", "email": ATTESTER,
        "role": { "role": "attester", "programmeId": "{{programmeId}}", "kommunkod": "2582", "validFrom": "{{today}}" },
    });
    let mut people = step(COORDINATOR, "adds the attester", "POST", "/people", Some(attester));
    people.before.push(
        "pm.collectionVariables.set('today', pm.collectionVariables.get('now').slice(0, 10));".to_owned(),
    );
    vec![
        step(COORDINATOR, "adds a colleague", "POST", "/participants", Some(colleague)),
        people,
        clock("an hour", "at('now') + hours"),
        accepts(EMPLOYEE, "the colleague"),
        accepts(ATTESTER, "the attester"),
    ]
}

fn month() -> Vec<Step> {
    let report = "/time-reports/{timeReportId}";
    let entry = json!({
        "participantId": "{{participantId}}", "workDate": "{{startsOn}}", "minutes": 150, "kind": "own",
        "activityCode": "development", "description": "Utkast till policy om sociala företag",
    });
    let read = json!({ "sha256": "{{sha256}}" });
    let comment = "Arbetad tid enligt överenskommelse.";
    let submission = json!({
        "programmeId": "{{programmeId}}", "organisation": "kommun", "kommunkod": "2582", "month": "{{month}}",
    });
    let mut entered =
        step(EMPLOYEE, "enters time", "POST", "/time-entries", Some(entry)).is("minutes", "150");
    entered.after.push(
        "pm.collectionVariables.set('month', pm.collectionVariables.get('startsOn').slice(0, 7));".to_owned(),
    );
    vec![
        clock(
            "to the first day of work",
            "Date.parse(pm.collectionVariables.get('startsOn') + 'T15:00:00Z')",
        ),
        entered,
        clock(
            "to the next month",
            "new Date(at('startsOn')).setUTCMonth(new Date(at('startsOn')).getUTCMonth() + 1) + 8 * hours",
        ),
        step(
            EMPLOYEE,
            "finds the report",
            "GET",
            "/time-reports?participantId={{participantId}}&month={{month}}",
            None,
        ),
        step(EMPLOYEE, "reads it", "GET", report, None).keeps("sha256", "contentSha256"),
        status(EMPLOYEE, "signs it", report, json!({ "to": "signed", "data": read })),
        status(ATTESTER, "attests it", report, json!({ "to": "attested", "data": read, "comment": comment })),
        step(COORDINATOR, "submits the month", "POST", "/month-submissions", Some(submission))
            .is("totalMinutes", "150"),
        status(ECONOMIST, "approves the report", report, json!({ "to": "approved", "data": read })),
    ]
}

fn evidence() -> Vec<Step> {
    let milestone = "/milestones/{milestoneId}";
    let decision = json!({ "decision": {
        "body": "Kommunfullmäktige", "decidedOn": "{{startsOn}}", "paragraph": "§ 41", "registryNumber": "KS 2026/123",
    } });
    let find = "/milestones?programmeId={{programmeId}}&kommunkod=2582&kind=policyDocument";
    let chain = "/audit-events/verification?chain=programme:{{programmeId}}:kommun:2582";
    vec![
        step(COORDINATOR, "finds the milestone", "GET", find, None),
        status(COORDINATOR, "begins it", milestone, json!({ "to": "inProgress" })),
        step(COORDINATOR, "tells the decision", "PATCH", milestone, Some(decision))
            .is("decision.paragraph", "§ 41"),
        status(COORDINATOR, "submits it", milestone, json!({ "to": "submitted" })),
        status(MANAGER, "approves it", milestone, json!({ "to": "approved" })),
        step(MANAGER, "verifies the audit trail", "GET", chain, None).is("chains[0].isIntact", "true"),
    ]
}
