//! The program's own small pages, for whoever has a mail and no frontend: plain HTML forms that post to their own address and
//! do what an operation of the API does. They need neither cookies nor script; a few lines of script move the code of a
//! mailed link out of the address. All addresses are relative, so that they work behind a path prefix.
//!
//! No form needs a token against forgery: none acts for a caller whom the browser remembers. Whoever posts must send the
//! mailed code or their password, and could as well use the API.

mod form;
mod view;

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::{HttpMessage as _, HttpRequest, Resource, web};

pub use form::{Button, Done, Field, FieldKind, FormPage};
pub use view::{Reading, Shown, message, read, refusal, refused};

use super::fallback::fallback;
use crate::platform::context::{Addresses, RequestFacts};
use crate::platform::text::{Language, Localized};

/// A page at the root of the server.
pub struct Page {
    /// Its path.
    pub path: &'static str,
    /// Adds its handlers of GET and POST.
    pub handlers: fn(Resource) -> Resource,
}

impl Page {
    /// Registers the page.
    pub fn register(&self, cfg: &mut web::ServiceConfig) {
        let resource = (self.handlers)(web::resource(self.path));
        cfg.service(resource.default_service(web::to(fallback)));
    }
}

/// A link below the text of a page.
#[derive(Clone, Debug)]
pub struct Further {
    /// The address, relative to the root of the server unless it is absolute.
    pub href: Cow<'static, str>,
    /// What is there.
    pub text: Localized,
}

/// What leads to a new password.
pub const FORGOTTEN_PASSWORD: Further =
    Further::to("forgotten-password", "Glömt lösenordet?", "Forgotten your password?");

impl Further {
    /// A link to a place of this server.
    pub const fn to(href: &'static str, sv: &'static str, en: &'static str) -> Self {
        Self { href: Cow::Borrowed(href), text: Localized::fixed(sv, en) }
    }
}

/// Where somebody who has a password now logs in, and the link that leads there.
pub fn way_in(addresses: &Addresses) -> (Localized, Further) {
    if addresses.public_app_url == addresses.public_url {
        let words = Localized::fixed(
            "Den här installationen har inget eget användargränssnitt: logga in med Authorize i API-dokumentationen, eller i \
             det system som du använder.",
            "This installation has no user interface of its own: log in with Authorize in the API documentation, or in the \
             system that you use.",
        );
        return (words, Further::to("docs/", "API-dokumentationen", "The API documentation"));
    }
    let href = Cow::Owned(addresses.public_app_url.clone());
    let text = Localized::fixed("Till samverkan", "To samverkan");
    (Localized::fixed("Nu kan du logga in.", "You can log in now."), Further { href, text })
}

/// Who reads a page, and where it is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The reader's language.
    pub language: Language,
    /// The way from the page to the root of the server: empty or `../`.
    pub root: String,
}

impl Place {
    /// That of a request.
    pub fn of(request: &HttpRequest) -> Self {
        let above = request.path().matches('/').count().saturating_sub(1);
        Self { language: language_of(request), root: "../".repeat(above) }
    }
}

/// The language of the answer to a request.
pub fn language_of(request: &HttpRequest) -> Language {
    request.extensions().get::<Arc<RequestFacts>>().map(|facts| facts.language).unwrap_or_default()
}
