//! `/oauth/token` and `/oauth/revoke`.

use actix_web::post;

use super::form::Form;
use super::{RevocationRequest, TokenAnswer, TokenRequest, commands, invalid_client, refusal};
use crate::identity::policy::SessionOpen;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// Get a token
///
/// Ger en åtkomsttoken (JWT, fem minuter). `password` loggar in en person, `refresh_token` förnyar inloggningen och
/// `client_credentials` är för system. En förnyelsetoken används en gång. I 30 sekunder efter det ger den en till, för den
/// som inte fick svaret och för en andra flik; används den senare avslutas inloggningen. En
/// inloggning varar 30 dagar utan förnyelse och högst 90 dagar. Efter fem fel i rad på ett konto från
/// en adress, eller tjugo från en adress på olika konton, får den adressen vänta (429 `loginLocked`), för varje ytterligare fel
/// dubbelt så länge, högst en kvart; IPv6 räknas per /64 och /48. Försöker många adresser på ett konto tar svaren längre tid,
/// högst fem sekunder, och ägaren får ett mejl. Ett system anger sitt id och sin hemlighet i `Authorization: Basic`
/// (`client_secret_basic`, RFC 6749 §2.3.1) eller som `client_id` och `client_secret` i formuläret (`client_secret_post`), inte
/// båda. Åtkomsttoken bär rollerna (`roles`) så länge de är högst 30; den som har fler läser dem i `/me`.
///
/// Gives an access token (JWT, five minutes). `password` logs a person in, `refresh_token` renews the session and
/// `client_credentials` is for API clients. A refresh token can be used once. For 30 seconds after that it gives another one, for
/// whoever did not get the answer and for a second tab; a later use ends the session. A session lasts 30
/// days without a renewal and 90 days at most. After five failures in a row for an account from one IP address, or
/// twenty from an IP address for any accounts, that address has to wait (429 `loginLocked`); each further failure doubles the
/// wait, up to fifteen minutes; IPv6 is counted by /64 and /48. If many addresses try one account, answers take longer, up to
/// five seconds, and the owner gets a mail. An API client sends its id and secret in `Authorization: Basic`
/// (`client_secret_basic`, RFC 6749 §2.3.1), or as `client_id` and `client_secret` in the form (`client_secret_post`), not both.
/// The access token contains the roles (`roles`) if there are at most 30; with more roles, read them in `/me`.
#[utoipa::path(
    tag = "identity",
    operation_id = "createToken",
    request_body(
        content = TokenRequest,
        content_type = "application/x-www-form-urlencoded",
        example = json!({"grant_type": "password", "username": "karin.oberg@boden.example", "password": "blå cykel och regn"})
    ),
    security(("bearer" = ["session.open"])),
    extensions(("x-problem-codes" = json!(["invalidTokenRequest", "invalidGrant", "invalidClient", "loginLocked"]))),
    responses((status = 200, description = "The token", body = TokenAnswer)),
)]
#[post("/oauth/token")]
async fn token(InOrder((permit, form)): InOrder<(Permit<SessionOpen>, Form)>) -> Result<Answer, Problem> {
    let [grant_type] = form.needed(["grant_type"])?;
    let credentials = form.credentials();
    match (grant_type.as_str(), credentials) {
        ("client_credentials", Some(credentials)) => commands::log_in_client(permit, credentials).await,
        ("client_credentials", None) => Err(invalid_client()),
        // An API client logs in as itself: it may not log a person in.
        ("password" | "refresh_token", Some(_)) => Err(unauthorized_client()),
        ("password", None) => commands::log_in_person(permit, &form).await,
        ("refresh_token", None) => commands::renew(permit, &form).await,
        _ => Err(unsupported_grant_type()),
    }
}

fn unauthorized_client() -> Problem {
    refusal(Code::InvalidTokenRequest, "unauthorized_client").detail(
        "En API-klient använder bara grant_type client_credentials.",
        "An API client uses only grant_type client_credentials.",
    )
}

fn unsupported_grant_type() -> Problem {
    let words = Localized::fixed(
        "Använd password, refresh_token eller client_credentials.",
        "Use password, refresh_token or client_credentials.",
    );
    let fault = FieldError::new("grant_type", "unsupportedGrantType", words);
    refusal(Code::InvalidTokenRequest, "unsupported_grant_type").errors(vec![fault])
}

/// Revoke a token
///
/// Loggar ut: avslutar inloggningen som en förnyelse- eller åtkomsttoken hör till (RFC 7009). Svaret är detsamma för en
/// okänd token. En API-klient får ange sig, i `Authorization: Basic` eller i formuläret; då ska hemligheten stämma.
///
/// Logs out: ends the session of a refresh or access token (RFC 7009). An unknown token gets the same answer. An API client
/// may send its credentials, in `Authorization: Basic` or in the form; if it does, the secret must be right.
#[utoipa::path(
    tag = "identity",
    operation_id = "revokeToken",
    request_body(
        content = RevocationRequest,
        content_type = "application/x-www-form-urlencoded",
        example = json!({"token": "Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4", "token_type_hint": "refresh_token"})
    ),
    security(("bearer" = ["session.open"])),
    extensions(("x-problem-codes" = json!(["invalidTokenRequest", "invalidClient"]))),
    responses((status = 200, description = "The token is no longer valid")),
)]
#[post("/oauth/revoke")]
async fn revoke_token(
    InOrder((permit, form)): InOrder<(Permit<SessionOpen>, Form)>,
) -> Result<Answer, Problem> {
    commands::revoke(permit, &form).await
}

/// The operations on tokens.
pub fn routes(cfg: &mut Operations) {
    cfg.service(token).service(revoke_token);
}
