//! A page with a form: how it is shown, read, and shown again with every fault beside its field.

use actix_web::{HttpRequest, HttpResponse, web};

use super::view::{ButtonView, FieldView, FormView, Head, Reading, message, respond};
use super::{Further, Place};
use crate::platform::auth::action::Action;
use crate::platform::auth::permit::Permit;
use crate::platform::http::form::{self, Form};
use crate::platform::http::in_order::RequestPart as _;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// A page with a form that posts to its own address.
pub struct FormPage {
    /// The heading.
    pub title: Localized,
    /// What it is for.
    pub intro: Localized,
    /// The fields in their order.
    pub fields: &'static [Field],
    /// The buttons. Enter in a field of one line presses the first.
    pub buttons: &'static [Button],
    /// Links below.
    pub further: &'static [Further],
}

/// A button that posts the form.
pub struct Button {
    /// What the form then has as `step`; empty where there is only one thing to do.
    pub step: &'static str,
    /// Its text.
    pub text: Localized,
}

impl Button {
    /// The only button of a form.
    pub const fn only(sv: &'static str, en: &'static str) -> Self {
        Self { step: "", text: Localized::fixed(sv, en) }
    }
}

/// A field of a form.
pub struct Field {
    /// Its name in the form, and the pointer of its faults without the `/`.
    pub name: &'static str,
    /// What it is called.
    pub label: Localized,
    /// What to enter.
    pub hint: Localized,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it must have a value.
    pub is_required: bool,
}

impl Field {
    /// A field that the page fills in.
    pub const fn hidden(name: &'static str) -> Self {
        let label = Localized::fixed("", "");
        let hint = Localized::fixed("", "");
        Self { name, label, hint, kind: FieldKind::Hidden, is_required: false }
    }
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// The code of a mailed link. The script fills it in and hides it. It is called `code`.
    LinkCode,
    /// A new password, which is never shown again.
    NewPassword,
    /// An e-mail address.
    Email,
    /// The user name, which is an e-mail address.
    UserName,
    /// The password of the user name, which is never shown again.
    Password,
    /// A line of text.
    Line,
    /// A text of several lines.
    Lines,
    /// What the page itself fills in.
    Hidden,
}

impl FieldKind {
    const fn attributes(self) -> &'static str {
        match self {
            Self::LinkCode => {
                "type=\"text\" autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\""
            }
            Self::NewPassword => "type=\"password\" autocomplete=\"new-password\"",
            Self::Email => "type=\"email\" autocomplete=\"email\"",
            Self::UserName => "type=\"email\" autocomplete=\"username\"",
            Self::Password => "type=\"password\" autocomplete=\"current-password\"",
            Self::Line => "type=\"text\" autocomplete=\"off\" maxlength=\"200\"",
            Self::Lines => "rows=\"4\" maxlength=\"2000\"",
            Self::Hidden => "type=\"hidden\"",
        }
    }
}

/// What is told when the form has done its work.
pub struct Done {
    /// The heading.
    pub title: Localized,
    /// The text.
    pub paragraphs: Vec<Localized>,
    /// Where to go from here.
    pub further: Vec<Further>,
}

impl FormPage {
    /// The empty form. It changes nothing.
    pub fn blank(&self, request: &HttpRequest) -> HttpResponse {
        self.show(&Place::of(request), &Form::default(), &Reading::default(), None)
    }

    /// Reads the form and does its work with the permit of an operation, or shows the form again with all faults.
    pub async fn post<A: Action>(
        &self,
        request: HttpRequest,
        payload: web::Payload,
        work: impl AsyncFnOnce(Permit<A>, &Form) -> Result<Done, Problem>,
    ) -> HttpResponse {
        let (place, nothing) = (Place::of(&request), Reading::default());
        let (permit, form) = match self.taken::<A>(&request, payload).await {
            Ok(taken) => taken,
            Err(response) => return response,
        };
        match work(permit, &form).await {
            Ok(Done { title, paragraphs, further }) => message(&place, &title, &paragraphs, &further),
            Err(problem) => self.show(&place, &form, &nothing, Some(problem)),
        }
    }

