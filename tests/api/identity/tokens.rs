//! `/oauth/token`, `/oauth/revoke` and the documents below `/.well-known`.

use samverkan::identity::keys;
use samverkan::platform::auth::token::{Claims, KeyRing, SigningKey};
use samverkan::platform::ids::Ids;
use serde_json::{Value, json};

use super::*;
use crate::both;
use crate::support::Kind;

const KARIN: &str = "karin.oberg@boden.example";

both!(a_person_logs_in_renews_and_logs_out, |t| {
    with_password(t, "Karin Öberg", KARIN);
    let answer = log_in(t, "  Karin.Oberg@boden.example ", PASSWORD);
    let body = answer.is(200);
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_i64()), (Some("Bearer"), Some(300)));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (access, refresh) = tokens(&answer);
    assert_eq!(with_token(t, &access).get("/me").is(200)["email"], KARIN);

    let (access, next) = tokens(&renew(t, &refresh));
    assert_ne!(refresh, next);
    with_token(t, &access).get("/me").is(200);

    let revoked = t.anonymous().form("/oauth/revoke", &[("token", &next)]);
    revoked.is(200);
    with_token(t, &access).get("/me").refused(401, "unauthenticated");
    renew(t, &next).refused(400, "invalidGrant");
    let again =
        t.anonymous().form("/oauth/revoke", &[("token", &next), ("token_type_hint", "refresh_token")]);
    again.is(200);
    t.anonymous().form("/oauth/revoke", &[("token", "never heard of")]).is(200);
});

both!(an_access_token_also_revokes_its_session, |t| {
    with_password(t, "Karin Öberg", KARIN);
    let (access, refresh) = tokens(&log_in(t, KARIN, PASSWORD));
    t.anonymous().form("/oauth/revoke", &[("token", &access)]).is(200);
    with_token(t, &access).get("/me").refused(401, "unauthenticated");
    renew(t, &refresh).refused(400, "invalidGrant");
});

const USED_AGAIN: i64 = 30_000;

both!(a_refresh_token_that_is_used_later_again_ends_the_session, |t| {
    with_password(t, "Karin Öberg", KARIN);
    let (_, first) = tokens(&log_in(t, KARIN, PASSWORD));
    let (access, second) = tokens(&renew(t, &first));
    t.clock.advance(USED_AGAIN);
    assert_eq!(renew(t, &first).refused(400, "invalidGrant")["error"], "invalid_grant");
    renew(t, &second).refused(400, "invalidGrant");
    with_token(t, &access).get("/me").refused(401, "unauthenticated");
    let (access, _) = tokens(&log_in(t, KARIN, PASSWORD));
    let sessions = with_token(t, &access).get("/sessions?sort=createdAt").is(200);
    assert!(sessions["items"].as_array().unwrap().iter().any(|s| s["endedReason"] == "refreshReuse"));
});

both!(a_retry_after_a_lost_answer_and_a_second_tab_go_on, |t| {
    with_password(t, "Karin Öberg", KARIN);
    let (_, first) = tokens(&log_in(t, KARIN, PASSWORD));
    let (_, lost) = tokens(&renew(t, &first));
    t.clock.advance(USED_AGAIN - 1);
    let (access, mut retried) = tokens(&renew(t, &first));
    with_token(t, &access).get("/me").is(200);
    // The other tab had the answer that was lost here. Both go on for as long as they like.
    let mut tab = lost;
    for _ in 0..3 {
        t.clock.advance(USED_AGAIN * 10);
        (_, retried) = tokens(&renew(t, &retried));
        (_, tab) = tokens(&renew(t, &tab));
    }
    assert_ne!(retried, tab);
    // They are one session, which ends once for all.
    let (access, _) = tokens(&renew(t, &tab));
    let sessions = with_token(t, &access).get("/sessions").is(200);
    let open = sessions["items"].as_array().unwrap().iter().filter(|session| session["endedAt"].is_null());
    assert_eq!(open.count(), 1);
    t.anonymous().form("/oauth/revoke", &[("token", &retried)]).is(200);
    renew(t, &tab).refused(400, "invalidGrant");
});

both!(a_stolen_token_ends_with_the_session_of_its_owner, |t| {
    with_password(t, "Karin Öberg", KARIN);
    let (_, stolen) = tokens(&log_in(t, KARIN, PASSWORD));
    let (_, own) = tokens(&renew(t, &stolen));
    // The thief is quick enough, and goes on unseen until one of them uses an old token.
    t.clock.advance(USED_AGAIN - 1);
    let (access, thiefs) = tokens(&renew(t, &stolen));
    // To use it does not keep it alive.
    t.clock.advance(1);
    renew(t, &stolen).refused(400, "invalidGrant");
    for token in [&own, &thiefs] {
        renew(t, token).refused(400, "invalidGrant");
    }
    with_token(t, &access).get("/me").refused(401, "unauthenticated");
});

