//! What holds for every page at the root: a new page is covered without a line here.

use base64::Engine as _;
use samverkan::app;
use sha2::{Digest as _, Sha256};

use crate::support::{Client, Kind, Response, TestApp};

/// The text between two marks; it is there once.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{begin}: {text}"));
    rest.split_once(end).unwrap().0
}

/// The values of an attribute.
fn values<'t>(text: &'t str, attribute: &str) -> Vec<&'t str> {
    let begin = format!(" {attribute}=\"");
    text.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Fails unless the answer is a page that loads nothing, is not kept and has the language.
#[track_caller]
fn is_page(answer: &Response, status: u16, language: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("content-language", language),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert_eq!(answer.header("set-cookie"), None);
    let html = &answer.text;
    assert_eq!(between(html, "<html lang=\"", "\""), language);
    assert!(html.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"));
    assert!(values(html, "src").is_empty(), "a page loads nothing: {html}");
    let policy = answer.header("content-security-policy").unwrap();
    let hash = |text: &str| {
        format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)))
    };
    assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"));
    assert!(policy.contains("form-action 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains(&format!("style-src {}", hash(between(html, "<style>", "</style>")))));
    if let Some((_, script)) = html.split_once("<script") {
        let script = between(script, ">", "</script>");
        assert!(policy.contains(&format!("script-src {}", hash(script))), "{policy}");
    }
}

/// Fails unless every field has a name, a label and a hint, and fills itself in as browsers and password managers expect.
#[track_caller]
fn has_accessible_fields(html: &str) -> Vec<String> {
    let inputs: Vec<&str> =
        html.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
    let inputs: Vec<&str> = inputs.into_iter().filter(|input| !input.contains("type=\"hidden\"")).collect();
    assert!(!inputs.is_empty());
    let names = inputs.iter().map(|input| {
        let input = format!(" {input}");
        let id = values(&input, "id")[0];
        assert_eq!(values(&input, "name"), [id]);
        assert!(!between(html, &format!("<label for=\"{id}\">"), "<").is_empty());
        for described in values(&input, "aria-describedby")[0].split(' ') {
            assert!(html.contains(&format!(" id=\"{described}\">")), "{described}");
        }
        let completes = values(&input, "autocomplete")[0];
        match values(&input, "type")[0] {
            "password" => {
                assert!(matches!(completes, "new-password" | "current-password"));
                assert_eq!(values(&input, "value"), [""]);
            }
            "email" => assert!(matches!(completes, "email" | "username")),
            other => assert_eq!((other, completes), ("text", "off")),
        }
        id.to_owned()
    });
    names.collect()
}

#[test]
fn every_page_is_plain_accessible_and_loads_nothing() {
    let t = TestApp::new(Kind::Sqlite);
    assert!(app::pages().count() >= 6);
    for (language, path) in app::pages().flat_map(|page| [("sv", page.path), ("en", page.path)]) {
        let by = t.anonymous().header("Accept-Language", language);
        let at = format!("/{}", in_place_of_parameters(path));
        let root = "../".repeat(path.matches('/').count() - 1);
        let blank = by.get(&at);
        is_page(&blank, 200, language);
        let names = has_accessible_fields(&blank.text);
        assert!(blank.text.contains("<form method=\"post\">"), "it posts to its own address");
        for link in values(&blank.text, "href") {
            assert!(!link.starts_with('/') && !link.contains("//"), "{link} is not relative");
            let link = link.strip_prefix(&root).unwrap_or_else(|| panic!("{path} links to {link}"));
            assert_eq!(by.get(&format!("//{link}")).status, 200, "{path} links to {link}");
        }
        assert_eq!(by.send("HEAD", &at, None).status, 200);

        // Every field that must be filled in says so, and nothing else does.
        let empty = by.form(&at, &[]);
        is_page(&empty, 422, language);
        has_accessible_fields(&empty.text);
        for name in &names {
            let input = between(&empty.text, &format!("<input id=\"{name}\""), ">");
            let is_faulty = empty.text.contains(&format!("id=\"{name}-fault\""));
            assert_eq!((is_faulty, input.contains("aria-invalid")), (input.contains(" required"), is_faulty));
        }
        assert_eq!(empty.text.matches(" autofocus").count(), 1);
        let word = if language == "sv" { "<title>Fel: " } else { "<title>Error: " };
        assert!(empty.text.contains(word), "{}", empty.text);
        entered_values_are_escaped(&by, &at, &names);

        // What is no form, and what is too large, gets a page too.
        is_page(&by.post(&at, serde_json::json!({})), 415, language);
        is_page(&by.form(&at, &[(&names[0], &"x".repeat(17 * 1024))]), 413, language);
        is_page(&by.form(&at, &[("a", "1"), ("a", "2")]), 400, language);
        let other = by.send("DELETE", &at, None);
        is_page(&other, 405, language);
        assert_eq!(other.header("allow"), Some("GET, HEAD, OPTIONS, POST"));
        assert_eq!(by.send("OPTIONS", &at, None).status, 204);
    }
}

/// The path of some object.
fn in_place_of_parameters(path: &str) -> String {
    let some = |segment: &str| if segment.starts_with('{') { NOBODYS.to_owned() } else { segment.to_owned() };
    path.split('/').map(some).collect::<Vec<_>>().join("/")
}

const NOBODYS: &str = "0175a2e1-7c00-7000-8000-000000000001";

fn entered_values_are_escaped(by: &Client, at: &str, names: &[String]) {
    let attack = "\"><script>alert(1)</script>'&amp;";
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), attack)).collect();
    let answer = by.form(at, &fields);
    assert!((400..500).contains(&answer.status), "{}", answer.text);
    assert!(!answer.text.contains("<script>alert") && !answer.text.contains("\">&lt;"), "{}", answer.text);
    let shown = answer.text.contains("&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#39;&#38;amp;");
    assert_eq!(shown, names.iter().any(|name| name != "password"));
}

/// A browser says where a form was, or hides it because of the pages' own policy.
#[test]
fn a_browsers_origin_is_no_hindrance() {
    let t = TestApp::with(Kind::Sqlite, &[("CORS_ORIGINS", "https://app.example.org")]);
    for origin in ["null", &t.base] {
        let by = t.anonymous().header("Origin", origin).header("Sec-Fetch-Site", "same-origin");
        is_page(&by.form("//forgotten-password", &[("email", "nobody@boden.example")]), 200, "sv");
    }
}

#[test]
fn pages_have_the_rate_limit_of_an_address() {
    let t = TestApp::with(Kind::Sqlite, &[("ANONYMOUS_REQUESTS_PER_MINUTE", "3")]);
    for _ in 0..3 {
        is_page(&t.anonymous().form("//invitation", &[]), 422, "sv");
    }
    let refused = t.anonymous().form("//invitation", &[]);
    is_page(&refused, 429, "sv");
    assert!(refused.header("retry-after").is_some());
}
