//! Avsiktsförklaringar (letters): written by the applicant, signed by two, received; and every refusal on the way.

use samverkan::calls::avsiktsforklaringar::LetterRow;
use samverkan::identity::policy::Role;
use samverkan::platform::ids::{Id, sha256_hex};
use serde_json::{Value, json};

use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish};
use crate::programmes::open;
use crate::support::{Client, Response, TestApp};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "avsiktsforklaringId",
    owner: Owner::Kommun,
    make: |_, world| world.first_of_boden("/avsiktsforklaringar", ""),
    wishes: |world| {
        vec![Wish::post("/avsiktsforklaringar", json!({"applicationId": world.id("applicationId")}))]
    },
    rows: Some(Rows::by_keys::<LetterRow>()),
}];

/// A letter of Boden whose draft its applicant has deleted; the programme's manager and the applicant.
pub fn deleted_draft(t: &TestApp) -> (Id, Client, Client) {
    let (letter, manager, applicant) = letter_draft(t);
    applicant.if_match(&applicant.get(&letter)).delete(&letter).is(204);
    (letter.rsplit('/').next().unwrap().parse().unwrap(), manager, applicant)
}

/// The path of a draft letter of Boden; the programme's manager and the applicant.
pub fn letter_draft(t: &TestApp) -> (String, Client, Client) {
    let call = Call::new(t);
    (call.draft().0, call.manager, call.applicant)
}

const BODEN: &str = "2582";
pub const DIRECTOR: &str = "kommundirektor.boden@example.org";
pub const CHAIR: &str = "ordforande.boden@example.org";
const APPLICANT: &str = "sokande.2582@example.org";

/// An invited kommun, its applicant and the programme manager. The clock is after the information meeting.
pub struct Call {
    pub programme: Id,
    pub application: String,
    pub applicant: Client,
    pub manager: Client,
}

impl Call {
    pub fn new(t: &TestApp) -> Self {
        Self::of(t, "2020-11-06T15:00:00+01:00")
    }

    fn of(t: &TestApp, now: &str) -> Self {
        let programme = open(t);
        let manager = t.manager(programme);
        let id = invited(t, &manager, programme, BODEN);
        t.at(now);
        Self {
            programme,
            application: format!("/applications/{id}"),
            applicant: t.login_as(APPLICANT),
            manager,
        }
    }

    fn application_id(&self) -> &str {
        self.application.rsplit('/').next().unwrap()
    }

    fn status(&self) -> Value {
        self.manager.get(&self.application).is(200)["status"].clone()
    }

    /// A draft with both signers named.
    fn draft(&self) -> Letter {
        let body = json!({"applicationId": self.application_id(), "signers": signers()});
        let answer = self.applicant.post("/avsiktsforklaringar", body);
        answer.is(201);
        Letter(format!("/avsiktsforklaringar/{}", answer.id()))
    }

    /// A letter that waits for both signatures.
    pub fn sent(&self) -> Letter {
        let letter = self.draft();
        self.applicant.change(&letter.0, "sentForSignature").is(200);
        letter
    }

    /// A letter that both have signed.
    fn received(&self, t: &TestApp) -> Letter {
        let letter = self.sent();
        letter.sign(&t.login_as(DIRECTOR)).is(201);
        letter.sign(&t.login_as(CHAIR)).is(201);
        letter
    }

    /// Gives places to all qualified kommuner.
    fn decide(&self, t: &TestApp) {
        t.at("2020-11-15");
        self.manager.change(&format!("/programmes/{}", self.programme), "decided").is(200);
    }
}

/// A letter's path.
pub struct Letter(pub String);

impl Letter {
    pub fn seen_by(&self, client: &Client) -> Value {
        client.get(&self.0).is(200)
    }

    fn sign(&self, signer: &Client) -> Response {
        let sha256 = self.seen_by(signer)["textSha256"].clone();
        signer.post(&format!("{}/signatures", self.0), json!({"method": "account", "sha256": sha256}))
    }

    pub fn patch(&self, applicant: &Client, body: Value) -> Response {
        applicant.if_match(&applicant.get(&self.0)).patch(&self.0, body)
    }

    fn on_paper(&self, manager: &Client, received_at: &str, comment: Option<&str>) -> Response {
        let mut body = json!({"to": "received", "data": paper(received_at)});
        if let Some(comment) = comment {
            body["comment"] = json!(comment);
        }
        manager.post(&format!("{}/status-changes", self.0), body)
    }
}

fn paper(received_at: &str) -> Value {
    json!({"receivedAt": received_at, "signers": [
        {"signerRole": "municipalDirector", "name": "Kommundirektör Boden", "signedOn": "2020-11-06"},
        {"signerRole": "executiveBoardChair", "name": "Ordförande Boden", "signedOn": "2020-11-06"},
    ]})
}

fn signer(role: &str, email: &str) -> Value {
    json!({"signerRole": role, "name": format!("{role} Boden"), "title": "Titel", "email": email})
}

