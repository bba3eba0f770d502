//! The handlers of `status-changes`, the same for every resource whose rows implement [`ChangeStatus`]: the history, one change,
//! many changes.

use validator::Validate;

use super::http::{ChangeItem, ChangeRequest, StatusHistory};
use super::{Stateful, history};
use crate::platform::auth::action::Action;
use crate::platform::auth::found::{Found, IntoRepresentation, Resource, seen};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::batch::{self, Batch};
use crate::platform::http::body::{Body, validated};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// A resource whose state is changed through `status-changes`.
pub trait ChangeStatus: Resource<Key = Id> + Stateful {
    /// What its steps take besides a comment.
    type Data: Clone + Send + Validate + 'static;

    /// Takes the step from the object that the caller sees, or refuses it with all that stands in its way. `version` is
    /// what an item of a batch says it has seen.
    fn step(
        tx: &mut Tx<'_>,
        seen: &Self,
        version: Option<i32>,
        wanted: &ChangeRequest<Self::State, Self::Data>,
    ) -> Result<Self, Problem>;
}

/// `GET …/status-changes`.
pub async fn list<A: Action, R: Resource + Stateful + Sync>(
    permit: Permit<A>,
    object: Found<R>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let changes = history(rx, object.id())?;
        Answer::json(&StatusHistory::new(rx.ctx, &[], changes))
    });
    Ok(answer.await?.tagged())
}

/// `POST …/status-changes`.
pub async fn change<A: Action, R: ChangeStatus + IntoRepresentation + Sync>(
    permit: Permit<A>,
    object: Found<R>,
    body: Body<ChangeRequest<R::State, R::Data>>,
) -> Result<Answer, Problem>
where
    R::State: Send,
{
    let wanted = body.into_inner();
    permit
        .write(move |tx| {
            let after = R::step(tx, &object, None, &wanted)?;
            Answer::one(&after.shown(&mut tx.as_read())?)
        })
        .await
}

/// `POST …/status-changes/batch`: each item is looked up as its caller sees it before it is changed.
pub async fn change_many<A: Action, R: ChangeStatus>(
    permit: Permit<A>,
    body: Body<Batch<ChangeItem<R::State, R::Data>>>,
) -> Result<Answer, Problem>
where
    R::State: Send,
{
    let items = body.into_inner();
    permit
        .write(move |tx| {
            let result = batch::run(tx, &items, |tx, item| {
                let object: R = seen(tx, &item.id)?;
                let (version, wanted) = (item.version, item.into_request());
                validated(&wanted)?;
                Ok((200, R::step(tx, &object, version, &wanted)?.id()))
            })?;
            Answer::json(&result)
        })
        .await
}
