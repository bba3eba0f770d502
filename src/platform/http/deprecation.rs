//! Operations that are to be withdrawn, in one table. From it their answers get `Deprecation` (RFC 9745), `Sunset` (RFC 8594)
//! and a `Link` to what comes instead, and OpenAPI its `deprecated`. CONTRIBUTING.md says how one deprecates an operation.

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::platform::context::BASE_PATH;
use crate::platform::moment::{Day, Instant};

/// Every operation that is to be withdrawn.
pub const DEPRECATED: &[Deprecated] = &[];

/// What somebody who calls a deprecated operation should look at.
#[derive(Clone, Copy, Debug)]
pub enum Instead {
    /// The path, below the base path and without parameters, of what replaces it.
    Successor(&'static str),
    /// The address of a page that explains what to do.
    Explained(&'static str),
}

/// One operation that is to be withdrawn.
#[derive(Clone, Copy, Debug)]
pub struct Deprecated {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// Its path below the base path, as OpenAPI has it: `/time-entries/{timeEntryId}`.
    pub path: &'static str,
    /// The day since which nobody should begin to use it, YYYY-MM-DD.
    pub since: &'static str,
    /// The day from which it may be gone, if that is decided.
    pub sunset: Option<&'static str>,
    /// What to use or read instead.
    pub instead: Instead,
}

const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

fn begins(day: &str) -> Option<Instant> {
    day.parse::<Day>().ok().map(Day::start)
}

impl Deprecated {
    /// The headers of its answers.
    pub fn headers(&self, public_url: &str) -> Vec<(&'static str, String)> {
        let since = begins(self.since).map(|at| ("deprecation", format!("@{}", at.seconds())));
        let sunset = self.sunset.and_then(begins);
        let sunset = sunset.map(|at| ("sunset", at.utc().format(HTTP_DATE).to_string()));
        let link = match self.instead {
            Instead::Successor(path) => format!("<{public_url}{BASE_PATH}{path}>; rel=\"successor-version\""),
            Instead::Explained(address) => format!("<{address}>; rel=\"deprecation\""),
        };
        since.into_iter().chain(sunset).chain([("link", link)]).collect()
    }
}

/// The row of an operation that is deprecated, by its method in capitals and its path below the base path.
pub fn of<'t>(table: &'t [Deprecated], method: &str, path: &str) -> Option<&'t Deprecated> {
    // What answers GET answers HEAD.
    let method = if method == Method::HEAD.as_str() { Method::GET.as_str() } else { method };
    table.iter().find(|row| row.method == method && row.path == path)
}

/// Adds the headers to an answer of `route`, the template of a whole path, if its operation is deprecated.
pub fn add(table: &[Deprecated], method: &Method, route: &str, public_url: &str, headers: &mut HeaderMap) {
    let path = route.strip_prefix(BASE_PATH).unwrap_or_default();
    for (name, value) in of(table, method.as_str(), path).iter().flat_map(|row| row.headers(public_url)) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// What is wrong with the table, held against the OpenAPI document.
pub fn faults(table: &[Deprecated], document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for row in table {
        let mut that = |holds: bool, what: &str| {
            if !holds {
                faults.push(format!("{} {}: {what}", row.method, row.path));
            }
        };
        let item = |path: &str| document.get("paths").and_then(|paths| paths.get(path));
        let is_there = item(row.path).is_some_and(|item| item.get(row.method.to_lowercase()).is_some());
        that(is_there, "there is no such operation");
        let (since, sunset) = (begins(row.since), row.sunset.map(begins));
        that(since.is_some(), "since is no day");
        that(sunset.is_none_or(|sunset| sunset > since), "sunset is no day after since");
        if let Instead::Successor(path) = row.instead {
            that(item(path).is_some() && !path.contains('{'), "the successor is no path without parameters");
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: &[Deprecated] = &[
        Deprecated {
            method: "GET",
            path: "/things/{thingId}",
            since: "2027-03-01",
            sunset: Some("2027-09-01"),
            instead: Instead::Successor("/items"),
        },
        Deprecated {
            method: "POST",
            path: "/things",
            since: "2027-07-01",
            sunset: None,
            instead: Instead::Explained("https://example.org/things"),
        },
    ];

    fn added(method: Method, route: &str) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        add(TABLE, &method, route, "https://samverkan.example.org", &mut headers);
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let mut all: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        all.sort();
        all
    }

    fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_deprecated_operation_answers_with_the_three_headers() {
        let expected = pairs(&[
            // 1 March begins in Sweden at 23:00 UTC, 1 September at 22:00.
            ("deprecation", "@1803855600"),
            ("link", "<https://samverkan.example.org/api/v1/items>; rel=\"successor-version\""),
            ("sunset", "Tue, 31 Aug 2027 22:00:00 GMT"),
        ]);
        assert_eq!(added(Method::GET, "/api/v1/things/{thingId}"), expected);
        assert_eq!(added(Method::HEAD, "/api/v1/things/{thingId}"), expected);
    }

    #[test]
    fn without_a_last_day_there_is_no_sunset() {
        let expected =
            [("deprecation", "@1814392800"), ("link", "<https://example.org/things>; rel=\"deprecation\"")];
        assert_eq!(added(Method::POST, "/api/v1/things"), pairs(&expected));
    }

    #[test]
    fn other_answers_have_none_of_them() {
        for (method, route) in [
            (Method::PATCH, "/api/v1/things/{thingId}"),
            (Method::GET, "/api/v1/things"),
            (Method::POST, "/things"),
        ] {
            assert!(added(method, route).is_empty(), "{route}");
        }
    }

    #[test]
    fn a_table_that_is_wrong_is_told() {
        let document =
            json!({"paths": {"/things/{thingId}": {"get": {}}, "/things": {"post": {}}, "/items": {}}});
        assert_eq!(faults(TABLE, &document), Vec::<String>::new());
        let row = TABLE[0];
        let wrong = [
            Deprecated { method: "PUT", ..row },
            Deprecated { since: "2027-02-30", sunset: None, ..row },
            Deprecated { sunset: Some("2027-03-01"), ..row },
            Deprecated { sunset: Some("soon"), ..row },
            Deprecated { instead: Instead::Successor("/things/{thingId}"), ..row },
            Deprecated { instead: Instead::Successor("/nothing"), ..row },
        ];
        for row in wrong {
            assert_eq!(faults(&[row], &document).len(), 1, "{row:?}");
        }
    }
}
