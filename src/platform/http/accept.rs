//! Which of two media types a client prefers (RFC 9110 §12.5.1). JSON is the default; a browser asks for a page, and an
//! OAuth2 client may ask for a problem document.

use actix_web::http::header::{self, HeaderMap, HeaderName};

/// Whether `Accept` ranks `media` above `other`; false without `Accept`.
pub fn prefers(headers: &HeaderMap, media: &str, other: &str) -> bool {
    let ranges = ranges(headers, header::ACCEPT);
    quality(&ranges, media) > quality(&ranges, other)
}

/// Whether the client can unpack gzip (RFC 9110 §12.5.3).
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    quality_of(headers, "gzip").is_some_and(|quality| quality > 0.0)
}

/// How much `Accept-Encoding` likes a coding; none if it says nothing of it. `*` speaks of every coding but `identity`.
pub fn quality_of(headers: &HeaderMap, coding: &str) -> Option<f32> {
    let ranges = ranges(headers, header::ACCEPT_ENCODING);
    let of = |name: &str| ranges.iter().find(|(range, _)| range == name).map(|(_, quality)| *quality);
    of(coding).or_else(|| of("*").filter(|_| coding != "identity"))
}

fn ranges(headers: &HeaderMap, name: HeaderName) -> Vec<(String, f32)> {
    let lines = headers.get_all(name).filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(range).collect()
}

fn range(text: &str) -> (String, f32) {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let quality = quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
    (media, quality)
}

/// The quality of the most specific range that covers `media`.
fn quality(ranges: &[(String, f32)], media: &str) -> f32 {
    let whole_type = format!("{}/*", media.split('/').next().unwrap_or_default());
    let of = |name: &str| ranges.iter().find(|(range, _)| range == name).map(|(_, quality)| *quality);
    let any = || of("*/*").or_else(|| of("*"));
    of(media).or_else(|| of(&whole_type)).or_else(any).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn the_most_specific_range_decides() {
        for (accept, wants_page) in [
            ("*/*", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("application/json, text/html;q=0.5", false),
            ("text/*, application/json;q=0.2", true),
            ("text/html;q=nonsense, */*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(prefers(&headers, "text/html", "application/json"), wants_page, "{accept}");
        }
        assert!(!prefers(&HeaderMap::new(), "text/html", "application/json"));
    }

    #[test]
    fn gzip_is_accepted_unless_its_quality_is_zero() {
        for (codings, takes) in
            [("gzip, br", true), ("*", true), ("br, gzip;q=0", false), ("gzip;q=0, *", false), ("", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(codings));
            assert_eq!(takes_gzip(&headers), takes, "{codings}");
        }
    }
}
