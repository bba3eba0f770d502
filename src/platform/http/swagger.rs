//! Swagger UI at `/docs/`. Its files are in the binary, and all who read them share that memory.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes};
use utoipa_swagger_ui::{Config, SwaggerFile, serve};

use super::fallback::fallback;
use crate::platform::context::BASE_PATH;
use crate::platform::http::answer::PUBLIC_HOUR;
use crate::platform::problem::Problem;

/// The paths, for [`Routes`](super::fallback::Routes).
pub const PATHS: &[&str] = &["/docs/", "/docs/{file}"];

/// The only file that is made here, because it has the address of the document in it.
const INITIALIZER: &str = "swagger-initializer.js";

static INITIALIZER_BYTES: OnceLock<Bytes> = OnceLock::new();

/// One file; without a name the page itself.
async fn file(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let SwaggerFile { bytes, content_type, gzpipped, .. } = found(&name)?.ok_or_else(Problem::not_found)?;
    let bytes = match bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(made) if name.as_str() == INITIALIZER => {
            INITIALIZER_BYTES.get_or_init(|| Bytes::from(made)).clone()
        }
        Cow::Owned(made) => Bytes::from(made),
    };
    let mut response = HttpResponse::Ok().content_type(content_type).body(bytes);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(PUBLIC_HOUR));
    if gzpipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn found(name: &str) -> Result<Option<SwaggerFile<'static>>, Problem> {
    let config = Config::new([format!("{BASE_PATH}/openapi.json")]);
    serve(name, Arc::new(config)).map_err(|error| Problem::internal(error.to_string()))
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
    fn the_files_are_those_of_the_binary() {
        for (name, is_there) in
            [("", true), ("index.html", true), ("swagger-ui-bundle.js", true), ("a/b", false)]
        {
            let file = found(name).unwrap();
            assert_eq!(file.is_some(), is_there, "{name}");
            assert!(file.is_none_or(|file| matches!(file.bytes, Cow::Borrowed(_))), "{name} is a copy");
        }
        let made = found(INITIALIZER).unwrap().unwrap();
        assert!(String::from_utf8_lossy(&made.bytes).contains("/api/v1/openapi.json"));
    }
}
