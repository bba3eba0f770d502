//! What happened to the resources of a page: their histories, and the last comment on each, which says why it was returned.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{commented, histories};
use super::{RecordedStep, StatusChange};
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
    #[schema(nullable = false)]
    pub by: Option<Actor>,
    /// When it was written.
    pub at: Instant,
}

/// The steps of some resources, with the names of those who took them, loaded for a whole page at once.
#[derive(Clone, Debug, Default)]
pub struct Histories {
    steps: HashMap<Id, Vec<RecordedStep>>,
    names: Names,
}

impl Histories {
    /// Every step.
    pub fn of(
        rx: &mut Rx<'_>,
        resource_ids: Vec<Id>,
        others: impl IntoIterator<Item = Id>,
    ) -> Result<Self, Problem> {
        let steps = histories(rx, resource_ids)?;
        Self::named(rx, steps, others)
    }

    /// The steps that have a comment. The names of `others` are loaded with those of the writers.
    pub fn commented(
        rx: &mut Rx<'_>,
        resource_ids: Vec<Id>,
        others: impl IntoIterator<Item = Id>,
    ) -> Result<Self, Problem> {
        let steps = commented(rx, resource_ids)?;
        Self::named(rx, steps, others)
    }

    fn named(
        rx: &mut Rx<'_>,
        all: Vec<RecordedStep>,
        others: impl IntoIterator<Item = Id>,
    ) -> Result<Self, Problem> {
        let names =
            Names::of(rx, all.iter().filter_map(|step| step.by_id).chain(others).collect::<Vec<_>>())?;
        let mut steps: HashMap<Id, Vec<RecordedStep>> = HashMap::new();
        for step in all {
            steps.entry(step.resource_id).or_default().push(step);
        }
        Ok(Self { steps, names })
    }

    fn steps(&self, resource_id: Id) -> &[RecordedStep] {
        self.steps.get(&resource_id).map_or(&[], Vec::as_slice)
    }

    /// The number of steps of one of them that were loaded.
    pub fn count(&self, resource_id: Id) -> usize {
        self.steps(resource_id).len()
    }

    /// The history of one of them, oldest first, with names for a reader who sees names.
    pub fn all_of(&self, resource_id: Id, has_names: bool) -> Vec<StatusChange> {
        let steps = self.steps(resource_id).iter();
        steps.map(|step| StatusChange::shown(step.clone(), &self.names, has_names)).collect()
    }

    /// The last comment on one of them, with its writer's name for a reader who sees names.
    pub fn last_comment(&self, resource_id: Id, has_names: bool) -> Option<LastComment> {
        self.last(resource_id, has_names, |_| true)
    }

    /// The comment of the last step to a state.
    pub fn last_comment_to(&self, resource_id: Id, to: &str, has_names: bool) -> Option<LastComment> {
        self.last(resource_id, has_names, |step| step.to_status == to)
    }

    fn last(
        &self,
        resource_id: Id,
        has_names: bool,
        is_wanted: impl Fn(&RecordedStep) -> bool,
    ) -> Option<LastComment> {
        let mut steps = self.steps(resource_id).iter().rev();
        let step = steps.find(|step| step.comment.is_some() && is_wanted(step))?;
        Some(LastComment {
            comment: step.comment.clone()?,
            to: step.to_status.clone(),
            by: step.by_id.map(|by| self.names.actor(by, has_names)),
            at: step.at,
        })
    }

    /// The names of those who took the steps, and of the others that were asked for.
    pub fn names(&self) -> &Names {
        &self.names
    }
}
