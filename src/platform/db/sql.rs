//! How our value types are stored in each database. Code outside `platform::db` sees only [`Id`], [`Instant`], [`Day`],
//! [`Month`], [`Json`] and its own enums of codes.

use std::io::Write as _;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType, Text};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::connection::MultiBackend;
use super::sql_types::{DaySql, IdSql, InstantSql};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month};

macro_rules! on_both {
    ($($sql:ty, $value:ty;)*) => {$(
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                MultiBackend::lookup_sql_type::<$sql>(lookup)
            }
        }

        impl FromSql<$sql, MultiBackend> for $value {
            fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                bytes.from_sql::<$value, $sql>()
            }
        }

        impl ToSql<$sql, MultiBackend> for $value {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }
    )*};
}

on_both! {
    IdSql, Id;
    InstantSql, Instant;
    DaySql, Day;
}

impl ToSql<IdSql, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<IdSql, Pg> for Id {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Id(Uuid::from_slice(bytes.as_bytes())?))
    }
}

impl ToSql<IdSql, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<IdSql, Sqlite> for Id {
    fn from_sql(mut bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Id(Uuid::from_slice(bytes.read_blob())?))
    }
}

/// PostgreSQL counts time from 2000-01-01T00:00:00Z. This is that time in milliseconds since 1970.
const POSTGRES_EPOCH_MILLIS: i64 = 946_684_800_000;

impl ToSql<InstantSql, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = (self.millis() - POSTGRES_EPOCH_MILLIS) * 1000;
        out.write_all(&micros.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<InstantSql, Pg> for Instant {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(bytes.as_bytes().try_into()?);
        if micros % 1000 != 0 {
            return Err("a time with parts of a millisecond, which the program does not write".into());
        }
        Ok(Instant::from_millis(micros.div_euclid(1000) + POSTGRES_EPOCH_MILLIS))
    }
}

impl ToSql<InstantSql, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.millis());
        Ok(IsNull::No)
    }
}

impl FromSql<InstantSql, Sqlite> for Instant {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Instant::from_millis(<i64 as FromSql<BigInt, Sqlite>>::from_sql(bytes)?))
    }
}

/// PostgreSQL counts days from 2000-01-01.
const POSTGRES_EPOCH_DAY: chrono::NaiveDate = match chrono::NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => chrono::NaiveDate::MIN,
};

impl ToSql<DaySql, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = i32::try_from(self.0.signed_duration_since(POSTGRES_EPOCH_DAY).num_days())?;
        out.write_all(&days.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<DaySql, Pg> for Day {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let days = i32::from_be_bytes(bytes.as_bytes().try_into()?);
        Ok(Day(POSTGRES_EPOCH_DAY).plus_days(i64::from(days)))
    }
}

impl ToSql<DaySql, Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<DaySql, Sqlite> for Day {
    fn from_sql(mut bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(bytes.read_text().parse()?)
    }
}

/// A value stored as JSON text: lists and small structures that no query filters by.
#[derive(
    Clone, Debug, PartialEq, Serialize, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Json<T: std::fmt::Debug>(pub T);

impl<T: DeserializeOwned + std::fmt::Debug, DB: Backend> FromSql<Text, DB> for Json<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Json(serde_json::from_str(&String::from_sql(bytes)?)?))
    }
}

/// Writes a value as text on both databases: `store_as_text!(Month: |month| month.to_string());`.
#[doc(hidden)]
#[macro_export]
macro_rules! store_as_text {
    ($value:ident $(<$t:ident>)?: |$this:ident| $text:expr) => {
        const _: () = {
            use std::io::Write as _;

            use diesel::pg::Pg;
            use diesel::serialize::{self, IsNull, Output, ToSql};
            use diesel::sql_types::Text;
            use diesel::sqlite::Sqlite;
            use $crate::platform::db::MultiBackend;

            impl $(<$t: serde::Serialize + std::fmt::Debug + Send + Sync + 'static>)? ToSql<Text, Pg> for $value $(<$t>)? {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                    let $this = self;
                    out.write_all($text.as_bytes())?;
                    Ok(IsNull::No)
                }
            }

            impl $(<$t: serde::Serialize + std::fmt::Debug + Send + Sync + 'static>)? ToSql<Text, Sqlite> for $value $(<$t>)? {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                    let $this = self;
                    out.set_value($text);
                    Ok(IsNull::No)
                }
            }

            impl $(<$t: serde::Serialize + std::fmt::Debug + Send + Sync + 'static>)? ToSql<Text, MultiBackend> for $value $(<$t>)? {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                    out.set_value((Text, self));
                    Ok(IsNull::No)
                }
            }
        };
    };
}

/// Parses a value from its text on both databases: `parse_stored_text!(Month);`. The text is not copied first: a row has
/// many such values, and their copies were much of the work of reading it.
#[doc(hidden)]
#[macro_export]
macro_rules! parse_stored_text {
    ($value:ident) => {
        const _: () = {
            use diesel::backend::Backend;
            use diesel::deserialize::{self, FromSql};
            use diesel::pg::Pg;
            use diesel::sql_types::Text;
            use diesel::sqlite::Sqlite;
            use $crate::platform::db::MultiBackend;

            impl FromSql<Text, Pg> for $value {
                fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    Ok(str::from_utf8(bytes.as_bytes())?.parse()?)
                }
            }

            impl FromSql<Text, Sqlite> for $value {
                fn from_sql(mut bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    Ok(bytes.read_text().parse()?)
                }
            }

            impl FromSql<Text, MultiBackend> for $value {
                fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    bytes.from_sql::<$value, Text>()
                }
            }
        };
    };
}

store_as_text!(Month: |month| month.to_string());
parse_stored_text!(Month);
store_as_text!(Json<T>: |json| serde_json::to_string(&json.0)?);
