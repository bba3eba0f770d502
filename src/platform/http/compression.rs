//! Packs answers for clients that can unpack them (`Accept-Encoding`). A page of a list becomes a sixth.
//!
//! What has a token or a secret is not packed: whoever can make a browser send a text of theirs, and sees the length of the
//! packed answer, can guess what else is in it (BREACH). What is short is not packed either, nor what is packed already or is
//! no JSON. A packed answer has a weak tag, because its bytes are not those that the tag was made of.
//!
//! How hard to pack was measured with a page of 20 time entries, 16,480 bytes: gzip takes 73 µs at level 1 (4,040 bytes), 121 µs
//! at 2 (2,872) and 169 µs at 6 (2,682); brotli 215 µs at quality 2 (2,656), 368 µs at 4 and 19 ms at 5. So a client that likes
//! both alike gets gzip.

use std::cell::RefCell;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody as _};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::{self, Bytes};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::accept;

/// Up to this length, in bytes, packing saves no packet.
const SHORT: usize = 1024;
/// From this length on, in bytes, an answer is packed on another thread: this one serves other connections.
const LONG: usize = 64 * 1024;

const GZIP_LEVEL: u32 = 2;
const BROTLI_QUALITY: i32 = 2;

/// How an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As it is.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

impl Coding {
    /// What the client likes best (RFC 9110 §12.5.3).
    pub fn preferred(headers: &HeaderMap) -> Self {
        let [gzip, brotli] = ["gzip", "br"].map(|coding| accept::quality_of(headers, coding).unwrap_or(0.0));
        // Without a word about it, the plain form is accepted and liked least.
        let plain = accept::quality_of(headers, "identity").unwrap_or(0.0);
        let packed = gzip.max(brotli);
        if packed <= 0.0 || plain > packed {
            Self::Plain
        } else if brotli > gzip {
            Self::Brotli
        } else {
            Self::Gzip
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// Marks a response with a token or a secret in it.
pub struct Secret;

/// Marks a 304: how long the answer would have been, in bytes.
pub struct Unsent(pub usize);

/// The response, packed if that is worth it.
pub async fn packed(response: HttpResponse<BoxBody>, coding: Coding) -> HttpResponse<BoxBody> {
    let is_secret = response.extensions().get::<Secret>().is_some();
    if is_secret || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    if response.status() == StatusCode::NOT_MODIFIED {
        return unchanged(response, coding);
    }
    let length = match response.body().size() {
        BodySize::Sized(length) => usize::try_from(length).unwrap_or(usize::MAX),
        BodySize::None | BodySize::Stream => 0,
    };
    if length <= SHORT || !is_json(response.headers()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    vary(head.headers_mut());
    let Some(name) = coding.name() else { return head.set_body(body) };
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return head.set_body(body),
    };
    let Some(packed) = pack_anywhere(bytes.clone(), coding).await else {
        return head.set_body(BoxBody::new(bytes));
    };
    let headers = head.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    headers.remove(header::CONTENT_LENGTH);
    weaken(headers);
    head.set_body(BoxBody::new(packed))
}

/// A 304 has the tag that the whole answer would have.
fn unchanged(mut response: HttpResponse<BoxBody>, coding: Coding) -> HttpResponse<BoxBody> {
    let length = response.extensions().get::<Unsent>().map_or(0, |unsent| unsent.0);
    if length > SHORT && coding != Coding::Plain {
        weaken(response.headers_mut());
    }
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let essence = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Tells caches that the answer depends on what the client can unpack.
fn vary(headers: &mut HeaderMap) {
    let is_told = headers.get_all(header::VARY).any(|value| {
        value.to_str().is_ok_and(|names| names.to_ascii_lowercase().contains("accept-encoding"))
    });
    if !is_told {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

fn weaken(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let weak = tag.filter(|tag| !tag.starts_with("W/")).and_then(|tag| format!("W/{tag}").parse().ok());
    if let Some(weak) = weak {
        headers.insert(header::ETAG, weak);
    }
}

async fn pack_anywhere(bytes: Bytes, coding: Coding) -> Option<Vec<u8>> {
    if bytes.len() < LONG {
        return pack(&bytes, coding);
    }
    web::block(move || pack(&bytes, coding)).await.ok().flatten()
}

/// The packed bytes; none if they are not fewer.
fn pack(bytes: &[u8], coding: Coding) -> Option<Vec<u8>> {
    let packed = match coding {
        Coding::Plain => None,
        Coding::Gzip => gzip(bytes),
        Coding::Brotli => brotli(bytes),
    };
    packed.filter(|packed| packed.len() < bytes.len())
}

thread_local! {
    /// Needs a quarter of a megabyte, which is used again.
    static GZIP: RefCell<Compress> = RefCell::new(Compress::new_gzip(Compression::new(GZIP_LEVEL), 15));
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    // What does not fit is not shorter.
    let mut packed = Vec::with_capacity(bytes.len());
    let done = GZIP.with_borrow_mut(|gzip| {
        gzip.reset();
        gzip.compress_vec(bytes, &mut packed, FlushCompress::Finish)
    });
    matches!(done, Ok(Status::StreamEnd)).then_some(packed)
}

fn brotli(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(bytes.len() / 4);
    // A window as large as the answer needs, and no larger: it is allocated each time.
    let lgwin = if bytes.len() < LONG { 16 } else { 18 };
    let how =
        BrotliEncoderParams { quality: BROTLI_QUALITY, lgwin, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut bytes, &mut packed, &how).ok().map(|_| packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_client_chooses_and_gzip_is_the_cheaper_of_two_that_it_likes_alike() {
        for (accepted, coding) in [
            ("", Coding::Plain),
            ("identity", Coding::Plain),
            ("deflate, zstd", Coding::Plain),
            ("gzip", Coding::Gzip),
            ("br", Coding::Brotli),
            ("gzip, deflate, br, zstd", Coding::Gzip),
            ("gzip;q=0.5, br;q=0.8", Coding::Brotli),
            ("br;q=0.5, gzip;q=0.8", Coding::Gzip),
            ("gzip;q=0, br", Coding::Brotli),
            ("gzip;q=0, *", Coding::Brotli),
            ("gzip;q=0, br;q=0", Coding::Plain),
            ("*", Coding::Gzip),
            ("*;q=0", Coding::Plain),
            ("identity, gzip;q=0.5", Coding::Plain),
            ("identity;q=0.5, gzip;q=1.0", Coding::Gzip),
            ("GZIP;Q=1", Coding::Gzip),
            ("gzip;q=nonsense", Coding::Plain),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(Coding::preferred(&headers), coding, "{accepted}");
        }
        assert_eq!(Coding::preferred(&HeaderMap::new()), Coding::Plain);
    }

    #[test]
    fn what_is_packed_is_unpacked_again_and_what_does_not_shrink_is_not_packed() {
        for length in [1_100, 20_000, LONG, 5 * LONG] {
            let text = "{\"description\":\"Möte i Umeå\"}, ".repeat(length / 30);
            // Twice, because the second uses what the first has used.
            for _ in 0..2 {
                let packed = pack(text.as_bytes(), Coding::Gzip).unwrap();
                let mut unpacked = String::new();
                flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut unpacked).unwrap();
                assert_eq!(unpacked, text);
            }
            let mut unpacked = Vec::new();
            let packed = pack(text.as_bytes(), Coding::Brotli).unwrap();
            brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).unwrap();
            assert!(unpacked == text.as_bytes() && packed.len() * 10 < text.len());
        }
        let mut noise = Vec::new();
        let mut state: u32 = 1;
        for _ in 0..2000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.push(u8::try_from(state >> 24).unwrap());
        }
        assert_eq!(pack(&noise, Coding::Gzip), None);
        assert_eq!(pack(&noise, Coding::Brotli), None);
        assert_eq!(pack(b"{}", Coding::Plain), None);
    }

    fn made(length: usize, media: &'static str) -> HttpResponse<BoxBody> {
        HttpResponse::Ok()
            .content_type(media)
            .insert_header((header::ETAG, "\"3-a\""))
            .body("a".repeat(length))
    }

    async fn tag_and_coding(response: HttpResponse<BoxBody>, coding: Coding) -> (String, Option<String>) {
        let packed = packed(response, coding).await;
        let text = |name| packed.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        (text(header::ETAG).unwrap(), text(header::CONTENT_ENCODING))
    }

    #[actix_web::test]
    async fn only_long_json_without_secrets_is_packed() {
        let weak = |coding: &str| ("W/\"3-a\"".to_owned(), Some(coding.to_owned()));
        let strong = ("\"3-a\"".to_owned(), None);
        let json = "application/json";
        assert_eq!(tag_and_coding(made(1025, json), Coding::Gzip).await, weak("gzip"));
        assert_eq!(tag_and_coding(made(1025, json), Coding::Brotli).await, weak("br"));
        assert_eq!(
            tag_and_coding(made(100_000, "application/problem+json"), Coding::Gzip).await,
            weak("gzip")
        );
        assert_eq!(tag_and_coding(made(1024, json), Coding::Gzip).await, strong);
        assert_eq!(tag_and_coding(made(9000, json), Coding::Plain).await, strong);
        assert_eq!(tag_and_coding(made(9000, "text/html"), Coding::Gzip).await, strong);
        let mut secret = made(9000, json);
        secret.extensions_mut().insert(Secret);
        assert_eq!(tag_and_coding(secret, Coding::Gzip).await, strong);
        let mut packed_already = made(9000, json);
        packed_already.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(
            tag_and_coding(packed_already, Coding::Brotli).await,
            ("\"3-a\"".into(), Some("gzip".into()))
        );
    }
}
