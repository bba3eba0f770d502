//! How one employment follows another (guide §4, "job category"). A post begins and ends on any day, by an employment
//! decision; the category of the first post that is held in a month holds for the whole month. Pure.

use super::EmploymentRow;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::team::period::Period;
use crate::team::{EmployerKind, Organisation};

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
    faults
}

/// The post whose job category holds for a month: the first that the person holds in it (guide §4). Of two that are held from
/// the same day, it is the one that began first. None when no post is held.
pub fn of_month(posts: &[EmploymentRow], month: Month) -> Option<&EmploymentRow> {
    let (first, last) = (month.first_day(), month.last_day());
    let held = posts.iter().filter(|post| post.period().overlaps(&Period::new(first, Some(last))));
    held.min_by_key(|post| (post.valid_from.max(first), post.valid_from, post.id))
}

/// The longest list of days in a text.
const MOST_DAYS: usize = 31;

/// The time that a change would leave without an employment, in words: how much, and on which days. None without such time.
pub fn left_without(time: &[(Day, i64)], row: &EmploymentRow) -> Option<FieldError> {
    let (first, _) = time.first()?;
    let minutes: i64 = time.iter().map(|(_, minutes)| minutes).sum();
    let days = |unit: &str| {
        let told = time.iter().take(MOST_DAYS).map(|(day, minutes)| format!("{day} ({minutes} {unit})"));
        told.collect::<Vec<_>>().join(", ")
    };
    let (sv, en) = match time.len().saturating_sub(MOST_DAYS) {
        0 => (String::new(), String::new()),
        more => (format!(" och {more} dagar till"), format!(" and {more} more days")),
    };
    let words = Localized::new(
        format!(
            "{minutes} minuter inlagd tid skulle ligga utanför personens anställningar: {}{sv}. Makulera den, eller lägg \
             först in anställningen som följer.",
            days("min")
        ),
        format!(
            "{minutes} minutes of entered time would lie outside the person's employments: {}{en}. Void it, or register the \
             employment that follows first.",
            days("min")
        ),
    );
    let pointer = if *first < row.valid_from { "/validFrom" } else { "/validTo" };
    Some(FieldError::new(pointer, "timeEntered", words))
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

fn is_same_employer(a: &EmploymentRow, b: &EmploymentRow) -> bool {
    a.organisation_number == b.organisation_number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;
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
    fn the_next_one_begins_on_any_day_by_a_decision() {
        let first = row(BODEN, "A", day("2021-01-18"), None);
        let mut second = row(BODEN, "B", day("2021-04-15"), None);
        assert!(faults(std::slice::from_ref(&first), &second).is_empty());
        second.decision_reference = None;
        assert_eq!(codes(&faults(&[first], &second)), ["required"]);
    }

    #[test]
    fn the_first_post_of_a_month_gives_its_category() {
        let category = |posts: &[EmploymentRow], month: &str| {
            of_month(posts, month.parse().unwrap()).map(|post| post.job_category.clone())
        };
        let first = row(BODEN, "A", day("2021-01-18"), Some(day("2021-04-14")));
        let second = row(BODEN, "B", day("2021-04-15"), None);
        let mut posts = [second, first];
        assert_eq!(category(&posts, "2020-12"), None);
        for (month, expected) in [("2021-01", "A"), ("2021-04", "A"), ("2021-05", "B")] {
            assert_eq!(category(&posts, month).as_deref(), Some(expected), "{month}");
        }
        // Not the first post ever: one that ended before says nothing.
        posts[1].valid_to = Some(day("2021-03-31"));
        assert_eq!(category(&posts, "2021-04").as_deref(), Some("B"));
        // Beside it a second employer's, which began before but is held from the same day on.
        let company = row(LULEA, "C", day("2020-09-13"), None);
        assert_eq!(category(&[posts[1].clone(), company], "2021-02").as_deref(), Some("C"));
    }

    #[test]
    fn the_time_that_is_left_without_a_post_is_told_by_day() {
        let post = row(BODEN, "A", day("2021-01-18"), Some(day("2021-03-14")));
        assert!(left_without(&[], &post).is_none());
        let told = left_without(&[(day("2021-03-15"), 480), (day("2021-03-16"), 90)], &post).unwrap();
        assert_eq!((told.pointer.as_str(), told.code), ("/validTo", "timeEntered"));
        let early = left_without(&[(day("2021-01-11"), 60)], &post).unwrap();
        assert_eq!(early.pointer, "/validFrom");
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
        /// In any order of registration there is at most one employment per employer and day, and a decision for every
        /// employment except the first; a month has a category if and only if a post is held in it.
        #[test]
        fn accepted_employments_have_decisions_and_do_not_overlap(
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
                let month = day.month();
                let held = (0..31).map(|n| month.first_day().plus_days(n)).filter(|day| month.contains(*day));
                let first = held.flat_map(|day| rows.iter().filter(move |row| row.holds_on(day))).next();
                prop_assert_eq!(first.is_some(), of_month(&rows, month).is_some());
                let first_day = |row: &EmploymentRow| row.valid_from.max(month.first_day());
                prop_assert_eq!(first.map(first_day), of_month(&rows, month).map(first_day));
            }
        }
    }
}