fn signers() -> Value {
    json!([signer("municipalDirector", DIRECTOR), signer("executiveBoardChair", CHAIR)])
}

/// The id of a verified application that has been invited.
fn invited(t: &TestApp, manager: &Client, programme: Id, kommunkod: &str) -> String {
    let email = format!("sokande.{kommunkod}@example.org");
    let interest = json!({
        "kommunkod": kommunkod,
        "contactName": format!("Sökande {kommunkod}"),
        "contactEmail": email,
        "motivation": "Vi vill samverka mer med sociala företag.",
        "maturity": 2,
        "departments": ["Arbetsmarknadsförvaltningen"],
    });
    let sent = t.anonymous().post(&format!("/programmes/{programme}/applications"), interest);
    assert!(matches!(sent.status, 201 | 202), "{}", sent.text);
    let (id, token) = t.link_for(&email);
    let proof = json!({"token": token, "password": "ett långt lösenord 2020"});
    let verified = t.anonymous().post(&format!("/applications/{id}/verification"), proof);
    assert!(matches!(verified.status, 200 | 201), "{}", verified.text);
    manager.change(&format!("/applications/{id}"), "invited").is(200);
    id
}

fn mails_to<'m>(mails: &'m [(String, String)], address: &str) -> Vec<&'m str> {
    mails.iter().filter(|(to, _)| to == address).map(|(_, body)| body.as_str()).collect()
}

fn transitions(letter: &Value) -> Vec<&str> {
    letter["allowedTransitions"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect()
}

fn has_link(letter: &Value, rel: &str) -> bool {
    letter["_links"].as_array().unwrap().iter().any(|link| link["rel"] == rel)
}

both!(a_letter_from_draft_to_received, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    let letter = call.draft();
    let draft = letter.seen_by(&call.applicant);
    assert_eq!((&draft["status"], &draft["textVersion"]), (&json!("draft"), &json!(1)));
    assert_eq!(draft["deadline"], "2020-11-15T23:00:00.000Z");
    let text = draft["text"].as_str().unwrap();
    for promise in
        ["Boden", "7 medarbetare", "500 arbetstimmar", "20 procent", "policydokument", "handlingsplan"]
    {
        assert!(text.contains(promise), "{promise} is missing in {text}");
    }
    assert_eq!(draft["textSha256"], sha256_hex(text));
    assert_eq!(transitions(&draft), ["sentForSignature"]);

    let sent = call.applicant.change(&letter.0, "sentForSignature").is(200);
    assert_eq!(sent["status"], "sentForSignature");
    let mails = t.mails();
    for address in [DIRECTOR, CHAIR] {
        let told = mails_to(&mails, address);
        assert!(
            told.iter().any(|mail| mail.contains(&letter.0) && mail.contains("2020-11-15 24:00")),
            "{told:?}"
        );
        assert!(told.iter().all(|mail| mail.contains("Europeiska socialfonden") && mail.contains("European Social Fund")));
        t.link_for(address);
    }

    let director = t.login_as(DIRECTOR);
    let seen = letter.seen_by(&director);
    assert!(has_link(&seen, "sign"));
    assert_eq!(transitions(&seen), ["declined"]);
    let first = letter.sign(&director);
    let signature = first.is(201);
    assert!(first.header("location").unwrap().ends_with(&format!("{}/signatures", letter.0)));
    assert_eq!(signature["signerRole"], "municipalDirector");
    assert_eq!((&signature["method"], &signature["sha256"]), (&json!("account"), &draft["textSha256"]));
    let partly = letter.seen_by(&director);
    assert_eq!(partly["status"], "partlySigned");
    assert!(!has_link(&partly, "sign"));

    let chair = t.login_as(CHAIR);
    let deputy =
        json!({"method": "account", "sha256": draft["textSha256"], "delegationRef": "KS 2020-01-15 § 7"});
    let second = chair.post(&format!("{}/signatures", letter.0), deputy).is(201);
    assert_eq!(second["delegationRef"], "KS 2020-01-15 § 7");
    let received = letter.seen_by(&call.manager);
    assert_eq!(received["status"], "received");
    assert_eq!(received["receivedAt"], json!(t.now()));
    assert_eq!(received["signatures"].as_array().unwrap().len(), 2);
    assert_eq!(call.status(), "qualified");
    let history = call.manager.get(&format!("{}/status-changes", letter.0)).is(200);
    let steps: Vec<_> = history["items"].as_array().unwrap().iter().map(|step| step["to"].clone()).collect();
    assert_eq!(steps, ["sentForSignature", "partlySigned", "signed", "received"]);
    assert!(mails_to(&t.mails(), APPLICANT).iter().any(|mail| mail.contains("tagits emot")));
});

