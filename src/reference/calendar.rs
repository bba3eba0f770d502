//! The Swedish calendar: public holidays, rest days and working days.
//!
//! Used by the rules that count in working days (how long a month stays open after its end, how long a returned
//! time report may be edited) and for the warning when time is entered on a weekend or a public holiday.
//! Everything here is pure: the day is an argument, and it is always the day in Sweden (Europe/Stockholm).
//!
//! Sources: lag (1989:253) om allmänna helgdagar, in force since 1990, as amended by lag (2004:1320); and 2 §
//! lag (1930:173) om beräkning av lagstadgad tid for the days that are not working days. Years before 1990 follow
//! the act of 1989 too.

use chrono::{Datelike, NaiveDate, Weekday};

/// The first year in which 6 June is a public holiday and Whit Monday no longer is, by lag (2004:1320).
const NATIONAL_DAY_SINCE: i32 = 2005;

/// A public holiday (allmän helgdag) by name, spelt as in the middle of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// The name in Swedish, as in the act.
    pub sv: &'static str,
    /// The name in English.
    pub en: &'static str,
}

/// Why a day is a day of rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestDayKind {
    /// A Saturday or a Sunday that is not a named holiday.
    Weekend,
    /// A public holiday, on whatever day of the week.
    PublicHoliday,
}

/// A day of rest and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestDay {
    /// Weekend or public holiday; a holiday on a weekend is a public holiday.
    pub kind: RestDayKind,
    /// The holiday or the day of the week in Swedish.
    pub sv: &'static str,
    /// The holiday or the day of the week in English.
    pub en: &'static str,
}

/// The named public holiday that falls on `day`, by 1–2 §§ lag (1989:253) om allmänna helgdagar.
///
/// The act counts every Sunday as a public holiday too; here only Easter Sunday and Whit Sunday count, because
/// they have names. When two holidays fall on one day (Ascension Day on 1 May 2008), the result is the one with
/// the fixed date.
pub fn public_holiday(day: NaiveDate) -> Option<Holiday> {
    fixed_holiday(day).or_else(|| saturday_holiday(day)).or_else(|| easter_holiday(day))
}

/// Why `day` is a day of rest: a public holiday, a Saturday or a Sunday; `None` on any other day.
///
/// The eves of Midsummer, Christmas and New Year are neither working days nor, on weekdays, days of rest.
pub fn rest_day(day: NaiveDate) -> Option<RestDay> {
    if let Some(Holiday { sv, en }) = public_holiday(day) {
        return Some(RestDay { kind: RestDayKind::PublicHoliday, sv, en });
    }
    match day.weekday() {
        Weekday::Sat => Some(RestDay { kind: RestDayKind::Weekend, sv: "lördag", en: "Saturday" }),
        Weekday::Sun => Some(RestDay { kind: RestDayKind::Weekend, sv: "söndag", en: "Sunday" }),
        _ => None,
    }
}

/// Whether `day` is a working day: not a Saturday, a Sunday, a public holiday, or the eve of Midsummer, Christmas
/// or New Year. A statutory time limit that ends on such a day continues to the next weekday, by 2 § lag
/// (1930:173).
pub fn is_working_day(day: NaiveDate) -> bool {
    rest_day(day).is_none() && !is_eve(day)
}

/// The `n`-th working day after `from`, which itself does not count; 0 gives `from`, working day or not.
///
/// If chrono's calendar ends first (in the year 262142), the result is its last working day.
pub fn add_working_days(from: NaiveDate, n: u32) -> NaiveDate {
    let working_days = from.iter_days().skip(1).filter(|day| is_working_day(*day));
    (0..n).zip(working_days).last().map_or(from, |(_, day)| day)
}

/// Holidays with the same date every year.
fn fixed_holiday(day: NaiveDate) -> Option<Holiday> {
    let (sv, en) = match (day.month(), day.day()) {
        (1, 1) => ("nyårsdagen", "New Year's Day"),
        (1, 6) => ("trettondedag jul", "Epiphany"),
        (5, 1) => ("första maj", "May Day"),
        (6, 6) if day.year() >= NATIONAL_DAY_SINCE => ("nationaldagen", "National Day"),
        (12, 25) => ("juldagen", "Christmas Day"),
        (12, 26) => ("annandag jul", "Boxing Day"),
        _ => return None,
    };
    Some(Holiday { sv, en })
}

