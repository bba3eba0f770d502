//! Bad input that every resource may receive: each kind has its own problem, all errors come in one response, nothing is
//! partly written, and the server keeps running.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use samverkan::identity::keys;
use samverkan::platform::auth::token::{Claims, KeyRing, SigningKey};
use samverkan::platform::ids::Ids;
use serde_json::{Value, json};

use super::operations::{Operation, operations};
use super::raw_http;
use super::world::World;
use crate::both;
use crate::calls::applications::interest;
use crate::goals::BODEN;
use crate::programmes::{draft, offer, open};
use crate::support::documented::resolved;
use crate::support::{Client, Response, TestApp};

const JSON: &str = "application/json";

fn post(client: &Client, media_type: &str, body: impl Into<String>) -> Response {
    client.send("POST", "/programmes", Some((media_type, body.into())))
}

both!(malformed_json_is_refused, |t| {
    let admin = t.admin();
    for body in [
        "{",
        "",
        "[1, 2",
        "{\"name\": \"x\",}",
        "{\"name\": \"x\", \"name\": \"y\"}",
        "{\"name\": \"a\u{0}b\"}",
        "{\"name\": \"a\u{1}b\"}",
        "{\"places\": 01}",
        "{\"places\": NaN}",
        "{\"name\": \"\\ud800\"}",
        "{} {}",
        "\u{feff}{}",
    ] {
        post(&admin, JSON, body).refused(400, "malformedJson");
    }
    post(&admin, JSON, "[".repeat(10_000)).refused(400, "malformedJson");
    assert_eq!(admin.get("/programmes").is(200)["_meta"]["totalRecords"], 0);
});

both!(escaped_control_characters_are_refused, |t| {
    let mut wrong = offer();
    wrong["name"] = json!("a\u{0}b");
    let refused = t.admin().post("/programmes", wrong);
    assert!([400, 422].contains(&refused.status), "{}", refused.text);
});

both!(one_response_names_the_errors_of_schema_and_rules, |t| {
    let programme = open(t);
    let mut wrong = offer();
    wrong["places"] = json!(0);
    wrong["endsOn"] = json!("2020-12-31");
    let refused = t.admin().post("/programmes", wrong.clone());
    refused.refused(422, "invalidInput");
    assert_eq!(places(&refused), ["/endsOn", "/places"]);
    // The key of a refused request can be used again.
    wrong["places"] = json!(1);
    let keyed = t.admin().header("Idempotency-Key", "one");
    keyed.post("/programmes", json!({"name": ""})).refused(422, "invalidInput");
    wrong["endsOn"] = json!("2022-12-31");
    keyed.post("/programmes", wrong).is(201);

    let path = format!("/programmes/{programme}/applications");
    let mut interest = interest("9999", "nobody");
    interest["maturity"] = json!(99);
    let mails = t.mails().len();
    let refused = t.anonymous().post(&path, interest);
    refused.refused(422, "invalidInput");
    assert_eq!(places(&refused), ["/contactEmail", "/kommunkod", "/maturity"]);
    assert_eq!(t.mails().len(), mails);
    assert_eq!(t.manager(programme).get("/applications").is(200)["items"], json!([]));
});

fn places(refused: &Response) -> Vec<String> {
    refused.faults().into_iter().map(|(place, _)| place).collect()
}

both!(the_media_type_must_be_json, |t| {
    let admin = t.admin();
    let body = offer().to_string();
    for media_type in
        ["text/plain", "application/xml", "application/json; charset=latin-1", "multipart/form-data"]
    {
        post(&admin, media_type, body.clone()).refused(415, "unsupportedMediaType");
    }
    post(&admin, "application/merge-patch+json", body.clone()).refused(415, "unsupportedMediaType");
    let compressed = admin.header("Content-Encoding", "gzip");
    post(&compressed, JSON, body.clone()).refused(415, "unsupportedMediaType");
    post(&admin, "application/json; charset=UTF-8", body).is(201);
});

