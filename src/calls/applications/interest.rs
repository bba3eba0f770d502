//! How applications come in: `/programmes/{programmeId}/applications` for anyone and for the manager who registers, the
//! use of the mailed link, and new links.

use actix_web::{post, web};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::requests::{NewApplication, NewLink, Verification};
use super::{Application, ApplicationState, verification};
use crate::identity::links::{self, Kind};
use crate::identity::passwords;
use crate::identity::policy::{ApplicationCreate, LinkUse, Role};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::Found;
use crate::platform::auth::password;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow};

/// The answer to an anonymous interest: the same whatever there is from the kommun already.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = InterestTaken::example)]
pub struct InterestTaken {
    /// The new application, which waits for the proof of its address.
    pub application_id: Id,
    /// Until when the mailed link can be used.
    pub verification_expires_at: Instant,
    /// What to do now.
    pub message: String,
}

const TAKEN: Localized = Localized::fixed(
    "Tack! Vi har skickat en länk till adressen. Intresseanmälan gäller när länken har använts.",
    "Thank you! We have sent a link to the address. The expression of interest holds once the link is used.",
);

impl InterestTaken {
    fn example() -> serde_json::Value {
        let ctx = crate::platform::context::Context::example();
        json!(Self {
            application_id: ctx.new_id(),
            verification_expires_at: ctx.now.plus_days(7),
            message: TAKEN.get(ctx.language()).to_owned(),
        })
    }
}

/// The answer to the wish for a new link: the same for any address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"message": LINK_SENT.sv}))]
pub struct LinkWished {
    /// What happens now.
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
/// Anyone expresses a kommun's interest while the call is open. The answer is 202 and the same in all cases; a link is
/// sent to the address, and the interest holds once it is used (`/applications/{applicationId}/verification`). With
/// `receivedAt` and `reason` the programme manager registers one that is late or came on paper or by e-mail: it is
/// `submitted` at once, its contact is invited, and the answer is 201.
#[utoipa::path(
    tag = "applications",
    operation_id = "createApplication",
    params(("programmeId" = Id, Path, description = "Programmets id / the programme's id")),
    request_body = NewApplication,
    security(("bearer" = ["application.create"])),
    extensions(("x-problem-codes" = json!([
        "notYours", "callNotOpen", "deadlinePassed", "stateConflict", "alreadyExists"
    ]))),
    responses(
        (status = 202, description = "Taken in; the address must be proved", body = InterestTaken),
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
                may_register(tx, programme.id)?;
                let row = verification::register(tx, programme.id, new.clone())?;
                return Answer::created(tx.ctx, &Application::new(&mut tx.as_read(), row)?);
            }
            let (application_id, verification_expires_at) =
                verification::express(tx, programme.id, new.clone())?;
            let message = TAKEN.get(tx.ctx.language()).to_owned();
            Answer::accepted(&InterestTaken { application_id, verification_expires_at, message })
        })
        .await
}

/// Only the programme's manager decides what came when.
fn may_register(tx: &Tx<'_>, programme_id: Id) -> Result<(), Problem> {
    if tx.ctx.may::<ApplicationCreate>(&programme::keys(programme_id)) {
        return Ok(());
    }
    if !tx.ctx.caller.is_known() {
        return Err(Problem::new(Code::Unauthenticated));
    }
    let roles = ApplicationCreate::ROW.role_names();
    Err(Problem::new(Code::NotYours).detail(
        format!("receivedAt, respondBy och reason kräver rollen {roles} i programmet."),
        format!("receivedAt, respondBy and reason need the role {roles} in the programme."),
    ))
}

/// Prove an application's address
///
/// Använder länken som skickades: det som står efter punkten är `token`. Den som inte har ett konto väljer lösenord; den
/// som är inloggad eller har ett konto skickar token ensam, och ett befintligt lösenord ändras inte. Anmälan blir
/// `submitted` och kontaktpersonen sökande. Har kommunen redan en pågående anmälan blir denna en anteckning på den
/// (`merged`) och båda kontaktpersonerna får veta det. Fel, använd och utgången länk svarar alla 410.
///
/// Uses the link that was sent: what stands after the point is `token`. Whoever has no account chooses a password; whoever
/// is logged in or has one sends the token alone, and an existing password is not changed. The application becomes
/// `submitted` and the contact its applicant. If the kommun has a live application already this one becomes a note on it
/// (`merged`) and both contacts are told. A wrong, used and expired link all answer 410.
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
    // Not `Found`: whoever proves an address may not see the application yet.
    let id: Id = path.parse().map_err(|_| Problem::not_found())?;
    let proof = body.into_valid()?;
    let hash = password_hash(&permit, id, &proof).await?;
    permit
        .write(move |tx| {
            let row = verification::verify(tx, id, &proof, hash.as_deref())?;
            // The role was given just now, so that the caller does not carry it yet.
            let is_theirs = row.status == ApplicationState::Submitted;
            let roles: &[&str] = if is_theirs { &[Role::Applicant.as_str()] } else { &[] };
            let shown = Application::to_roles(&mut tx.as_read(), row, roles)?;
            Ok(Answer::one(&shown)?.cached(NO_STORE))
        })
        .await
}

/// The hash of the new password, made before the transaction and by few at a time; none when there is no password, or no
/// link that could use it, so that nobody makes the server hash for nothing.
async fn password_hash(
    permit: &Permit<LinkUse>,
    id: Id,
    proof: &Verification,
) -> Result<Option<String>, Problem> {
    let Some(chosen) = proof.password.clone() else { return Ok(None) };
    let (services, token) = (permit.services(), proof.token.clone());
    let link =
        move |rx: &mut crate::platform::tx::Rx<'_>| links::open_for(rx, Kind::Verification, id, &token);
    let Some(link) = services.database.read(permit.context(), link).await? else { return Ok(None) };
    Code::InvalidInput.refuse_any(password::weaknesses(&chosen, &link.email, "/password"))?;
    passwords::hash(&services, chosen).await.map(Some)
}

/// Ask for a new link
///
/// Skickar en ny länk till adressen om den har en intresseanmälan som väntar på bekräftelse: högst en på fem minuter och
/// fem i timmen. De tidigare gäller tiden ut, och den som används först gör de andra ogiltiga. Svaret är alltid 202.
///
/// Sends a new link to the address if it has an expression of interest that waits for confirmation: at most one in five
/// minutes and five in an hour. Earlier ones hold until their time is over, and the first that is used ends the others.
/// The answer is always 202.
#[utoipa::path(
    tag = "applications",
    operation_id = "createVerificationLink",
    params(("programmeId" = Id, Path, description = "Programmets id / the programme's id")),
    request_body = NewLink,
    security(("bearer" = ["link.use"])),
    responses((status = 202, description = "Taken in", body = LinkWished)),
)]
#[post("/programmes/{programmeId}/verification-links")]
async fn new_link(
    InOrder((permit, programme, body)): InOrder<(Permit<LinkUse>, Found<ProgrammeRow>, Body<NewLink>)>,
) -> Result<Answer, Problem> {
    let email = body.into_inner().contact_email;
    permit
        .write(move |tx| {
            verification::send_links(tx, programme.id, &email)?;
            Answer::accepted(&LinkWished { message: LINK_SENT.get(tx.ctx.language()).to_owned() })
        })
        .await
}

/// The ways in.
pub fn routes(cfg: &mut Operations) {
    cfg.service(create).service(new_link).service(verify);
}
