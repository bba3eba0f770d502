//! Who has proposed a selection does not adopt it: another manager does (guide §1, §3).

use super::store::{self, ProposalRow};
use crate::platform::audit::Audited as _;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::tx::Rx;

/// The relations to proposals.
pub struct OfProposals;

impl RelationSource for OfProposals {
    fn find(
        &self,
        rx: &mut Rx<'_>,
        person: Id,
        things: &[Thing<'_>],
    ) -> Result<Vec<(Id, Relation)>, Problem> {
        let ids: Vec<Id> =
            things.iter().filter(|thing| thing.kind == ProposalRow::TYPE).map(|thing| thing.id).collect();
        let proposed = store::unscoped_proposed_by(rx, person, ids)?;
        Ok(proposed.into_iter().map(|id| (id, Relation::Author)).collect())
    }
}
