//! Valid and invalid tokens. Every kind of forged, foreign or expired token is refused for its own reason.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::platform::ids::Ids;

const ISSUER: &str = "https://api.example.org";
const AUDIENCE: &str = "https://api.example.org/api/v1";
const NOW: Instant = Instant::from_millis(1_604_000_000_000);

fn key(seed: u64) -> SigningKey {
    SigningKey::generate(&Ids::seeded(seed), NOW).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::new(vec![key(1)]).unwrap()
}

fn claims() -> Claims {
    let ids = Ids::seeded(7);
    Claims {
        iss: ISSUER.to_owned(),
        sub: ids.id(NOW),
        aud: AUDIENCE.to_owned(),
        exp: NOW.seconds() + 300,
        iat: NOW.seconds(),
        jti: ids.id(NOW),
        sid: Some(ids.id(NOW)),
        roles: vec![RoleClaim {
            role: "signer".to_owned(),
            signer_role: Some("kommunchef".to_owned()),
            programme_id: None,
            kommunkod: Some("2582".to_owned()),
        }],
        client_id: None,
    }
}

fn verify(token: &str, wall: Instant) -> Result<Claims, TokenFault> {
    ring().verify(token, ISSUER, AUDIENCE, wall).map(Arc::unwrap_or_clone)
}

/// A token with any header and payload, signed with the ring's key.
fn crafted(header: &Value, payload: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(payload));
    let private = EncodingKey::from_ec_der(&key(1).private_pkcs8);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &private, Algorithm::ES256).unwrap();
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({"alg": "ES256", "typ": "JWT", "kid": key(1).public.kid})
}

fn changed(name: &str, value: Value) -> String {
    let mut payload = serde_json::to_value(claims()).unwrap();
    payload[name] = value;
    crafted(&header(), &payload)
}

#[test]
fn a_signed_token_verifies_to_its_claims() {
    let token = ring().sign(&claims()).unwrap();
    assert_eq!(verify(&token, NOW), Ok(claims()));
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(
        payload["roles"],
        json!([{"role": "signer", "signerRole": "kommunchef", "kommunkod": "2582"}])
    );
    assert!(payload.get("client_id").is_none());
}

#[test]
fn an_api_client_has_a_client_id_and_no_session() {
    let system = Claims { sid: None, client_id: Some("payroll".to_owned()), roles: vec![], ..claims() };
    let token = ring().sign(&system).unwrap();
    assert_eq!(verify(&token, NOW), Ok(system));
}

#[test]
fn a_token_expires_to_the_second() {
    let token = ring().sign(&claims()).unwrap();
    assert!(verify(&token, NOW.plus_millis(299_999)).is_ok());
    assert_eq!(verify(&token, NOW.plus_millis(300_000)), Err(TokenFault::Expired));
}

#[test]
fn the_issuers_clock_may_be_at_most_a_minute_ahead() {
    let token = ring().sign(&claims()).unwrap();
    assert!(verify(&token, NOW.plus_millis(-60_000)).is_ok());
    assert_eq!(verify(&token, NOW.plus_millis(-61_000)), Err(TokenFault::NotYetValid));
}

#[test]
fn extreme_times_do_not_overflow() {
    assert_eq!(verify(&changed("exp", json!(i64::MIN)), NOW), Err(TokenFault::Expired));
    assert_eq!(verify(&changed("iat", json!(i64::MAX)), NOW), Err(TokenFault::NotYetValid));
    assert!(verify(&changed("exp", json!(i64::MAX)), NOW).is_ok());
    let end = Instant::from_millis(i64::MAX);
    assert_eq!(verify(&changed("exp", json!(0)), end), Err(TokenFault::Expired));
}

#[test]
fn another_issuer_or_audience_is_refused() {
    assert_eq!(verify(&changed("iss", json!("https://evil.example")), NOW), Err(TokenFault::WrongIssuer));
    assert_eq!(verify(&changed("aud", json!(ISSUER)), NOW), Err(TokenFault::WrongAudience));
}

