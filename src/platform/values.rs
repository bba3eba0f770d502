//! Value types for requests: each has its schema and its rule. Deserializing accepts every value of the right JSON
//! type, so that one answer can list all errors. The schema checks length and range; `Validate` checks the rest
//! (`#[validate(nested)]` on the field).

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};
use validator::{Validate, ValidationError, ValidationErrors};

use crate::platform::http::body::broken;
use crate::platform::visible::{is_blank, is_invisible};

/// Declares a text type with its schema and its rule: `|schema|` completes the schema of a string, `|text|` returns the
/// error of an invalid text.
#[macro_export]
macro_rules! text_value {
    (
        $(#[$meta:meta])*
        pub struct $name:ident;
        schema |$schema:ident| $describe:expr;
        rule |$text:ident| $rule:expr;
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let $schema =
                    utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
                $describe.into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl validator::Validate for $name {
            fn validate(&self) -> Result<(), validator::ValidationErrors> {
                let $text: &str = &self.0;
                $crate::platform::values::own_errors($rule)
            }
        }
    };
}

/// The result of a rule, as errors of the value itself (and not of one of its fields).
pub fn own_errors(rule: Result<(), ValidationError>) -> Result<(), ValidationErrors> {
    rule.map_err(|error| {
        let mut errors = ValidationErrors::new();
        errors.add("__all__", error);
        errors
    })
}

text_value! {
    /// A name of a person or of anything else: 1–200 characters, with letters, without invisible characters and without
    /// space at the start or the end. It is shown under signatures.
    pub struct Name;
    schema |schema| schema
        .min_length(Some(1))
        .max_length(Some(200))
        .description(Some("A name with letters, without invisible characters and without space at the start or the end."));
    rule |text| {
        let has_letters = text.chars().any(char::is_alphabetic);
        // The schema reports an empty name.
        let is_name = has_letters && text.trim() == text && !text.chars().any(is_invisible);
        if text.is_empty() || is_name { Ok(()) } else { Err(not_a_name()) }
    };
}

fn not_a_name() -> ValidationError {
    broken(
        "notAName",
        "Ett namn med bokstäver, utan osynliga tecken och utan mellanslag i början eller slutet.",
        "A name with letters, without invisible characters and without space at the start or the end.",
    )
}

text_value! {
    /// An e-mail address, at most 254 characters (RFC 5321).
    pub struct Email;
    schema |schema| schema
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
        .max_length(Some(254))
        .description(Some("An e-mail address that mail can be sent to: without quotes and, before the @, in ASCII."));
    // The format is checked by the rule that mail is sent by: see `platform::mailbox`.
    rule |_text| Ok(());
}

text_value! {
    /// A SHA-256 as 64 hex digits.
    pub struct Sha256Hex;
    schema |schema| schema.pattern(Some("^[0-9a-f]{64}$")).description(Some("A SHA-256 as 64 hex digits."));
    rule |_text| Ok(());
}

/// Declares a text of at most `MAX` characters that is not only invisible: whether it may be empty, and whether it is one line.
macro_rules! visible_text {
    ($(#[$meta:meta])* pub struct $name:ident; least $least:expr, describe $describe:literal, rule $rule:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name<const MAX: usize>(pub String);

        impl<const MAX: usize> std::ops::Deref for $name<MAX> {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> From<$name<MAX>> for String {
            fn from(text: $name<MAX>) -> Self {
                text.0
            }
        }

        impl<const MAX: usize> From<&str> for $name<MAX> {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl<const MAX: usize> PartialSchema for $name<MAX> {
            fn schema() -> RefOr<Schema> {
                let least: Option<usize> = $least;
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(least)
                    .max_length(Some(MAX))
                    .description(Some($describe))
                    .into()
            }
        }

        impl<const MAX: usize> ToSchema for $name<MAX> {
            fn name() -> Cow<'static, str> {
                format!(concat!(stringify!($name), "{}"), MAX).into()
            }
        }

        impl<const MAX: usize> Validate for $name<MAX> {
            fn validate(&self) -> Result<(), ValidationErrors> {
                own_errors($rule(&self.0))
            }
        }
    };
}

visible_text! {
    /// Text of 1 to `MAX` characters, at least one of them visible.
    pub struct Text; least Some(1), describe "Text with at least one visible character.", rule check_visible
}

visible_text! {
    /// Text of at most `MAX` characters. It may be empty, but not consist of invisible characters only.
    pub struct Note; least None, describe "Text; if it is not empty, with at least one visible character.", rule check_visible
}

visible_text! {
    /// One line of 1 to `MAX` characters, such as the name of a thing: at least one of them visible, none a control character, and
    /// none that hides or changes the direction of others.
    pub struct Line; least Some(1), describe "One line of text, with at least one visible and no invisible character.", rule check_line
}

visible_text! {
    /// One line of at most `MAX` characters, which may be empty.
    pub struct OptionalLine; least None, describe "One line of text without invisible characters; it may be empty.", rule check_line
}

/// The schema reports an empty text where there must be one.
fn check_visible(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() || !is_blank(text) { Ok(()) } else { Err(blank()) }
}

/// The rule of a [`Line`], for types with a further rule.
pub fn check_line(text: &str) -> Result<(), ValidationError> {
    check_visible(text)?;
    if text.chars().any(is_invisible) { Err(invisible()) } else { Ok(()) }
}

fn blank() -> ValidationError {
    broken(
        "blank",
        "Texten består bara av mellanslag och osynliga tecken.",
        "The text consists of spaces and invisible characters only.",
    )
}

fn invisible() -> ValidationError {
    broken(
        "invisibleCharacter",
        "Texten har radbrytningar eller andra tecken som inte syns eller som vänder läsriktningen.",
        "The text has line breaks or other characters that cannot be seen or that change the reading direction.",
    )
}

/// Whole minutes of work on one day: 1 to 1440.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minutes(pub i32);

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Minutes> for i32 {
    fn from(minutes: Minutes) -> Self {
        minutes.0
    }
}

impl PartialSchema for Minutes {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(1440))
            .description(Some("Whole minutes of work on one day."))
            .into()
    }
}

impl ToSchema for Minutes {
    fn name() -> Cow<'static, str> {
        "Minutes".into()
    }
}

