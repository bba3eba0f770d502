//! Which steps a person's month still needs, and how months are added up (guide §4). Pure.

use std::collections::BTreeMap;

use super::{MissingStep, OverviewParticipant, OverviewSums, SubmissionOutcome};
use crate::platform::ids::Id;
use crate::time::time_entries::KindMinutes;
use crate::time::time_reports::{self, TimeReportRow, TimeReportState};
use crate::time::without_names::FEWEST_PEOPLE;

/// What the entries of a report lack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Entries that wait for confirmation.
    pub proposed: i64,
    /// Entries without a description.
    pub without_description: i64,
}

/// The steps that a person's month still needs, in their order.
pub fn missing(
    status: Option<TimeReportState>,
    minutes: i64,
    pending: Pending,
    requires_attest: bool,
) -> Vec<MissingStep> {
    use TimeReportState::{
        Approved, Attested, Claimed, Empty, Locked, Open, Reported, Returned, Signed, Unsigned,
    };
    match status {
        None => vec![MissingStep::Report],
        Some(Open | Returned) if minutes == 0 && pending.proposed == 0 => vec![MissingStep::Time],
        Some(Open | Returned) => {
            let confirmation = (pending.proposed > 0).then_some(MissingStep::Confirmation);
            let description = (pending.without_description > 0).then_some(MissingStep::Description);
            confirmation.into_iter().chain(description).chain([MissingStep::Signature]).collect()
        }
        Some(Signed) if requires_attest => vec![MissingStep::Attest],
        Some(Signed | Attested) => vec![MissingStep::Submission],
        Some(Reported) => vec![MissingStep::Approval],
        Some(Empty | Unsigned | Approved | Locked | Claimed) => Vec::new(),
    }
}

/// What has become of a submission with these reports, as they are now. A report that was returned has left it.
pub fn outcome<'r>(submission: Id, reports: impl Iterator<Item = &'r TimeReportRow>) -> SubmissionOutcome {
    let (mut all_approved, mut is_returned) = (true, false);
    for report in reports {
        is_returned |= report.submission_id != Some(submission);
        all_approved &= report.status.is_approved();
    }
    match (is_returned, all_approved) {
        (true, _) => SubmissionOutcome::Returned,
        (false, true) => SubmissionOutcome::Approved,
        (false, false) => SubmissionOutcome::Submitted,
    }
}

/// The sums of the months of a team.
pub fn sums<'p>(
    people: impl Iterator<Item = &'p OverviewParticipant>,
    requires_attest: bool,
) -> OverviewSums {
    let (mut count, mut missing, mut ready, mut proposed) = (0, 0, 0, 0);
    let (mut minutes, mut by_kind, mut by_status) = (0, KindMinutes::default(), BTreeMap::new());
    for person in people {
        count += 1;
        by_kind = plus(by_kind, person.minutes_by_kind);
        minutes += person.total_minutes;
        proposed += person.proposed_entries;
        let Some(status) = person.status else {
            missing += 1;
            continue;
        };
        *by_status.entry(status.as_str().to_owned()).or_default() += 1;
        missing += usize::from(time_reports::is_missing(status, requires_attest));
        ready += usize::from(time_reports::is_ready(status, requires_attest));
    }
    OverviewSums {
        participant_count: count,
        missing_count: Some(missing),
        ready_count: Some(ready),
        total_minutes: Some(minutes),
        minutes_by_kind: Some(by_kind),
        proposed_entries: Some(proposed),
        reports_by_status: Some(by_status),
        is_incomplete: false,
    }
}

/// The same sums for a caller who sees no names. `with_time`: how many of the team have time.
pub fn without_names(sums: OverviewSums, with_time: usize) -> OverviewSums {
    let are_many = FEWEST_PEOPLE <= sums.participant_count;
    // The time of nobody is no person's.
    let is_shown = with_time == 0 || FEWEST_PEOPLE <= with_time;
    OverviewSums {
        participant_count: sums.participant_count,
        missing_count: sums.missing_count.filter(|_| are_many),
        ready_count: sums.ready_count.filter(|_| are_many),
        total_minutes: sums.total_minutes.filter(|_| is_shown),
        minutes_by_kind: None,
        proposed_entries: None,
        reports_by_status: sums.reports_by_status.filter(|_| are_many),
        is_incomplete: !are_many || !is_shown,
    }
}

