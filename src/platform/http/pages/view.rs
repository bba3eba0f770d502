//! How pages look: the templates in `templates/`, which escape every value, and the headers of a page.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError as _};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::form::FieldKind;
use super::{Further, Place};
use crate::platform::http::answer::NO_STORE;
use crate::platform::problem::Problem;
use crate::platform::text::{Language, Localized};

const STYLE: &str = include_str!("../../../../templates/pages.css");
const SCRIPT: &str = include_str!("../../../../templates/pages.js");

static FAULT: Localized = Localized::fixed("Fel", "Error");
static SHOW: Localized = Localized::fixed("Visa lösenordet", "Show the password");

/// Only the page's own style and script, which are named by their hashes, and only forms that post here.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src {style}; script-src {script}; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

/// Marks the answer of a page that shows a problem: it is written already, and only the log is to know.
#[derive(Clone, Debug)]
pub struct Shown(pub Problem);

/// What every page has.
pub struct Head<'a> {
    /// Who reads it, and where it is.
    pub place: &'a Place,
    /// The heading.
    pub title: &'a str,
    /// What is to be read.
    pub reading: &'a Reading,
    /// Whether the page tells of a fault.
    pub is_refusal: bool,
    /// Links below.
    pub further: &'a [Further],
}

impl Head<'_> {
    fn of<'t>(&self, text: &'t Localized) -> &'t str {
        text.get(self.place.language)
    }

    fn lang(&self) -> &'static str {
        self.place.language.tag()
    }

    fn href(&self, further: &Further) -> String {
        let is_absolute = further.href.contains("://");
        format!("{}{}", if is_absolute { "" } else { &self.place.root }, further.href)
    }

    fn fault(&self) -> &'static str {
        FAULT.get(self.place.language)
    }

    fn show(&self) -> &'static str {
        SHOW.get(self.place.language)
    }
}

/// What a page gives to read, above its form.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Short facts, each with what it is called.
    pub facts: Vec<(Localized, Localized)>,
    /// Texts with their headings, as they were written.
    pub texts: Vec<(Localized, String)>,
}

/// A page with a form.
#[derive(Template)]
#[template(path = "form.html")]
pub struct FormView<'a> {
    /// Heading and links.
    pub head: Head<'a>,
    /// What it is for.
    pub intro: &'a str,
    /// Faults of no field.
    pub alerts: Vec<&'a str>,
    /// The fields.
    pub fields: Vec<FieldView<'a>>,
    /// The buttons.
    pub buttons: Vec<ButtonView<'a>>,
}

/// A button.
pub struct ButtonView<'a> {
    /// What the form has as `step` when it is pressed; empty for none.
    pub step: &'static str,
    /// Its text.
    pub text: &'a str,
}

/// A field with its faults.
pub struct FieldView<'a> {
    /// Its name, also its id in the page.
    pub name: &'static str,
    /// What it is called.
    pub label: &'a str,
    /// What to enter.
    pub hint: &'a str,
    /// What it takes.
    pub kind: FieldKind,
    /// HTML attributes: type, autocompletion.
    pub attributes: &'static str,
    /// What was entered; never a password.
    pub value: &'a str,
    /// What is wrong with it.
    pub faults: Vec<&'a str>,
    /// Whether a browser insists on a value.
    pub is_required: bool,
    /// Whether the cursor goes there.
    pub is_first_fault: bool,
}

impl FieldView<'_> {
    /// Whether something is wrong with it.
    pub fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Whether it is not seen.
    pub fn is_hidden(&self) -> bool {
        self.kind == FieldKind::Hidden
    }

    /// Whether it has several lines.
    pub fn is_of_lines(&self) -> bool {
        self.kind == FieldKind::Lines
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessageView<'a> {
    head: Head<'a>,
    paragraphs: Vec<&'a str>,
}

/// An answer with a rendered page. The problem that the page shows, if any, gives the status.
pub fn respond(page: &impl Template, problem: Option<Problem>) -> HttpResponse {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => return HttpResponse::from_error(Problem::internal(error)),
    };
    let status = problem.as_ref().map_or(StatusCode::OK, Problem::status_code);
    let mut response = HttpResponse::build(status).content_type(HTML).body(html);
    dress(&mut response);
    if let Some(problem) = problem {
        if let Some(seconds) = problem.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Shown(problem));
    }
    response
}

const HTML: &str = "text/html; charset=utf-8";

/// The headers of a page, in addition to those of every answer.
fn dress<B>(response: &mut HttpResponse<B>) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// A page that only tells something.
pub fn message(
    place: &Place,
    title: &Localized,
    paragraphs: &[Localized],
    further: &[Further],
) -> HttpResponse {
    read(place, title, paragraphs, &Reading::default(), further)
}

/// A page to read.
pub fn read(
    place: &Place,
    title: &Localized,
    paragraphs: &[Localized],
    reading: &Reading,
    further: &[Further],
) -> HttpResponse {
    let language = place.language;
    let head = Head { place, title: title.get(language), reading, is_refusal: false, further };
    let paragraphs = paragraphs.iter().map(|paragraph| paragraph.get(language)).collect();
    respond(&MessageView { head, paragraphs }, None)
}

/// A page to read, with what was refused.
pub fn refused(
    place: &Place,
    title: &Localized,
    reading: &Reading,
    further: &[Further],
    problem: Problem,
) -> HttpResponse {
    let language = place.language;
    let head = Head { place, title: title.get(language), reading, is_refusal: true, further };
    let told = problem.detail.clone().unwrap_or_else(|| problem.code.help());
    respond(&MessageView { head, paragraphs: vec![told.get(language)] }, Some(problem))
}

/// The page of a problem that kept a form from being read, such as too many requests. `response` has the headers that
/// layers have added.
pub fn refusal<B>(response: HttpResponse<B>, problem: &Problem, language: Language) -> HttpResponse {
    let title = problem.code.title();
    let (place, reading) = (Place { language, root: String::new() }, Reading::default());
    let title = title.get(language);
    let head = Head { place: &place, title, reading: &reading, is_refusal: true, further: &[] };
    let help = problem.code.help();
    let detail = problem.detail.as_ref().unwrap_or(&help);
    let page = respond(&MessageView { head, paragraphs: vec![detail.get(language)] }, Some(problem.clone()));
    let (mut head, _) = response.into_parts();
    for of_document in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::ETAG] {
        head.headers_mut().remove(of_document);
    }
    *head.status_mut() = page.status();
    for (name, value) in page.headers() {
        head.headers_mut().insert(name.clone(), value.clone());
    }
    head.set_body(page.into_body())
}