both!(all_of_many_renewals_at_the_same_time_go_on, |t| {
    with_password(t, "Karin Öberg", KARIN);
    let (_, refresh) = tokens(&log_in(t, KARIN, PASSWORD));
    let given: Vec<(String, String)> = std::thread::scope(|scope| {
        let each: Vec<_> = (0..4).map(|_| scope.spawn(|| tokens(&renew(t, &refresh)))).collect();
        each.into_iter().map(|one| one.join().unwrap()).collect()
    });
    t.clock.advance(USED_AGAIN);
    let mut successors: Vec<&String> = given.iter().map(|(_, successor)| successor).collect();
    successors.sort();
    successors.dedup();
    assert_eq!(successors.len(), 4);
    for (access, successor) in &given {
        with_token(t, access).get("/me").is(200);
        let (access, _) = tokens(&renew(t, successor));
        with_token(t, &access).get("/me").is(200);
    }
});

both!(a_session_ends_after_thirty_idle_days_and_after_ninety_at_most, |t| {
    with_password(t, "Karin Öberg", KARIN);
    let (_, mut refresh) = tokens(&log_in(t, KARIN, PASSWORD));
    let days = |days: i64| t.clock.advance(days * 24 * 3600 * 1000);
    days(31);
    renew(t, &refresh).refused(400, "invalidGrant");
    (_, refresh) = tokens(&log_in(t, KARIN, PASSWORD));
    for _ in 0..3 {
        days(29);
        (_, refresh) = tokens(&renew(t, &refresh));
    }
    days(4);
    renew(t, &refresh).refused(400, "invalidGrant");
    t.run_jobs();
    renew(t, &refresh).refused(400, "invalidGrant");
});

both!(wrong_password_unknown_user_and_disabled_person_get_the_same_response, |t| {
    let id = with_password(t, "Karin Öberg", KARIN);
    let wrong = log_in(t, KARIN, "något helt annat").refused(400, "invalidGrant");
    let unknown = log_in(t, "nobody@boden.example", PASSWORD).refused(400, "invalidGrant");
    let (access, refresh) = tokens(&log_in(t, KARIN, PASSWORD));
    t.admin().change_because(&format!("/people/{id}"), "disabled", "Har slutat.").is(200);
    let disabled = log_in(t, KARIN, PASSWORD).refused(400, "invalidGrant");
    for other in [&unknown, &disabled] {
        assert_eq!((&wrong["detail"], &wrong["error"]), (&other["detail"], &other["error"]));
    }
    with_token(t, &access).get("/me").refused(401, "unauthenticated");
    renew(t, &refresh).refused(400, "invalidGrant");
});

both!(an_account_is_locked_after_five_failures_for_a_while, |t| {
    with_password(t, "Karin Öberg", KARIN);
    for _ in 0..5 {
        log_in(t, KARIN, "fel lösenord igen").refused(400, "invalidGrant");
    }
    let locked = log_in(t, KARIN, PASSWORD);
    locked.refused(429, "loginLocked");
    assert_eq!(locked.header("retry-after"), Some("30"));
    with_password(t, "Annan", "annan@boden.example");
    log_in(t, "annan@boden.example", PASSWORD).is(200);
    t.clock.advance(30_000);
    log_in(t, KARIN, PASSWORD).is(200);
    log_in(t, KARIN, "fel lösenord igen").refused(400, "invalidGrant");
    log_in(t, KARIN, PASSWORD).is(200);
});

both!(a_client_address_is_locked_after_twenty_failures_on_any_accounts, |t| {
    with_password(t, "Karin Öberg", KARIN);
    for number in 0..20 {
        log_in(t, &format!("guess{number}@boden.example"), PASSWORD).refused(400, "invalidGrant");
    }
    log_in(t, KARIN, PASSWORD).refused(429, "loginLocked");
    t.clock.advance(61 * 60 * 1000);
    t.run_jobs();
    log_in(t, KARIN, PASSWORD).is(200);
});

/// A login from another client address, behind a proxy that is trusted.
fn log_in_from(t: &TestApp, address: &str, email: &str, password: &str) -> Response {
    let fields = [("grant_type", "password"), ("username", email), ("password", password)];
    t.anonymous().header("X-Forwarded-For", address).form("/oauth/token", &fields)
}

fn behind_a_proxy(kind: Kind) -> TestApp {
    TestApp::with(kind, &[("TRUSTED_PROXIES", "127.0.0.1")])
}

