//! The bodies for inviting, for using a link and for choosing a password.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::ids::Id;
use crate::platform::values::Email;

/// The person to invite again.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"personId": "0175a2e1-7c00-7000-8000-000000000001"}))]
pub struct NewInvitation {
    /// A person who has not chosen a password yet.
    pub person_id: Id,
}

/// The token of a link, and the new password.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"token": "Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4", "password": "blå cykel och regn"}))]
pub struct LinkUseBody {
    /// The second part of the link, after the full stop.
    #[schema(min_length = 1, max_length = 200, format = Password)]
    pub token: String,
    /// At least 12 characters, not easily guessed; a sentence will do.
    #[schema(max_length = 1000, format = Password)]
    pub password: String,
}

/// The account whose password is to be reset.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"email": "karin.oberg@boden.example"}))]
pub struct NewPasswordReset {
    /// Work e-mail.
    #[validate(nested)]
    pub email: Email,
}

/// The present and the new password.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"currentPassword": "blå cykel och regn", "newPassword": "röd cykel och snö"}))]
pub struct PasswordChange {
    /// The present password.
    #[schema(max_length = 1000, format = Password)]
    pub current_password: String,
    /// At least 12 characters, not easily guessed; a sentence will do.
    #[schema(max_length = 1000, format = Password)]
    pub new_password: String,
}