    /// The permit of an operation and the form with all that must be filled in; or the page that shows what is wrong.
    pub async fn taken<A: Action>(
        &self,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<(Permit<A>, Form), HttpResponse> {
        let show = |form: &Form, problem: Problem| {
            self.show(&Place::of(request), form, &Reading::default(), Some(problem))
        };
        let (permit, form) =
            taken::<A>(request, payload).await.map_err(|problem| show(&Form::default(), problem))?;
        self.check_filled_in(&form).map_err(|problem| show(&form, problem))?;
        Ok((permit, form))
    }

    fn check_filled_in(&self, form: &Form) -> Result<(), Problem> {
        let missing =
            self.fields.iter().filter(|field| field.is_required && form.value(field.name).is_none());
        let words = || Localized::fixed("Fyll i fältet.", "Fill in this field.");
        let faults = missing.map(|field| FieldError::new(field.name, "required", words())).collect();
        Code::InvalidInput.refuse_any(faults)
    }

    /// The form with these values, below what is to be read, and with what the problem says.
    pub fn show(
        &self,
        place: &Place,
        form: &Form,
        reading: &Reading,
        problem: Option<Problem>,
    ) -> HttpResponse {
        let language = place.language;
        let faults = problem.as_ref().map(faults_of).unwrap_or_default();
        let of_field = |field: &Field| {
            let own = faults.iter().filter(|fault| fault.pointer.trim_start_matches('/') == field.name);
            own.map(|fault| fault.detail.get(language)).collect::<Vec<_>>()
        };
        let first_faulty = self.fields.iter().position(|field| !of_field(field).is_empty());
        let fields = self.fields.iter().enumerate().map(|(index, field)| FieldView {
            name: field.name,
            label: field.label.get(language),
            hint: field.hint.get(language),
            attributes: field.kind.attributes(),
            value: match field.kind {
                FieldKind::NewPassword | FieldKind::Password => "",
                _ => form.value(field.name).unwrap_or_default(),
            },
            kind: field.kind,
            faults: of_field(field),
            is_required: field.is_required,
            is_first_fault: first_faulty == Some(index),
        });
        let is_of_none = |fault: &&FieldError| {
            let seen = self.fields.iter().filter(|field| field.kind != FieldKind::Hidden);
            seen.map(|field| field.name).all(|name| fault.pointer.trim_start_matches('/') != name)
        };
        let view = FormView {
            head: Head {
                place,
                reading,
                title: self.title.get(language),
                is_refusal: problem.is_some(),
                further: self.further,
            },
            intro: self.intro.get(language),
            alerts: faults.iter().filter(is_of_none).map(|fault| fault.detail.get(language)).collect(),
            fields: fields.collect(),
            buttons: self
                .buttons
                .iter()
                .map(|button| ButtonView { step: button.step, text: button.text.get(language) })
                .collect(),
        };
        respond(&view, problem.clone())
    }
}

async fn taken<A: Action>(
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<(Permit<A>, Form), Problem> {
    let mut payload = payload.into_inner();
    let permit = Permit::take(request, &mut payload).await?;
    form::check_headers(request)?;
    let form = form::read(request, &mut payload).await?;
    Ok((permit, form))
}

/// The faults as the page tells them. A problem without any tells its text; that of a link is about the code.
fn faults_of(problem: &Problem) -> Vec<FieldError> {
    if !problem.errors.is_empty() {
        return problem.errors.clone();
    }
    let pointer = if problem.code == Code::LinkInvalid { "code" } else { "" };
    let detail = problem.detail.clone().unwrap_or_else(|| problem.code.help());
    vec![FieldError::new(pointer, problem.code.as_str(), detail)]
}