#[test]
fn missing_and_wrongly_typed_claims_are_refused() {
    for name in ["iss", "sub", "aud", "exp", "iat", "jti"] {
        let mut payload = serde_json::to_value(claims()).unwrap();
        payload.as_object_mut().unwrap().remove(name);
        assert_eq!(verify(&crafted(&header(), &payload), NOW), Err(TokenFault::Malformed), "{name}");
        assert_eq!(verify(&changed(name, Value::Null), NOW), Err(TokenFault::Malformed), "{name}");
    }
    // We never issue a list of audiences, even one that contains ours.
    for (name, value) in [("aud", json!([AUDIENCE])), ("exp", json!("9999999999")), ("exp", json!(9e18))] {
        assert_eq!(verify(&changed(name, value), NOW), Err(TokenFault::Malformed), "{name}");
    }
}

#[test]
fn alg_none_is_refused() {
    let payload = serde_json::to_value(claims()).unwrap();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let forged = crafted(&json!({"alg": alg, "typ": "JWT", "kid": key(1).public.kid}), &payload);
        assert!(verify(&forged, NOW).is_err(), "{alg}");
        let unsigned = &forged[..=forged.rfind('.').unwrap()];
        assert!(verify(unsigned, NOW).is_err(), "{alg} without signature");
        assert!(verify(unsigned.trim_end_matches('.'), NOW).is_err(), "{alg} in two parts");
    }
}

#[test]
fn hs256_with_the_public_key_as_secret_is_refused() {
    let public = key(1).public;
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(public.kid.clone());
    let mut point = vec![4];
    point.extend(URL_SAFE_NO_PAD.decode(&public.x).unwrap());
    point.extend(URL_SAFE_NO_PAD.decode(&public.y).unwrap());
    let as_text = public.jwk().to_string().into_bytes();
    for secret in [point, as_text, public.x.into_bytes()] {
        let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
        assert_eq!(verify(&forged, NOW), Err(TokenFault::WrongAlgorithm));
    }
    // The same signature under a header that claims ES256.
    header.alg = Algorithm::ES256;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&super::tests::header()), part(&json!(claims())));
    let secret = EncodingKey::from_secret(b"anything");
    let mac = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).unwrap();
    assert_eq!(verify(&format!("{message}.{mac}"), NOW), Err(TokenFault::WrongSignature));
}

#[test]
fn every_other_algorithm_is_refused() {
    let payload = serde_json::to_value(claims()).unwrap();
    for alg in ["HS256", "HS384", "HS512", "ES384", "RS256", "PS256", "EdDSA"] {
        let forged = crafted(&json!({"alg": alg, "kid": key(1).public.kid}), &payload);
        assert_eq!(verify(&forged, NOW), Err(TokenFault::WrongAlgorithm), "{alg}");
    }
    for alg in ["ES512", "ES256K", "es256"] {
        let forged = crafted(&json!({"alg": alg, "kid": key(1).public.kid}), &payload);
        assert_eq!(verify(&forged, NOW), Err(TokenFault::Malformed), "{alg}");
    }
}

#[test]
fn only_keys_of_the_ring_verify() {
    let payload = serde_json::to_value(claims()).unwrap();
    let stranger = KeyRing::new(vec![key(2)]).unwrap();
    assert_eq!(verify(&stranger.sign(&claims()).unwrap(), NOW), Err(TokenFault::UnknownKey));
    assert_eq!(verify(&crafted(&json!({"alg": "ES256"}), &payload), NOW), Err(TokenFault::UnknownKey));
    // A foreign key with our kid, and a foreign key in the token's own header.
    let mut foreign = key(2);
    foreign.public.kid = key(1).public.kid;
    let forged = KeyRing::new(vec![foreign]).unwrap().sign(&claims()).unwrap();
    assert_eq!(verify(&forged, NOW), Err(TokenFault::WrongSignature));
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(key(1).public.kid);
    header.jwk = serde_json::from_value(key(2).public.jwk()).ok();
    assert!(header.jwk.is_some());
    let private = EncodingKey::from_ec_der(&key(2).private_pkcs8);
    let forged = jsonwebtoken::encode(&header, &claims(), &private).unwrap();
    assert_eq!(verify(&forged, NOW), Err(TokenFault::WrongSignature));
}

