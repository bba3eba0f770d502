//! The form that asks for a token, for OpenAPI: each grant has its own fields. `form` reads it, because a form has rules
//! of its own (a repeated field, an empty one).

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Object, ObjectBuilder};

/// The form that requests a token: one of the grants.
#[derive(Clone, Debug, ToSchema)]
#[serde(untagged)]
#[schema(
    example = TokenRequest::example,
    discriminator(property_name = "grant_type", mapping(
        ("password" = "#/components/schemas/PasswordGrant"),
        ("refresh_token" = "#/components/schemas/RefreshTokenGrant"),
        ("client_credentials" = "#/components/schemas/ClientCredentialsGrant")
    ))
)]
pub enum TokenRequest {
    /// A person logs in.
    Password(PasswordGrant),
    /// A person's session goes on.
    RefreshToken(RefreshTokenGrant),
    /// An API client logs in.
    ClientCredentials(ClientCredentialsGrant),
}

/// A person logs in.
#[derive(Clone, Debug, ToSchema)]
pub struct PasswordGrant {
    /// The grant.
    #[schema(schema_with = password)]
    pub grant_type: String,
    /// The work e-mail.
    pub username: String,
    /// The password.
    pub password: String,
}

/// A person's session goes on.
#[derive(Clone, Debug, ToSchema)]
pub struct RefreshTokenGrant {
    /// The grant.
    #[schema(schema_with = refresh_token)]
    pub grant_type: String,
    /// The latest refresh token; this request uses it up.
    pub refresh_token: String,
}

/// An API client logs in.
#[derive(Clone, Debug, ToSchema)]
pub struct ClientCredentialsGrant {
    /// The grant.
    #[schema(schema_with = client_credentials)]
    pub grant_type: String,
    /// The id of the API client, unless it is in `Authorization: Basic`.
    #[schema(nullable = false)]
    pub client_id: Option<String>,
    /// The secret of the API client, unless it is in `Authorization: Basic`.
    #[schema(nullable = false)]
    pub client_secret: Option<String>,
}

impl TokenRequest {
    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        json!({"grant_type": "password", "username": "karin.oberg@boden.example", "password": "blå cykel och regn"})
    }
}

fn password() -> Object {
    only("password")
}

fn refresh_token() -> Object {
    only("refresh_token")
}

fn client_credentials() -> Object {
    only("client_credentials")
}

/// One value, by which a client tells the grants apart.
fn only(value: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([value])).build()
}
