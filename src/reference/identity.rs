//! The ids of kommuner, län and the first register year. An id is made from the code, so that a kommun has the same id in every installation.

use utoipa::PartialSchema as _;
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use crate::platform::http::list::QueryValue;
use crate::platform::ids::Id;
use crate::platform::text::ParseError;

/// A UUIDv7 of the day on which the register was compiled, with room for a code at the end.
const REGISTER: u128 = 0x01a2_05b3_d000_7000_8000_0000_0000_0000;

/// A part of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// The kommuner, with kommunkod as the code.
    Kommuner,
    /// The län, with two digits as the code.
    Lan,
    /// The register years, with the year as the code.
    Years,
}

impl Register {
    const fn base(self) -> u128 {
        match self {
            Self::Kommuner => REGISTER,
            Self::Lan => REGISTER + (1 << 32),
            Self::Years => REGISTER + (2 << 32),
        }
    }

    /// The id for a code.
    pub fn id_of(self, code: &str) -> Id {
        // A code has only decimal digits. Read as hexadecimal, they appear unchanged at the end of the UUID.
        Id(Uuid::from_u128(self.base() + u128::from(u32::from_str_radix(code, 16).unwrap_or_default())))
    }

    /// The code for a text that is either an id or already a code.
    pub fn code_of(self, named: &str, digits: usize) -> String {
        let id = named.parse::<Id>().ok().and_then(|id| id.0.as_u128().checked_sub(self.base()));
        match id.and_then(|rest| u32::try_from(rest).ok()) {
            Some(code) => format!("{code:0digits$x}"),
            None => named.to_owned(),
        }
    }
}

/// The id of a kommun in a filter: its row has the kommunkod.
pub struct KommunId;

impl QueryValue for KommunId {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        text.parse::<Id>().map(|id| Register::Kommuner.code_of(&id.to_string(), 4))
    }

    fn describe() -> RefOr<Schema> {
        Id::schema()
    }
}

/// The id of a län in a filter: its row has the code.
pub struct LanId;

impl QueryValue for LanId {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        text.parse::<Id>().map(|id| Register::Lan.code_of(&id.to_string(), 2))
    }

    fn describe() -> RefOr<Schema> {
        Id::schema()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_contains_its_code() {
        let boden = Register::Kommuner.id_of("2582");
        assert_eq!(boden.to_string(), "01a205b3-d000-7000-8000-000000002582");
        assert_eq!(Register::Kommuner.code_of(&boden.to_string(), 4), "2582");
        assert_eq!(Register::Kommuner.code_of("0114", 4), "0114");
        assert_eq!(Register::Kommuner.code_of(&Register::Kommuner.id_of("0114").to_string(), 4), "0114");
        let lan = Register::Lan.id_of("25");
        assert_eq!(Register::Kommuner.code_of(&lan.to_string(), 4), lan.to_string(), "a län is no kommun");
        assert_ne!(lan, Register::Kommuner.id_of("0025"));
    }
}
