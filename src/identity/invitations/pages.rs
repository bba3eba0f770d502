//! The pages for choosing a password with a mailed link, and for asking for one. They do what `acceptInvitation`,
//! `completePasswordReset` and `requestPasswordReset` do.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::commands;
use super::requests::{LinkUseBody, NewPasswordReset};
use crate::identity::links::{Kind, read_code};
use crate::identity::policy::LinkUse;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body;
use crate::platform::http::form::Form;
use crate::platform::http::pages::{Button, Done, Field, FieldKind, FormPage, Further, Page, way_in};
use crate::platform::problem::Problem;
use crate::platform::text::Localized;

/// The pages.
pub const PAGES: &[Page] = &[
    Page { path: "/invitation", handlers: |at| at.get(invitation).post(accept) },
    Page { path: "/password-reset", handlers: |at| at.get(password_reset).post(reset) },
    Page { path: "/forgotten-password", handlers: |at| at.get(forgotten_password).post(ask) },
];

const FORGOTTEN: Further = Further::to("forgotten-password", "Be om en ny länk", "Ask for a new link");

const CODE: Field = Field {
    name: "code",
    label: Localized::fixed("Kod", "Code"),
    hint: Localized::fixed("Den står i mejlet, under länken.", "It is in the mail, below the link."),
    kind: FieldKind::LinkCode,
    is_required: true,
};

const PASSWORD: Field = Field {
    name: "password",
    label: Localized::fixed("Nytt lösenord", "New password"),
    hint: Localized::fixed(
        "Minst 12 tecken och inte lätt att gissa. En mening går bra.",
        "At least 12 characters, and not easily guessed. A sentence will do.",
    ),
    kind: FieldKind::NewPassword,
    is_required: true,
};

static INVITATION: FormPage = FormPage {
    title: Localized::fixed("Välj lösenord", "Choose a password"),
    intro: Localized::fixed(
        "Du är inbjuden till samverkan. Välj ett lösenord, så är ditt konto klart.",
        "You are invited to samverkan. Choose a password, and your account is ready.",
    ),
    fields: &[CODE, PASSWORD],
    buttons: &[Button::only("Välj lösenordet", "Choose the password")],
    further: &[FORGOTTEN],
};

static RESET: FormPage = FormPage {
    title: Localized::fixed("Välj nytt lösenord", "Choose a new password"),
    intro: Localized::fixed(
        "Du loggas ut överallt, och loggar sedan in med det nya lösenordet.",
        "You are logged out everywhere, and log in with the new password after that.",
    ),
    fields: &[CODE, PASSWORD],
    buttons: &[Button::only("Byt lösenord", "Change the password")],
    further: &[FORGOTTEN],
};

static ASK: FormPage = FormPage {
    title: Localized::fixed("Glömt lösenordet?", "Forgotten your password?"),
    intro: Localized::fixed(
        "Ange din e-postadress, så skickar vi en länk att välja lösenord med. Den som är inbjuden och inte har valt lösenord \
         får en ny inbjudan.",
        "Give your e-mail address, and we send a link for choosing a password. If you are invited and have not chosen a \
         password, you get a new invitation.",
    ),
    fields: &[Field {
        name: "email",
        label: Localized::fixed("E-postadress", "E-mail address"),
        hint: Localized::fixed("Den som du fick inbjudan till.", "The one that got the invitation."),
        kind: FieldKind::Email,
        is_required: true,
    }],
    buttons: &[Button::only("Skicka länken", "Send the link")],
    further: &[],
};

async fn invitation(request: HttpRequest) -> HttpResponse {
    INVITATION.blank(&request)
}

async fn accept(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    INVITATION.post(request, payload, async |permit, form| choose(permit, form, Kind::Invitation).await).await
}

async fn password_reset(request: HttpRequest) -> HttpResponse {
    RESET.blank(&request)
}

async fn reset(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    RESET.post(request, payload, async |permit, form| choose(permit, form, Kind::PasswordReset).await).await
}

async fn choose(permit: Permit<LinkUse>, form: &Form, kind: Kind) -> Result<Done, Problem> {
    let [code, password] = form.needed(["code", "password"])?;
    let (id, token) = read_code(&code)?;
    let body: LinkUseBody = body::check(json!({"token": token, "password": password}))?;
    let addresses = permit.context().addresses;
    let answer = commands::choose_password(permit, kind, &id.to_string(), body).await?;
    let username = member(&answer, "username")?;
    let (where_to, further) = way_in(&addresses);
    let chosen = Localized::new(
        format!("Lösenordet är valt. Ditt användarnamn är {username}."),
        format!("The password is chosen. Your user name is {username}."),
    );
    let title = Localized::fixed("Klart", "Done");
    Ok(Done { title, paragraphs: vec![chosen, where_to], further: vec![further] })
}

/// A text in the answer of the operation.
fn member(answer: &Answer, name: &str) -> Result<String, Problem> {
    let body: Value =
        serde_json::from_str(answer.body.as_deref().unwrap_or_default()).map_err(Problem::internal)?;
    let text = body.get(name).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| Problem::internal(format!("an answer without {name}")))
}

async fn forgotten_password(request: HttpRequest) -> HttpResponse {
    ASK.blank(&request)
}

async fn ask(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let work = async |permit: Permit<LinkUse>, form: &Form| {
        let [email] = form.needed(["email"])?;
        let NewPasswordReset { email } = body::check(json!({"email": email.trim()}))?;
        commands::request_reset(permit, email).await?;
        Ok(Done {
            title: Localized::fixed("Titta i din e-post", "Look at your mail"),
            paragraphs: vec![Localized::fixed(
                "Om adressen hör till någon här är en länk på väg dit. Den gäller i en timme, en ny inbjudan i 14 dagar. Kommer \
                 inget inom några minuter: titta i skräpposten, och försök igen om fem minuter.",
                "If the address belongs to somebody here, a link is on its way. It is valid for an hour, a new invitation for 14 \
                 days. If nothing arrives within a few minutes, look among the spam, and try again in five minutes.",
            )],
            further: Vec::new(),
        })
    };
    ASK.post(request, payload, work).await
}
