//! How one employment follows another (guide §4, "job category"): a person has one job category in a month, and a new one
//! requires a new employment decision. Pure.

use super::EmploymentRow;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::team::participants::ParticipantRow;
use crate::team::{EmployerKind, Organisation, Period};

/// Whether the kind of employer fits: `owner` for the owner's staff and only for it.
pub fn kind_fits(organisation: Organisation, kind: EmployerKind) -> bool {
    (organisation == Organisation::Owner) == (kind == EmployerKind::Owner)
}

/// The open employment that a new one ends, on the day before the new one begins.
pub fn ended_by(others: &[EmploymentRow], new: &EmploymentRow) -> Option<EmploymentRow> {
    let is_open = |other: &&EmploymentRow| other.valid_to.is_none() && other.valid_from < new.valid_from;
    others.iter().filter(|other| is_same_employer(other, new)).find(is_open).cloned()
}

/// The errors of an employment beside the person's others. The one that it ends is among them, still open.
pub fn faults(others: &[EmploymentRow], row: &EmploymentRow) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let follows_another = others.iter().any(|other| other.valid_from < row.valid_from);
    if follows_another && row.decision_reference.is_none() {
        let words = Localized::fixed(
            "En anställning som följer på en annan anger anställningsbeslutet.",
            "An employment that follows another names the employment decision.",
        );
        faults.push(FieldError::new("/decisionReference", "required", words));
    }
    // Only the employment that was the first until now can lack a decision.
    let first =
        others.iter().find(|other| row.valid_from < other.valid_from && other.decision_reference.is_none());
    if let Some(first) = first {
        let from = first.valid_from;
        let words = Localized::new(
            format!(
                "Den anställning som börjar {from} skulle följa på denna: ange dess anställningsbeslut först."
            ),
            format!("The employment from {from} would follow this one: state its employment decision first."),
        );
        faults.push(FieldError::new("/validFrom", "nextWithoutDecision", words));
    }
    if others.iter().any(|other| shares_a_month(other, row)) {
        let words = Localized::fixed(
            "Ett nytt anställningsbeslut gäller från den första i en månad; en person har en lönegrupp per månad.",
            "A new employment decision is valid from the first of a month; a person has one job category a month.",
        );
        faults.push(FieldError::new("/validFrom", "firstOfMonth", words));
    }
    faults
}

/// Whether a month would contain two decisions of one employer, or two job categories.
fn shares_a_month(other: &EmploymentRow, row: &EmploymentRow) -> bool {
    let (first, second) = if other.valid_from < row.valid_from { (other, row) } else { (row, other) };
    let mut first = first.period();
    if is_same_employer(other, row) {
        // An open employment ends on the day before the next. Any other overlap is reported by `check_no_overlap`.
        let eve = second.valid_from.plus_days(-1);
        first.to = Some(first.to.map_or(eve, |last| last.min(eve)));
    } else if other.job_category == row.job_category {
        return false;
    }
    first.from <= first.to.unwrap_or(second.valid_from)
        && first.in_months().overlaps(&second.period().in_months())
}

/// 409 when the person is already employed by the same employer on some of the days.
pub fn check_no_overlap(others: &[EmploymentRow], row: &EmploymentRow) -> Result<(), Problem> {
    let taken =
        others.iter().find(|other| is_same_employer(other, row) && other.period().overlaps(&row.period()));
    let Some(taken) = taken else { return Ok(()) };
    Err(Problem::new(Code::AlreadyExists)
        .detail(
            format!("Personen är redan anställd där från {} under en del av tiden.", taken.valid_from),
            format!("The person is already employed there from {} for some of the time.", taken.valid_from),
        )
        .member("employmentId", taken.id.to_string()))
}

/// The employers of a participant with the days on which they take part from each. Without any employment the employer is
/// unknown, and counts as that of the team.
fn employers<'e>(participant: &ParticipantRow, posts: &'e [EmploymentRow]) -> Vec<(Option<&'e str>, Period)> {
    let (team, kommunkod) = (participant.organisation, participant.kommunkod.as_deref());
    let theirs = posts.iter().filter(|post| {
        post.person_id == participant.person_id
            && post.programme_id == participant.programme_id
            && post.is_with(team, kommunkod)
    });
    let known: Vec<_> = theirs
        .filter_map(|post| {
            Some((Some(post.organisation_number.as_str()), participant.period().shared(&post.period())?))
        })
        .collect();
    if known.is_empty() { vec![(None, participant.period())] } else { known }
}

/// Whether two participants of one programme have the same employer on some day, so that an employee number could be either's.
pub fn share_an_employer(a: &ParticipantRow, b: &ParticipantRow, posts: &[EmploymentRow]) -> bool {
    let is_same_team = (a.organisation, &a.kommunkod) == (b.organisation, &b.kommunkod);
    let others = employers(b, posts);
    employers(a, posts).iter().any(|(employer, days)| {
        others.iter().any(|(other, theirs)| {
            employer == other && (employer.is_some() || is_same_team) && days.overlaps(theirs)
        })
    })
}

