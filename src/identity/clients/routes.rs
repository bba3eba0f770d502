//! `/api-clients`: list, get, add, change, new secrets, and the status changes.

use actix_web::{get, patch, post};
use serde_json::{Value, json};

use super::requests::{ApiClientPatch, NewApiClient};
use super::store::{self, ClientList, ClientRow};
use super::{ApiClient, commands};
use crate::identity::policy::{ClientManage, ClientRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::{Body, NoBody, NoData};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Secret;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;

/// List API clients
///
/// Kommunernas system: alla för systemadministratören, programmets för dess projektledare.
///
/// The systems of the kommuner. A system administrator sees all of them, a programme manager those of the programme.
#[utoipa::path(
    tag = "identity",
    operation_id = "listApiClients",
    params(ClientList),
    security(("bearer" = ["apiClient.read"])),
    responses((status = 200, description = "A page of API clients", body = Listing<ApiClient>)),
)]
#[get("/api-clients")]
async fn list(InOrder((permit, list)): InOrder<(Permit<ClientRead>, ClientList)>) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(ApiClient::new(ctx, row)))
    });
    answer.await
}

/// Get an API client
///
/// Ett system; hemligheten visas inte.
///
/// One system, without its secret.
#[utoipa::path(
    tag = "identity",
    operation_id = "getApiClient",
    security(("bearer" = ["apiClient.read"])),
    responses((status = 200, description = "The API client", body = ApiClient)),
)]
#[get("/api-clients/{apiClientId}")]
async fn get(InOrder((_permit, client)): InOrder<(Permit<ClientRead>, Show<ClientRow>)>) -> Answer {
    client.into_answer()
}

/// Add an API client
///
/// Lägger upp ett system för en kommun i ett program. Hemligheten, `clientSecret`, visas bara i detta svar, en gång: ett
/// svar som upprepas med samma `Idempotency-Key` (`Idempotency-Replayed`) har den inte. Går den förlorad tar man en ny.
///
/// Adds a system for a kommun in a programme. Only this answer shows the secret, `clientSecret`: an answer that is replayed
/// for the same `Idempotency-Key` (`Idempotency-Replayed`) does not contain it. If you lose the secret, take a new one.
#[utoipa::path(
    tag = "identity",
    operation_id = "createApiClient",
    request_body = NewApiClient,
    security(("bearer" = ["apiClient.manage"])),
    extensions(("x-problem-codes" = json!(["notYours"]))),
    responses((status = 201, description = "The new API client with its secret", body = ApiClient)),
)]
#[post("/api-clients")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<ClientManage>, Body<NewApiClient>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    let secret = permit.services().ids.secret();
    let hash = secret.hash();
    let answer = permit.write(move |tx| {
        let row = commands::create(tx, new.clone(), &hash)?;
        tx.answer_created(row)
    });
    with_secret(answer.await?, &secret)
}

/// Adds the secret to the answer. This is done after the transaction, so that the secret is not stored with the answer for
/// an `Idempotency-Key`.
fn with_secret(answer: Answer, secret: &Secret) -> Result<Answer, Problem> {
    let mut answer = answer.secret();
    if let Some(body) = answer.body.as_deref().filter(|_| !answer.is_replayed) {
        let mut document: Value = serde_json::from_str(body).map_err(Problem::internal)?;
        if let Some(members) = document.as_object_mut() {
            members.insert("clientSecret".to_owned(), json!(secret.reveal()));
        }
        answer.body = Some(document.to_string());
    }
    Ok(answer)
}

/// Change an API client
///
/// Namnet kan ändras; program och kommun kan det inte.
///
/// The name can be changed; programme and kommun cannot.
#[utoipa::path(
    tag = "identity",
    operation_id = "updateApiClient",
    request_body = ApiClientPatch,
    security(("bearer" = ["apiClient.manage"])),
    responses((status = 200, description = "The changed API client", body = ApiClient)),
)]
#[patch("/api-clients/{apiClientId}")]
async fn update(
    InOrder((permit, client, body)): InOrder<(Permit<ClientManage>, Found<ClientRow>, Body<ApiClientPatch>)>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::change(tx, client.id, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// Take a new secret
///
/// Ger klienten en ny hemlighet, som visas bara i detta svar, en gång, och inte när svaret upprepas med samma
/// `Idempotency-Key`. Den gamla slutar gälla genast och klientens token inom fem sekunder.
///
/// Gives the client a new secret. Only this answer shows it; an answer that is replayed for the same `Idempotency-Key` does
/// not. The old secret becomes invalid at once, and the client's access tokens within five seconds.
#[utoipa::path(
    tag = "identity",
    operation_id = "rotateApiClientSecret",
    request_body(content = Option<NoData>, example = json!({})),
    security(("bearer" = ["apiClient.manage"])),
    responses((status = 201, description = "The API client with its new secret", body = ApiClient)),
)]
#[post("/api-clients/{apiClientId}/secrets")]
async fn rotate(
    InOrder((permit, client, _body)): InOrder<(Permit<ClientManage>, Found<ClientRow>, NoBody)>,
) -> Result<Answer, Problem> {
    let secret = permit.services().ids.secret();
    let hash = secret.hash();
    let answer = permit.write(move |tx| {
        let after = commands::replace_secret(tx, client.id, &hash)?;
        tx.answer_created(after)
    });
    with_secret(answer.await?, &secret)
}

/// What OpenAPI says about the status changes.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "identity",
    many: "API clients",
    steps: Localized::fixed(
        "Stänger av ett system (`disabled`) eller släpper in det igen (`active`); båda kräver en kommentar. \
         Åtkomsttoken slutar gälla inom fem sekunder.",
        "Disables a system (`disabled`) or enables it again (`active`); both need a comment. Access tokens become \
         invalid within five seconds.",
    ),
    problems: &[],
    example: || json!({"to": "disabled", "comment": "Byte av leverantör."}),
};

/// The operations on API clients.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update).service(rotate);
    cfg.status_changes::<ClientRow, ClientRead, ClientManage>(&STATUS_CHANGES);
}