/// Holidays on the Saturday within a certain week.
fn saturday_holiday(day: NaiveDate) -> Option<Holiday> {
    if day.weekday() != Weekday::Sat {
        return None;
    }
    let (sv, en) = match (day.month(), day.day()) {
        (6, 20..=26) => ("midsommardagen", "Midsummer Day"),
        (10, 31) | (11, 1..=6) => ("alla helgons dag", "All Saints' Day"),
        _ => return None,
    };
    Some(Holiday { sv, en })
}

/// Holidays that follow Easter, by their distance from it in days.
fn easter_holiday(day: NaiveDate) -> Option<Holiday> {
    let easter = easter_sunday(day.year())?;
    let (sv, en) = match day.signed_duration_since(easter).num_days() {
        -2 => ("långfredagen", "Good Friday"),
        0 => ("påskdagen", "Easter Sunday"),
        1 => ("annandag påsk", "Easter Monday"),
        39 => ("Kristi himmelsfärdsdag", "Ascension Day"),
        49 => ("pingstdagen", "Whit Sunday"),
        50 if day.year() < NATIONAL_DAY_SINCE => ("annandag pingst", "Whit Monday"),
        _ => return None,
    };
    Some(Holiday { sv, en })
}

/// The eves that are not working days although they are not holidays: Midsummer (the Friday), Christmas and New Year.
fn is_eve(day: NaiveDate) -> bool {
    match (day.month(), day.day()) {
        (6, 19..=25) => day.weekday() == Weekday::Fri,
        (12, 24 | 31) => true,
        _ => false,
    }
}

