//! From when settings hold, and who adopts them (guide §1: nobody decides their own case). Pure.

use super::SettingsRow;
use super::SettingsState::{self, *};
use crate::identity::policy::Role;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Transition, Workflow};
use crate::programmes::programme::ProgrammeState;

const DECIDERS: &[&str] = &[Role::ProgrammeManager.as_str(), Role::Economist.as_str()];

/// The workflow of settings. [`may_adopt`] decides in addition in which role a particular proposal is adopted.
pub const WORKFLOW: Workflow<SettingsState> = Workflow {
    initial: &[Proposed, Adopted],
    end: &[Adopted, Rejected],
    transitions: &[
        Transition::by(&[Proposed], Adopted, DECIDERS),
        Transition::by(&[Proposed], Rejected, DECIDERS).with_comment(),
    ],
};

/// What decides from when new settings may hold.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The programme's state.
    pub programme: ProgrammeState,
    /// Today.
    pub today: Day,
    /// Whether time of the first month, or of a later one, is approved.
    pub is_approved: bool,
}

/// The state of settings that are entered now: adopted at once until the programme runs, and from the first of a month that
/// has not begun; proposed from the first of a month that has begun and in which nothing is approved. Otherwise an error
/// for 422, because a month is judged by what held on its first day.
pub fn state_of_new(valid_from: Day, moment: Moment) -> Result<SettingsState, FieldError> {
    use ProgrammeState::{Completed, Running};
    if !matches!(moment.programme, Running | Completed) {
        return Ok(Adopted);
    }
    let fault = |code, sv, en| FieldError::new("/validFrom", code, Localized::fixed(sv, en));
    if valid_from != valid_from.month().first_day() {
        return Err(fault(
            "notFirstOfMonth",
            "Inställningar gäller hela månader: ange den första i en månad.",
            "Settings hold for whole months: give the first of a month.",
        ));
    }
    if valid_from > moment.today {
        return Ok(Adopted);
    }
    if moment.is_approved {
        return Err(fault(
            "monthApproved",
            "Tid i månaden, eller i en senare, är redan godkänd efter de inställningar som gällde.",
            "Time of the month, or of a later one, is approved already by the settings that held.",
        ));
    }
    Ok(Proposed)
}

/// Whether one of these roles may adopt a proposal: another than the one in which it was made.
pub fn may_adopt(roles: &[&str], proposed_role: Option<&str>) -> bool {
    roles.iter().any(|role| proposed_role != Some(role))
}

/// 403 unless one of these roles may adopt the proposal.
pub fn check_adoption(roles: &[&str], proposed_role: Option<&str>) -> Result<(), Problem> {
    if may_adopt(roles, proposed_role) {
        return Ok(());
    }
    Err(Problem::new(Code::NotYours).detail(
        "Ekonomens förslag antas av en projektledare och projektledarens av en ekonom.",
        "An economist's proposal is adopted by a programme manager and a manager's by an economist.",
    ))
}

/// 409 for settings that cannot be replaced: a proposal, and, unless the programme is a draft, those that are valid already.
pub fn check_replaceable(row: &SettingsRow, is_draft: bool, today: Day) -> Result<(), Problem> {
    if row.status != SettingsState::Adopted {
        return Err(Problem::new(Code::StateConflict).detail(
            "Ett förslag ändras inte: avslå det och lägg ett nytt.",
            "A proposal is not changed: reject it and make a new one.",
        ));
    }
    if row.valid_from <= today && !is_draft { Err(valid_already()) } else { Ok(()) }
}

/// The refusal (409) of a change of settings that are valid already.
pub fn valid_already() -> Problem {
    Problem::new(Code::StateConflict).detail(
        "Inställningarna gäller redan; lägg in nya från en senare dag.",
        "The settings are valid already; enter new ones from a later day.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn state(
        programme: ProgrammeState,
        valid_from: &str,
        is_approved: bool,
    ) -> Result<SettingsState, String> {
        let moment = Moment { programme, today: day("2021-03-15"), is_approved };
        state_of_new(day(valid_from), moment).map_err(|fault| fault.code.to_string())
    }

    #[test]
    fn a_month_that_has_begun_needs_a_second_person_and_an_approved_one_stands() {
        use ProgrammeState::{Decided, Running};
        for (programme, from, is_approved, expected) in [
            (Decided, "2021-03-14", false, Ok(Adopted)),
            (Running, "2021-04-01", false, Ok(Adopted)),
            (Running, "2021-04-01", true, Ok(Adopted)),
            (Running, "2021-03-01", false, Ok(Proposed)),
            (Running, "2020-11-01", false, Ok(Proposed)),
            (Running, "2021-03-01", true, Err("monthApproved")),
            (Running, "2021-03-31", false, Err("notFirstOfMonth")),
            (Running, "2021-04-02", false, Err("notFirstOfMonth")),
        ] {
            assert_eq!(state(programme, from, is_approved), expected.map_err(str::to_owned), "{from}");
        }
    }

    #[test]
    fn the_other_role_adopts() {
        let (manager, economist) = (DECIDERS[0], DECIDERS[1]);
        assert!(may_adopt(&[manager], Some(economist)));
        assert!(check_adoption(&[economist], Some(economist)).is_err());
    }
}
