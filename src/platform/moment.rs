//! The time types of the domain: [`Instant`] (UTC, in milliseconds), [`Day`] (a calendar day in Sweden) and [`Month`].
//! Deadlines and months end at midnight in Europe/Stockholm.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Europe::Stockholm;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::digits::{ascii, number, with_numbers};
use super::text::ParseError;

/// A point in time, UTC with millisecond precision; in JSON RFC 3339 (`2020-11-03T23:00:00.000Z`).
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = super::db::sql_types::InstantSql)]
pub struct Instant(i64);

impl Instant {
    /// The instant `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, as in tokens.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant `millis` later, or earlier when negative.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The instant `minutes` later, or earlier when negative.
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_millis(minutes * 60_000)
    }

    /// The instant `days` of 24 hours later, or earlier when negative.
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_minutes(days * 24 * 60)
    }

    /// The calendar day in Sweden.
    pub fn day(self) -> Day {
        Day(self.utc().with_timezone(&Stockholm).date_naive())
    }

    /// The calendar month in Sweden.
    pub fn month(self) -> Month {
        self.day().month()
    }

    fn text(self) -> [u8; 24] {
        let at = self.utc();
        let numbers = [
            (0..4, year_of(at.date_naive())),
            (5..7, at.month()),
            (8..10, at.day()),
            (11..13, at.hour()),
            (14..16, at.minute()),
            (17..19, at.second()),
            (20..23, at.timestamp_subsec_millis()),
        ];
        with_numbers(*b"0000-00-00T00:00:00.000Z", numbers)
    }

    /// The instant as chrono's type.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.text()))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let at = DateTime::parse_from_rfc3339(text)
            .map_err(|_| ParseError::fixed("inte en tidpunkt enligt RFC 3339", "not an RFC 3339 instant"))?;
        if !(1..=9999).contains(&at.year()) {
            return Err(ParseError::fixed(
                "årtalet ligger utanför 0001–9999",
                "the year lies outside 0001–9999",
            ));
        }
        Ok(Self(at.timestamp_millis()))
    }
}

fn year_of(day: NaiveDate) -> u32 {
    u32::try_from(day.year()).unwrap_or(0)
}

/// A calendar day in Sweden; in JSON `YYYY-MM-DD`.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = super::db::sql_types::DaySql)]
pub struct Day(pub NaiveDate);

impl Day {
    /// The day, if it exists in the calendar.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self)
    }

    /// The instant at which the day begins in Sweden (00:00).
    pub fn start(self) -> Instant {
        let midnight = self.0.and_time(NaiveTime::MIN);
        let at = match Stockholm.from_local_datetime(&midnight) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
            // Never happens: Sweden has never skipped a midnight. UTC would be at most two hours wrong.
            LocalResult::None => midnight.and_utc(),
        };
        Instant(at.timestamp_millis())
    }

    /// The instant at which the day ends in Sweden (24:00). A deadline given as a day means this instant.
    pub fn end(self) -> Instant {
        self.plus_days(1).start()
    }

    fn text(self) -> [u8; 10] {
        let numbers = [(0..4, year_of(self.0)), (5..7, self.0.month()), (8..10, self.0.day())];
        with_numbers(*b"0000-00-00", numbers)
    }

    /// The day `days` later, or earlier when negative.
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.checked_add_signed(TimeDelta::days(days)).unwrap_or(self.0))
    }

    /// The month of the day.
    pub fn month(self) -> Month {
        Month { year: self.0.year(), month: self.0.month() }
    }

    /// The same day `months` later; the last day of that month when it has no such day.
    pub fn plus_months(self, months: i32) -> Self {
        let target = self.month().plus_months(months);
        let wanted = target.first_day().0.checked_add_days(Days::new(u64::from(self.0.day0())));
        wanted.map(Day).filter(|day| target.contains(*day)).unwrap_or_else(|| target.last_day())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.text()))
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [year, month, day] = numbers(text).ok_or(ParseError::fixed(
            "inte en dag på formen ÅÅÅÅ-MM-DD",
            "not a day in the form YYYY-MM-DD",
        ))?;
        let year = i32::try_from(year).unwrap_or_default();
        Day::new(year, month, day)
            .ok_or(ParseError::fixed("dagen finns inte i kalendern", "there is no such day in the calendar"))
    }
}

/// The three numbers of `YYYY-MM-DD`; none for any other form.
fn numbers(text: &str) -> Option<[u32; 3]> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    Some([number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?])
}

