//! States and other closed lists of codes. One macro makes the enum, its text in JSON and in both databases, its labels
//! in Swedish and English, and its entry in `/code-lists`.

use crate::platform::text::{Localized, ParseError};

/// A closed list of codes, as `/code-lists/{name}` shows it.
pub struct CodeList {
    /// Name of the list, in camelCase.
    pub name: &'static str,
    /// Each code with its label.
    pub codes: fn() -> Vec<(&'static str, Localized)>,
}

/// An enum whose variants are codes.
pub trait Codes: Copy + PartialEq + 'static {
    /// Every variant in order.
    const ALL: &'static [Self];

    /// The code in JSON, in query parameters and in the database.
    fn code(self) -> &'static str;

    /// The text for people.
    fn label(self) -> Localized;

    /// The variant with this code, if there is one.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}

/// The error for a text that is none of the known codes.
pub fn not_one_of(known: &[&str]) -> ParseError {
    let known = known.join(", ");
    ParseError::new(format!("inte något av {known}"), format!("not one of {known}"))
}

/// One line for OpenAPI: the code and its meaning.
pub fn explained(code: &str, label: &Localized) -> String {
    format!("`{code}`: {} / {}", label.sv, label.en)
}

/// Declares an enum of codes:
///
/// ```ignore
/// codes! {
///     /// States of an avsiktsförklaring (guide §3).
///     pub enum LetterState as "avsiktsforklaringStates" {
///         /// Being written.
///         Draft = "draft", "utkast", "draft";
///     }
/// }
/// ```
#[macro_export]
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident as $list:literal {
        $($(#[$variant_meta:meta])* $variant:ident = $code:literal, $sv:literal, $en:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
        }

        impl $name {
            /// The closed list as `/code-lists` shows it.
            pub const LIST: $crate::platform::codes::CodeList = $crate::platform::codes::CodeList {
                name: $list,
                codes: || $name::ALL.iter().map(|value| (value.as_str(), value.label())).collect(),
            };

            /// Every variant in order.
            pub const ALL: &'static [Self] = &[$($name::$variant),*];

            /// The variant with this code, if there is one.
            pub fn from_code(code: &str) -> Option<Self> {
                <Self as $crate::platform::codes::Codes>::from_code(code)
            }

            /// The code as text, usable in constants.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }

            /// The text for people.
            pub const fn label(self) -> $crate::platform::text::Localized {
                match self {
                    $($name::$variant => $crate::platform::text::Localized::fixed($sv, $en),)*
                }
            }
        }

        impl $crate::platform::codes::Codes for $name {
            const ALL: &'static [Self] = $name::ALL;

            fn code(self) -> &'static str {
                self.as_str()
            }

            fn label(self) -> $crate::platform::text::Localized {
                $name::label(self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::platform::text::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::from_code(text).ok_or_else(|| $crate::platform::codes::not_one_of(&[$($code),*]))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($code),*]))
                    .description(Some(
                        Self::ALL
                            .iter()
                            .map(|code| $crate::platform::codes::explained(code.as_str(), &code.label()))
                            .collect::<Vec<_>>()
                            .join("\n\n"),
                    ))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        $crate::store_as_text!($name: |code| code.as_str());
        $crate::parse_stored_text!($name);
    };
}
