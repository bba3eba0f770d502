//! The default chain of steps with its dates, and when a template may be changed. Pure.

use super::MilestoneKind::{self, *};
use super::TemplateRow;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// The guide's chain, in its order.
const CHAIN: [MilestoneKind; 8] = [
    NeedsInventory,
    Anchoring,
    PoliticalDirection,
    PolicyDocument,
    ActionPlan,
    InternalStructure,
    ExternalStructure,
    Business,
];

/// The guide's eight steps. Each gets an eighth of the programme's months and is due on the last day of a month: in a
/// programme of two calendar years at the end of every quarter. No step is due after the programme's last day.
pub fn default_chain(starts_on: Day, ends_on: Day) -> Vec<(MilestoneKind, i32, Day)> {
    let months = ends_on.month().months_since(starts_on.month()) + 1;
    let steps = CHAIN.into_iter().zip(1_i32..);
    steps
        .map(|(kind, position)| {
            // Rounded up: a step is due in the month in which its share of the time ends, never before.
            let share = (months * position + 7) / 8;
            let due = starts_on.month().plus_months(share - 1).last_day();
            (kind, position, due.min(ends_on))
        })
        .collect()
}

/// A date of an older programme in a new one: as many months later as its first day is. The last day of a month stays one, and
/// no date leaves the new programme's days.
pub fn moved(due_on: Day, older_starts_on: Day, (starts_on, ends_on): (Day, Day)) -> Day {
    let months = starts_on.month().months_since(older_starts_on.month());
    let is_last = due_on == due_on.month().last_day();
    let moved =
        if is_last { due_on.month().plus_months(months).last_day() } else { due_on.plus_months(months) };
    moved.clamp(starts_on, ends_on.max(starts_on))
}

/// The instructions of a step until the manager writes others.
pub const fn default_instructions(kind: MilestoneKind) -> &'static str {
    match kind {
        NeedsInventory => "Inventera behoven: svara på behovsinventeringen och beskriv kort vad den visar.",
        Anchoring => {
            "Förankra deltagandet: den ansvariga nämndens beslut att delta, och hur medarbetarna har involverats \
             (datum, förvaltningar, antal)."
        }
        PoliticalDirection => "Ett politiskt beslut om viljeinriktningen för samverkan med sociala företag.",
        PolicyDocument => "Ett policydokument för samverkan med sociala företag, antaget genom beslut.",
        ActionPlan => "En handlingsplan som genomför policyn, antagen genom beslut.",
        InternalStructure => "Beskriv hur kommunens förvaltningar samverkar och vilka som deltar.",
        ExternalStructure => "Beskriv hur kommunen samverkar med sociala företag och vilka som är parter.",
        Business => "Minst en pågående eller genomförd affär, ett partnerskap eller en upphandling.",
    }
}

/// The error of a due date that lies outside the programme; none for one inside.
pub fn outside_programme(pointer: &str, due_on: Day, starts_on: Day, ends_on: Day) -> Option<FieldError> {
    let is_inside = (starts_on..=ends_on).contains(&due_on);
    (!is_inside).then(|| {
        FieldError::new(
            pointer,
            "outsideProgramme",
            Localized::new(
                format!("Ska ligga i programmets tid, {starts_on}–{ends_on}."),
                format!("Must lie within the programme, {starts_on}–{ends_on}."),
            ),
        )
    })
}

/// What keeps a programme from being scheduled: a template's date that lies outside the programme.
pub fn scheduling_fault(template: &TemplateRow, programme: &ProgrammeRow) -> Option<FieldError> {
    let pointer = format!("/milestoneTemplates/{}/dueOn", template.kind);
    outside_programme(&pointer, template.due_on, programme.starts_on, programme.ends_on)
}

/// 422 when the template's date lies outside the programme.
pub fn check_date(row: &TemplateRow, programme: &ProgrammeRow) -> Result<(), Problem> {
    let fault = outside_programme("/dueOn", row.due_on, programme.starts_on, programme.ends_on);
    Code::InvalidInput.refuse_any(fault.into_iter().collect())
}

/// 409 when the programme is over: its chain no longer changes.
pub fn check_changeable(programme: &ProgrammeRow) -> Result<(), Problem> {
    if !matches!(programme.status, ProgrammeState::Completed | ProgrammeState::Cancelled) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            "Programmet är slut; kedjan ligger fast.",
            "The programme is over; its chain can no longer be changed.",
        )
        .member("currentStatus", programme.status.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn two_calendar_years_give_a_step_each_quarter() {
        let chain = default_chain(day("2021-01-01"), day("2022-12-31"));
        let dates: Vec<String> = chain.iter().map(|(_, _, due)| due.to_string()).collect();
        assert_eq!(
            dates,
            [
                "2021-03-31",
                "2021-06-30",
                "2021-09-30",
                "2021-12-31",
                "2022-03-31",
                "2022-06-30",
                "2022-09-30",
                "2022-12-31"
            ]
        );
    }

    #[test]
    fn dates_move_by_months_and_stay_at_the_end_of_theirs() {
        let next = (day("2023-01-01"), day("2024-12-31"));
        let to_next = |due| moved(day(due), day("2021-01-01"), next).to_string();
        assert_eq!(to_next("2021-03-31"), "2023-03-31");
        assert_eq!(to_next("2022-02-28"), "2024-02-29");
        assert_eq!(to_next("2021-06-15"), "2023-06-15");
        // A shorter programme has them all within its days.
        assert_eq!(
            moved(day("2022-12-31"), day("2021-01-01"), (day("2023-03-15"), day("2023-12-01"))),
            day("2023-12-01")
        );
        assert_eq!(
            moved(day("2021-01-02"), day("2021-01-01"), (day("2023-03-15"), day("2023-12-01"))),
            day("2023-03-15")
        );
    }

    #[test]
    fn the_chain_has_every_kind_once() {
        assert_eq!(CHAIN.as_slice(), MilestoneKind::ALL);
    }

    #[test]
    fn the_first_and_last_day_of_the_programme_are_inside() {
        let (from, to) = (day("2021-01-01"), day("2022-12-31"));
        assert_eq!(outside_programme("/dueOn", from, from, to), None);
        assert_eq!(outside_programme("/dueOn", to, from, to), None);
        assert!(outside_programme("/dueOn", to.plus_days(1), from, to).is_some());
        assert!(outside_programme("/dueOn", from.plus_days(-1), from, to).is_some());
    }

    proptest! {
        #[test]
        fn default_dates_rise_and_stay_inside(start in 0_i64..20_000, length in 0_i64..2_000) {
            let from = day("2020-01-01").plus_days(start);
            let to = from.plus_days(length);
            let chain = default_chain(from, to);
            prop_assert!(chain.iter().all(|(_, _, due)| outside_programme("/dueOn", *due, from, to).is_none()));
            prop_assert!(chain.is_sorted_by_key(|(_, position, due)| (*due, *position)));
            prop_assert_eq!(chain.last().unwrap().2, to);
        }
    }
}
