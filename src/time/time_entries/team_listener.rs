//! Refuses changes of participants and employments whose new dates would exclude a day with entered time. That of an
//! employment is told with its minutes.

use std::collections::BTreeMap;

use super::store;
use crate::platform::moment::Day;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::team::employments::{self, EmploymentRow};
use crate::team::participants::{self, ParticipantRow};
use crate::team::{EmploymentListener, ParticipantListener};

/// Refuses dates that exclude a day with entered time.
pub struct EnteredTime;

impl ParticipantListener for EnteredTime {
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<Vec<FieldError>, Problem> {
        if before
            .is_none_or(|before| (before.valid_from, before.valid_to) == (after.valid_from, after.valid_to))
        {
            return Ok(Vec::new());
        }
        let mut days: Vec<Day> = store::unscoped_time_of(tx.db, after.id)?.into_keys().collect();
        days.retain(|day| !after.holds_on(*day));
        let pointer = |day: Day| if day < after.valid_from { "/validFrom" } else { "/validTo" };
        Ok(fault(&days, pointer).into_iter().collect())
    }

    fn changed(&self, _: &mut Tx<'_>, _: Option<&ParticipantRow>, _: &ParticipantRow) -> Result<(), Problem> {
        Ok(())
    }
}

impl EmploymentListener for EnteredTime {
    fn time_without(&self, tx: &mut Tx<'_>, after: &EmploymentRow) -> Result<Vec<(Day, i64)>, Problem> {
        let mut posts = employments::unscoped_of_person(tx.db, after.programme_id, after.person_id)?;
        posts.retain(|post| post.id != after.id && post.is_beside(after));
        posts.push(after.clone());
        let mut time = BTreeMap::<Day, i64>::new();
        let teams = participants::unscoped_of_person(tx.db, after.person_id, after.programme_id)?;
        for participant in
            teams.iter().filter(|team| after.is_with(team.organisation, team.kommunkod.as_deref()))
        {
            for (day, minutes) in store::unscoped_time_of(tx.db, participant.id)? {
                *time.entry(day).or_default() += minutes;
            }
        }
        time.retain(|day, _| !posts.iter().any(|post| post.holds_on(*day)));
        Ok(time.into_iter().collect())
    }
}

/// One error for the days outside the dates, naming the first and the last.
fn fault(days: &[Day], pointer: impl Fn(Day) -> &'static str) -> Option<FieldError> {
    let (first, last) = (*days.first()?, *days.last()?);
    let words = Localized::new(
        format!("Tid är inlagd {first}–{last}, utanför datumen; makulera den först."),
        format!("Time is entered on {first}–{last}, outside the dates; void it first."),
    );
    Some(FieldError::new(pointer(first), "timeEntered", words))
}
