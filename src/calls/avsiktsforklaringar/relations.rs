//! The signers whom a kommun's letters name.

use super::store;
use crate::identity::people;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::tx::Rx;

/// The relations to a kommun's case by its letters. A letter that was sent also gives its signers a role, which is kept.
pub struct OfLetters;

impl RelationSource for OfLetters {
    fn find(
        &self,
        rx: &mut Rx<'_>,
        person: Id,
        things: &[Thing<'_>],
    ) -> Result<Vec<(Id, Relation)>, Problem> {
        let cases = Thing::cases(things);
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let kommuner = cases.iter().map(|(_, kommunkod)| (*kommunkod).to_owned()).collect();
        let email = people::unscoped_by_id(rx.db, person)?.email;
        let mut named = store::unscoped_signers_in(rx.db, kommuner)?;
        named.retain(|(_, signers)| signers.0.iter().any(|signer| signer.email.to_lowercase() == email));
        let signs = |kommunkod: &str| named.iter().any(|(of, _)| of == kommunkod);
        let theirs = cases.into_iter().filter(|(_, kommunkod)| signs(kommunkod));
        Ok(theirs.map(|(thing, _)| (thing, Relation::Signer)).collect())
    }
}
