//! `/invitations`, `/password-resets` and `/me/password-changes`.

use actix_web::{get, post, web};

use super::requests::{LinkUseBody, NewInvitation, NewPasswordReset, PasswordChange};
use super::{Invitation, InvitationRow, LinkSent, PasswordChosen, ResetRequested, commands};
use crate::identity::links::Kind;
use crate::identity::policy::{InvitationRead, InvitationSend, InvitationWithdraw, LinkUse, MeRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::{Body, NoBody, NoData};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// Get an invitation
///
/// Det som skickades med POST /people. Den som bjöd in ser personen (`personId`) när personen har loggat in eller
/// accepterat sedan dess.
///
/// What was sent with POST /people. The sender sees the person (`personId`) when the person has logged in or accepted since.
#[utoipa::path(
    tag = "identity",
    operation_id = "getInvitation",
    security(("bearer" = ["invitation.read"])),
    responses((status = 200, description = "The invitation", body = Invitation)),
)]
#[get("/invitations/{invitationId}")]
async fn get(
    InOrder((_permit, invitation)): InOrder<(Permit<InvitationRead>, Show<InvitationRow>)>,
) -> Answer {
    invitation.into_answer()
}

/// Withdraw an invitation
///
/// Tar tillbaka en inbjudan, till exempel till fel adress: rollen som gavs med den upphör genast. Den som hade rollen
/// redan innan behåller den; svaret är detsamma.
///
/// Withdraws an invitation, for example to a wrong address: the role that was granted with it ends at once. A person who had
/// the role before keeps it; the answer is the same.
#[utoipa::path(
    tag = "identity",
    operation_id = "withdrawInvitation",
    request_body(content = Option<NoData>, example = json!({})),
    security(("bearer" = ["invitation.withdraw"])),
    extensions(("x-problem-codes" = json!(["stateConflict"]))),
    responses((status = 200, description = "The withdrawn invitation", body = Invitation)),
)]
#[post("/invitations/{invitationId}/withdrawal")]
async fn withdraw(
    InOrder((permit, invitation, _body)): InOrder<(Permit<InvitationWithdraw>, Found<InvitationRow>, NoBody)>,
) -> Result<Answer, Problem> {
    let id = invitation.id;
    let answer = permit.write(move |tx| {
        let withdrawn = super::withdraw(tx, id)?;
        tx.answer(withdrawn)
    });
    answer.await
}

/// Invite a person again
///
/// Skickar en ny länk till en synlig person som inte har valt lösenord än; den förra slutar gälla. Den som ännu inte har
/// accepterat och därför inte syns bjuds in igen med POST /people.
///
/// Sends a new link to a visible person who has not chosen a password yet. The earlier link becomes invalid. A person who has
/// not accepted yet, and is therefore not visible, is invited again with POST /people.
#[utoipa::path(
    tag = "identity",
    operation_id = "sendInvitation",
    request_body = NewInvitation,
    security(("bearer" = ["invitation.send"])),
    extensions(("x-problem-codes" = json!(["notFound", "stateConflict"]))),
    responses((status = 202, description = "The mail is on its way", body = LinkSent)),
)]
#[post("/invitations")]
async fn invite(
    InOrder((permit, body)): InOrder<(Permit<InvitationSend>, Body<NewInvitation>)>,
) -> Result<Answer, Problem> {
    let NewInvitation { person_id } = body.into_inner();
    permit
        .write(move |tx| {
            let link = commands::invite_again(tx, person_id)?;
            Answer::accepted(&LinkSent {
                id: link.id,
                person_id,
                created_at: link.created_at,
                expires_at: link.expires_at,
            })
        })
        .await
}

