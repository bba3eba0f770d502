//! Answers what applications ask of the letters.

use super::LetterState;
use super::rules;
use super::store::{self, LetterRow};
use crate::calls::applications::{self, ApplicationRow, LatestLetter, LetterFacts};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::ProgrammeRow;

/// Registered with the applications in the resource's hooks.
pub struct Letters;

impl LetterFacts for Letters {
    fn received_in_time(
        &self,
        rx: &mut Rx<'_>,
        applications: &[ApplicationRow],
        programme: &ProgrammeRow,
    ) -> Result<Vec<Id>, Problem> {
        let received = store::unscoped_received_at(rx, applications.iter().map(|row| row.id).collect())?;
        let is_in_time = |row: &&ApplicationRow| {
            let deadline = applications::letter_deadline(row, programme);
            received.get(&row.id).is_some_and(|at| at.is_some_and(|at| at <= deadline))
        };
        Ok(applications.iter().filter(is_in_time).map(|row| row.id).collect())
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

    fn deadlines(&self, applications: &[ApplicationRow], programme: &ProgrammeRow) -> Vec<(Id, Instant)> {
        let later = applications.iter().filter_map(|row| Some((row.id, row.respond_by?)));
        later.filter(|(_, until)| *until > programme.avsiktsforklaring_deadline).collect()
    }
}