both!(an_unreadable_name_of_a_signer_is_refused, |t| {
    let call = Call::new(t);
    let named = |name: &str| {
        let mut signers = signers();
        signers[1]["name"] = json!(name);
        signers
    };
    let new = |name: &str| json!({"applicationId": call.application_id(), "signers": named(name)});
    let names = ["1", "\u{202e}edn\u{e4}rofdrO", "Ordförande\u{200b}Boden", "\u{3164}"];
    let fault = [("/signers/1/name".to_owned(), "notAName".to_owned())];
    for name in names {
        let answer = call.applicant.post("/avsiktsforklaringar", new(name));
        answer.refused(422, "invalidInput");
        assert_eq!(answer.faults(), fault, "{name:?}");
    }
    let letter = call.draft();
    for name in names {
        let answer = letter.patch(&call.applicant, json!({"signers": named(name)}));
        answer.refused(422, "invalidInput");
        assert_eq!(answer.faults(), fault, "{name:?}");
    }
    letter.patch(&call.applicant, json!({"signers": named("Åsa Öberg")})).is(200);
});

both!(an_unreadable_name_from_a_paper_is_refused, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let path = letter.0.clone();
    let at = "2020-11-06T13:30:00Z";
    let registered = |name: &str| {
        let mut data = paper(at);
        data["signers"][1]["name"] = json!(name);
        json!({"to": "received", "data": data})
    };
    for name in ["1", "\u{202e}edn\u{e4}rofdrO", "Ordförande\u{200b}Boden", "\u{3164}", "Åsa\nÖberg"] {
        let answer = call.manager.post(&format!("{path}/status-changes"), registered(name));
        answer.refused(422, "invalidInput");
        assert_eq!(answer.faults(), [("/data/signers/1/name".to_owned(), "notAName".to_owned())], "{name:?}");
    }
    // The same in a batch.
    let mut item = registered("\u{3164}");
    item["id"] = json!(path.rsplit('/').next());
    let many =
        call.manager.post("/avsiktsforklaringar/status-changes/batch", json!({"items": [item]})).is(200);
    let problem = &many["items"][0]["problem"];
    assert_eq!((&many["failed"], &problem["code"]), (&json!(1), &json!("invalidInput")));
    assert_eq!(problem["errors"][0]["pointer"], "/data/signers/1/name");
    call.manager.post(&format!("{path}/status-changes"), registered("Åsa Öberg")).is(200);
});

both!(a_letter_received_before_the_confirmation_qualifies_with_it, |t| {
    let call = Call::new(t);
    call.received(t);
    assert_eq!(call.status(), "invited");
    call.applicant.change(&call.application, "confirmed").is(200);
    assert_eq!(call.status(), "qualified");
});

fn rels(shown: &Value) -> Vec<String> {
    let links = shown["_links"].as_array().unwrap().iter();
    links.map(|link| link["rel"].as_str().unwrap().to_owned()).collect()
}

both!(a_letter_that_would_expire_at_once_is_not_begun, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    t.at("2020-11-17");
    assert_eq!(call.status(), "notQualified");
    let new = json!({"applicationId": call.application_id()});
    assert!(!rels(&call.applicant.get(&call.application).is(200)).contains(&"writeLetter".to_owned()));
    call.applicant.post("/avsiktsforklaringar", new.clone()).refused(409, "deadlinePassed");
    // The manager registers paper that came in time.
    assert!(rels(&call.manager.get(&call.application).is(200)).contains(&"writeLetter".to_owned()));
    call.manager.post("/avsiktsforklaringar", new).is(201);
});

both!(a_kommun_has_one_open_letter, |t| {
    let call = Call::new(t);
    let first = call.draft();
    let again = json!({"applicationId": call.application_id()});
    call.applicant.post("/avsiktsforklaringar", again.clone()).refused(409, "alreadyExists");
    let rels = |path: &str| rels(&call.applicant.get(path).is(200));
    assert!(rels(&first.0).contains(&"delete".to_owned()));
    assert!(!rels(&call.application).contains(&"writeLetter".to_owned()));
    call.applicant.delete(&first.0).refused(428, "preconditionRequired");
    let seen = call.applicant.get(&first.0);
    first.patch(&call.applicant, json!({"text": "Kortare."})).is(200);
    call.applicant.if_match(&seen).delete(&first.0).refused(412, "versionMismatch");
    call.applicant.if_match(&call.applicant.get(&first.0)).delete(&first.0).is(204);
    call.applicant.get(&first.0).refused(404, "notFound");
    assert!(rels(&call.application).contains(&"writeLetter".to_owned()));
    call.applicant.post("/avsiktsforklaringar", again).is(201);
});

both!(a_letter_needs_an_invitation, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let late = json!({
        "kommunkod": BODEN, "contactName": "Sökande", "contactEmail": APPLICANT, "motivation": "Vi vill.", "maturity": 1,
        "departments": ["Inköp"], "receivedAt": "2020-10-05T07:00:00Z", "reason": "Kom med e-post.",
    });
    let application = manager.post(&format!("/programmes/{programme}/applications"), late);
    application.is(201);
    let applicant = t.login_as(APPLICANT);
    let body = json!({"applicationId": application.id()});
    applicant.post("/avsiktsforklaringar", body.clone()).refused(409, "stateConflict");
    manager.change(&format!("/applications/{}", application.id()), "invited").is(200);
    applicant.post("/avsiktsforklaringar", body).is(201);
});

