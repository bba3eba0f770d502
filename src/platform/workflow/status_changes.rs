//! The three operations of `status-changes` for every resource that implements [`ChangeStatus`]: the history, one
//! change, a batch of changes.

use actix_web::{Resource as Route, guard};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::HttpMethod;
use validator::Validate;

use super::http::{ChangeItem, ChangeRequest, StatusHistory, Wanted};
use super::{Histories, Stateful, StepData};
use crate::platform::auth::action::Action;
use crate::platform::auth::found::{Found, IntoRepresentation, Resource, split_path};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::batch::{Batch, BatchResult};
use crate::platform::http::batch_body::BatchBody;
use crate::platform::http::body::{Body, validated};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::{Operation, Operations};
use crate::platform::ids::Id;
use crate::platform::names;
use crate::platform::problem::{Code, Problem};
use crate::platform::relations::Deed;
use crate::platform::services::Services;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;

/// A resource whose state is changed through `status-changes`. [`JudgeSteps`](super::steps::JudgeSteps) implements it for those
/// whose steps are judged in sets.
pub trait ChangeStatus:
    IntoRepresentation<As: ToSchema> + Stateful<State: ToSchema + DeserializeOwned + Send> + Sync
{
    /// The data that its steps take besides a comment.
    type Data: Clone + Send + StepData + ToSchema + Validate + DeserializeOwned + 'static;

    /// Takes the step, or refuses it. `seen` is the object as it was loaded, before it is locked.
    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<Self::State, Self::Data>,
    ) -> Result<Self, Problem>;

    /// The status of the answer to such a step: 202 when it only begins something that takes time.
    fn answered(_to: Self::State) -> u16 {
        200
    }

    /// Called when steps to this state are committed, to begin outside of the transaction what they asked for.
    fn committed(_services: &Services, _to: Self::State) {}

    /// Takes the steps of a batch. Without sets, each item runs alone. An item that the caller may not see, or that is of
    /// another parent, is a 404. `A` is the action for changes.
    fn change_many<A: Action>(
        tx: &mut Tx<'_>,
        parent: &Self::Parent,
        batch: &ChangeBatch<Self>,
    ) -> Result<Answer, Problem> {
        batch.run(tx, |tx, item| {
            let item = item.clone();
            let object: Self = tx.visible(item.id)?;
            if !object.belongs_to(parent) {
                return Err(Problem::not_found());
            }
            tx.ctx.check_reach::<A>(&object)?;
            let wanted = Wanted::from(item);
            validated(&wanted)?;
            let after = Self::change_status(tx, &object, &wanted);
            let status = Self::answered(wanted.to);
            Ok((status, after.map_err(|problem| with_own_steps::<Self>(tx, object.id(), problem))?))
        })
    }
}

/// The texts in OpenAPI for the steps of a resource.
pub struct StatusChangeDocs {
    /// The tag of its operations.
    pub tag: &'static str,
    /// The plural of its name in English: `milestones`.
    pub many: &'static str,
    /// The steps, who may take them, and what they require.
    pub steps: Localized,
    /// The problem codes of its steps, besides the common ones.
    pub problems: &'static [Code],
    /// An example request.
    pub example: fn() -> Value,
}

/// The member with the steps, of resources and of refusals.
pub const STEPS: &str = "allowedTransitions";

type ChangeBody<R> = ChangeRequest<<R as Stateful>::State, <R as ChangeStatus>::Data>;
type ChangeParts<R, A> = (Permit<A>, <R as Resource>::Parent, Found<R>, Body<ChangeBody<R>>);
/// A batch of steps of one kind of resource.
pub type ChangeBatch<R> = Batch<ChangeItemOf<R>>;

type ChangeItemOf<R> = ChangeItem<<R as Stateful>::State, <R as ChangeStatus>::Data>;

impl Operations<'_, '_> {
    /// Registers the three operations of `R`. `Read` is the action for the history, `Change` the action for changes.
    pub fn status_changes<R: ChangeStatus, Read: Action, Change: Action>(
        &mut self,
        docs: &'static StatusChangeDocs,
    ) -> &mut Self {
        let (one, many) = (format!("{}/status-changes", R::PATH), split_path(R::PATH).0);
        self.operation(
            Operation::new(HttpMethod::Get, &one, |path| {
                Route::new(path).guard(guard::Get()).to(list::<R, Read>)
            })
            .described(move |operation| describe_history::<R, Read>(operation, docs)),
        );
        self.operation(
            Operation::new(HttpMethod::Post, &one, |path| {
                Route::new(path).guard(guard::Post()).to(change::<R, Change>)
            })
            .described(move |operation| describe_change::<R, Change>(operation, docs)),
        );
        let batch = format!("{many}/status-changes/batch");
        self.operation(
            Operation::new(HttpMethod::Post, &batch, |path| {
                Route::new(path).guard(guard::Post()).to(change_batch::<R, Change>)
            })
            .described(move |operation| describe_batch::<R, Change>(operation, docs)),
        )
    }
}

