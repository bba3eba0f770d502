//! The last comment on a resource: why it was returned, for those who look at a list of what came back.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::RecordedStep;
use super::store::commented;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::names::{Actor, Names};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// The comment of the newest step that has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastComment {
    /// What was written.
    pub comment: String,
    /// The state that the step led to: `returned` for what was sent back.
    pub to: String,
    /// The person or client who wrote it; absent for a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    /// When it was written.
    pub at: Instant,
}

/// The last comments on some resources, with the names of those who wrote them.
#[derive(Clone, Debug, Default)]
pub struct LastComments {
    steps: HashMap<Id, RecordedStep>,
    names: Names,
}

impl LastComments {
    /// Loads them. `to`: only those of steps to this state. The names of `others` are loaded with those of the writers.
    pub fn of(
        rx: &mut Rx<'_>,
        resource_ids: Vec<Id>,
        to: Option<&str>,
        others: impl IntoIterator<Item = Id>,
    ) -> Result<Self, Problem> {
        let steps = commented(rx, resource_ids)?.into_iter();
        let steps = steps.filter(|step| to.is_none_or(|to| step.to_status == to));
        // The newest comes last and stays.
        let steps: HashMap<Id, RecordedStep> = steps.map(|step| (step.resource_id, step)).collect();
        let writers = steps.values().filter_map(|step| step.by_id);
        let names = Names::of(rx, writers.chain(others).collect::<Vec<_>>())?;
        Ok(Self { steps, names })
    }

    /// The last comment on one of them, with its writer's name for a reader who sees names.
    pub fn on(&self, resource_id: Id, has_names: bool) -> Option<LastComment> {
        let step = self.steps.get(&resource_id)?;
        Some(LastComment {
            comment: step.comment.clone()?,
            to: step.to_status.clone(),
            by: step.by_id.map(|by| self.names.actor(by, has_names)),
            at: step.at,
        })
    }

    /// The names of the writers, and of the others that were asked for.
    pub fn names(&self) -> &Names {
        &self.names
    }
}