both!(the_signers_are_two_people_other_than_the_applicant, |t| {
    let call = Call::new(t);
    let with = |signers: Value| json!({"applicationId": call.application_id(), "signers": signers});
    let refused = |signers: Value| {
        let refusal = call.applicant.post("/avsiktsforklaringar", with(signers));
        refusal.refused(422, "invalidInput");
        refusal.faults()
    };
    let same = json!([
        signer("municipalDirector", DIRECTOR),
        signer("executiveBoardChair", "KOMMUNDIREKTOR.boden@example.org")
    ]);
    assert_eq!(refused(same), [("/signers/1/email".to_owned(), "notUnique".to_owned())]);
    let own = json!([signer("municipalDirector", APPLICANT), signer("municipalDirector", CHAIR)]);
    assert_eq!(
        refused(own),
        [
            ("/signers/0/email".to_owned(), "applicantsOwn".to_owned()),
            ("/signers/1/signerRole".to_owned(), "notUnique".to_owned()),
        ]
    );
    assert_eq!(refused(json!([signer("attester", DIRECTOR)]))[0].0, "/signers/0/signerRole");

    let answer =
        call.applicant.post("/avsiktsforklaringar", with(json!([signer("municipalDirector", DIRECTOR)])));
    let letter = Letter(format!("/avsiktsforklaringar/{}", answer.id()));
    let refusal = call.applicant.change(&letter.0, "sentForSignature");
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/signers".to_owned(), "required".to_owned())]);
    letter.patch(&call.applicant, json!({"signers": signers()})).is(200);
    call.applicant.change(&letter.0, "sentForSignature").is(200);
});

both!(a_signature_covers_one_text, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let (director, chair) = (t.login_as(DIRECTOR), t.login_as(CHAIR));
    let signatures = format!("{}/signatures", letter.0);
    let old = letter.seen_by(&director)["textSha256"].clone();
    letter.sign(&director).is(201);
    letter.sign(&director).refused(409, "alreadySigned");

    let changed = letter.patch(&call.applicant, json!({"text": "Vi vill delta, på andra villkor."})).is(200);
    assert_eq!((&changed["status"], &changed["textVersion"]), (&json!("draft"), &json!(2)));
    assert_eq!(changed["signatures"][0]["isVoid"], true);
    let old_text = json!({"method": "account", "sha256": old});
    let refusal = chair.post(&signatures, old_text.clone()).refused(409, "textChanged");
    assert_eq!(refusal["textSha256"], changed["textSha256"]);
    letter.sign(&chair).refused(409, "transitionNotAllowed");

    call.applicant.change(&letter.0, "sentForSignature").is(200);
    director.post(&signatures, old_text).refused(409, "textChanged");
    letter.sign(&chair).is(201);
    letter.sign(&director).is(201);
    letter.sign(&chair).refused(409, "alreadySigned");
    let kept = director.get(&signatures).is(200);
    assert_eq!(kept["_meta"]["totalRecords"], 3);
    assert_eq!(director.get(&format!("{signatures}?isVoid=true")).is(200)["_meta"]["totalRecords"], 1);
    director.get(&format!("{signatures}?colour=blue")).refused(400, "invalidQuery");

    let unchanged = letter.patch(&call.applicant, json!({})).is(200);
    assert_eq!((&unchanged["status"], &unchanged["textVersion"]), (&json!("received"), &json!(2)));
});

both!(the_requirements_of_a_signature, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let director = t.login_as(DIRECTOR);
    let signatures = format!("{}/signatures", letter.0);
    let sha256 = letter.seen_by(&director)["textSha256"].clone();
    for method in ["inkScan", "adesPdf", "bankId"] {
        let refusal = director.post(&signatures, json!({"method": method, "sha256": sha256}));
        refusal.refused(422, "invalidInput");
        assert_eq!(refusal.faults(), [("/method".to_owned(), "notAccepted".to_owned())]);
    }
    director.post(&signatures, json!({"method": "account", "sha256": "abc"})).refused(422, "invalidInput");
    director.post(&signatures, json!({"method": "account"})).refused(422, "invalidInput");
    let stale = director.header("If-Match", "\"1-0000000000000000\"");
    stale.post(&signatures, json!({"method": "account", "sha256": sha256})).refused(412, "versionMismatch");
    for nobody in [&call.applicant, &call.manager] {
        nobody.post(&signatures, json!({"method": "account", "sha256": sha256})).refused(403, "forbidden");
    }
    t.anonymous()
        .post(&signatures, json!({"method": "account", "sha256": sha256}))
        .refused(401, "unauthenticated");
});