#[test]
fn a_token_changed_after_signing_is_refused() {
    let token = ring().sign(&claims()).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let payload = URL_SAFE_NO_PAD.encode(json!(Claims { exp: i64::MAX, ..claims() }).to_string());
    let longer = format!("{}.{payload}.{}", parts[0], parts[2]);
    assert_eq!(verify(&longer, NOW), Err(TokenFault::WrongSignature));
    let zeroes = format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode([0; 64]));
    assert_eq!(verify(&zeroes, NOW), Err(TokenFault::WrongSignature));
    let cut = format!("{}.{}.", parts[0], parts[1]);
    assert_eq!(verify(&cut, NOW), Err(TokenFault::WrongSignature));
}

#[test]
fn malformed_tokens_are_refused() {
    let token = ring().sign(&claims()).unwrap();
    for text in ["", ".", "..", "...", "a.b.c", "åäö.åäö.åäö", "{}.{}.{}", &token[1..], &format!("{token}.")]
    {
        assert_eq!(verify(text, NOW), Err(TokenFault::Malformed), "{text}");
    }
    for text in [format!(" {token}"), format!("{token} "), format!("{token}=")] {
        assert!(verify(&text, NOW).is_err(), "{text}");
    }
}

#[test]
fn a_token_above_8_kib_is_refused() {
    let role = RoleClaim { role: "x".repeat(9000), signer_role: None, programme_id: None, kommunkod: None };
    let token = ring().sign(&Claims { roles: vec![role], ..claims() }).unwrap();
    assert_eq!(verify(&token, NOW), Err(TokenFault::TooLong));
}

#[test]
fn the_newest_key_signs_and_a_retired_key_verifies_for_ten_more_minutes() {
    let old_token = ring().sign(&Claims { exp: i64::MAX, ..claims() }).unwrap();
    let retired = SigningKey { retired_at: Some(NOW), ..key(1) };
    let newer = SigningKey::generate(&Ids::seeded(2), NOW.plus_minutes(1)).unwrap();
    let ring = KeyRing::new(vec![retired, newer.clone()]).unwrap();
    assert_eq!(ring.signing_key().unwrap().public.kid, newer.public.kid);

    let last = NOW.plus_minutes(10).plus_millis(-1);
    assert!(ring.verify(&old_token, ISSUER, AUDIENCE, last).is_ok());
    assert_eq!(jwks(&ring, last)["keys"].as_array().unwrap().len(), 2);
    let over = NOW.plus_minutes(10);
    assert_eq!(ring.verify(&old_token, ISSUER, AUDIENCE, over), Err(TokenFault::RetiredKey));
    assert_eq!(jwks(&ring, over), json!({"keys": [newer.public.jwk()]}));
}

#[test]
fn without_an_active_key_nothing_is_signed() {
    assert!(KeyRing::new(vec![]).unwrap().sign(&claims()).is_err());
    let retired = SigningKey { retired_at: Some(NOW), ..key(1) };
    assert!(KeyRing::new(vec![retired]).unwrap().sign(&claims()).is_err());
}

#[test]
fn jwks_and_debug_text_do_not_contain_the_private_key() {
    let ring = ring();
    let private = key(1).to_stored();
    let shown = format!("{} {ring:?} {:?}", jwks(&ring, NOW), key(1));
    assert!(!shown.contains(&private) && !shown.contains("private"));
    assert!(jwks(&ring, NOW)["keys"][0].get("d").is_none());
}
