//! `/api-clients`, and how API clients log in.

use samverkan::identity::clients::ClientRow;
use samverkan::identity::policy::Role;
use serde_json::json;

use super::*;
use crate::both;
use crate::contract::raw_http;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish};
use crate::goals::BODEN;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "apiClientId",
    owner: Owner::Kommun,
    make: |t, world| {
        let (id, _, secret) = hr_client(&world.manager, world.programme);
        log_in_client(t, &id, &secret).is(200);
        json!(id)
    },
    wishes: |world| {
        let client = json!({"name": "HR", "programmeId": world.programme, "kommunkod": BODEN});
        vec![Wish::post("/api-clients", client)]
    },
    rows: Some(Rows::by_keys::<ClientRow>()),
}];

fn log_in_client(t: &TestApp, id: &str, secret: &str) -> Response {
    let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    t.anonymous().form("/oauth/token", &fields)
}

/// Adds an API client for Boden's HR system; returns id, path and secret.
fn hr_client(manager: &Client, programme: Id) -> (String, String, String) {
    let new = json!({"name": "HR", "programmeId": programme, "kommunkod": "2582"});
    let made = manager.post("/api-clients", new);
    let secret = made.is(201)["clientSecret"].as_str().unwrap().to_owned();
    let id = made.id().to_string();
    (id.clone(), format!("/api-clients/{id}"), secret)
}

fn basic(text: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
}