both!(who_sees_a_letter, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let other = t.in_kommun(Role::Applicant, call.programme, "2514");
    other.get(&letter.0).refused(404, "notFound");
    other.get(&format!("{}/signatures", letter.0)).refused(404, "notFound");
    other.change(&letter.0, "revoked").refused(404, "notFound");
    assert_eq!(other.get("/avsiktsforklaringar").is(200)["_meta"]["totalRecords"], 0);
    let body = json!({"applicationId": call.application_id()});
    other.post("/avsiktsforklaringar", body.clone()).refused(404, "notFound");
    t.economist(call.programme).post("/avsiktsforklaringar", body).refused(403, "forbidden");
    for role in [Role::Economist, Role::Auditor] {
        letter.seen_by(&t.in_programme(role, call.programme));
    }
    letter.seen_by(&t.in_kommun(Role::Coordinator, call.programme, BODEN));
    t.in_kommun(Role::Participant, call.programme, BODEN).get(&letter.0).refused(403, "forbidden");

    let director = t.login_as(DIRECTOR);
    assert_eq!(director.get("/avsiktsforklaringar").is(200)["_meta"]["totalRecords"], 1);
    director.get(&call.application).refused(403, "forbidden");
    director.change(&letter.0, "sentForSignature").refused(409, "transitionNotAllowed");
    call.manager.change_because(&letter.0, "declined", "Nej.").refused(403, "notYours");
});

both!(a_signatory_sees_no_other_letter, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let mut letters = Vec::new();
    for kommunkod in [BODEN, "2514"] {
        let application = invited(t, &manager, programme, kommunkod);
        let applicant = t.login_as(&format!("sokande.{kommunkod}@example.org"));
        let of = |role: &str| signer(role, &format!("{}.{kommunkod}@example.org", role.to_lowercase()));
        let both = json!([of("municipalDirector"), of("executiveBoardChair")]);
        let answer =
            applicant.post("/avsiktsforklaringar", json!({"applicationId": application, "signers": both}));
        answer.is(201);
        let path = format!("/avsiktsforklaringar/{}", answer.id());
        applicant.change(&path, "sentForSignature").is(200);
        letters.push(Letter(path));
    }
    let director = t.login_as("municipaldirector.2582@example.org");
    letters[0].sign(&director).is(201);
    director.get(&letters[1].0).refused(404, "notFound");
    let sha256 = letters[1].seen_by(&manager)["textSha256"].clone();
    let signature = json!({"method": "account", "sha256": sha256});
    director.post(&format!("{}/signatures", letters[1].0), signature).refused(404, "notFound");
    let list =
        manager.get("/avsiktsforklaringar?kommunkod=2514&status=sentForSignature&sort=deadline").is(200);
    assert_eq!(list["items"][0]["kommunkod"], "2514");
    assert_eq!(list["_meta"]["totalRecords"], 1);
    manager.get("/avsiktsforklaringar?deadlineTo=2020-11-15T22:00:00Z").is(200);
});

both!(a_letter_can_be_declined_and_returned_and_signed_again, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let (director, chair) = (t.login_as(DIRECTOR), t.login_as(CHAIR));
    letter.sign(&director).is(201);
    chair.change(&letter.0, "declined").refused(422, "invalidInput");
    chair.change_because(&letter.0, "declined", "Nämnden har inte hörts.").is(200);
    let told = t.mails();
    assert!(
        mails_to(&told, APPLICANT)
            .iter()
            .any(|mail| mail.contains("Nämnden har inte hörts.") && mail.contains("avböjts"))
    );
    let draft = call.applicant.change(&letter.0, "draft").is(200);
    assert_eq!(draft["signatures"][0]["isVoid"], true);
    call.applicant.if_match(&call.applicant.get(&letter.0)).delete(&letter.0).refused(409, "stateConflict");

    call.applicant.change(&letter.0, "sentForSignature").is(200);
    letter.sign(&chair).is(201);
    call.manager.change(&letter.0, "returned").refused(422, "invalidInput");
    call.manager.change_because(&letter.0, "returned", "Fel diarienummer.").is(200);
    assert!(mails_to(&t.mails(), APPLICANT).iter().any(|mail| mail.contains("Fel diarienummer.")));
    letter.patch(&call.applicant, json!({"text": "Rätt diarienummer: KS 2020/412."})).is(200);
    call.applicant.change(&letter.0, "sentForSignature").is(200);
    letter.sign(&chair).is(201);
    letter.sign(&director).is(201);
    assert_eq!(letter.seen_by(&director)["status"], "received");
});

both!(a_signer_can_be_replaced, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let (director, chair) = (t.login_as(DIRECTOR), t.login_as(CHAIR));
    let other = "stallforetradare.boden@example.org";
    let named = json!([signer("municipalDirector", other), signer("executiveBoardChair", CHAIR)]);
    letter.patch(&call.applicant, json!({"signers": named})).is(200);
    call.applicant.change(&letter.0, "sentForSignature").is(200);
    director.get(&letter.0).refused(403, "forbidden");
    letter.sign(&t.login_as(other)).is(201);
    letter.sign(&chair).is(201);
    assert_eq!(letter.seen_by(&call.manager)["status"], "received");
});