impl Validate for Minutes {
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_name(text: &str) -> bool {
        Name::from(text).validate().is_ok()
    }

    #[test]
    fn names_in_many_scripts_are_accepted() {
        let names = [
            "Å",
            "Karin Öberg Lind",
            "Ann-Sofie O’Brien",
            "D'Arcy von Essen, f. Ek",
            "Sökande 2582",
            "Jose\u{301} Nun\u{303}ez",
            "Ольга Иванова",
            "محمد علي",
            "नरेन्द्र",
            "王小明",
            "김민수",
        ];
        for name in names {
            assert!(is_name(name), "{name}");
        }
    }

    #[test]
    fn a_name_has_letters_and_no_surrounding_space() {
        for name in [" ", "   ", "123", "—", "…", "🙂", "12-34"] {
            assert!(!is_name(name), "{name:?}");
        }
        for space in [" ", "\t", "\n", "\u{a0}", "\u{2003}", "\u{3000}"] {
            for name in [format!("{space}Karin"), format!("Karin{space}"), format!("{space}Karin{space}")] {
                assert!(!is_name(&name), "{name:?}");
            }
        }
    }

    /// With such a character somebody could sign with a name that looks like another's, or like no name.
    #[test]
    fn a_name_has_no_invisible_characters() {
        let ranges = [
            ('\0', '\u{1f}'),
            ('\u{7f}', '\u{9f}'),
            ('\u{ad}', '\u{ad}'),
            ('\u{34f}', '\u{34f}'),
            ('\u{61c}', '\u{61c}'),
            ('\u{115f}', '\u{1160}'),
            ('\u{17b4}', '\u{17b5}'),
            ('\u{180b}', '\u{180f}'),
            ('\u{200b}', '\u{200f}'),
            ('\u{2028}', '\u{202e}'),
            ('\u{2060}', '\u{206f}'),
            ('\u{2800}', '\u{2800}'),
            ('\u{3164}', '\u{3164}'),
            ('\u{fe00}', '\u{fe0f}'),
            ('\u{feff}', '\u{feff}'),
            ('\u{ffa0}', '\u{ffa0}'),
            ('\u{fff0}', '\u{fffb}'),
            ('\u{1bca0}', '\u{1bca3}'),
            ('\u{1d173}', '\u{1d17a}'),
            ('\u{e0000}', '\u{e0fff}'),
        ];
        let is_accepted = |letter: &char| {
            let names =
                [format!("{letter}"), format!("Karin{letter}Öberg"), format!("{letter}Karin{letter}")];
            names.iter().any(|name| is_name(name))
        };
        let hidden = ranges.into_iter().flat_map(|(first, last)| first..=last);
        let accepted: Vec<String> =
            hidden.filter(is_accepted).map(|letter| letter.escape_unicode().to_string()).collect();
        assert!(accepted.is_empty(), "{accepted:?}");
    }

    #[test]
    fn text_has_a_visible_character() {
        for text in ["a", " a ", "…", "🙂", "1"] {
            assert!(Text::<10>::from(text).validate().is_ok(), "{text:?}");
        }
        for text in [" ", "\n\t", "\u{200b}", " \u{2060}\u{feff} ", "\u{3164}"] {
            assert!(Text::<10>::from(text).validate().is_err(), "{text:?}");
            assert!(Note::<10>::from(text).validate().is_err(), "{text:?}");
            assert!(Line::<10>::from(text).validate().is_err(), "{text:?}");
            assert!(OptionalLine::<10>::from(text).validate().is_err(), "{text:?}");
        }
        assert!(Note::<10>::default().validate().is_ok() && OptionalLine::<10>::default().validate().is_ok());
    }

    #[test]
    fn a_line_has_no_invisible_character_and_a_text_may() {
        for text in ["a\nb", "a\tb", "a\u{202e}b", "\u{2066}a", "a\u{200b}", "a\u{7}b"] {
            assert!(Line::<10>::from(text).validate().is_err(), "{text:?}");
            assert!(OptionalLine::<10>::from(text).validate().is_err(), "{text:?}");
            assert!(Text::<10>::from(text).validate().is_ok(), "{text:?}");
        }
        for text in ["Inköp & IT", "§ 214", "KS 2020/457", "Återbruk 🙂"] {
            assert!(Line::<20>::from(text).validate().is_ok(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn invisible_marks_are_found_anywhere_in_a_name(
            before in "\\PC{0,8}",
            mark in prop::sample::select(vec!['\n', '\u{200d}', '\u{202e}', '\u{2066}', '\u{feff}']),
            after in "\\PC{0,8}",
        ) {
            let name = format!("Karin {before}{mark}{after} Öberg");
            prop_assert!(!is_name(&name), "{name:?}");
        }

        #[test]
        fn a_text_with_a_letter_is_never_blank(before in "\\PC{0,8}", letter in "[a-zåäö]", after in "\\PC{0,8}") {
            let text = format!("{before}{letter}{after}");
            prop_assert!(!is_blank(&text));
        }
    }
}
