//! An employee number names one person: within a programme it is unique per employer (organisation number) and day, so that a
//! time system's rows find their person. No key of the database can say this. Whatever could break it (a number, the dates of a
//! participation or of an employment) changes under the programme's lock and asks here.

use super::rules;
use super::store;
use crate::identity::people;
use crate::identity::policy::ParticipantRead;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::team::ParticipantListener;
use crate::team::participants::{self, ParticipantRow};

/// Checks the numbers of participants that are added or changed.
pub struct Numbers;

impl ParticipantListener for Numbers {
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<Vec<FieldError>, Problem> {
        let of = |row: &ParticipantRow| (row.employee_number.clone(), row.valid_from, row.valid_to);
        if before.is_none_or(|before| of(before) != of(after)) {
            check(tx, after)?;
        }
        Ok(Vec::new())
    }

    fn changed(&self, _: &mut Tx<'_>, _: Option<&ParticipantRow>, _: &ParticipantRow) -> Result<(), Problem> {
        Ok(())
    }
}

/// 409 when somebody else has the participant's employee number at the same employer on some of the days. The caller has locked
/// the programme.
pub fn check(tx: &mut Tx<'_>, participant: &ParticipantRow) -> Result<(), Problem> {
    let Some(number) = participant.employee_number.as_deref() else { return Ok(()) };
    let mut others = participants::unscoped_with_number(tx.db, participant.programme_id, number)?;
    others.retain(|other| other.person_id != participant.person_id);
    if others.is_empty() {
        return Ok(());
    }
    let people = others.iter().map(|other| other.person_id).chain([participant.person_id]).collect();
    let posts = store::unscoped_of_people(&[participant.programme_id].into(), &people).load(tx.db)?;
    let taken = others.into_iter().find(|other| rules::share_an_employer(participant, other, &posts));
    taken.map_or(Ok(()), |other| Err(taken_by(tx, &other)?))
}

/// The refusal. It names the other where the caller sees them.
fn taken_by(tx: &mut Tx<'_>, other: &ParticipantRow) -> Result<Problem, Problem> {
    let problem = Problem::new(Code::AlreadyExists);
    if !tx.ctx.may::<ParticipantRead>(other) {
        let words = Localized::fixed(
            "Någon i ett annat team har samma anställningsnummer hos samma arbetsgivare under en del av tiden.",
            "Somebody in another team has the same employee number at the same employer for some of the time.",
        );
        return Ok(problem.errors(vec![FieldError::new("/employeeNumber", "notUnique", words)]));
    }
    let person = people::unscoped_by_id(tx.db, other.person_id)?;
    let name = other.shown_as(&person).0;
    let words = Localized::new(
        format!("{name} har samma anställningsnummer hos samma arbetsgivare under en del av tiden."),
        format!("{name} has the same employee number at the same employer for some of the time."),
    );
    let fault = FieldError::new("/employeeNumber", "notUnique", words);
    Ok(problem.errors(vec![fault]).member("participantId", other.id.to_string()))
}