both!(a_received_letter_can_be_undone_only_before_the_decision, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    let letter = call.received(t);
    assert_eq!(transitions(&letter.seen_by(&call.applicant)), ["revoked"]);
    assert_eq!(transitions(&letter.seen_by(&call.manager)), ["returned"]);
    call.applicant.change(&letter.0, "revoked").is(200);
    assert_eq!(call.status(), "confirmed");

    let second = call.received(t);
    assert_eq!(call.status(), "qualified");
    call.manager.change_because(&second.0, "returned", "Oläslig.").is(200);
    assert_eq!(call.status(), "confirmed");
    second.patch(&call.applicant, json!({"text": "Läslig."})).is(200);
    call.applicant.change(&second.0, "sentForSignature").is(200);
    second.sign(&t.login_as(DIRECTOR)).is(201);
    second.sign(&t.login_as(CHAIR)).is(201);
    let changed = second.patch(&call.applicant, json!({"text": "Ändrad."})).is(200);
    assert_eq!((&changed["status"], &changed["receivedAt"]), (&json!("draft"), &Value::Null));
    assert_eq!(call.status(), "confirmed");
    call.applicant.change(&second.0, "sentForSignature").is(200);
    second.sign(&t.login_as(DIRECTOR)).is(201);
    second.sign(&t.login_as(CHAIR)).is(201);

    call.decide(t);
    assert_eq!(call.status(), "selected");
    assert!(transitions(&second.seen_by(&call.manager)).is_empty());
    call.manager.change_because(&second.0, "returned", "För sent.").refused(409, "stateConflict");
    call.applicant.change(&second.0, "revoked").refused(409, "stateConflict");
    second.patch(&call.applicant, json!({"text": "Efter beslutet."})).refused(409, "stateConflict");
});

both!(a_newer_letter_supersedes_the_older, |t| {
    let call = Call::new(t);
    let first = call.received(t);
    let second = call.received(t);
    assert_eq!(first.seen_by(&call.manager)["status"], "superseded");
    assert_eq!(second.seen_by(&call.manager)["status"], "received");
    call.manager.change_because(&first.0, "returned", "Nej.").refused(409, "transitionNotAllowed");
});

both!(the_manager_registers_a_paper_letter, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    let letter = call.sent();
    letter.sign(&t.login_as(DIRECTOR)).is(201);
    let at = "2020-11-06T13:30:00Z";
    call.manager.change(&letter.0, "received").refused(422, "invalidInput");
    letter.on_paper(&call.manager, "2020-11-20T10:00:00Z", None).refused(422, "invalidInput");
    letter.on_paper(&call.applicant, at, None).refused(403, "notYours");
    let mut one = json!({"to": "received", "data": paper(at)});
    one["data"]["signers"].as_array_mut().unwrap().remove(1);
    let refusal = call.manager.post(&format!("{}/status-changes", letter.0), one);
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/data/signers".to_owned(), "required".to_owned())]);
    let received = letter.on_paper(&call.manager, at, None).is(200);
    assert_eq!(received["receivedAt"], "2020-11-06T13:30:00.000Z");
    let kept = received["signatures"].as_array().unwrap();
    let valid: Vec<_> = kept.iter().filter(|signature| signature["isVoid"] == false).collect();
    assert_eq!((kept.len(), valid.len()), (3, 2));
    assert!(valid.iter().all(
        |signature| signature["method"] == "inkScan" && signature["receivedAt"] == received["receivedAt"]
    ));
    assert_eq!(call.status(), "qualified");
});

both!(the_manager_registers_a_paper_letter_that_the_kommun_never_began, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    let begun = call.manager.post("/avsiktsforklaringar", json!({"applicationId": call.application_id()}));
    begun.is(201);
    let letter = Letter(format!("/avsiktsforklaringar/{}", begun.id()));
    call.manager.change(&letter.0, "sentForSignature").refused(403, "notYours");
    letter.on_paper(&call.manager, "2020-11-06T13:30:00Z", None).is(200);
    assert_eq!(call.status(), "qualified");
    let other = crate::programmes::draft(t);
    let body = json!({"applicationId": call.application_id()});
    t.manager(other).post("/avsiktsforklaringar", body).refused(404, "notFound");
});

