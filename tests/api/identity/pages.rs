//! The pages `/invitation`, `/password-reset` and `/forgotten-password`, as somebody without a frontend uses them.

use serde_json::json;

use super::*;
use crate::both;
use crate::support::Kind;

const ASA: &str = "asa@boden.example";

fn code_of(t: &TestApp, email: &str) -> String {
    let (id, token) = t.link_for(email);
    format!("{id}.{token}")
}

/// The last mail to an address.
fn mail_to(t: &TestApp, email: &str) -> String {
    t.mails().into_iter().rfind(|(to, _)| to == email).unwrap().1
}

both!(an_invited_person_chooses_a_password_on_the_page, |t| {
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let code = code_of(t, ASA);
    let mail = mail_to(t, ASA);
    assert!(mail.contains(&format!("https://app.example.org/invitation#{code}")), "{mail}");
    for words in ["Frågar sidan efter en kod är det den här: ", "If the page asks for a code, it is this: "]
    {
        assert!(mail.contains(&format!("{words}{code}\n")), "{mail}");
    }
    let send = |code: &str, password: &str| {
        t.anonymous().form("//invitation", &[("code", code), ("password", password)])
    };
    let weak = send(&code, "losenord");
    weak.shows(422, &["id=\"password-fault\"", "Minst 12 tecken", &format!("value=\"{code}\"")]);
    assert!(!weak.text.contains("losenord\"") && !weak.text.contains("id=\"code-fault\""));
    send("half a code", PASSWORD).shows(422, &["id=\"code-fault\"", "Koden är inte hel"]);
    // Somebody copies the whole address.
    let done = send(&format!(" https://app.example.org/invitation#{code} "), PASSWORD);
    done.shows(200, &["Ditt användarnamn är asa@boden.example", "href=\"https://app.example.org\""]);
    log_in(t, ASA, PASSWORD).is(200);
    send(&code, PASSWORD).shows(410, &["id=\"code-fault\"", "Länken är använd"]);
});

both!(a_new_password_is_asked_for_and_chosen_on_the_pages, |t| {
    with_password(t, "Åsa", ASA);
    let (access, _) = tokens(&log_in(t, ASA, PASSWORD));
    let by = t.anonymous().header("Accept-Language", "en");
    let ask = |email: &str| by.form("//forgotten-password", &[("email", email)]);
    ask("asa").shows(422, &["id=\"email-fault\"", "value=\"asa\""]);
    let known = ask(&format!(" {ASA} "));
    known.shows(200, &["Look at your mail"]);
    let mails = t.mails().len();
    let unknown = ask("nobody@boden.example");
    assert_eq!((&unknown.text, unknown.status, t.mails().len()), (&known.text, 200, mails));

    let code = code_of(t, ASA);
    let mail = mail_to(t, ASA);
    assert!(mail.contains(&format!("https://app.example.org/password-reset#{code}\n")), "{mail}");
    let send = |path: &str, password: &str| by.form(path, &[("code", &code), ("password", password)]);
    send("//password-reset", ASA).shows(422, &["id=\"password-fault\""]);
    // A link is for one page only.
    send("//invitation", "röd cykel och snö").shows(410, &["The link has been used"]);
    send("//password-reset", "röd cykel och snö").shows(200, &["Your user name is asa@boden.example"]);
    with_token(t, &access).get("/me").refused(401, "unauthenticated");
    log_in(t, ASA, "röd cykel och snö").is(200);
    send("//password-reset", "grön cykel och sol").shows(410, &["The link has been used"]);
});

both!(a_key_does_not_replay_another_form, |t| {
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let code = code_of(t, ASA);
    let by = t.anonymous().header("Idempotency-Key", "k1");
    let send = |code: &str| by.form("//invitation", &[("code", code), ("password", PASSWORD)]);
    send(&code).shows(200, &["Klart"]);
    send(&code).shows(200, &["Klart"]);
    let other = send(&code.replace('.', ".x"));
    assert!(other.status >= 400 && !other.text.contains(ASA), "{}", other.text);
});

#[test]
fn without_a_frontend_the_links_lead_to_the_pages() {
    let t = TestApp::with(Kind::Sqlite, &[("PUBLIC_APP_URL", "")]);
    t.admin().post("/people", json!({"name": "Åsa", "email": ASA})).is(201);
    let code = code_of(&t, ASA);
    assert!(mail_to(&t, ASA).contains(&format!("{}/invitation#{code}", t.base)));
    let done = t.anonymous().form("//invitation", &[("code", &code), ("password", PASSWORD)]);
    done.shows(200, &["inget eget användargränssnitt", "href=\"docs/\""]);
}
