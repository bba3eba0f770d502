//! Pages that show something to somebody with an account, and act for them. There is no cookie and no session that lasts:
//! user name and password come with each form, and are checked, counted and slowed down as at `/oauth/token`.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};

use super::oauth;
use super::policy::SessionOpen;
use crate::platform::auth::caller::Caller;
use crate::platform::auth::permit::Permit;
use crate::platform::http::form::Form;
use crate::platform::http::in_order::RequestPart;
use crate::platform::http::pages::{Field, FieldKind, FormPage, Place, Reading};
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;

/// The user name on a page that logs in.
pub const USER_NAME: Field = Field {
    name: "email",
    label: Localized::fixed("E-postadress", "E-mail address"),
    hint: Localized::fixed(
        "Ditt användarnamn: adressen som fick mejlet.",
        "Your user name: the address that got the mail.",
    ),
    kind: FieldKind::UserName,
    is_required: true,
};

/// The password on a page that logs in.
pub const PASSWORD: Field = Field {
    name: "password",
    label: Localized::fixed("Lösenord", "Password"),
    hint: Localized::fixed(
        "Det som du valde när du blev inbjuden. Sidan minns det inte.",
        "The one that you chose when you were invited. The page does not remember it.",
    ),
    kind: FieldKind::Password,
    is_required: true,
};

/// Somebody who has given user name and password with a form.
pub struct Visit {
    request: HttpRequest,
    /// Who reads the page, and where it is.
    pub place: Place,
    /// The form.
    pub form: Form,
}

impl Visit {
    /// A part of the request: the permit of an operation that the visitor's roles allow, or the object that the path names.
    pub async fn take<P: RequestPart>(&self) -> Result<P, Problem> {
        P::take(&self.request, &mut Payload::None).await
    }
}

/// Reads the form, logs in and answers; `page`, which has [`USER_NAME`] and [`PASSWORD`], says what is wrong.
pub async fn visited(
    request: HttpRequest,
    payload: web::Payload,
    page: &FormPage,
    answer: impl AsyncFnOnce(&Visit) -> Result<HttpResponse, Problem>,
) -> HttpResponse {
    let (permit, form) = match page.taken::<SessionOpen>(&request, payload).await {
        Ok(taken) => taken,
        Err(response) => return response,
    };
    let place = Place::of(&request);
    let visit = Visit { request, place, form };
    let answered = match log_in(&permit, &visit.form).await {
        Ok(caller) => {
            visit.request.extensions_mut().insert(Arc::new(caller));
            answer(&visit).await
        }
        Err(problem) => Err(problem),
    };
    answered.unwrap_or_else(|problem| {
        page.show(&visit.place, &visit.form, &Reading::default(), Some(in_words(problem)))
    })
}

async fn log_in(permit: &Permit<SessionOpen>, form: &Form) -> Result<Caller, Problem> {
    let [email, password] = form.needed([USER_NAME.name, PASSWORD.name])?;
    oauth::log_in_once(permit, &email, password).await
}

/// RFC 6749 speaks of grants, and the policy of roles; a page speaks of the reader's password and account.
fn in_words(problem: Problem) -> Problem {
    match problem.code {
        Code::InvalidGrant => problem.detail(
            "Adressen och lösenordet hör inte ihop. Försök igen, eller välj ett nytt lösenord.",
            "The address and the password do not belong together. Try again, or choose a new password.",
        ),
        Code::Forbidden => problem.detail(
            "Du får inte se eller göra det här med ditt konto.",
            "You may not see or do this with your account.",
        ),
        _ => problem,
    }
}
