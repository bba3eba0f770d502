//! actix-web refuses some requests before they reach the program: it cannot read them, and answers 400 without a body. Whoever
//! typed `Umeå` into an address learns nothing from that, so this says what is wrong. The stream of the connection knows such
//! an answer by its bytes: the program's own have more headers.

use crate::platform::context::EXAMPLE_URL;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Language;

/// How actix-web writes a 400 of its own, up to the date.
const BARE: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: ";

/// The date and the two ends of lines after it.
const DATE: usize = "Mon, 30 Nov 2026 10:00:00 GMT".len() + 4;

/// Whether these bytes are all of an answer that actix-web has made itself.
pub fn is_bare(bytes: &[u8]) -> bool {
    bytes.len() == BARE.len() + DATE && bytes.starts_with(BARE) && bytes.ends_with(b"\r\n\r\n")
}

/// Whether the first line of what a client sends has bytes that are not ASCII.
pub fn is_raw(bytes: &[u8]) -> bool {
    bytes.iter().take_while(|byte| **byte != b'\n').any(|byte| !byte.is_ascii())
}

/// The answer that takes the place of a bare one. Nothing is known of the language that the client reads, so both are given.
pub fn explained(public_url: &str, trace_id: &str, is_raw: bool) -> Vec<u8> {
    let (sv, en) = if is_raw {
        (
            "Adressen har tecken utanför ASCII. Skriv dem procentkodade i UTF-8: å är %C3%A5, så Umeå blir Ume%C3%A5.",
            "The address has characters that are not ASCII. Percent-encode them as UTF-8: å is %C3%A5, so Umeå is Ume%C3%A5.",
        )
    } else {
        (
            "Anropet kan inte läsas som HTTP/1.1: adressen har otillåtna tecken eller är längre än 64 KiB, eller ett sidhuvud är fel.",
            "The request cannot be read as HTTP/1.1: the address has characters that are not allowed or is longer than 64 KiB, or \
             a header is wrong.",
        )
    };
    let problem = Problem::new(Code::InvalidQuery).detail(format!("{sv} / {en}"), "");
    let base = if public_url.is_empty() { EXAMPLE_URL } else { public_url };
    let body = problem.document(Language::Sv, base, "/", trace_id).to_string();
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nconnection: close\r\n\
         cache-control: no-store\r\ncontent-language: sv\r\nx-content-type-options: nosniff\r\n\r\n",
        body.len(),
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_refusal_is_one() {
        let bare = [BARE, b"Mon, 30 Nov 2026 10:30:46 GMT\r\n\r\n"].concat();
        assert!(is_bare(&bare));
        let with_more = [BARE, b"Mon, 30 Nov 2026 10:30:46 GMT\r\netag: \"a\"\r\n\r\n"].concat();
        assert!(!is_bare(&with_more) && !is_bare(BARE) && !is_bare(b""));
        assert!(!is_bare(&explained("", "", true)));
    }

    #[test]
    fn the_first_line_decides() {
        assert!(is_raw("GET /kommuner?q=Umeå HTTP/1.1\r\n".as_bytes()));
        assert!(!is_raw("GET /kommuner?q=Ume%C3%A5 HTTP/1.1\r\nX: å\r\n".as_bytes()));
        assert!(!is_raw(b""));
    }
}