#[test]
fn strangers_do_not_lock_the_owner_out_and_the_owner_is_told_once() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let t = behind_a_proxy(kind);
        with_password(&t, "Karin Öberg", KARIN);
        let warnings =
            || t.mails().iter().filter(|(to, text)| to == KARIN && text.contains("fel lösenord")).count();
        for stranger in 1..=2 {
            let address = format!("203.0.113.{stranger}");
            for _ in 0..5 {
                log_in_from(&t, &address, KARIN, "gissning nummer ett").refused(400, "invalidGrant");
            }
            let locked = log_in_from(&t, &address, KARIN, PASSWORD);
            locked.refused(429, "loginLocked");
            assert_eq!(locked.header("retry-after"), Some("30"));
        }
        assert_eq!(warnings(), 1);
        let began = std::time::Instant::now();
        log_in_from(&t, "203.0.113.3", KARIN, "gissning nummer ett").refused(400, "invalidGrant");
        assert!(began.elapsed().as_millis() >= 250, "answers take longer");
        assert_eq!(warnings(), 1, "once");
        log_in_from(&t, "198.51.100.1", KARIN, PASSWORD).is(200);
        // The login ends the spell for the account, but not the lock of the stranger.
        log_in_from(&t, "203.0.113.1", KARIN, PASSWORD).refused(429, "loginLocked");
        // An address without an account gets the same answers and no mail.
        for stranger in 1..=10 {
            let address = format!("192.0.2.{stranger}");
            log_in_from(&t, &address, "ingen@boden.example", PASSWORD).refused(400, "invalidGrant");
        }
        assert!(t.mails().iter().all(|(to, _)| to != "ingen@boden.example"));
    }
}

#[test]
fn ipv6_is_counted_by_64_and_by_48() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let t = behind_a_proxy(kind);
        with_password(&t, "Karin Öberg", KARIN);
        let guess = |network: u32, host: u32| {
            log_in_from(&t, &format!("2001:db8:7:{network:x}::{host:x}"), KARIN, "gissning nummer ett")
        };
        for host in 1..=5 {
            guess(1, host).refused(400, "invalidGrant");
        }
        guess(1, 6).refused(429, "loginLocked");
        // Every /64 of the customer has five guesses, and the /48 has twenty.
        for network in 2..=4 {
            for host in 1..=5 {
                guess(network, host).refused(400, "invalidGrant");
            }
        }
        guess(5, 1).refused(429, "loginLocked");
        log_in_from(&t, "2001:db8:8::1", KARIN, PASSWORD).is(200);
    }
}

both!(the_form_is_checked_strictly, |t| {
    let asks = |fields: &[(&str, &str)]| t.anonymous().form("/oauth/token", fields);
    let missing = asks(&[("grant_type", "password"), ("username", "")]);
    assert_eq!(missing.refused(400, "invalidTokenRequest")["error"], "invalid_request");
    assert_eq!(
        missing.faults(),
        [("password".into(), "required".into()), ("username".into(), "required".into())]
    );
    let twice = asks(&[("grant_type", "password"), ("grant_type", "password")]);
    assert_eq!(twice.refused(400, "invalidTokenRequest")["error"], "invalid_request");
    let unknown = asks(&[("grant_type", "authorization_code")]).refused(400, "invalidTokenRequest");
    assert_eq!(unknown["error"], "unsupported_grant_type");
    asks(&[]).refused(400, "invalidTokenRequest");
    asks(&[("grant_type", "password"), ("username", "a\0b"), ("password", "x")])
        .refused(400, "invalidTokenRequest");
    t.anonymous()
        .post("/oauth/token", json!({"grant_type": "password"}))
        .refused(415, "unsupportedMediaType");
    asks(&[("grant_type", &"x".repeat(17 * 1024))]).refused(413, "bodyTooLarge");
    t.anonymous().form("/oauth/revoke", &[]).refused(400, "invalidTokenRequest");
    // An expired bearer token does not prevent getting a new one.
    let stale = t.anonymous().with_token("eyJ.stale.token");
    stale
        .form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", "x")])
        .refused(400, "invalidGrant");
});

both!(a_person_with_a_role_in_every_kommun_can_call_the_api, |t| {
    use samverkan::identity::policy::Role;
    use samverkan::identity::roles::{self, Wanted};

    let programme = programme(t);
    let id = with_password(t, "Karin Öberg", KARIN);
    let codes: Vec<String> = t.db(|db| {
        use diesel::prelude::*;
        use samverkan::schema::kommuner;
        kommuner::table.select(kommuner::kommunkod).load(db).unwrap()
    });
    assert_eq!(codes.len(), 290);
    let grant = |codes: &[String]| {
        t.write(|tx| {
            for kommun in codes {
                let day = tx.ctx.today();
                let wanted = Wanted::new(id, Role::ProcessSupporter, programme, Some(kommun), day);
                roles::grant(tx, &wanted)?;
            }
            Ok(())
        });
    };
    let told = |access: &str| {
        use base64::Engine as _;
        let payload = access.split('.').nth(1).unwrap();
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        claims["roles"].as_array().map_or(0, Vec::len)
    };
    grant(&codes[..30]);
    let (access, _) = tokens(&log_in(t, KARIN, PASSWORD));
    assert_eq!(told(&access), 30);
    grant(&codes[30..]);
    let answer = log_in(t, KARIN, PASSWORD);
    let (access, _) = tokens(&answer);
    assert_eq!((told(&access), &answer.is(200)["scope"]), (0, &json!("processSupporter")));
    let me = with_token(t, &access).get("/me").is(200);
    assert_eq!(me["roles"].as_array().unwrap().len(), 290);
});