/// Easter Sunday by the anonymous Gregorian computus (Meeus, Jones and Butcher). The result is never `None` in
/// practice, because every year has an Easter.
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let lunar_year = year.rem_euclid(19);
    let (century, year_of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let leap_correction = century - century.div_euclid(4);
    let lunar_correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    // Days from 21 March to the paschal full moon, and from the day after that to a Sunday.
    let full_moon = (19 * lunar_year + leap_correction - lunar_correction + 15).rem_euclid(30);
    let weekday_shift = 2 * century.rem_euclid(4) + 2 * (year_of_century / 4) - year_of_century % 4;
    let to_sunday = (32 + weekday_shift - full_moon).rem_euclid(7);
    // 1 in the few years in which the Church moves Easter from 26 to 19 April, or from 25 to 18.
    let too_late = (lunar_year + 11 * full_moon + 22 * to_sunday) / 451;
    // In months of 31 days, day 0 first: 3 * 31 + 21 is 22 March, the earliest Easter.
    let month_and_day = 3 * 31 + 21 + full_moon + to_sunday - 7 * too_late;
    let month = u32::try_from(month_and_day / 31).ok()?;
    let day = u32::try_from(month_and_day % 31 + 1).ok()?;
    NaiveDate::from_ymd_opt(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Year; the days of the holidays in `MOVABLE`; number of working days. Calculated by hand, and equal to
    /// published calendars.
    const YEARS: [(i32, &str, usize); 8] = [
        (2020, "04-10 04-12 04-13 05-21 05-31 06-20 10-31", 252),
        (2021, "04-02 04-04 04-05 05-13 05-23 06-26 11-06", 253),
        (2022, "04-15 04-17 04-18 05-26 06-05 06-25 11-05", 253),
        (2023, "04-07 04-09 04-10 05-18 05-28 06-24 11-04", 251),
        (2024, "03-29 03-31 04-01 05-09 05-19 06-22 11-02", 251),
        (2025, "04-18 04-20 04-21 05-29 06-08 06-21 11-01", 249),
        (2026, "04-03 04-05 04-06 05-14 05-24 06-20 10-31", 251),
        (2027, "03-26 03-28 03-29 05-06 05-16 06-26 11-06", 253),
    ];
    const MOVABLE: [&str; 7] = [
        "långfredagen",
        "påskdagen",
        "annandag påsk",
        "Kristi himmelsfärdsdag",
        "pingstdagen",
        "midsommardagen",
        "alla helgons dag",
    ];
    const FIXED: [(&str, &str); 6] = [
        ("01-01", "nyårsdagen"),
        ("01-06", "trettondedag jul"),
        ("05-01", "första maj"),
        ("06-06", "nationaldagen"),
        ("12-25", "juldagen"),
        ("12-26", "annandag jul"),
    ];

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        let Some(date) = NaiveDate::from_ymd_opt(year, month, day) else {
            panic!("{year}-{month}-{day} is no date");
        };
        date
    }

    fn days_of(year: i32) -> impl Iterator<Item = NaiveDate> {
        date(year, 1, 1).iter_days().take_while(move |day| day.year() == year)
    }

    fn month_and_day(day: NaiveDate) -> String {
        day.format("%m-%d").to_string()
    }

    fn name_sv(day: NaiveDate) -> Option<&'static str> {
        public_holiday(day).map(|holiday| holiday.sv)
    }

    #[test]
    fn the_holidays_of_2020_to_2027_equal_those_calculated_by_hand() {
        for (year, movable, _) in YEARS {
            let mut expected: Vec<_> = movable.split(' ').zip(MOVABLE).chain(FIXED).collect();
            expected.sort_unstable();
            let found: Vec<_> =
                days_of(year).filter_map(|day| Some((month_and_day(day), name_sv(day)?))).collect();
            let found: Vec<_> = found.iter().map(|(day, name)| (day.as_str(), *name)).collect();
            assert_eq!(found, expected, "{year}");
        }
    }

    #[test]
    fn the_number_of_working_days_in_2020_to_2027_is_right() {
        for (year, _, working_days) in YEARS {
            assert_eq!(days_of(year).filter(|day| is_working_day(*day)).count(), working_days, "{year}");
        }
    }

    #[test]
    fn easter_is_right_in_the_difficult_years() {
        // The earliest and latest possible days, the two exceptions of the computus, and the turns of centuries.
        for (year, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (1954, 4, 18),
            (1981, 4, 19),
            (2000, 4, 23),
            (2008, 3, 23),
            (2038, 4, 25),
            (2049, 4, 18),
            (2076, 4, 19),
            (2100, 3, 28),
        ] {
            assert_eq!(easter_sunday(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn the_national_day_replaced_whit_monday_in_2005() {
        assert_eq!(name_sv(date(2004, 5, 31)), Some("annandag pingst"));
        assert_eq!(name_sv(date(2004, 6, 6)), None);
        assert_eq!(name_sv(date(2005, 5, 16)), None);
        assert_eq!(name_sv(date(2005, 6, 6)), Some("nationaldagen"));
        assert!(!is_working_day(date(2004, 5, 31)));
        assert!(is_working_day(date(2005, 5, 16)));
    }

    #[test]
    fn a_fixed_holiday_is_named_before_a_movable_one_on_the_same_day() {
        assert_eq!(name_sv(date(2008, 5, 1)), Some("första maj"));
        assert_eq!(name_sv(date(2049, 6, 6)), Some("nationaldagen"));
    }

    #[test]
    fn every_year_has_all_holidays_on_possible_days() {
        for year in 1990..=2100 {
            let holidays: Vec<_> = days_of(year).filter_map(|day| Some((day, name_sv(day)?))).collect();
            // Ascension Day on 1 May, Whit Sunday on 6 June: two holidays on one day.
            let easter = easter_sunday(year);
            let coincide = easter == Some(date(year, 3, 23))
                || easter == Some(date(year, 4, 18)) && year >= NATIONAL_DAY_SINCE;
            let expected = if coincide { 12 } else { 13 };
            assert_eq!(holidays.len(), expected, "{year}");
            for (day, name) in holidays {
                match name {
                    "midsommardagen" => {
                        assert_eq!(day.weekday(), Weekday::Sat, "{day}");
                        assert!((date(year, 6, 20)..=date(year, 6, 26)).contains(&day), "{day}");
                    }
                    "alla helgons dag" => {
                        assert_eq!(day.weekday(), Weekday::Sat, "{day}");
                        assert!((date(year, 10, 31)..=date(year, 11, 6)).contains(&day), "{day}");
                    }
                    "långfredagen" => assert_eq!(day.weekday(), Weekday::Fri, "{day}"),
                    "påskdagen" | "pingstdagen" => assert_eq!(day.weekday(), Weekday::Sun, "{day}"),
                    "annandag påsk" | "annandag pingst" => assert_eq!(day.weekday(), Weekday::Mon, "{day}"),
                    "Kristi himmelsfärdsdag" => assert_eq!(day.weekday(), Weekday::Thu, "{day}"),
                    _ => assert!(FIXED.contains(&(month_and_day(day).as_str(), name)), "{day} {name}"),
                }
            }
        }
    }

    #[test]
    fn every_day_is_a_working_day_a_rest_day_or_an_eve() {
        for day in (1990..=2100).flat_map(days_of) {
            let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            let holiday = public_holiday(day);
            let rest = rest_day(day);
            assert_eq!(rest.is_some(), weekend || holiday.is_some(), "{day}");
            assert_eq!(is_working_day(day), rest.is_none() && !is_eve(day), "{day}");
            if is_eve(day) && day.month() == 6 {
                assert_eq!(day.succ_opt().and_then(name_sv), Some("midsommardagen"), "{day}");
            }
        }
    }

    #[test]
    fn the_three_eves_are_neither_working_days_nor_days_of_rest() {
        for eve in [date(2026, 6, 19), date(2026, 12, 24), date(2026, 12, 31)] {
            assert!(!is_working_day(eve), "{eve}");
            assert_eq!(rest_day(eve), None, "{eve}");
        }
        // The eves of Epiphany, Good Friday, May Day and All Saints' Day are working days.
        for ordinary in [date(2026, 1, 5), date(2026, 4, 2), date(2026, 4, 30), date(2026, 10, 30)] {
            assert!(is_working_day(ordinary), "{ordinary}");
        }
    }

    #[test]
    fn a_rest_day_has_a_name_in_both_languages() {
        let rest = |kind, sv, en| Some(RestDay { kind, sv, en });
        assert_eq!(rest_day(date(2021, 3, 6)), rest(RestDayKind::Weekend, "lördag", "Saturday"));
        assert_eq!(rest_day(date(2021, 3, 7)), rest(RestDayKind::Weekend, "söndag", "Sunday"));
        assert_eq!(
            rest_day(date(2021, 4, 2)),
            rest(RestDayKind::PublicHoliday, "långfredagen", "Good Friday")
        );
        assert_eq!(
            rest_day(date(2021, 6, 26)),
            rest(RestDayKind::PublicHoliday, "midsommardagen", "Midsummer Day")
        );
        assert_eq!(rest_day(date(2021, 3, 8)), None);
    }

    #[test]
    fn weekends_holidays_and_eves_are_skipped() {
        for (from, n, expected) in [
            // An ordinary week, from a working day and from a Sunday.
            (date(2021, 3, 1), 5, date(2021, 3, 8)),
            (date(2021, 2, 28), 5, date(2021, 3, 5)),
            // Past Christmas, New Year and Epiphany.
            (date(2020, 12, 22), 5, date(2021, 1, 4)),
            (date(2020, 12, 22), 7, date(2021, 1, 7)),
            // A month's end before Easter: 1 April 2021 is Maundy Thursday.
            (date(2021, 3, 31), 5, date(2021, 4, 9)),
            // Past Midsummer, from the Thursday before.
            (date(2021, 6, 24), 1, date(2021, 6, 28)),
        ] {
            assert_eq!(add_working_days(from, n), expected, "{from} + {n}");
        }
    }

    #[test]
    fn adding_zero_working_days_gives_the_day_itself() {
        assert_eq!(add_working_days(date(2021, 12, 25), 0), date(2021, 12, 25));
    }

    #[test]
    fn each_further_working_day_is_the_next_one() {
        for from in (1990..=2100).flat_map(days_of) {
            let mut previous = from;
            for n in 1..=6 {
                let landed = add_working_days(from, n);
                assert!(landed > previous && is_working_day(landed), "{from} + {n}");
                let mut between = previous.iter_days().skip(1).take_while(|day| *day < landed);
                assert!(!between.any(is_working_day), "{from} + {n}");
                previous = landed;
            }
        }
    }

    #[test]
    fn a_later_start_never_ends_earlier() {
        for from in (1990..=2100).flat_map(days_of) {
            let Some(next) = from.succ_opt() else { panic!("{from} is the last day") };
            assert!(add_working_days(from, 5) <= add_working_days(next, 5), "{from}");
        }
    }

    #[test]
    fn the_first_and_last_day_of_the_calendar_cause_no_error() {
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            assert!(easter_sunday(day.year()).is_some(), "{day}");
        }
        assert_eq!(add_working_days(NaiveDate::MAX, 3), NaiveDate::MAX);
    }
}
