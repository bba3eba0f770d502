//! The history of state changes: one table for all resources.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Stateful, TakenStep};
use crate::platform::codes::Codes as _;
use crate::platform::context::Context;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::status_changes;
use crate::platform::db::sets::{InsertRows, parts};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::names::{Actor, Names};
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};

/// A change of state as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = status_changes, treat_none_as_default_value = false)]
pub struct RecordedStep {
    /// Its id.
    pub id: Id,
    /// The type of the resource, as in the audit trail.
    pub resource_type: String,
    /// The resource.
    pub resource_id: Id,
    /// The state before.
    pub from_status: String,
    /// The state after.
    pub to_status: String,
    /// The person or client who took the step; none for a job.
    pub by_id: Option<Id>,
    /// The role that allowed it.
    pub role: String,
    /// When it was taken.
    pub at: Instant,
    /// Why it was taken.
    pub comment: Option<String>,
    /// The version of the resource after it.
    pub resource_version: i32,
}

/// What the audit trail keeps of a step beside the row.
#[derive(Serialize, Deserialize, PartialEq)]
pub(super) struct Told {
    comment: Option<String>,
    id: Id,
}

impl RecordedStep {
    /// What the audit trail keeps of it beside the row.
    pub(super) fn told(&self) -> Told {
        Told { comment: self.comment.clone(), id: self.id }
    }

    /// Whether this is what the audit trail kept of it.
    pub fn is_told_by(&self, told: &Value) -> bool {
        Told::deserialize(told).is_ok_and(|told| told == self.told())
    }

    /// The steps of these resources.
    pub fn of_all(rx: &mut Rx<'_>, resource_type: &str, ids: &[Id]) -> Result<Vec<Self>, Problem> {
        let of_these = status_changes::table
            .filter(status_changes::resource_id.one_of(ids.iter().copied()))
            .filter(status_changes::resource_type.eq(resource_type));
        Ok(of_these.select(Self::as_select()).load(rx.db)?)
    }

    /// The history of a step.
    pub(super) fn of<R: Stateful>(tx: &Tx<'_>, step: &TakenStep<R>) -> Self {
        let TakenStep { before, after, comment, role, .. } = step;
        Self {
            id: tx.ctx.new_id(),
            resource_type: R::TYPE.to_owned(),
            resource_id: after.id(),
            from_status: before.state().code().to_owned(),
            to_status: after.state().code().to_owned(),
            by_id: tx.subject().id(),
            role: role.clone(),
            at: tx.ctx.written,
            comment: comment.clone(),
            resource_version: after.version(),
        }
    }
}

/// Adds changes to the history.
pub(super) fn record_all(tx: &mut Tx<'_>, changes: &[RecordedStep]) -> Result<(), Problem> {
    for part in parts(changes) {
        let insert = |change| diesel::insert_into(status_changes::table).values(change);
        InsertRows::new(part, insert).kept().execute(tx.db)?;
    }
    Ok(())
}

/// One change of state.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = status_change_example)]
pub struct StatusChange {
    /// The state before.
    pub from: String,
    /// The state after.
    pub to: String,
    /// The person or client who made the change; absent for a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub by: Option<Actor>,
    /// The role that allowed the change; `system` for a job.
    pub role: String,
    /// When the state changed.
    pub at: Instant,
    /// Why the state was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub comment: Option<String>,
    /// The version of the resource after the change.
    pub version: i32,
}

/// An example for OpenAPI.
pub fn status_change_example() -> serde_json::Value {
    let by = Actor { id: Context::example().new_id(), name: Some("Anna Lund".to_owned()) };
    serde_json::json!(StatusChange {
        from: "draft".to_owned(),
        to: "scheduled".to_owned(),
        by: Some(by),
        role: "programmeManager".to_owned(),
        at: Instant::from_millis(1_601_539_200_000),
        comment: Some("Alla datum är bekräftade.".to_owned()),
        version: 2,
    })
}

impl StatusChange {
    /// A step as readers see it.
    pub(super) fn shown(step: RecordedStep, names: &Names, has_names: bool) -> Self {
        Self {
            by: step.by_id.map(|by| names.actor(by, has_names)),
            from: step.from_status,
            to: step.to_status,
            role: step.role,
            at: step.at,
            comment: step.comment,
            version: step.resource_version,
        }
    }
}

/// Who last moved a resource to a state; none when nobody did, or a job.
pub fn last_actor(rx: &mut Rx<'_>, resource_id: Id, to: &str) -> Result<Option<Id>, Problem> {
    let changes = status_changes::table
        .filter(status_changes::resource_id.eq(resource_id))
        .filter(status_changes::to_status.eq(to))
        .order((status_changes::at.desc(), status_changes::resource_version.desc()));
    let by: Option<Option<Id>> = changes.select(status_changes::by_id).first(rx.db).optional()?;
    Ok(by.flatten())
}

/// Who last moved each resource to a state. Resources that nobody moved there, or last a job, are left out.
pub fn last_actors(rx: &mut Rx<'_>, resource_ids: Vec<Id>, to: &str) -> Result<HashMap<Id, Id>, Problem> {
    let changes = status_changes::table
        .filter(status_changes::resource_id.one_of(resource_ids))
        .filter(status_changes::to_status.eq(to))
        .order((status_changes::at, status_changes::resource_version));
    let moves: Vec<(Id, Option<Id>)> =
        changes.select((status_changes::resource_id, status_changes::by_id)).load(rx.db)?;
    let mut actors = HashMap::new();
    for (resource_id, by) in moves {
        match by {
            Some(by) => actors.insert(resource_id, by),
            None => actors.remove(&resource_id),
        };
    }
    Ok(actors)
}

/// When each resource was last moved to a state. Resources without such a step are left out.
pub fn last_taken(rx: &mut Rx<'_>, resource_ids: Vec<Id>, to: &str) -> Result<HashMap<Id, Instant>, Problem> {
    let changes = status_changes::table
        .filter(status_changes::resource_id.one_of(resource_ids))
        .filter(status_changes::to_status.eq(to))
        .order((status_changes::at, status_changes::resource_version));
    let moves: Vec<(Id, Instant)> =
        changes.select((status_changes::resource_id, status_changes::at)).load(rx.db)?;
    Ok(moves.into_iter().collect())
}

/// All changes of one resource, oldest first.
pub(super) fn history(rx: &mut Rx<'_>, resource_id: Id) -> Result<Vec<RecordedStep>, Problem> {
    let changes = status_changes::table
        .filter(status_changes::resource_id.eq(resource_id))
        .order((status_changes::at, status_changes::resource_version))
        .select(RecordedStep::as_select())
        .load(rx.db)?;
    Ok(changes)
}

/// The changes of these resources, oldest first.
pub(super) fn histories(rx: &mut Rx<'_>, resource_ids: Vec<Id>) -> Result<Vec<RecordedStep>, Problem> {
    let changes = status_changes::table
        .filter(status_changes::resource_id.one_of(resource_ids))
        .order((status_changes::at, status_changes::resource_version))
        .select(RecordedStep::as_select())
        .load(rx.db)?;
    Ok(changes)
}

/// The changes of these resources that have a comment, oldest first.
pub(super) fn commented(rx: &mut Rx<'_>, resource_ids: Vec<Id>) -> Result<Vec<RecordedStep>, Problem> {
    let changes = status_changes::table
        .filter(status_changes::resource_id.one_of(resource_ids))
        .filter(status_changes::comment.is_not_null())
        .order((status_changes::at, status_changes::resource_version))
        .select(RecordedStep::as_select())
        .load(rx.db)?;
    Ok(changes)
}