both!(a_key_that_another_process_just_made_is_known, |t| {
    with_password(t, "Karin Öberg", KARIN);
    t.clock.advance(31 * 24 * 3600 * 1000);
    let (access, _) = tokens(&log_in(t, KARIN, PASSWORD));
    with_token(t, &access).get("/me").is(200);
    let ring = || {
        let system = t.services.system();
        t.services.database.read_blocking(&system, keys::ring).unwrap()
    };
    let audience = format!("{}/api/v1", t.base);
    let claims = ring().verify(&access, &t.base, &audience, t.clock.wall()).unwrap();
    t.clock.advance(2_000);
    assert_eq!(keys::renew(&t.another_process()).unwrap(), 1);
    let newer = ring().sign(&claims).unwrap();
    with_token(t, &newer).get("/me").is(200);
});

/// The claims of a new token, and the key ring that signs it.
fn forger(t: &TestApp) -> (Claims, KeyRing) {
    let karin = t.person("Karin", &[]);
    let ring = t.services.database.read_blocking(&t.services.system(), keys::ring).unwrap();
    let claims = ring.verify(karin.token(), &t.base, &format!("{}/api/v1", t.base), t.clock.wall()).unwrap();
    (Claims::clone(&claims), ring)
}

both!(forged_expired_and_foreign_tokens_are_refused, |t| {
    let (claims, ring) = forger(t);
    with_token(t, &ring.sign(&claims).unwrap()).get("/me").is(200);
    let own = KeyRing::new(vec![SigningKey::generate(&Ids::seeded(4), t.clock.wall()).unwrap()]).unwrap();
    let records = t.ring_of_record_key();
    let mut refused = vec![own.sign(&claims).unwrap(), records.sign(&claims).unwrap()];
    let changes: [&dyn Fn(&mut Claims); 5] = [
        &|claims| claims.exp = t.clock.wall().seconds(),
        &|claims| claims.aud = t.base.clone(),
        &|claims| claims.iss = "https://evil.example".to_owned(),
        &|claims| claims.iat = t.clock.wall().seconds() + 600,
        &|claims| claims.sid = None,
    ];
    for change in changes {
        let mut changed = claims.clone();
        change(&mut changed);
        refused.push(ring.sign(&changed).unwrap());
    }
    let token = ring.sign(&claims).unwrap();
    let (_, rest) = token.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    // {"alg":"none","typ":"JWT"}, with and without the old signature.
    for signature in ["", rest.rsplit('.').next().unwrap()] {
        refused.push(format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.{signature}"));
    }
    refused.push("nonsense".to_owned());
    for token in refused {
        let answer = with_token(t, &token).get("/me");
        answer.refused(401, "unauthenticated");
        assert!(answer.header("www-authenticate").is_some());
    }
});

both!(the_well_known_documents_lead_to_keys_and_endpoints, |t| {
    let metadata = t.anonymous().get("//.well-known/oauth-authorization-server").is(200);
    assert_eq!(metadata["issuer"], t.base);
    let keys = t.anonymous().get(metadata["jwks_uri"].as_str().unwrap()).is(200);
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "one for tokens and one for records");
    assert!(keys.iter().all(|key| key["alg"] == "ES256" && key.get("d").is_none()));
    let endpoint = metadata["token_endpoint"].as_str().unwrap();
    t.anonymous().form(endpoint, &[]).refused(400, "invalidTokenRequest");
});

both!(a_replaced_token_key_still_verifies_for_a_while, |t| {
    with_password(t, "Karin Öberg", KARIN);
    t.clock.advance(31 * 24 * 3600 * 1000);
    let (access, _) = tokens(&log_in(t, KARIN, PASSWORD));
    t.run_jobs();
    with_token(t, &access).get("/me").is(200);
    let (newer, _) = tokens(&log_in(t, KARIN, PASSWORD));
    assert_ne!(access.split('.').next(), newer.split('.').next(), "another kid");
    with_token(t, &newer).get("/me").is(200);
    let keys = t.anonymous().get("//.well-known/jwks.json").is(200);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 3);
});
