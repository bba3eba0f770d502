//! `/api-clients`: list, get, add, change, the changes of state, and new secrets.

use actix_web::{get, patch, post};
use serde_json::{Value, json};

use super::requests::{ApiClientPatch, NewApiClient};
use super::rules::WORKFLOW;
use super::store::{self, ClientList, ClientRow};
use super::{ApiClient, commands};
use crate::identity::policy::{ClientManage, ClientRead};
use crate::identity::roles;
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link, NO_STORE};
use crate::platform::http::body::{Body, NoBody, NoData};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::{Id, Secret};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::platform::workflow::status_changes::StatusChangeDocs;
use crate::reference::kommuner;

impl ApiClient {
    fn new(ctx: &Context, row: ClientRow) -> Self {
        let roles = ctx.roles_for::<ClientManage>(&row.keys());
        let path = format!("/api-clients/{}", row.id);
        let mut links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "statusChanges", &format!("{path}/status-changes")),
        ];
        if !roles.is_empty() {
            links.push(Link::new(ctx, "PATCH", "update", &path));
            links.push(Link::new(ctx, "POST", "newSecret", &format!("{path}/secrets")));
        }
        Self {
            id: row.id,
            name: row.name,
            status: row.status,
            allowed_transitions: WORKFLOW.allowed(row.status, &roles),
            role: row.role,
            programme_id: row.programme_id,
            kommunkod: row.kommunkod,
            client_secret: None,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let new = NewApiClient {
            name: "Bodens tidsystem".to_owned(),
            programme_id: ctx.new_id(),
            kommunkod: "2582".to_owned(),
        };
        json!(Self::new(&ctx, new.into_row(&ctx, String::new())))
    }
}

impl IntoRepresentation for ClientRow {
    type As = ApiClient;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<ApiClient, Problem> {
        Ok(ApiClient::new(rx.ctx, self))
    }
}

/// List API clients
///
/// Kommunernas system: alla för systemadministratören, programmets för dess projektledare.
///
/// The kommuner's systems: all for the system administrator, the programme's for its manager.
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
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(ApiClient::new(rx.ctx, row)))
    });
    answer.await
}

/// Get an API client
///
/// Ett system; hemligheten visas inte.
///
/// One system; its secret is not shown.
#[utoipa::path(
    tag = "identity",
    operation_id = "getApiClient",
    params(("apiClientId" = Id, Path, description = "API-klientens id / the API client's id")),
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
/// Adds a system for a kommun in a programme. The secret, `clientSecret`, is shown only in this answer, once: an answer
/// that is repeated with the same `Idempotency-Key` (`Idempotency-Replayed`) does not have it. If it is lost, take a new
/// one.
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
        let row = new.clone().into_row(tx.ctx, hash.clone());
        may_keep(tx, &row)?;
        Code::InvalidInput.refuse_any(place_faults(tx, &row)?)?;
        tx.insert(&row)?;
        Answer::created(tx.ctx, &ApiClient::new(tx.ctx, row))
    });
    with_secret(answer.await?, &secret)
}

fn may_keep(tx: &Tx<'_>, row: &ClientRow) -> Result<(), Problem> {
    if tx.ctx.scope.role_for(&row.keys()).is_some() {
        return Ok(());
    }
    Err(Problem::new(Code::NotYours).detail(
        "API-klienter i det programmet hanteras av dess projektledare.",
        "API clients in that programme are managed by its programme manager.",
    ))
}

fn place_faults(tx: &mut Tx<'_>, row: &ClientRow) -> Result<Vec<FieldError>, Problem> {
    let mut faults = Vec::new();
    if !roles::has_programme(tx.db, row.programme_id)? {
        let words = Localized::fixed("Programmet finns inte.", "There is no such programme.");
        faults.push(FieldError::new("/programmeId", "unknown", words));
    }
    if !kommuner::exists(tx.db, &row.kommunkod)? {
        let words =
            Localized::fixed("Kommunkoden finns inte i registret.", "The kommunkod is not in the register.");
        faults.push(FieldError::new("/kommunkod", "unknown", words));
    }
    Ok(faults)
}

/// Puts the secret into the answer after the transaction, so that it is not stored with an `Idempotency-Key`.
fn with_secret(mut answer: Answer, secret: &Secret) -> Result<Answer, Problem> {
    answer.cache_control = NO_STORE;
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
    params(("apiClientId" = Id, Path, description = "API-klientens id / the API client's id")),
    request_body = ApiClientPatch,
    security(("bearer" = ["apiClient.manage"])),
    responses((status = 200, description = "The changed API client", body = ApiClient)),
)]
#[patch("/api-clients/{apiClientId}")]
async fn update(
    InOrder((permit, client, body)): InOrder<(Permit<ClientManage>, Found<ClientRow>, Body<ApiClientPatch>)>,
) -> Result<Answer, Problem> {
    let ApiClientPatch { name } = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::rename(tx, client.id, name.clone())?;
            Answer::one(&ApiClient::new(tx.ctx, after))
        })
        .await
}

/// Take a new secret
///
/// Ger klienten en ny hemlighet, som visas bara i detta svar, en gång, och inte när svaret upprepas med samma
/// `Idempotency-Key`. Den gamla slutar gälla genast och klientens token inom fem sekunder.
///
/// Gives the client a new secret, shown only in this answer, once, and not when the answer is repeated with the same
/// `Idempotency-Key`. The old one stops holding at once and the client's tokens within five seconds.
#[utoipa::path(
    tag = "identity",
    operation_id = "rotateApiClientSecret",
    params(("apiClientId" = Id, Path, description = "API-klientens id / the API client's id")),
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
        Answer::created(tx.ctx, &ApiClient::new(tx.ctx, after))
    });
    with_secret(answer.await?, &secret)
}

/// Its steps, as OpenAPI tells of them.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "identity",
    many: "API clients",
    steps: Localized::fixed(
        "Stänger av ett system (`disabled`) eller släpper in det igen (`active`); båda kräver en kommentar. Åtkomsttoken slutar gälla inom fem sekunder.",
        "Disables a system (`disabled`) or lets it in again (`active`); both need a comment. Access tokens stop holding within five seconds.",
    ),
    problems: &[],
    example: || json!({"to": "disabled", "comment": "Byte av leverantör."}),
};

/// The operations on API clients.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
    cfg.service(rotate);
    cfg.status_changes::<ClientRow, ClientRead, ClientManage>(&STATUS_CHANGES);
}