both!(a_client_logs_in_with_a_secret_that_is_shown_once, |t| {
    let programme = programme(t);
    let manager = t.manager(programme);
    let new = json!({"name": "Bodens tidsystem", "programmeId": programme, "kommunkod": "2582"});
    let made = manager.header("Idempotency-Key", "c1").post("/api-clients", new.clone());
    let client = made.is(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let (id, secret) = (made.id().to_string(), client["clientSecret"].as_str().unwrap().to_owned());
    let replayed = manager.header("Idempotency-Key", "c1").post("/api-clients", new).is(201);
    assert_eq!((replayed["id"].as_str(), replayed.get("clientSecret")), (Some(id.as_str()), None));
    let path = format!("/api-clients/{id}");
    assert!(manager.get(&path).is(200).get("clientSecret").is_none());

    let token = log_in_client(t, &id, &secret).is(200);
    assert_eq!((token.get("refresh_token"), token["scope"].as_str()), (None, Some("hrIntegration")));
    let system = with_token(t, token["access_token"].as_str().unwrap());
    let me = system.get("/me").is(200);
    assert_eq!((me["kind"].as_str(), me["roles"][0]["kommunkod"].as_str()), (Some("client"), Some("2582")));
    system
        .post("/me/password-changes", json!({"currentPassword": "x", "newPassword": PASSWORD}))
        .refused(403, "notYours");
    let nobody = t.anonymous().form("/oauth/token", &[("grant_type", "client_credentials")]);
    nobody.refused(401, "invalidClient");
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    let as_client =
        [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_secret", secret.as_str())];
    t.anonymous().form("/oauth/token", &as_client).refused(400, "invalidTokenRequest");

    let rotated = manager.post(&format!("{path}/secrets"), json!({}));
    let newer = rotated.is(201)["clientSecret"].as_str().unwrap().to_owned();
    system.get("/me").refused(401, "unauthenticated");
    assert_eq!(log_in_client(t, &id, &secret).refused(401, "invalidClient")["error"], "invalid_client");
    log_in_client(t, &id, &newer).is(200);
    log_in_client(t, "nobody", &newer).refused(401, "invalidClient");
});

both!(a_client_names_itself_in_the_header_or_in_the_form_but_not_in_both, |t| {
    let programme = programme(t);
    let (id, path, secret) = hr_client(&t.manager(programme), programme);
    let by = |text: &str| t.anonymous().header("Authorization", &basic(text));
    let asks = |client: &Client, fields: &[(&str, &str)]| {
        client.form("/oauth/token", &[&[("grant_type", "client_credentials")], fields].concat())
    };
    let right = by(&format!("{id}:{secret}"));
    let token = asks(&right, &[]).is(200)["access_token"].as_str().unwrap().to_owned();
    with_token(t, &token).get("/me").is(200);
    // Some libraries repeat the id in the form.
    asks(&right, &[("client_id", &id)]).is(200);
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    asks(&by(&format!("{encoded}:{secret}")), &[]).is(200);

    for wrong in [format!("{id}:wrong"), format!("nobody:{secret}"), format!("{id}:"), ":".to_owned()] {
        let refused = asks(&by(&wrong), &[]);
        assert_eq!(refused.refused(401, "invalidClient")["error"], "invalid_client", "{wrong}");
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Basic realm="), "{challenge}");
    }
    let both = asks(&right, &[("client_id", &id), ("client_secret", &secret)]);
    assert_eq!(both.refused(400, "invalidTokenRequest")["error"], "invalid_request");
    assert_eq!(both.faults(), [("client_secret".to_owned(), "twoMethods".to_owned())]);
    for malformed in ["Basic", "Basic %%%", &basic("no colon")] {
        let refused = asks(&t.anonymous().header("Authorization", malformed), &[]);
        assert_eq!(refused.refused(400, "invalidTokenRequest")["error"], "invalid_request");
        assert_eq!(refused.faults(), [("Authorization".to_owned(), "invalidValue".to_owned())]);
    }
    let as_person = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let refused = right.form("/oauth/token", &as_person).refused(400, "invalidTokenRequest");
    assert_eq!(refused["error"], "unauthorized_client");

    by(&format!("{id}:wrong")).form("/oauth/revoke", &[("token", &token)]).refused(401, "invalidClient");
    with_token(t, &token).get("/me").is(200);
    right.form("/oauth/revoke", &[("token", &token)]).is(200);
    with_token(t, &token).get("/me").refused(401, "unauthenticated");
    t.admin().get(&path).is(200);

    let metadata = t.anonymous().get("//.well-known/oauth-authorization-server").is(200);
    for endpoint in ["token", "revocation"] {
        let methods = &metadata[format!("{endpoint}_endpoint_auth_methods_supported")];
        assert_eq!(*methods, json!(["none", "client_secret_basic", "client_secret_post"]));
    }
});

both!(a_person_logs_in_through_a_client_without_a_secret, |t| {
    with_password(t, "Karin Öberg", "karin.oberg@boden.example");
    let fields = [("username", "karin.oberg@boden.example"), ("password", PASSWORD), ("scope", "")];
    let fields = [&[("grant_type", "password")], &fields[..]].concat();
    // Swagger UI sends the first one when nobody has named a client.
    for client in [":", "frontend:"] {
        let by = t.anonymous().header("Authorization", &basic(client));
        let (_, refresh) = tokens(&by.form("/oauth/token", &fields));
        let renewal = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let (access, _) = tokens(&by.form("/oauth/token", &renewal));
        by.form("/oauth/revoke", &[("token", &access)]).is(200);
    }
    // Wrong passwords are counted as without the header, and the browser is not told to ask for another one.
    let by = t.anonymous().header("Authorization", &basic(":"));
    let wrong = [
        ("grant_type", "password"),
        ("username", "karin.oberg@boden.example"),
        ("password", "gissning nummer ett"),
    ];
    for _ in 0..5 {
        let refused = by.form("/oauth/token", &wrong);
        refused.refused(400, "invalidGrant");
        assert_eq!(refused.header("www-authenticate"), None);
    }
    by.form("/oauth/token", &fields).refused(429, "loginLocked");
});

both!(a_new_secret_takes_an_empty_body, |t| {
    let programme = programme(t);
    let manager = t.manager(programme);
    let (id, path, secret) = hr_client(&manager, programme);
    let secrets = format!("{path}/secrets");
    let take = |by: &Client, media_type: &str, body: &str| {
        by.send("POST", &secrets, Some((media_type, body.to_owned())))
    };
    let stale = manager.header("If-Match", "\"7\"");
    for by in [&manager, &stale] {
        take(by, "application/json", "{").refused(400, "malformedJson");
        let unknown = take(by, "application/json", "{\"foo\": 1}");
        unknown.refused(400, "invalidBody");
        assert_eq!(unknown.faults(), [("/foo".to_owned(), "unknownField".to_owned())]);
        for other in ["[]", "null", "7"] {
            take(by, "application/json", other).refused(400, "invalidBody");
        }
        take(by, "text/xml", "<secret/>").refused(415, "unsupportedMediaType");
    }
    // Only the head is sent: a client that is still sending when the server closes may not get to read the answer.
    for condition in ["", "If-Match: \"7\"\r\n"] {
        let head = format!(
            "POST /api/v1{secrets} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{condition}\
             Content-Type: application/json\r\nContent-Length: 3000000\r\n\r\n",
            manager.token()
        );
        raw_http::send(t, head.as_bytes()).refused(413, "bodyTooLarge");
    }
    take(&stale, "application/json", "{}").refused(412, "versionMismatch");
    log_in_client(t, &id, &secret).is(200);
    // A key belongs to one request: an empty object is another body than none.
    let once = manager.header("Idempotency-Key", "s1");
    once.send("POST", &secrets, None).is(201);
    assert_eq!(once.send("POST", &secrets, None).header("idempotency-replayed"), Some("true"));
    take(&once, "application/json", "{}").refused(422, "idempotencyKeyReused");
    take(&manager, "application/json", "{}").is(201);
});

both!(the_audit_trail_has_the_place_the_role_and_the_actor, |t| {
    let (programme, other) = (programme(t), programme(t));
    let held = [(Role::ProgrammeManager, Some(other), None), (Role::SystemAdmin, None, None)];
    let keeper = t.person("Drift", &held);
    let new = json!({"name": "HR", "programmeId": programme, "kommunkod": "2582"});
    let made = keeper.post("/api-clients", new);
    let secret = made.is(201)["clientSecret"].as_str().unwrap().to_owned();
    let manager = t.manager(programme);
    let events = |reader: &Client, query: &str| {
        reader.get(&format!("/audit-events?sort=-at&{query}")).is(200)["items"].clone()
    };
    let event = events(&manager, "action=apiClient.created")[0].clone();
    assert_eq!(event["chain"], format!("programme:{programme}:kommun:2582"));
    assert_eq!(event["actorRole"], "systemAdmin", "not the role held in another programme");

    log_in_client(t, &made.id().to_string(), &secret).is(200);
    let karin = with_password(t, "Karin", "karin@boden.example");
    let (_, refresh) = tokens(&log_in(t, "karin@boden.example", PASSWORD));
    t.anonymous().form("/oauth/revoke", &[("token", &refresh)]).is(200);
    let admin = t.admin();
    for (action, actor, kind) in [
        ("session.created", karin, "person"),
        ("session.ended", karin, "person"),
        ("session.created", made.id(), "client"),
    ] {
        let found = events(&admin, &format!("action={action}&actorId={actor}"));
        assert_eq!(
            (&found[0]["actorKind"], &found[0]["actorRole"]),
            (&json!(kind), &json!("self")),
            "{action}"
        );
    }
});

both!(a_disabled_client_is_refused, |t| {
    let programme = programme(t);
    let manager = t.manager(programme);
    let (id, path, secret) = hr_client(&manager, programme);
    let token = log_in_client(t, &id, &secret).is(200)["access_token"].as_str().unwrap().to_owned();
    manager.change(&path, "disabled").refused(422, "invalidInput");
    manager.change_because(&path, "disabled", "Byte av leverantör.").is(200);
    with_token(t, &token).get("/me").refused(401, "unauthenticated");
    log_in_client(t, &id, &secret).refused(401, "invalidClient");
    manager.change_because(&path, "active", "Tillbaka.").is(200);
    log_in_client(t, &id, &secret).is(200);
    assert_eq!(manager.get(&format!("{path}/status-changes")).is(200)["items"].as_array().unwrap().len(), 2);
    let body = json!({"items": [{"id": id, "to": "disabled", "comment": "Slut."}]});
    assert_eq!(manager.post("/api-clients/status-changes/batch", body).is(200)["succeeded"], 1);
    let seen = manager.get(&path);
    assert_eq!(manager.if_match(&seen).patch(&path, json!({"name": "Nytt"})).is(200)["name"], "Nytt");
});

both!(clients_are_managed_within_the_programme, |t| {
    let (programme, other) = (programme(t), programme(t));
    let (manager, stranger) = (t.manager(programme), t.manager(other));
    let attester = t.in_kommun(Role::Attester, programme, "2582");
    let new = |programme: Id, kommunkod: &str| json!({"name": "HR", "programmeId": programme, "kommunkod": kommunkod});
    let made = manager.post("/api-clients", new(programme, "2582"));
    made.is(201);
    let path = format!("/api-clients/{}", made.id());
    stranger.get(&path).refused(404, "notFound");
    assert_eq!(stranger.get("/api-clients").is(200)["_meta"]["totalRecords"], 0);
    stranger.post("/api-clients", new(programme, "2582")).refused(403, "notYours");
    attester.get("/api-clients").refused(403, "forbidden");
    attester.post("/api-clients", new(programme, "2582")).refused(403, "forbidden");
    let unknown = manager.post("/api-clients", new(programme, "9999"));
    unknown.refused(422, "invalidInput");
    assert_eq!(unknown.faults(), [("/kommunkod".into(), "unknown".into())]);
    t.admin().get(&path).is(200);
});

both!(a_coordinator_manages_the_clients_of_the_own_kommun, |t| {
    let programme = programme(t);
    let boden = t.in_kommun(Role::Coordinator, programme, BODEN);
    let (id, path, secret) = hr_client(&boden, programme);
    let client = boden.get(&path).is(200);
    // The coordinator gives a system's role in the own kommun, and nothing else.
    assert_eq!((&client["role"], &client["kommunkod"]), (&json!("hrIntegration"), &json!(BODEN)));
    log_in_client(t, &id, &secret).is(200);
    let elsewhere = json!({"name": "HR", "programmeId": programme, "kommunkod": "2580"});
    boden.post("/api-clients", elsewhere).refused(403, "notYours");
    let more = json!({"name": "HR", "programmeId": programme, "kommunkod": BODEN, "role": "coordinator"});
    boden.post("/api-clients", more).refused(400, "invalidBody");
    let lulea = t.in_kommun(Role::Coordinator, programme, "2580");
    lulea.get(&path).refused(404, "notFound");
    lulea.post(&format!("{path}/secrets"), json!({})).refused(404, "notFound");
    t.in_kommun(Role::Attester, programme, BODEN).get(&path).refused(403, "forbidden");
    boden.change_because(&path, "disabled", "Byte av leverantör.").is(200);
    log_in_client(t, &id, &secret).refused(401, "invalidClient");
    let history = boden.get(&format!("{path}/status-changes")).is(200);
    assert_eq!(history["items"][0]["by"]["id"], json!(boden.id()));
    assert_eq!(history["items"][0]["by"]["name"], format!("{} {BODEN}", Role::Coordinator));
});
