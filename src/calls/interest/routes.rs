//! The operations that add applications: `/programmes/{programmeId}/applications` for anyone and for the manager who registers
//! one, the use of the mailed link, and new links.

use actix_web::{post, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::commands;
use super::requests::{NewApplication, NewLink, Verification};
use crate::calls::applications::Application;
use crate::identity::policy::{ApplicationCreate, LinkUse};
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::programmes::programme::ProgrammeRow;

/// The answer to an anonymous interest. It does not tell whether the kommun has an application already.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = InterestTaken::example)]
pub struct InterestTaken {
    /// The new application, which waits for the proof of its address.
    pub application_id: Id,
    /// When the mailed link expires.
    pub verification_expires_at: Instant,
    /// What to do next.
    pub message: String,
}

const TAKEN: Localized = Localized::fixed(
    "Tack! Vi har skickat en länk till adressen. Intresseanmälan gäller när länken har använts.",
    "Thank you! We have sent a link to the address. The expression of interest counts once the link is used.",
);

impl InterestTaken {
    /// An example for OpenAPI.
    fn example() -> Value {
        let ctx = Context::example();
        json!(Self {
            application_id: ctx.new_id(),
            verification_expires_at: ctx.now.plus_days(7),
            message: TAKEN.get(ctx.language()).to_owned(),
        })
    }
}

/// The answer to a request for a new link: the same for every address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"message": LINK_SENT.sv}))]
pub struct LinkRequested {
    /// What happens next.
    pub message: String,
}

const LINK_SENT: Localized = Localized::fixed(
    "Om adressen har en intresseanmälan som väntar på bekräftelse har en ny länk skickats dit.",
    "If the address has an expression of interest that waits for confirmation, a new link has been sent there.",
);

/// Express interest
///
/// Vem som helst anmäler en kommuns intresse medan utlysningen är öppen. Svaret är 202 och detsamma i alla fall; en länk
/// skickas till adressen, och anmälan gäller när den har använts (`/applications/{applicationId}/verification`). Med
/// `receivedAt` och `reason` registrerar projektledaren en sen anmälan eller en som kom på papper eller med e-post: den är
/// genast `submitted`, kontaktpersonen bjuds in, och svaret är 201.
///
/// Anyone may express a kommun's interest while the call is open. The answer is then always 202, whether or not the kommun
/// already has an application. A link is sent to the address, and the interest counts when the link is used
/// (`/applications/{applicationId}/verification`). With `receivedAt` and `reason`, the programme manager registers an
/// application that is late or came on paper or by e-mail: it is `submitted` at once, its contact is invited, and the answer
/// is 201.
#[utoipa::path(
    tag = "applications",
    operation_id = "createApplication",
    request_body = NewApplication,
    security(("bearer" = ["application.create"])),
    extensions(("x-problem-codes" = json!([
        "notYours", "ownWork", "callNotOpen", "deadlinePassed", "stateConflict", "alreadyExists"
    ]))),
    responses(
        (status = 202, description = "Accepted; the address must be proved", body = InterestTaken),
        (status = 201, description = "Registered by the programme manager", body = Application),
    ),
)]
#[post("/programmes/{programmeId}/applications")]
async fn create(
    InOrder((permit, programme, body)): InOrder<(
        Permit<ApplicationCreate>,
        Found<ProgrammeRow>,
        Body<NewApplication>,
    )>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            if new.is_registration() {
                let row = commands::register(tx, &programme, new.clone())?;
                return tx.answer_created(row);
            }
            let (application_id, verification_expires_at) = commands::express(tx, programme.id, new.clone())?;
            let message = TAKEN.get(tx.ctx.language()).to_owned();
            Answer::accepted(&InterestTaken { application_id, verification_expires_at, message })
        })
        .await
}

/// Prove an application's address
///
/// Använder länken som skickades: det som står efter punkten är `token`. Den som inte har ett konto väljer lösenord; den
/// som är inloggad eller har ett konto skickar token ensam, och ett befintligt lösenord ändras inte. Anmälan blir
/// `submitted` och kontaktpersonen sökande. Har kommunen redan en pågående anmälan blir denna en anteckning på den
/// (`merged`) och båda kontaktpersonerna får veta det. Fel, använd och utgången länk svarar alla 410.
///
/// Uses the mailed link: `token` is the part after the dot. A person without an account chooses a password. A person who
/// is logged in or has an account sends only the token; an existing password is not changed. The application becomes
/// `submitted` and the contact its applicant. If the kommun has a live application already, this one becomes a note on it
/// (`merged`) and both contacts are told. Wrong, used and expired links all get 410.
#[utoipa::path(
    tag = "applications",
    operation_id = "verifyApplication",
    params(("applicationId" = Id, Path, description = "Intresseanmälans id / the application's id")),
    request_body = Verification,
    security(("bearer" = ["link.use"])),
    extensions(("x-problem-codes" = json!(["linkInvalid", "notYours", "stateConflict"]))),
    responses((status = 200, description = "The application, submitted or merged", body = Application)),
)]
#[post("/applications/{applicationId}/verification")]
async fn verify(
    InOrder((permit, body)): InOrder<(Permit<LinkUse>, Body<Verification>)>,
    path: web::Path<String>,
) -> Result<Answer, Problem> {
    // Not `Found`: the caller may not see the application before the address is proved.
    let id: Id = path.parse().map_err(|_| Problem::not_found())?;
    commands::prove(permit, id, body.into_valid()?).await
}

/// Ask for a new link
///
/// Skickar en ny länk till adressen om den har en intresseanmälan som väntar på bekräftelse: högst en på fem minuter och
/// fem i timmen. De tidigare gäller tiden ut, och den som används först gör de andra ogiltiga. Svaret är alltid 202.
///
/// Sends a new link to the address if an expression of interest from it waits for confirmation: at most one link in five
/// minutes and five in an hour. Earlier links stay valid until they expire; the use of one link makes the others invalid.
/// The answer is always 202.
#[utoipa::path(
    tag = "applications",
    operation_id = "createVerificationLink",
    request_body = NewLink,
    security(("bearer" = ["link.use"])),
    responses((status = 202, description = "Accepted", body = LinkRequested)),
)]
#[post("/programmes/{programmeId}/verification-links")]
async fn new_link(
    InOrder((permit, programme, body)): InOrder<(Permit<LinkUse>, Found<ProgrammeRow>, Body<NewLink>)>,
) -> Result<Answer, Problem> {
    let email = body.into_inner().contact_email;
    permit
        .write(move |tx| {
            commands::send_links(tx, programme.id, &email)?;
            Answer::accepted(&LinkRequested { message: LINK_SENT.get(tx.ctx.language()).to_owned() })
        })
        .await
}

/// The operations by which applications come in.
pub fn routes(cfg: &mut Operations) {
    cfg.service(create).service(new_link).service(verify);
}
