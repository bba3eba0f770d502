//! The root of the server, and the documentation.

use crate::support::{Kind, TestApp};

#[test]
fn the_bare_address_names_the_entry_points() {
    let t = TestApp::new(Kind::Sqlite);
    let places = t.anonymous().get("//").is(200);
    for place in ["documentation", "openapi", "apiInfo", "health"] {
        assert_eq!(t.anonymous().get(places[place].as_str().unwrap()).status, 200, "{place}");
    }
    assert_eq!(t.anonymous().post("//", places).status, 405);
    let browser = t.anonymous().header("Accept", "text/html,*/*;q=0.8");
    let page = browser.get("//");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.header("vary").unwrap().starts_with("Accept, Accept-Language"));
    for link in page.text.split(" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(!link.starts_with('/') && !link.contains("//"), "{link} works behind a path prefix");
        assert_eq!(browser.get(&format!("//{link}")).status, 200, "{link}");
    }
}

#[test]
fn the_documentation_is_relative_and_its_files_are_kept_for_good() {
    let t = TestApp::new(Kind::Sqlite);
    let moved = t.anonymous().get("//docs");
    assert_eq!((moved.status, moved.header("location")), (308, Some("docs/")));
    let page = t.anonymous().get("//docs/");
    assert_eq!((page.status, page.header("cache-control")), (200, Some("public, no-cache")));
    assert!(page.text.contains("<title>samverkan – API documentation</title>"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self';") && policy.contains("connect-src 'self'"), "{policy}");
    let etag = page.header("etag").unwrap();
    assert_eq!(t.anonymous().header("If-None-Match", etag).get("//docs/").status, 304);
    let packed = t.anonymous().header("Accept-Encoding", "gzip").header("If-None-Match", etag).get("//docs/");
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));

    let (mut files, mut document) = (0, false);
    let named = page.text.split([' ', '>']).filter_map(|word| {
        let value = word.strip_prefix("href=\"").or_else(|| word.strip_prefix("src=\""))?;
        value.strip_suffix('"')
    });
    for name in named.filter(|name| !name.starts_with("../")) {
        let path = format!("//docs/{name}");
        let file = t.anonymous().header("Accept-Encoding", "gzip").send("HEAD", &path, None);
        assert_eq!(file.status, 200, "{name}");
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"), "{name}");
        files += 1;
        if name.starts_with("docs.") {
            document = t.anonymous().get(&path).text.contains("url: \"../api/v1/openapi.json\"");
        }
    }
    assert!(files == 4 && document);
    assert_eq!(t.anonymous().get("//docs/swagger-ui.css").status, 404, "each file has one name");
}