both!(a_paper_letter_has_two_signers_and_may_name_a_deputy, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    letter.sign(&t.login_as(DIRECTOR)).is(201);
    let path = format!("{}/status-changes", letter.0);
    let with = |signers: Value| json!({"to": "received", "data": {"receivedAt": "2020-11-06T13:30:00Z", "signers": signers}});
    let signed = |role: &str, name: &str| json!({"signerRole": role, "name": name, "signedOn": "2020-11-06"});
    let refused = |signers: Value| {
        let refusal = call.manager.post(&path, with(signers));
        refusal.refused(422, "invalidInput");
        refusal.faults()
    };
    let twice =
        json!([signed("municipalDirector", "Maja Lind"), signed("executiveBoardChair", "maja  lind")]);
    assert_eq!(refused(twice), [("/data/signers/1/name".to_owned(), "notUnique".to_owned())]);
    // The director has already signed with the account, under the same name.
    let again = json!([signed("executiveBoardChair", "municipalDirector Boden")]);
    assert_eq!(refused(again), [("/data/signers/0/name".to_owned(), "notUnique".to_owned())]);

    let mut deputy = signed("executiveBoardChair", "Vice ordförande Boden");
    deputy["delegationRef"] = json!("KS 2020-01-15 § 7");
    let received = call.manager.post(&path, with(json!([deputy]))).is(200);
    // The letter is received when the later signature is.
    assert_eq!(received["receivedAt"], json!(t.now()));
    let paper =
        received["signatures"].as_array().unwrap().iter().find(|row| row["method"] == "inkScan").unwrap();
    assert_eq!(paper["receivedAt"], "2020-11-06T13:30:00.000Z");
    assert_eq!(paper["delegationRef"], "KS 2020-01-15 § 7");
    assert_eq!(paper["title"], Value::Null, "a deputy does not get the chair's title");
});

both!(a_named_signer_keeps_the_title_on_paper, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let mut data = paper("2020-11-06T13:30:00Z");
    data["signers"][0]["name"] = json!("Municipaldirector  boden");
    data["signers"][1]["title"] = json!("Ordförande");
    let body = json!({"to": "received", "data": data});
    let received = call.manager.post(&format!("{}/status-changes", letter.0), body).is(200);
    let titles: Vec<&Value> =
        received["signatures"].as_array().unwrap().iter().map(|row| &row["title"]).collect();
    assert!(titles.contains(&&json!("Titel")) && titles.contains(&&json!("Ordförande")), "{titles:?}");
});

both!(a_signer_cannot_become_the_applicant, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let seen = call.applicant.get(&call.application);
    let patch = json!({"contactEmail": "Ordforande.boden@example.org"});
    let refusal = call.applicant.if_match(&seen).patch(&call.application, patch);
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/contactEmail".to_owned(), "isSigner".to_owned())]);
    // Nor can an applicant sign who got the role in another way.
    let chair = t.login_as(CHAIR);
    t.grant(&chair, Role::Applicant, call.programme, Some(BODEN));
    letter.sign(&chair).refused(403, "ownWork");
});

both!(signatures_are_in_the_audit_trail, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    letter.sign(&t.login_as(DIRECTOR)).is(201);
    letter.patch(&call.applicant, json!({"text": "Vi vill delta, på andra villkor."})).is(200);
    let trail = "/audit-events?resourceType=signature&sort=sequence";
    let events = call.manager.get(trail).is(200);
    let items = events["items"].as_array().unwrap();
    let actions: Vec<&str> = items.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["signature.created", "signature.voided"]);
    assert_eq!(items[0]["chain"], format!("programme:{}:kommun:{BODEN}", call.programme));
    assert_eq!(items[0]["after"]["signerRole"], "municipalDirector");
    assert_eq!(items[0]["actorRole"], "signatory");
    assert_eq!((&items[1]["before"]["isVoid"], &items[1]["after"]["isVoid"]), (&json!(false), &json!(true)));
    assert_eq!(items[1]["resourceId"], items[0]["resourceId"]);
});

both!(a_received_letter_cannot_be_replaced_after_the_decision, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    let first = call.received(t);
    let second = call.draft();
    call.decide(t);
    assert_eq!(second.seen_by(&call.manager)["status"], "expired");
    let at = "2020-11-13T10:00:00Z";
    second.on_paper(&call.manager, at, None).refused(409, "stateConflict");
    assert_eq!(first.seen_by(&call.manager)["status"], "received");
});

both!(the_deadline_ends_letters_that_are_not_received, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    let letter = call.sent();
    let director = t.login_as(DIRECTOR);
    letter.sign(&director).is(201);
    // The deadline has passed, but the job has not run yet: signing is already refused.
    let deadline = samverkan::platform::moment::deadline("2020-11-15").unwrap();
    t.clock.advance(deadline.millis() - t.now().millis());
    letter.sign(&t.login_as(CHAIR)).refused(409, "deadlinePassed");
    t.run_jobs();
    assert_eq!(letter.seen_by(&call.manager)["status"], "expired");
    assert_eq!(call.status(), "notQualified");
    letter.sign(&t.login_as(CHAIR)).refused(409, "transitionNotAllowed");
    letter.patch(&call.applicant, json!({"text": "För sent."})).refused(409, "transitionNotAllowed");
    t.at("2020-11-17");
    letter.on_paper(&call.manager, "2020-11-16T10:00:00Z", None).refused(422, "invalidInput");
    letter.on_paper(&call.manager, "2020-11-13T10:00:00Z", None).is(200);
    assert_eq!(call.status(), "qualified");
});