/// Accept an invitation
///
/// Använder länken i inbjudan och väljer lösenord: minst 12 tecken och inte lätt att gissa. Länken gäller i 14 dagar och en
/// gång; använd, utgången och okänd besvaras lika (410). Ett svagt lösenord förbrukar den inte.
///
/// Uses the link of the invitation to choose a password: at least 12 characters and not easily guessed. The link is valid
/// for 14 days and can be used once. Used, expired and unknown links all get the same answer (410). A weak password does
/// not use the link up.
#[utoipa::path(
    tag = "identity",
    operation_id = "acceptInvitation",
    params(("invitationId" = Id, Path, description = "Länkens första del / the first part of the link")),
    request_body = LinkUseBody,
    security(("bearer" = ["link.use"])),
    extensions(("x-problem-codes" = json!(["linkInvalid"]))),
    responses((status = 200, description = "The password is chosen", body = PasswordChosen)),
)]
#[post("/invitations/{invitationId}/acceptance")]
async fn accept(
    InOrder((permit, body)): InOrder<(Permit<LinkUse>, Body<LinkUseBody>)>,
    id: web::Path<String>,
) -> Result<Answer, Problem> {
    commands::choose_password(permit, Kind::Invitation, &id, body.into_valid()?).await
}

/// Ask for a new password
///
/// Skickar en länk att välja nytt lösenord med, om adressen tillhör någon: högst en på fem minuter och fem i timmen. De
/// tidigare gäller tiden ut. Svaret är detsamma för alla adresser.
///
/// Sends a link for choosing a new password, if the address belongs to a person: at most one in five minutes and five in an
/// hour. Earlier links stay valid until they expire. The answer is the same for every address.
#[utoipa::path(
    tag = "identity",
    operation_id = "requestPasswordReset",
    request_body = NewPasswordReset,
    security(("bearer" = ["link.use"])),
    responses((status = 202, description = "If the address is known, a mail is on its way", body = ResetRequested)),
)]
#[post("/password-resets")]
async fn request_reset(
    InOrder((permit, body)): InOrder<(Permit<LinkUse>, Body<NewPasswordReset>)>,
) -> Result<Answer, Problem> {
    let NewPasswordReset { email } = body.into_inner();
    commands::request_reset(permit, email).await
}

/// Choose a new password
///
/// Använder länken i mejlet. Den gäller i en timme och en gång. Alla personens inloggningar avslutas, och spärren efter
/// felaktiga försök på kontot hävs.
///
/// Uses the link in the mail. The link is valid for an hour and can be used once. All sessions of the person end, and the
/// account is unlocked if failed logins had locked it.
#[utoipa::path(
    tag = "identity",
    operation_id = "completePasswordReset",
    params(("passwordResetId" = Id, Path, description = "Länkens första del / the first part of the link")),
    request_body = LinkUseBody,
    security(("bearer" = ["link.use"])),
    extensions(("x-problem-codes" = json!(["linkInvalid"]))),
    responses((status = 200, description = "The password is chosen", body = PasswordChosen)),
)]
#[post("/password-resets/{passwordResetId}/completion")]
async fn complete_reset(
    InOrder((permit, body)): InOrder<(Permit<LinkUse>, Body<LinkUseBody>)>,
    id: web::Path<String>,
) -> Result<Answer, Problem> {
    commands::choose_password(permit, Kind::PasswordReset, &id, body.into_valid()?).await
}

/// Change one's own password
///
/// Kräver det nuvarande lösenordet; fel lösenord räknas som ett misslyckat försök att logga in. Personens andra
/// inloggningar avslutas.
///
/// Requires the present password; a wrong password counts as a failed login. The person's other sessions end.
#[utoipa::path(
    tag = "identity",
    operation_id = "changeOwnPassword",
    request_body = PasswordChange,
    security(("bearer" = ["me.read"])),
    extensions(("x-problem-codes" = json!(["notYours", "loginLocked"]))),
    responses((status = 204, description = "The password is changed")),
)]
#[post("/me/password-changes")]
async fn change_own(
    InOrder((permit, body)): InOrder<(Permit<MeRead>, Body<PasswordChange>)>,
) -> Result<Answer, Problem> {
    commands::change_password(permit, body.into_valid()?).await
}

/// The operations on invitations and passwords.
pub fn routes(cfg: &mut Operations) {
    cfg.service(invite)
        .service(get)
        .service(withdraw)
        .service(accept)
        .service(request_reset)
        .service(complete_reset)
        .service(change_own);
}
