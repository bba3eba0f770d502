//! Who has made a selection what it is does not adopt it: who added, changed, computed or proposed it. Another manager does (guide §1,
//! §3).

use super::store::ProposalRow;
use crate::platform::audit::Audited as _;
use crate::platform::audit::writers::written_by;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::tx::Rx;

/// The relations to proposals.
pub struct OfProposals;

/// What makes somebody an author of a proposal. Who added it is in its row, and who proposed it in its history.
const AUTHORING: [&str; 2] = [".changed", ".computationStarted"];

impl RelationSource for OfProposals {
    fn find(
        &self,
        rx: &mut Rx<'_>,
        person: Id,
        things: &[Thing<'_>],
    ) -> Result<Vec<(Id, Relation)>, Problem> {
        let ids: Vec<Id> =
            things.iter().filter(|thing| thing.kind == ProposalRow::TYPE).map(|thing| thing.id).collect();
        let written = written_by(rx, person, ids, None)?;
        let is_authoring = |action: &str| AUTHORING.iter().any(|end| action.ends_with(end));
        let made = written.into_iter().filter(|(_, action)| is_authoring(action));
        Ok(made.map(|(id, _)| (id, Relation::Author)).collect())
    }
}
