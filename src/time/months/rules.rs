//! A month's states, when it stops taking time, and which months a programme has. Pure.

use super::MonthRow;
use super::MonthState::{self, *};
use crate::identity::policy::Role;
use crate::platform::moment::{Day, Instant, Month};
use crate::platform::workflow::{Need, Transition, Workflow};
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};
use crate::reference::calendar;

const ECONOMIST: &[&str] = &[Role::Economist.as_str()];

/// The member of `data` with the reports that are missing.
pub const MISSING: &str = "missing";

/// The table of a month's states.
pub const WORKFLOW: Workflow<MonthState> = Workflow {
    initial: &[Open],
    end: &[Locked],
    transitions: &[
        Transition::clock(&[Open], Grace),
        Transition::clock(&[Grace], Closed),
        Transition::by(&[Closed], Locked, ECONOMIST)
            .requiring(&[Need::when(MISSING, "the month waits for a report")]),
    ],
};

/// 24:00 of the `n`-th working day after `day`; with 0, of the day itself.
pub fn working_day_limit(day: Day, n: i32) -> Instant {
    Day(calendar::add_working_days(day.0, u32::try_from(n).unwrap_or(0))).end()
}

/// When a month stops taking time, by the settings of its last day.
pub fn grace_ends_at(month: Month, grace_working_days: i32) -> Instant {
    working_day_limit(month.last_day(), grace_working_days)
}

/// The step that the clock takes now, if any.
pub fn due(month: &MonthRow, now: Instant) -> Option<MonthState> {
    match month.status {
        Open if month.month.last_day().end() <= now => Some(Grace),
        Grace if month.grace_ends_at <= now => Some(Closed),
        _ => None,
    }
}

/// The programme's months that have begun by `today`, oldest first.
pub fn begun(programme: &ProgrammeRow, today: Day) -> Vec<Month> {
    let last = programme.ends_on.min(today).month();
    let mut month = programme.starts_on.month();
    let mut months = Vec::new();
    while month <= last {
        months.push(month);
        month = month.next();
    }
    months
}

/// Whether the month itself takes time at `now`: it is open or in grace. The instant decides, not whether the job has run. A
/// month without a row takes time while it is the current month.
pub fn takes_time(row: Option<&MonthRow>, month: Month, now: Instant) -> bool {
    match row {
        Some(row) => matches!(row.status, Open | Grace) && now < row.grace_ends_at,
        None => month == now.month(),
    }
}

/// Whether the programme is in its settlement period, when every closed month takes late reports: the last month is over and
/// the programme is not completed yet.
pub fn is_settlement(programme: &ProgrammeRow, now: Instant) -> bool {
    programme.status == ProgrammeState::Running && programme.ends_on.month().last_day().end() <= now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::sql::Json;
    use crate::platform::ids::Ids;

    fn row(month: &str, status: MonthState, grace: i32) -> MonthRow {
        let month: Month = month.parse().unwrap();
        let now = month.first_day().start();
        let ids = Ids::seeded(1);
        MonthRow {
            id: ids.id(now),
            programme_id: ids.id(now),
            month,
            status,
            grace_ends_at: grace_ends_at(month, grace),
            missing: Json(Vec::new()),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    #[test]
    fn grace_ends_at_midnight_of_the_nth_working_day() {
        for (month, days, last) in [
            // January 2021 ends on a Sunday.
            ("2021-01", 5, "2021-02-05"),
            // Good Friday and Easter Monday are not working days.
            ("2021-03", 5, "2021-04-09"),
            // Neither are New Year's Day and Epiphany.
            ("2020-12", 5, "2021-01-11"),
            ("2021-01", 0, "2021-01-31"),
        ] {
            let limit = grace_ends_at(month.parse().unwrap(), days);
            assert_eq!(limit, last.parse::<Day>().unwrap().end(), "{month}");
        }
    }

    #[test]
    fn the_clock_moves_a_month_exactly_at_the_instant() {
        let open = row("2021-01", Open, 5);
        let end = open.month.last_day().end();
        assert_eq!(due(&open, end.plus_millis(-1)), None);
        assert_eq!(due(&open, end), Some(Grace));
        let grace = row("2021-01", Grace, 5);
        assert_eq!(due(&grace, grace.grace_ends_at.plus_millis(-1)), None);
        assert_eq!(due(&grace, grace.grace_ends_at), Some(Closed));
        assert_eq!(due(&row("2021-01", Closed, 5), grace.grace_ends_at), None);
    }

    #[test]
    fn a_month_takes_time_until_its_grace_ends_even_if_no_job_has_run() {
        let open = row("2021-01", Open, 5);
        assert!(takes_time(Some(&open), open.month, open.grace_ends_at.plus_millis(-1)));
        assert!(!takes_time(Some(&open), open.month, open.grace_ends_at));
        assert!(!takes_time(Some(&row("2021-01", Closed, 5)), open.month, open.month.first_day().start()));
    }

    #[test]
    fn a_month_without_a_row_takes_time_while_it_is_the_current_month() {
        let month: Month = "2021-02".parse().unwrap();
        assert!(takes_time(None, month, month.first_day().start()));
        assert!(!takes_time(None, month, month.last_day().end()));
        assert!(!takes_time(None, month, month.first_day().start().plus_millis(-1)));
    }
}