/// A calendar month; in JSON and in the database `YYYY-MM`.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// Month 1–12 of a year.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        ((1..=9999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    fn text(self) -> [u8; 7] {
        let year = u32::try_from(self.year).unwrap_or(0);
        with_numbers(*b"0000-00", [(0..4, year), (5..7, self.month)])
    }

    /// The year.
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The first day.
    pub fn first_day(self) -> Day {
        Day(NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default())
    }

    /// The last day.
    pub fn last_day(self) -> Day {
        self.next().first_day().plus_days(-1)
    }

    /// The next month.
    pub fn next(self) -> Self {
        self.plus_months(1)
    }

    /// The month `months` later, or earlier when negative.
    pub fn plus_months(self, months: i32) -> Self {
        let index = self.year * 12 + i32::try_from(self.month).unwrap_or(1) - 1 + months;
        Self { year: index.div_euclid(12), month: u32::try_from(index.rem_euclid(12)).unwrap_or(0) + 1 }
    }

    /// Whether the day lies in this month.
    pub fn contains(self, day: Day) -> bool {
        day.month() == self
    }

    /// The number of months from `earlier` to this month; negative when `earlier` is later.
    pub fn months_since(self, earlier: Month) -> i32 {
        (self.year - earlier.year) * 12 + i32::try_from(self.month).unwrap_or(0)
            - i32::try_from(earlier.month).unwrap_or(0)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.text()))
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Month {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let month = match *text.as_bytes() {
            [y1, y2, y3, y4, b'-', m1, m2] => number(&[y1, y2, y3, y4]).zip(number(&[m1, m2])),
            _ => None,
        };
        let first = month.and_then(|(year, month)| Day::new(i32::try_from(year).ok()?, month, 1));
        first
            .map(Day::month)
            .ok_or(ParseError::fixed("inte en månad på formen ÅÅÅÅ-MM", "not a month in the form YYYY-MM"))
    }
}

/// Reads a deadline: an instant, or a day, which means 24:00 of that day in Sweden (guide §3).
pub fn deadline(text: &str) -> Result<Instant, ParseError> {
    if text.len() == 10 { text.parse::<Day>().map(Day::end) } else { text.parse() }
}

/// Reads when something opens or starts: an instant, or a day, which means 00:00 of that day in Sweden (guide §3).
pub fn opening(text: &str) -> Result<Instant, ParseError> {
    if text.len() == 10 { text.parse::<Day>().map(Day::start) } else { text.parse() }
}

macro_rules! json_as_text {
    ($($name:ident, $format:literal, $example:literal;)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(ascii(&self.text()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::Custom($format.into())))
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )*};
}

json_as_text! {
    Instant, "date-time", "2020-11-03T23:00:00.000Z";
    Day, "date", "2021-03-15";
    Month, "month", "2021-03";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_as_deadline_means_midnight_in_sweden() {
        assert_eq!(deadline("2020-11-03").unwrap().to_string(), "2020-11-03T23:00:00.000Z");
        assert_eq!(deadline("2021-06-30").unwrap().to_string(), "2021-06-30T22:00:00.000Z");
        assert_eq!(deadline("2020-11-06T13:00:00+01:00").unwrap().to_string(), "2020-11-06T12:00:00.000Z");
    }

    #[test]
    fn a_day_as_opening_means_its_first_moment_in_sweden() {
        assert_eq!(opening("2020-11-03").unwrap().to_string(), "2020-11-02T23:00:00.000Z");
        assert_eq!(opening("2021-06-30").unwrap().to_string(), "2021-06-29T22:00:00.000Z");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2021-02-29", "2021-13-01", "2021-1-1", "21-01-01", "2021-01-01T00:00", "+021-01-01", ""]
        {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        assert!("2021-00".parse::<Month>().is_err());
        assert!("2021-3".parse::<Month>().is_err());
    }

    #[test]
    fn days_and_months_change_at_midnight_in_stockholm() {
        let at: Instant = "2021-01-31T23:30:00Z".parse().unwrap();
        assert_eq!((at.day().to_string(), at.month().to_string()), ("2021-02-01".into(), "2021-02".into()));
    }

    #[test]
    fn months_are_added_across_years() {
        let month: Month = "2020-11".parse().unwrap();
        assert_eq!(month.plus_months(3).to_string(), "2021-02");
        assert_eq!(month.plus_months(-11).to_string(), "2019-12");
        assert_eq!(month.plus_months(14).months_since(month), 14);
        assert_eq!("2021-01-31".parse::<Day>().unwrap().plus_months(1).to_string(), "2021-02-28");
    }
}
