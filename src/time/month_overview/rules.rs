//! Which steps a person's month still needs, and how months are added up (guide §4). Pure.

use super::{MissingStep, OverviewParticipant, OverviewSums};
use crate::time::time_entries::KindMinutes;
use crate::time::time_reports::{self, TimeReportState};

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

/// The sums of the months of some people.
pub fn sums<'p>(
    people: impl Iterator<Item = &'p OverviewParticipant>,
    requires_attest: bool,
) -> OverviewSums {
    let mut sums = OverviewSums::default();
    for person in people {
        sums.participant_count += 1;
        sums.minutes_by_kind = plus(sums.minutes_by_kind, person.minutes_by_kind);
        sums.total_minutes += person.total_minutes;
        sums.proposed_entries += person.proposed_entries;
        let Some(status) = person.status else {
            sums.missing_count += 1;
            continue;
        };
        *sums.reports_by_status.entry(status.as_str().to_owned()).or_default() += 1;
        sums.missing_count += usize::from(time_reports::is_missing(status, requires_attest));
        sums.ready_count += usize::from(time_reports::is_ready(status, requires_attest));
    }
    sums
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
