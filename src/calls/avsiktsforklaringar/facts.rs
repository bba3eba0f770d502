//! Answers what applications ask of the letters.

use super::LetterState;
use super::rules;
use super::store::{self, LetterRow};
use crate::calls::applications::{self, ApplicationRow, LatestLetter, LetterFacts};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme;

/// Registered with the applications in the resource's hooks.
pub struct Letters;

impl LetterFacts for Letters {
    fn received_in_time(&self, rx: &mut Rx<'_>, application: &ApplicationRow) -> Result<bool, Problem> {
        let programme = programme::unscoped_by_id(rx.db, application.programme_id)?;
        let deadline = applications::letter_deadline(application, &programme);
        let received = store::unscoped_received(rx.db, application.id)?;
        Ok(received.and_then(|letter| letter.received_at).is_some_and(|at| at <= deadline))
    }

    fn latest(&self, rx: &mut Rx<'_>, applications: Vec<Id>) -> Result<Vec<(Id, LatestLetter)>, Problem> {
        let letters = store::unscoped_of_applications(rx, applications)?.into_iter();
        let latest = |(id, application, status, deadline): (Id, Id, LetterState, Instant)| {
            let is_under_way = rules::UNDER_WAY.contains(&status);
            (application, LatestLetter { id, status: status.as_str(), deadline, is_under_way })
        };
        Ok(letters.map(latest).collect())
    }

    fn names(&self, tx: &mut Tx<'_>, application: &ApplicationRow, email: &str) -> Result<bool, Problem> {
        let email = email.to_lowercase();
        let letter = store::unscoped_under_way(tx.db, application.id)?;
        let has_address =
            |letter: LetterRow| letter.signers.0.iter().any(|signer| signer.email.to_lowercase() == email);
        Ok(letter.is_some_and(has_address))
    }

    fn deadline(&self, rx: &mut Rx<'_>, application: &ApplicationRow) -> Result<Option<Instant>, Problem> {
        let Some(later) = application.respond_by else { return Ok(None) };
        let programme = programme::unscoped_by_id(rx.db, application.programme_id)?;
        Ok((later > programme.avsiktsforklaring_deadline).then_some(later))
    }
}