fn is_same_employer(a: &EmploymentRow, b: &EmploymentRow) -> bool {
    a.organisation_number == b.organisation_number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;
    use crate::platform::moment::Day;
    use proptest::prelude::*;

    fn row(employer: &str, category: &str, from: Day, to: Option<Day>) -> EmploymentRow {
        EmploymentRow {
            organisation_number: employer.into(),
            job_category: category.into(),
            decision_reference: Some("KS 2021/17".into()),
            valid_from: from,
            valid_to: to,
            ..EmploymentRow::example(&Context::example()).unwrap()
        }
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    const BODEN: &str = "2120002767";
    const LULEA: &str = "2120002742";

    fn codes(faults: &[FieldError]) -> Vec<&str> {
        faults.iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn a_first_employment_begins_any_day_and_needs_no_decision() {
        let mut first = row(BODEN, "A", day("2021-01-18"), None);
        first.decision_reference = None;
        assert!(faults(&[], &first).is_empty());
    }

    #[test]
    fn the_next_one_begins_on_the_first_of_a_month_by_a_decision() {
        let first = row(BODEN, "A", day("2021-01-18"), None);
        assert!(faults(std::slice::from_ref(&first), &row(BODEN, "B", day("2021-04-01"), None)).is_empty());
        let mut second = row(BODEN, "B", day("2021-04-02"), None);
        second.decision_reference = None;
        assert_eq!(codes(&faults(&[first], &second)), ["required", "firstOfMonth"]);
    }

    #[test]
    fn an_earlier_employment_needs_the_decision_of_the_one_after_it() {
        let mut october = row(BODEN, "A", day("2021-10-01"), None);
        october.decision_reference = None;
        let mut summer = row(BODEN, "B", day("2021-08-01"), Some(day("2021-09-30")));
        summer.decision_reference = None;
        assert_eq!(codes(&faults(std::slice::from_ref(&october), &summer)), ["nextWithoutDecision"]);
        october.decision_reference = Some("KS 2021/17".into());
        assert!(faults(&[october], &summer).is_empty());
    }

    #[test]
    fn after_a_whole_month_between_it_may_begin_any_day() {
        let first = row(BODEN, "A", day("2021-01-18"), Some(day("2021-02-15")));
        assert_eq!(
            codes(&faults(std::slice::from_ref(&first), &row(BODEN, "A", day("2021-02-20"), None))),
            ["firstOfMonth"]
        );
        assert!(faults(&[first], &row(BODEN, "B", day("2021-03-20"), None)).is_empty());
    }

    #[test]
    fn two_employers_at_the_same_time_have_one_category() {
        let first = row(BODEN, "A", day("2021-01-18"), None);
        assert!(faults(std::slice::from_ref(&first), &row(LULEA, "A", day("2021-03-10"), None)).is_empty());
        assert_eq!(codes(&faults(&[first], &row(LULEA, "B", day("2021-04-01"), None))), ["firstOfMonth"]);
    }

    #[test]
    fn only_an_open_employment_of_the_same_employer_is_ended() {
        let open = row(BODEN, "A", day("2021-01-18"), None);
        let next = row(BODEN, "B", day("2021-04-01"), None);
        assert_eq!(
            ended_by(std::slice::from_ref(&open), &next).map(|row| row.valid_from),
            Some(open.valid_from)
        );
        assert!(ended_by(&[open], &row(LULEA, "A", day("2021-04-01"), None)).is_none());
        let closed = row(BODEN, "A", day("2021-01-18"), Some(day("2021-06-30")));
        assert!(ended_by(std::slice::from_ref(&closed), &next).is_none());
        assert!(check_no_overlap(&[closed], &next).is_err());
    }

    proptest! {
        /// In any order of registration there is at most one employment per employer and day, one category per month, and a
        /// decision for every employment except the first.
        #[test]
        fn accepted_employments_keep_one_category_a_month(
            wanted in prop::collection::vec((0_usize..2, 0_usize..2, 0_i64..200, prop::option::of(0_i64..120), any::<bool>(), any::<bool>()), 1..7)
        ) {
            let mut rows: Vec<EmploymentRow> = Vec::new();
            for (employer, category, start, length, rounds, is_decided) in wanted {
                let from = day("2021-01-01").plus_days(start);
                let from = if rounds { from.month().first_day() } else { from };
                let mut new = row([BODEN, LULEA][employer], ["A", "B"][category], from, length.map(|n| from.plus_days(n)));
                new.decision_reference = new.decision_reference.filter(|_| is_decided);
                if !faults(&rows, &new).is_empty() {
                    continue;
                }
                let mut after = rows.clone();
                if let Some(ended) = ended_by(&rows, &new) {
                    let ended = after.iter_mut().find(|row| **row == ended).unwrap();
                    ended.valid_to = Some(from.plus_days(-1));
                }
                if check_no_overlap(&after, &new).is_ok() {
                    after.push(new);
                    rows = after;
                }
            }
            let first = rows.iter().map(|row| row.valid_from).min();
            for row in rows.iter().filter(|row| Some(row.valid_from) != first) {
                prop_assert!(row.decision_reference.is_some());
            }
            for n in 0..400 {
                let day = day("2021-01-01").plus_days(n);
                for employer in [BODEN, LULEA] {
                    let held = rows.iter().filter(|row| row.organisation_number == employer && row.holds_on(day)).count();
                    prop_assert!(held <= 1);
                }
                let in_month: std::collections::BTreeSet<_> = rows
                    .iter()
                    .filter(|row| row.period().in_months().holds(day))
                    .map(|row| row.job_category.clone())
                    .collect();
                prop_assert!(in_month.len() <= 1);
            }
        }
    }
}