/// `GET …/status-changes`.
async fn list<R: ChangeStatus, A: Action>(
    InOrder((permit, _parent, object)): InOrder<(Permit<A>, R::Parent, Found<R>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let has_names = names::are_seen(rx.ctx, R::READ, &object.0);
        let changes = Histories::of(rx, vec![object.id()], [])?.all_of(object.id(), has_names);
        Answer::json(&StatusHistory::new(rx.ctx, &[], changes))
    });
    Ok(answer.await?.tagged())
}

/// `POST …/status-changes`.
async fn change<R: ChangeStatus, A: Action>(
    InOrder((permit, _parent, object, body)): InOrder<ChangeParts<R, A>>,
) -> Result<Answer, Problem> {
    let wanted = Wanted::from(body.into_inner());
    let (to, services) = (wanted.to, permit.services());
    let answer = permit
        .write(move |tx| {
            let after = R::change_status(tx, &object, &wanted);
            let after = after.map_err(|problem| with_own_steps::<R>(tx, object.id(), problem))?;
            Ok(Answer { status: R::answered(to), ..tx.answer(after)? })
        })
        .await?;
    R::committed(&services, to);
    Ok(answer)
}

/// The refusal of a step that is not allowed, with the steps that the object itself offers the caller now: its workflow alone
/// does not know what else would refuse them.
pub fn with_own_steps<R: IntoRepresentation>(tx: &mut Tx<'_>, id: Id, problem: Problem) -> Problem {
    if problem.code != Code::TransitionNotAllowed {
        return problem;
    }
    let row = tx.visible::<R>(id);
    let shown = row.and_then(|row| row.into_representation(&mut tx.as_read()));
    let shown = shown.ok().and_then(|shown| serde_json::to_value(&shown).ok());
    match shown.and_then(|shown| shown.get(STEPS).cloned()) {
        Some(steps) => problem.member(STEPS, steps),
        None => problem,
    }
}

/// `POST …/status-changes/batch`.
async fn change_batch<R: ChangeStatus, A: Action>(
    InOrder((permit, parent, body)): InOrder<(Permit<A>, R::Parent, BatchBody<ChangeItemOf<R>>)>,
) -> Result<Answer, Problem> {
    let items = body.into_inner();
    let (steps, services) = (items.items.iter().map(|item| item.to).collect::<Vec<_>>(), permit.services());
    let answer = permit.write(move |tx| R::change_many::<A>(tx, &parent, &items)).await?;
    steps.into_iter().for_each(|to| R::committed(&services, to));
    Ok(answer)
}

/// `milestone` → `Milestone`.
fn pascal_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// The label of `R` in English with its article.
fn with_article<R: ChangeStatus>() -> String {
    let label = R::LABEL.en;
    let article =
        if label.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    format!("{article} {label}")
}

fn describe_history<R: ChangeStatus, A: Action>(operation: Operation, docs: &StatusChangeDocs) -> Operation {
    operation
        .id(docs.tag, &format!("list{}StatusChanges", pascal_case(R::TYPE)))
        .texts(
            &format!("List the status changes of {}", with_article::<R>()),
            &Localized::fixed(
                "Alla byten av tillstånd, det äldsta först.",
                "Every change of state, oldest first.",
            ),
        )
        .action(A::ROW)
        .answers::<StatusHistory>("The history")
}

fn describe_change<R: ChangeStatus, A: Action>(operation: Operation, docs: &StatusChangeDocs) -> Operation {
    let decides = R::WORKFLOW.transitions.iter().any(|step| step.deed != Deed::NoDecision);
    let own = decides.then_some(Code::OwnWork);
    let common = [Code::NotYours, Code::TransitionNotAllowed].into_iter().chain(own);
    let common: Vec<Code> = common.collect();
    let begins = R::WORKFLOW.transitions.iter().any(|step| R::answered(step.to) == 202);
    let operation = match begins {
        true => operation
            .answers_with::<R::As>("202", &format!("The {}; what was asked for has begun", R::LABEL.en)),
        false => operation,
    };
    operation
        .id(docs.tag, &format!("change{}Status", pascal_case(R::TYPE)))
        .texts(&format!("Change the status of {}", with_article::<R>()), &docs.steps)
        .takes::<ChangeBody<R>>((docs.example)())
        .action(A::ROW)
        .problems(common.iter().chain(docs.problems))
        .answers::<R::As>(&format!("The {} in its new state", R::LABEL.en))
}

fn describe_batch<R: ChangeStatus, A: Action>(operation: Operation, docs: &StatusChangeDocs) -> Operation {
    let mut item = json!({"id": "0175a2e1-7c00-7000-8000-000000000001"});
    if let (Some(item), Value::Object(change)) = (item.as_object_mut(), (docs.example)()) {
        item.extend(change);
    }
    operation
        .id(docs.tag, &format!("change{}StatusBatch", pascal_case(R::TYPE)))
        .texts(
            &format!("Change the status of many {}", docs.many),
            &Localized::fixed(
                "Flera byten i ett anrop, vart och ett för sig eller alla tillsammans (`atomic`); `dryRun` provar bara.",
                "Several changes in one request, each alone or all together (`atomic`); `dryRun` saves nothing.",
            ),
        )
        .takes::<ChangeBatch<R>>(json!({"atomic": true, "items": [item]}))
        .action(A::ROW)
        .answers::<BatchResult>("One result per item")
}