both!(a_later_deadline_for_the_kommun_applies_to_its_letter, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let seen = call.manager.get(&call.application);
    call.manager.if_match(&seen).patch(&call.application, json!({"respondBy": "2020-11-20"})).is(200);
    call.applicant.change(&call.application, "confirmed").is(200);
    t.at("2020-11-15");
    let waiting = letter.seen_by(&call.manager);
    assert_eq!(waiting["status"], "sentForSignature");
    assert_eq!(waiting["deadline"], "2020-11-20T23:00:00.000Z");
    letter.sign(&t.login_as(DIRECTOR)).is(201);
    letter.sign(&t.login_as(CHAIR)).is(201);
    assert_eq!(call.status(), "qualified");
});

both!(a_late_letter_needs_a_reason, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    let letter = call.draft();
    t.at("2020-11-17");
    assert_eq!(letter.seen_by(&call.manager)["status"], "expired");
    let received =
        letter.on_paper(&call.manager, "2020-11-16T10:00:00Z", Some("Posten var försenad.")).is(200);
    assert_eq!(received["status"], "received");
    assert_eq!(call.status(), "notQualified", "only the manager can override the application");
});

both!(nobody_registers_their_own_letter, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    let here = Some(call.programme);
    let torn = t.person(
        "Sökande och projektledare",
        &[(Role::ProgrammeManager, here, None), (Role::Applicant, here, Some(BODEN))],
    );
    letter.on_paper(&torn, "2020-11-06T13:30:00Z", None).refused(403, "ownWork");
});

both!(a_batch_returns_letters, |t| {
    let call = Call::new(t);
    let letter = call.sent();
    letter.sign(&t.login_as(DIRECTOR)).is(201);
    let id = letter.0.rsplit('/').next().unwrap();
    let unknown = "0175a2e1-7c00-7000-8000-000000000001";
    let items = json!([
        {"id": id, "to": "returned", "comment": "Fel bilaga."},
        {"id": unknown, "to": "returned", "comment": "Fel bilaga."},
    ]);
    let path = "/avsiktsforklaringar/status-changes/batch";
    let tried = call.manager.post(path, json!({"atomic": true, "items": items})).is(200);
    assert_eq!((&tried["isKept"], &tried["items"][1]["status"]), (&json!(false), &json!(404)));
    assert_eq!(letter.seen_by(&call.manager)["status"], "partlySigned");
    let done = call.manager.post(path, json!({"items": items})).is(200);
    assert_eq!((&done["succeeded"], &done["failed"]), (&json!(1), &json!(1)));
    assert_eq!(letter.seen_by(&call.manager)["status"], "returned");
});

both!(both_can_sign_at_the_same_time, |t| {
    let call = Call::new(t);
    call.applicant.change(&call.application, "confirmed").is(200);
    let letter = call.sent();
    let signers = [t.login_as(DIRECTOR), t.login_as(CHAIR)];
    // Each of them sends four requests.
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let pressed: Vec<_> = (0..8)
            .map(|n| {
                let (letter, signer) = (&letter, &signers[n % 2]);
                scope.spawn(move || letter.sign(signer).status)
            })
            .collect();
        pressed.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 2, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 201 | 409)), "{answers:?}");
    let received = letter.seen_by(&call.manager);
    assert_eq!(received["status"], "received");
    assert_eq!(received["signatures"].as_array().unwrap().len(), 2);
    let history = call.manager.get(&format!("{}/status-changes", letter.0)).is(200);
    let count =
        |to: &str| history["items"].as_array().unwrap().iter().filter(|step| step["to"] == to).count();
    assert_eq!((count("partlySigned"), count("signed"), count("received")), (1, 1, 1));
    assert_eq!(call.status(), "qualified");
});

both!(a_letter_of_an_ended_application_offers_no_steps, |t| {
    let call = Call::new(t);
    let letter = call.draft();
    assert_eq!(transitions(&letter.seen_by(&call.manager)), ["received"]);
    assert_eq!(transitions(&letter.seen_by(&call.applicant)), ["sentForSignature"]);
    call.applicant.change(&call.application, "declined").is(200);
    call.applicant.change(&letter.0, "sentForSignature").refused(409, "stateConflict");
    assert!(transitions(&letter.seen_by(&call.applicant)).is_empty());
    t.at("2020-11-17");
    let expired = letter.seen_by(&call.manager);
    assert_eq!((&expired["status"], transitions(&expired).len()), (&json!("expired"), 0));
    letter.on_paper(&call.manager, "2020-11-13T10:00:00Z", None).refused(409, "stateConflict");
    let list = call.manager.get("/avsiktsforklaringar").is(200);
    assert_eq!(list["items"][0]["allowedTransitions"], json!([]));
});
