//! Swagger UI at `/docs/`: a page, and the files that it loads. Their names contain a hash of their content, so that browsers
//! keep them for good; the page itself is asked for each time. All are packed once, and all who read them share that memory.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, LazyLock};

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use utoipa_swagger_ui::{Config, serve};

use super::accept;
use super::fallback::fallback;
use crate::platform::ids::hex;
use crate::platform::problem::Problem;

/// The paths, for [`Routes`](super::fallback::Routes).
pub const PATHS: &[&str] = &["/docs/", "/docs/{file}"];

/// For files whose name changes with their content.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// For the page: kept, but asked for each time.
const ASK_AGAIN: &str = "public, no-cache";

const SCRIPT: &str = include_str!("../../../templates/docs.js");

/// The page, which names the files.
#[derive(Template)]
#[template(path = "docs.html")]
struct DocsView<'a> {
    icon: &'a str,
    style: &'a str,
    bundle: &'a str,
    script: &'a str,
}

struct File {
    media: &'static str,
    caching: &'static str,
    etag: String,
    plain: Bytes,
    packed: Bytes,
}

impl File {
    fn new(media: &'static str, caching: &'static str, plain: Bytes) -> Result<Self, Problem> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&plain).map_err(Problem::internal)?;
        let packed = encoder.finish().map_err(Problem::internal)?.into();
        Ok(Self { media, caching, etag: format!("\"{}\"", hash(&plain)), plain, packed })
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let is_packed = accept::takes_gzip(request.headers());
        // Two forms are two representations, and each has its own tag.
        let etag =
            if is_packed { format!("{}-gzip\"", self.etag.trim_end_matches('"')) } else { self.etag.clone() };
        let seen = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let is_known =
            seen.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::CACHE_CONTROL, self.caching));
        response.insert_header((header::VARY, "Accept-Encoding"));
        response.insert_header((header::ETAG, etag));
        if is_known {
            return response.finish();
        }
        let mut response = response
            .content_type(self.media)
            .body(if is_packed { &self.packed } else { &self.plain }.clone());
        if is_packed {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

/// The first half of the SHA-256, in hex.
fn hash(bytes: &[u8]) -> String {
    let mut hash = hex(&Sha256::digest(bytes));
    hash.truncate(32);
    hash
}

/// Every file by its name; the page has none. They are made when somebody first asks for one.
static FILES: LazyLock<Result<BTreeMap<String, File>, Problem>> = LazyLock::new(made);

fn made() -> Result<BTreeMap<String, File>, Problem> {
    let mut files = BTreeMap::new();
    let mut add = |name: &str, media: &'static str, bytes: Bytes| {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let name = format!("{stem}.{}.{extension}", hash(&bytes));
        files.insert(name.clone(), File::new(media, FOREVER, bytes)?);
        Ok::<String, Problem>(name)
    };
    let icon = add("favicon-32x32.png", "image/png", of_swagger_ui("favicon-32x32.png")?)?;
    let style = add("swagger-ui.css", "text/css; charset=utf-8", of_swagger_ui("swagger-ui.css")?)?;
    let script_media = "text/javascript; charset=utf-8";
    let bundle = add("swagger-ui-bundle.js", script_media, of_swagger_ui("swagger-ui-bundle.js")?)?;
    let script = add("docs.js", script_media, Bytes::from_static(SCRIPT.as_bytes()))?;
    let page = DocsView { icon: &icon, style: &style, bundle: &bundle, script: &script };
    let page = page.render().map_err(Problem::internal)?;
    files.insert(String::new(), File::new("text/html; charset=utf-8", ASK_AGAIN, page.into())?);
    Ok(files)
}

/// A file of Swagger UI, which is in the binary.
fn of_swagger_ui(name: &str) -> Result<Bytes, Problem> {
    let found =
        serve(name, Arc::new(Config::default())).map_err(|error| Problem::internal(error.to_string()))?;
    let found = found.ok_or_else(|| Problem::internal(format!("Swagger UI has no {name}")))?;
    Ok(match found.bytes {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => bytes.into(),
    })
}

async fn file(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let files = FILES.as_ref().map_err(Clone::clone)?;
    let name = if name.as_str() == "index.html" { "" } else { name.as_str() };
    files.get(name).map(|file| file.answer(&request)).ok_or_else(Problem::not_found)
}

/// Registers the files.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let files = web::resource("/docs/{file:.*}").route(web::get().to(file));
    cfg.service(files.default_service(web::to(fallback)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_files_that_are_there() {
        let files = FILES.as_ref().unwrap();
        assert_eq!(files.len(), 5);
        let page = String::from_utf8(files[""].plain.to_vec()).unwrap();
        for (name, file) in files.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(page.contains(&format!("=\"{name}\"")), "{name}");
            assert!(name.contains(&hash(&file.plain)));
            assert_eq!(file.caching, FOREVER);
        }
    }
}
