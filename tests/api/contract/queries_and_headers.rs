//! Query strings and headers: their bounds, their place in the order of refusals, and the language of the errors.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use samverkan::platform::db::Location;
use samverkan::platform::text::Language;
use serde_json::json;

use crate::both;
use crate::programmes::{draft, offer};
use crate::support::{Kind, TestApp};

const UNKNOWN: &str = "0175a2e1-7c00-7000-8000-000000000001";

fn fault(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

both!(a_sort_names_each_field_once_and_no_more_than_five, |t| {
    let anyone = t.anonymous();
    let values = vec![json!("Boden"); 40].into_iter().chain([json!("2582")]).collect::<Vec<_>>();
    let cursor = URL_SAFE_NO_PAD.encode(json!(values).to_string());
    // The first refusal makes the test build the OpenAPI document, which is not to be measured.
    anyone.get("/kommuner?sort=colour").refused(400, "invalidQuery");
    let began = Instant::now();
    let endless = anyone.get(&format!("/kommuner?sort={}&cursor={cursor}", ["name"; 40].join(",")));
    assert!(began.elapsed() < Duration::from_secs(10));
    endless.refused(400, "invalidQuery");
    assert!(endless.faults().contains(&fault("sort", "tooMany")));
    let twice = anyone.get("/kommuner?sort=name,-name");
    twice.refused(400, "invalidQuery");
    assert_eq!(twice.faults(), [fault("sort", "repeated")]);
    anyone.get("/kommuner?sort=population,name").is(200);
});

both!(a_query_string_has_bounds, |t| {
    let anyone = t.anonymous();
    let many = anyone.get(&format!("/kommuner?{}", "a&".repeat(20_000)));
    many.refused(400, "invalidQuery");
    assert_eq!(many.faults(), [fault("", "tooMany")]);
    assert!(many.text.len() < 2_000);
    anyone.get(&format!("/kommuner?{}", "lanCode=01&".repeat(5_900))).refused(400, "invalidQuery");
    anyone.get(&format!("/kommuner?{}", "lanCode=01&".repeat(100))).is(200);
    let wrong = anyone.get(&format!("/kommuner?{}", "sizeBand=huge&".repeat(90)));
    assert_eq!(wrong.faults(), [fault("sizeBand", "invalidValue")]);
    for query in ["lanCode=%00", "q=%00", "q=a%0Ab", "cursor=%00", "nuts2=%7F"] {
        anyone.get(&format!("/kommuner?{query}")).refused(400, "invalidQuery");
    }
    // Invalid UTF-8 is refused, not replaced.
    for query in ["q=%FF", "q=%C3", "q=a%E5", "q%FF=a", "nuts2=SE33&lanCode=%ff"] {
        let refused = anyone.get(&format!("/kommuner?{query}"));
        refused.refused(400, "invalidQuery");
        assert!(refused.faults().iter().any(|(_, code)| code == "notUtf8"), "{query}: {}", refused.text);
    }
    anyone.get("/kommuner?q=%C3%A5+%25zz%zz").is(200);
    let long = anyone.get(&format!("/kommuner?q={}", "x".repeat(60_000)));
    assert_eq!(long.faults(), [fault("q", "tooLong")]);
    let nul = URL_SAFE_NO_PAD.encode(json!(["a\u{0}", "2582"]).to_string());
    anyone.get(&format!("/kommuner?sort=name&cursor={nul}")).refused(400, "invalidQuery");
    for path in ["/kommuner/%00", "/kommuner/25820", "/kommuner/abcd", "/code-lists/%00"] {
        anyone.get(path).refused(404, "notFound");
    }
    let admin = t.admin();
    admin.get("/audit-events/verification?chain=%00").refused(400, "invalidQuery");
    let programme = draft(t);
    let month = format!("/programmes/{programme}/months/%00");
    t.manager(programme).get(&month).refused(404, "notFound");
});

both!(a_single_valued_parameter_is_given_once, |t| {
    let path = "/programmes?updatedSince=2020-01-01T00:00:00Z";
    t.admin().get(path).is(200);
    let twice = t.admin().get(&format!("{path}&updatedSince=2021-01-01T00:00:00Z&page=1&page=2"));
    twice.refused(400, "invalidQuery");
    assert_eq!(twice.faults(), [fault("page", "repeated"), fault("updatedSince", "repeated")]);
});

both!(another_page_and_a_cursor_exclude_each_other, |t| {
    // Generated clients send every default.
    let first = t.anonymous().get("/kommuner?page=1&limit=20&cursor=").is(200);
    let next = first["_meta"]["nextCursor"].as_str().unwrap();
    let second = t.anonymous().get(&format!("/kommuner?page=1&cursor={next}")).is(200);
    assert_eq!(second, t.anonymous().get(&format!("/kommuner?cursor={next}&page=1")).is(200));
    assert_eq!(second["items"], t.anonymous().get("/kommuner?page=2").is(200)["items"]);
    for query in ["cursor=&page=2", "page=2&limit=5&cursor=", &format!("page=3&cursor={next}")] {
        let both = t.anonymous().get(&format!("/kommuner?{query}"));
        both.refused(400, "invalidQuery");
        assert_eq!(both.faults(), [fault("page", "excluded")]);
        assert!(both.text.contains("cursor"), "{}", both.text);
    }
});

both!(errors_come_in_one_language, |t| {
    let programme = draft(t);
    let manager = t.manager(programme);
    let path = "/programmes?updatedSince=x&startsOnFrom=x&status=x&limit=x";
    for (language, shown, hidden) in
        [(Language::Sv, "Värdet godtas inte: inte ", "not a"), (Language::En, "not accepted: not ", "inte ")]
    {
        let refused = manager.header("Accept-Language", language.tag()).get(path);
        let errors = refused.refused(400, "invalidQuery")["errors"].to_string();
        assert!(errors.contains(shown) && !errors.contains(hidden), "{errors}");
        assert!(!errors.contains("invalid digit"), "{errors}");
    }
});

both!(unknown_parameters_are_refused_everywhere_and_in_the_right_order, |t| {
    let programme = draft(t);
    let (manager, anyone) = (t.manager(programme), t.anonymous());
    let own = format!("/programmes/{programme}");
    for path in ["/kommuner/2582?x=1", "/code-lists?x=1", "/api-info?x=1", "/openapi.json?x=1"] {
        let refused = anyone.get(path);
        refused.refused(400, "invalidQuery");
        assert_eq!(refused.faults(), [fault("x", "unknownParameter")]);
    }
    t.admin().get("/me?x=1").refused(400, "invalidQuery");
    manager.get(&format!("{own}?x=1")).refused(400, "invalidQuery");
    manager
        .header("If-Match", "*")
        .patch(&format!("{own}?x=1"), json!({"places": 3}))
        .refused(400, "invalidQuery");
    anyone.form("/oauth/token?x=1", &[("grant_type", "password")]).refused(400, "invalidQuery");
    // 401, 403, 404 and 415 come first; errors in the body come after.
    anyone.get("/me?x=1").refused(401, "unauthenticated");
    t.economist(programme).post("/programmes?x=1", offer()).refused(403, "forbidden");
    for _ in 0..20 {
        manager.get(&format!("/programmes/{UNKNOWN}?x=1")).refused(404, "notFound");
        t.admin().get(&format!("/people/{UNKNOWN}/role-assignments?x=1")).refused(404, "notFound");
    }
    let text = Some(("text/plain", "{".to_owned()));
    t.admin().send("POST", "/programmes?x=1", text).refused(415, "unsupportedMediaType");
    t.admin().post("/programmes?x=1", json!({"places": 0})).refused(400, "invalidQuery");
    anyone.send("HEAD", "/kommuner/2582", None);
});

both!(headers_are_checked_in_the_right_order, |t| {
    let programme = draft(t);
    let path = format!("/programmes/{programme}");
    let change = json!({"places": 3});
    let malformed = |client: crate::support::Client| client.header("If-Match", "abc");
    malformed(t.anonymous()).patch(&path, change.clone()).refused(401, "unauthenticated");
    malformed(t.economist(programme)).patch(&path, change.clone()).refused(403, "forbidden");
    let manager = t.manager(programme);
    let unknown = format!("/programmes/{UNKNOWN}");
    malformed(manager.clone()).patch(&unknown, change.clone()).refused(404, "notFound");
    let text = Some(("text/plain", "{".to_owned()));
    malformed(manager.clone()).send("PATCH", &path, text).refused(415, "unsupportedMediaType");
    let refused = malformed(manager.clone()).header("Idempotency-Key", "a b").patch(&path, change.clone());
    refused.refused(400, "invalidHeader");
    assert_eq!(
        refused.faults(),
        [fault("Idempotency-Key", "invalidValue"), fault("If-Match", "invalidValue")]
    );
    // A foreign tag is well-formed and matches nothing. Of several tags, one match is enough.
    let foreign = manager.header("If-Match", "\"abc\"");
    foreign.patch(&path, change.clone()).refused(412, "versionMismatch");
    foreign.patch(&path, json!({"places": 0})).refused(422, "invalidInput");
    let tag = manager.get(&path).header("etag").unwrap().to_owned();
    let several = manager.header("If-Match", &format!("\"abc\", {tag}"));
    several.patch(&path, change).is(200);
});

both!(a_request_has_one_caller, |t| {
    let admin = t.admin();
    admin.get("/me").is(200);
    for second in ["Bearer x", "Basic eDp5", &format!("Bearer {}", admin.token())] {
        for path in ["/me", "/kommuner", "/programmes"] {
            let refused = admin.header("Authorization", second).get(path);
            refused.refused(400, "invalidHeader");
            assert_eq!(refused.faults(), [fault("Authorization", "repeated")]);
        }
    }
});

both!(refused_callers_count_towards_the_limit, |t| {
    let limited = TestApp::with(t.kind(), &[("ANONYMOUS_REQUESTS_PER_MINUTE", "3")]);
    let stranger = limited.anonymous().header("Authorization", "Bearer nonsense");
    for _ in 0..3 {
        let refused = stranger.get("/programmes");
        refused.refused(401, "unauthenticated");
        assert!(refused.header("ratelimit").is_some());
    }
    let refused = stranger.get("/programmes");
    refused.refused(429, "tooManyRequests");
    assert!(refused.header("retry-after").is_some());
    for path in ["//.well-known/jwks.json", "//problems/notFound", "//docs", "//nothing/here"] {
        limited.anonymous().get(path).refused(429, "tooManyRequests");
    }
    for path in ["//health/live", "//health/ready"] {
        assert_eq!(limited.anonymous().get(path).status, 200, "{path}");
    }
    limited.admin().get("/programmes").is(200);
    let open = t.anonymous();
    assert_eq!(open.get("//docs").status, 308);
    assert_eq!(open.get("//docs/index.html").status, 200);
    assert_eq!(open.get("//.well-known/jwks.json").is(200)["keys"].as_array().unwrap().len(), 2);
    open.get("//nothing/here").refused(404, "notFound");
    open.post("//problems/notFound", json!({})).refused(405, "methodNotAllowed");
});

#[test]
fn a_restarted_database_is_found_at_once() {
    let t = TestApp::new(Kind::Postgres);
    let Location::Postgres(url) = samverkan::app::location(&t.services.config) else { panic!("no server") };
    let warm = || {
        std::thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| t.anonymous().get("/kommuner").is(200));
            }
        });
    };
    warm();
    let (server, name) = url.rsplit_once('/').unwrap();
    let mut outside = PgConnection::establish(&format!("{server}/postgres")).unwrap();
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    outside.batch_execute(&end).unwrap();
    warm();
    t.admin().post("/programmes", offer()).is(201);
}