both!(a_body_that_is_too_large_is_refused_unread, |t| {
    let admin = t.admin();
    let head = |rest: &str| {
        format!(
            "POST /api/v1/programmes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\n{rest}\r\n\r\n",
            admin.token()
        )
    };
    // Only the head is sent, so a response shows that the server does not wait for the body.
    raw_http::send(t, head("Content-Length: 10485760").as_bytes()).refused(413, "bodyTooLarge");
    let mut chunked = head("Transfer-Encoding: chunked").into_bytes();
    for _ in 0..48 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.extend(std::iter::repeat_n(b' ', 0x10000));
        chunked.extend_from_slice(b"\r\n");
    }
    raw_http::send(t, &chunked).refused(413, "bodyTooLarge");
    admin.get("/programmes").is(200);
});

both!(ten_megabytes_without_a_token_are_not_read, |t| {
    let head = "POST /api/v1/programmes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 10485760\r\n\r\n";
    raw_http::send(t, head.as_bytes()).refused(401, "unauthenticated");
    t.anonymous().get("/kommuner/2582").is(200);
});

both!(headers_that_are_too_large_are_refused, |t| {
    let request =
        format!("GET /api/v1/kommuner HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(300_000));
    // The HTTP layer refuses this before there is a request: the body is empty, and OpenAPI says so.
    assert_eq!(raw_http::send(t, request.as_bytes()).status, 431);
    t.anonymous().get("/kommuner/2582").is(200);
});

both!(every_wrong_field_is_named, |t| {
    let admin = t.admin();
    let mut wrong = offer();
    wrong["colour"] = json!("blue");
    wrong["places"] = json!("twelve");
    wrong["name"] = json!(7);
    let refused = admin.post("/programmes", wrong);
    refused.refused(400, "invalidBody");
    let places: Vec<String> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(places, ["/colour", "/name", "/places"]);
    let mut wrong = offer();
    wrong["profile"] = json!("esf-1999");
    wrong["places"] = json!(0);
    let refused = admin.post("/programmes", wrong);
    refused.refused(422, "invalidInput");
    let places: Vec<String> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(places, ["/places", "/profile"]);
    for body in ["[]", "null", "\"x\"", "7"] {
        post(&admin, JSON, body).refused(400, "invalidBody");
    }
    post(&admin, JSON, "{}").refused(422, "invalidInput");
});

both!(days_that_do_not_exist_are_refused, |t| {
    for day in ["2021-02-30", "2021-13-01", "2021-1-1", "20210101", "yesterday", "2021-02-29"] {
        let mut wrong = offer();
        wrong["startsOn"] = json!(day);
        let refused = t.admin().post("/programmes", wrong);
        refused.refused(422, "invalidInput");
        assert_eq!(refused.faults()[0].0, "/startsOn", "{day}");
    }
});

both!(too_long_and_too_large_values_are_refused, |t| {
    let mut wrong = offer();
    wrong["name"] = json!("x".repeat(100_000));
    wrong["places"] = json!(291);
    let refused = t.admin().post("/programmes", wrong);
    refused.refused(422, "invalidInput");
    let places: Vec<String> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(places, ["/name", "/places"]);
    let mut wrong = offer();
    wrong["places"] = json!(1e30);
    let refused = t.admin().post("/programmes", wrong);
    assert!([400, 422].contains(&refused.status), "{}", refused.text);
});

both!(an_address_with_raw_letters_is_told_how_to_write_them, |t| {
    let asked = |line: &[u8]| {
        let request = [b"GET /api/v1/kommuner".as_slice(), line, b" HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
        let answer = raw_http::send(t, &request);
        answer.refused(400, "invalidQuery");
        answer.body
    };
    for raw in ["?q=Umeå".as_bytes(), "/Umeå".as_bytes(), b"?q=Ume\xe5"] {
        let told = asked(raw);
        assert!(told.contains("Ume%C3%A5") && told.contains("Percent-encode"), "{told}");
    }
    for other in
        ["?q=a b".as_bytes(), b"?q=<a>", &[b"?q=".as_slice(), "x".repeat(70_000).as_bytes()].concat()]
    {
        let told = asked(other);
        assert!(told.contains("64 KiB") && !told.contains("%C3%A5"), "{told}");
    }
    let right = "GET /api/v1/kommuner?q=Ume%C3%A5 HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(raw_http::send(t, right.as_bytes()).status, 200);
});

both!(unknown_parameters_are_named_with_the_known_ones, |t| {
    let refused = t.anonymous().get("/kommuner?colour=blue&page=x");
    refused.refused(400, "invalidQuery");
    let faults = refused.faults();
    let places: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(places, ["colour", "page"]);
    assert!(refused.text.contains("kommunkod"));
    t.anonymous().get("/kommuner?cursor=nonsense").refused(400, "invalidQuery");
});

both!(an_unknown_value_of_a_closed_list_is_named_with_the_known_ones, |t| {
    let programme = draft(t);
    let manager = t.manager(programme);
    for (path, name, known) in [
        ("/audit-events?actorRole=nope", "actorRole", "coordinator"),
        ("/audit-events?resourceType=nope", "resourceType", "timeEntry"),
        ("/audit-events?action=nope", "action", "timeEntry"),
        ("/audit-events?action=milestone.nope", "action", "milestone.approved"),
        ("/audit-events?action=timeEntry.approved", "action", "timeEntry.voided"),
        ("/audit-events?chain=nope", "chain", "programme:"),
        ("/audit-events?chain=programme:1:kommun:2582", "chain", "programme:"),
        ("/audit-events/verification?chain=nope", "chain", "programme:"),
        ("/kommuner?lanCode=99", "lanCode", "/lan"),
        ("/kommuner?lanCode=1", "lanCode", "/lan"),
        ("/lan?lanCode=99", "lanCode", "/lan"),
        ("/kommuner?kommunkod=99", "kommunkod", "/kommuner"),
        ("/kommuner?kommunkod=9999", "kommunkod", "/kommuner"),
    ] {
        let refused = manager.get(path);
        refused.refused(400, "invalidQuery");
        assert_eq!(refused.faults(), [(name.to_owned(), "invalidValue".to_owned())], "{path}");
        assert!(refused.text.contains(known), "{path}: {}", refused.text);
    }
    let found =
        manager.get("/audit-events?actorRole=system&actorRole=programmeManager&action=programme.created");
    found.is(200);
    let chain =
        format!("/audit-events?chain=programme:{programme}&chain=installation&resourceType=programme");
    assert_eq!(manager.get(&chain).is(200)["_meta"]["totalRecords"], 1);
});

both!(every_list_refuses_an_invalid_kommunkod, |t| {
    let world = World::new(t);
    // A filter may be repeated; elsewhere the parameter has one value and another rule.
    let filters = |operation: &Operation| {
        let filter = operation.query_parameter("kommunkod");
        filter.is_some_and(|filter| resolved(&filter["schema"])["type"] == "array")
    };
    let lists: Vec<String> =
        operations().iter().filter(|one| filters(one)).map(|list| world.filled(&list.path)).collect();
    assert!(lists.len() > 11, "{lists:?}");
    for path in &lists {
        for wrong in ["abcd", "258", "25820", "9999", ""] {
            let refused = world.manager.get(&format!("{path}?kommunkod={wrong}"));
            refused.refused(400, "invalidQuery");
            assert_eq!(refused.faults(), [("kommunkod".to_owned(), "invalidValue".to_owned())], "{path}");
        }
        world.manager.get(&format!("{path}?kommunkod={BODEN}")).is(200);
    }
});

both!(an_invalid_id_is_not_found, |t| {
    let admin = t.admin();
    for id in ["7", "nonsense", "%00", "..%2f..%2fetc", "0175a2e1-7c00-7000-8000-00000000000"] {
        admin.get(&format!("/programmes/{id}")).refused(404, "notFound");
    }
});

both!(a_stale_etag_is_refused, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    let seen = manager.get(&path);
    manager.if_match(&seen).patch(&path, json!({"places": 14})).is(200);
    manager.if_match(&seen).patch(&path, json!({"places": 15})).refused(412, "versionMismatch");
    manager.header("If-Match", "W/\"x\"").patch(&path, json!({"places": 15})).refused(412, "versionMismatch");
    assert_eq!(manager.get(&path).is(200)["places"], 14);
});

fn claims(client: &Client) -> Claims {
    let payload = client.token().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn ring(t: &TestApp) -> KeyRing {
    t.services.database.read_blocking(&t.services.system(), keys::ring).unwrap()
}

/// A token with the given header, claims and signature.
fn made(head: &Value, claims: &Claims, signature: &str) -> String {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{signature}", part(head.to_string()), part(serde_json::to_string(claims).unwrap()))
}

both!(invalid_tokens_are_refused, |t| {
    let admin = t.admin();
    let right = claims(&admin);
    let ring = ring(t);
    let signed = |change: &dyn Fn(&mut Claims)| {
        let mut claims = right.clone();
        change(&mut claims);
        ring.sign(&claims).unwrap()
    };
    admin.with_token(&signed(&|_| {})).get("/programmes").is(200);
    let stranger =
        KeyRing::new(vec![SigningKey::generate(&Ids::seeded(9), t.clock.wall()).unwrap()]).unwrap();
    let records = t.ring_of_record_key();
    let kid = ring.signing_key().unwrap().public.kid.clone();
    let (head, rest) = admin.token().split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let other = t.person("Någon annan", &[]);
    let mut stolen = right.clone();
    stolen.sub = other.id();
    let wall = t.clock.wall().seconds();
    let none = json!({"alg": "none", "typ": "JWT", "kid": kid});
    let hmac = json!({"alg": "HS256", "typ": "JWT", "kid": kid});
    for (what, token) in [
        ("expired", signed(&|claims| claims.exp = wall - 1)),
        ("from the future", signed(&|claims| claims.iat = wall + 3600)),
        ("wrong audience", signed(&|claims| claims.aud = "https://elsewhere.example.org/api/v1".into())),
        ("wrong issuer", signed(&|claims| claims.iss = "https://elsewhere.example.org".into())),
        ("another's session", signed(&|claims| claims.sub = other.id())),
        ("a session that is none", signed(&|claims| claims.sid = Some(other.id()))),
        ("a stranger's key", stranger.sign(&right).unwrap()),
        ("the key for records", records.sign(&right).unwrap()),
        ("no algorithm", made(&none, &right, "")),
        ("no algorithm, with a signature", made(&none, &right, signature)),
        ("another algorithm", made(&hmac, &right, signature)),
        (
            "other claims",
            format!("{head}.{}.{signature}", made(&none, &stolen, "").split('.').nth(1).unwrap()),
        ),
        ("no signature", format!("{head}.{}.", rest.split('.').next().unwrap())),
        ("nonsense", "nonsense".into()),
        ("too long", "x".repeat(20_000)),
    ] {
        // An invalid token is refused even where no login is needed.
        for path in ["/programmes", "/kommuner/2582"] {
            let refused = admin.with_token(&token).get(path);
            assert_eq!(refused.status, 401, "{what}: {}", refused.text);
            refused.refused(401, "unauthenticated");
            assert!(refused.header("www-authenticate").is_some(), "{what}");
        }
    }
    t.anonymous().header("Authorization", "Basic dTpw").get("/programmes").refused(401, "unauthenticated");
    t.anonymous().header("Authorization", "Bearer").get("/programmes").refused(401, "unauthenticated");
});
