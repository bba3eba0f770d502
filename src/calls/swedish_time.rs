//! How mails show a time: in Swedish time, and a deadline at midnight as 24:00 of the day before.

use chrono_tz::Europe::Stockholm;

use crate::platform::moment::Instant;

/// A time: `2020-11-06 13:00`.
pub fn swedish_time(at: Instant) -> String {
    at.utc().with_timezone(&Stockholm).format("%Y-%m-%d %H:%M").to_string()
}

/// A deadline: `2020-11-06 13:00`, or `2020-11-03 24:00` for one at the midnight after that day.
pub fn swedish_deadline(at: Instant) -> String {
    let day = at.day();
    if day.start() == at { format!("{} 24:00", day.plus_days(-1)) } else { swedish_time(at) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::moment::deadline;

    #[test]
    fn a_deadline_is_shown_in_swedish_time_and_midnight_as_the_end_of_a_day() {
        let shown = |text| swedish_deadline(deadline(text).unwrap());
        assert_eq!(shown("2020-11-03"), "2020-11-03 24:00");
        assert_eq!(shown("2020-11-06T13:00:00+01:00"), "2020-11-06 13:00");
        assert_eq!(shown("2020-11-15T12:00:00Z"), "2020-11-15 13:00");
    }
}
