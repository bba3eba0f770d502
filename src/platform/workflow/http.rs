//! The shapes of `status-changes`, the same for every resource: one by one, in batch, and the history.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::StatusChange;
use crate::platform::ids::Id;

/// A wanted change of state.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeRequest<S, D> {
    /// The state to go to.
    pub to: S,
    /// Why; some steps require it.
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default)]
    pub comment: Option<String>,
    /// Further facts that some steps take.
    #[serde(default = "none")]
    pub data: Option<D>,
}

/// A wanted change of state of one of many.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeItem<S, D> {
    /// Which one.
    pub id: Id,
    /// The version that was seen; refused when it has changed since.
    #[serde(default)]
    pub version: Option<i32>,
    /// The state to go to.
    pub to: S,
    /// Why; some steps require it.
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default)]
    pub comment: Option<String>,
    /// Further facts that some steps take.
    #[serde(default = "none")]
    pub data: Option<D>,
}

/// serde's own default asks that `D` has one.
fn none<D>() -> Option<D> {
    None
}

impl<S, D> ChangeItem<S, D> {
    /// The item as a request of its own.
    pub fn into_request(self) -> ChangeRequest<S, D> {
        ChangeRequest { to: self.to, comment: self.comment, data: self.data }
    }
}

impl<S, D> validator::Validate for ChangeRequest<S, D> {
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        Ok(())
    }
}

/// The history of one resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusHistory {
    /// Every change, the first first.
    pub items: Vec<StatusChange>,
}