/// The sums of several teams. What is left out of a team is left out here too, so that it is not the difference.
pub fn total<'s>(mut teams: impl Iterator<Item = &'s OverviewSums>) -> OverviewSums {
    let mut total = teams.next().map_or_else(|| sums(std::iter::empty(), false), OverviewSums::clone);
    for team in teams {
        total.participant_count += team.participant_count;
        total.missing_count = both(total.missing_count, team.missing_count, |a, b| a + b);
        total.ready_count = both(total.ready_count, team.ready_count, |a, b| a + b);
        total.total_minutes = both(total.total_minutes, team.total_minutes, |a, b| a + b);
        total.minutes_by_kind = both(total.minutes_by_kind, team.minutes_by_kind, plus);
        total.proposed_entries = both(total.proposed_entries, team.proposed_entries, |a, b| a + b);
        total.reports_by_status =
            both(total.reports_by_status, team.reports_by_status.clone(), |mut a, b| {
                for (status, count) in b {
                    *a.entry(status).or_default() += count;
                }
                a
            });
        total.is_incomplete |= team.is_incomplete;
    }
    total
}

/// The sum of two figures; one alone when the other is left out.
fn both<T>(one: Option<T>, other: Option<T>, add: impl FnOnce(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(add(one, other)),
        (one, other) => one.or(other),
    }
}

fn plus(a: KindMinutes, b: KindMinutes) -> KindMinutes {
    KindMinutes {
        joint: a.joint + b.joint,
        own: a.own + b.own,
        coordination: a.coordination + b.coordination,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TimeReportState::*;

    fn team(people: usize, minutes: i64) -> OverviewSums {
        OverviewSums {
            participant_count: people,
            missing_count: Some(1),
            ready_count: Some(2),
            total_minutes: Some(minutes),
            minutes_by_kind: Some(KindMinutes { joint: 0, own: 0, coordination: minutes }),
            proposed_entries: Some(3),
            reports_by_status: Some(BTreeMap::from([("open".to_owned(), people)])),
            is_incomplete: false,
        }
    }

    #[test]
    fn no_figure_without_names_is_about_fewer_than_three_people() {
        let two = without_names(team(2, 90), 2);
        assert_eq!((two.participant_count, two.is_incomplete), (2, true));
        assert_eq!((two.total_minutes, two.missing_count, two.ready_count), (None, None, None));
        assert_eq!((&two.reports_by_status, two.proposed_entries), (&None, None));
        let seven = without_names(team(7, 90), 2);
        assert_eq!((seven.total_minutes, seven.missing_count, seven.is_incomplete), (None, Some(1), true));
        let all = without_names(team(7, 90), 3);
        assert_eq!((all.total_minutes, all.minutes_by_kind, all.is_incomplete), (Some(90), None, false));
        assert_eq!(without_names(team(7, 0), 0).total_minutes, Some(0));
    }

    #[test]
    fn a_total_leaves_out_what_a_team_leaves_out() {
        let teams =
            [without_names(team(7, 100), 7), without_names(team(7, 30), 1), without_names(team(4, 8), 4)];
        let sums = total(teams.iter());
        assert_eq!((sums.total_minutes, sums.participant_count), (Some(108), 18));
        assert_eq!((sums.is_incomplete, sums.minutes_by_kind), (true, None));
        assert_eq!(sums.reports_by_status, Some(BTreeMap::from([("open".to_owned(), 18)])));
    }

    const NOTHING: Pending = Pending { proposed: 0, without_description: 0 };

    #[test]
    fn an_open_report_needs_time_and_then_a_signature() {
        assert_eq!(missing(Some(Open), 0, NOTHING, true), [MissingStep::Time]);
        assert_eq!(missing(Some(Open), 60, NOTHING, true), [MissingStep::Signature]);
        let pending = Pending { proposed: 1, without_description: 2 };
        let steps = [MissingStep::Confirmation, MissingStep::Description, MissingStep::Signature];
        assert_eq!(missing(Some(Returned), 0, pending, true), steps);
    }

    #[test]
    fn the_attest_is_missing_only_where_it_is_required() {
        assert_eq!(missing(Some(Signed), 60, NOTHING, true), [MissingStep::Attest]);
        assert_eq!(missing(Some(Signed), 60, NOTHING, false), [MissingStep::Submission]);
    }

    #[test]
    fn nothing_is_missing_exactly_in_the_states_that_a_lock_accepts() {
        for status in TimeReportState::ALL {
            let is_done = status.is_approved() || matches!(status, Empty | Unsigned);
            assert_eq!(missing(Some(*status), 60, NOTHING, true).is_empty(), is_done, "{status}");
        }
        assert_eq!(missing(None, 0, NOTHING, true), [MissingStep::Report]);
    }
}
