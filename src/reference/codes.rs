//! The register's codes as values of requests and of list filters. A text that cannot be a code is refused, and the refusal
//! says where the codes are listed.

use utoipa::PartialSchema as _;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};

use crate::platform::http::list::QueryValue;
use crate::platform::text::ParseError;
use crate::text_value;

/// The 21 länskoder, which the law decides. They equal those in the table (`tests/api/reference` compares them).
const LAN: [&str; 21] = [
    "01", "03", "04", "05", "06", "07", "08", "09", "10", "12", "13", "14", "17", "18", "19", "20", "21",
    "22", "23", "24", "25",
];

/// A länskod as a filter value.
pub enum LanCode {}

impl QueryValue for LanCode {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        if LAN.contains(&text) {
            return Ok(text.to_owned());
        }
        let known = LAN.join(", ");
        Err(ParseError::new(
            format!("inte någon av länskoderna {known} (/lan)"),
            format!("not one of the länskoder {known} (/lan)"),
        ))
    }

    fn describe() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(LAN))
            .description(Some("Länskod, listed at /lan"))
            .into()
    }
}

text_value! {
    /// A kommunkod: four digits, of which the first two are the länskod. The type does not check that the register has it.
    pub struct Kommunkod;
    schema |schema| schema
        .pattern(Some("^[0-9]{4}$"))
        .description(Some("Kommunkod, listed at /kommuner"))
        .examples(["2582"]);
    rule |_text| Ok(());
}

impl Kommunkod {
    /// Whether a text has the form of a kommunkod.
    pub fn is_form_of(text: &str) -> bool {
        text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl QueryValue for Kommunkod {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        if Kommunkod::is_form_of(text) && LAN.iter().any(|lan| text.starts_with(lan)) {
            return Ok(text.to_owned());
        }
        Err(ParseError::fixed(
            "inte en kommunkod, som är fyra siffror och börjar med länets två (/kommuner)",
            "not a kommunkod, which is four digits and begins with a länskod (/kommuner)",
        ))
    }

    fn describe() -> RefOr<Schema> {
        Kommunkod::schema()
    }
}
