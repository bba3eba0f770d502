//! The page that proves the address of an expression of interest with the mailed link. It does what `verifyApplication` does.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::commands;
use super::requests::Verification;
use crate::identity::links::read_code;
use crate::identity::policy::LinkUse;
use crate::platform::auth::permit::Permit;
use crate::platform::http::body;
use crate::platform::http::form::Form;
use crate::platform::http::pages::{
    Button, Done, FORGOTTEN_PASSWORD, Field, FieldKind, FormPage, Page, way_in,
};
use crate::platform::problem::Problem;
use crate::platform::text::Localized;

/// The page.
pub const PAGES: &[Page] =
    &[Page { path: "/verification", handlers: |at| at.get(verification).post(verify) }];

static VERIFICATION: FormPage = FormPage {
    title: Localized::fixed("Bekräfta intresseanmälan", "Confirm the expression of interest"),
    intro: Localized::fixed(
        "Någon har anmält en kommuns intresse och angett din e-postadress. När du bekräftar räknas anmälan som inkommen. Var \
         det inte du, stäng bara sidan.",
        "Somebody has expressed a kommun's interest and has given your e-mail address. Once you confirm, the interest counts. \
         If it was not you, just close this page.",
    ),
    fields: &[
        Field {
            name: "code",
            label: Localized::fixed("Kod", "Code"),
            hint: Localized::fixed("Den står i mejlet, under länken.", "It is in the mail, below the link."),
            kind: FieldKind::LinkCode,
            is_required: true,
        },
        Field {
            name: "password",
            label: Localized::fixed("Lösenord för ett nytt konto", "Password for a new account"),
            hint: Localized::fixed(
                "Minst 12 tecken och inte lätt att gissa. En mening går bra. Har du redan ett konto lämnar du fältet tomt: \
                 lösenordet ändras inte här.",
                "At least 12 characters, and not easily guessed. A sentence will do. If you have an account, leave this empty: \
                 its password is not changed here.",
            ),
            kind: FieldKind::NewPassword,
            is_required: false,
        },
    ],
    buttons: &[Button::only("Bekräfta", "Confirm")],
    further: &[FORGOTTEN_PASSWORD],
};

async fn verification(request: HttpRequest) -> HttpResponse {
    VERIFICATION.blank(&request)
}

async fn verify(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let work = async |permit: Permit<LinkUse>, form: &Form| {
        let [code] = form.needed(["code"])?;
        let (id, token) = read_code(&code)?;
        let password = form.value("password");
        let proof: Verification = body::check(json!({"token": token, "password": password}))?;
        let addresses = permit.context().addresses;
        let answer = commands::prove(permit, id, proof).await?;
        let application: Value =
            serde_json::from_str(answer.body.as_deref().unwrap_or_default()).map_err(Problem::internal)?;
        let is_merged = application.get("status").and_then(Value::as_str) == Some("merged");
        if is_merged {
            return Ok(merged());
        }
        let (where_to, further) = way_in(&addresses);
        let title = Localized::fixed("Tack! Anmälan har kommit in", "Thank you! The interest is received");
        let received = Localized::fixed(
            "Intresseanmälan är bekräftad. Ditt användarnamn är adressen som fick mejlet.",
            "The expression of interest is confirmed. Your user name is the address that got the mail.",
        );
        Ok(Done { title, paragraphs: vec![received, where_to], further: vec![further] })
    };
    VERIFICATION.post(request, payload, work).await
}

fn merged() -> Done {
    let title = Localized::fixed("Tack! Adressen är bekräftad", "Thank you! The address is confirmed");
    let noted = Localized::fixed(
        "Kommunen hade redan en intresseanmälan. Din är nu en anteckning på den, och båda kontaktpersonerna har fått ett mejl.",
        "The kommun had expressed its interest already. Yours is now a note on that, and both contacts have got a mail.",
    );
    Done { title, paragraphs: vec![noted], further: Vec::new() }
}
