//! Texts in Swedish and English. Every text for people is written in both languages, side by side.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::num::ParseIntError;
use std::str::ParseBoolError;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::Serialize;

/// Unicode's composed form: one character for Å, where a Mac may send A and a ring.
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// The text in NFC, so that two texts that look alike and mean the same are equal. Every text of a body, a query or a form is
/// brought to it where it is read (`http::body`, `http::parameters`); text that comes in another way calls this.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { NFC.normalize(text) }
}

/// Whether the text is in NFC.
pub fn is_composed(text: &str) -> bool {
    text.is_ascii() || NFC.is_normalized(text)
}

/// A number with its noun, in English: `1 mail`, `2 mails`.
pub fn counted<N: fmt::Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let noun = if count == N::from(1) { one } else { many };
    format!("{count} {noun}")
}

/// The language of an answer, chosen by `Accept-Language`; Swedish unless English is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}

impl Language {
    /// The tag for `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Sv => "sv",
            Language::En => "en",
        }
    }

    /// Chooses by the `Accept-Language` header (RFC 9110 §12.5.4): the highest quality wins; on a tie, the first.
    pub fn negotiate(header: &str) -> Self {
        let mut best = (Language::Sv, 0_u16);
        for range in header.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(1000, quality_in_thousandths);
            let language = match tag.split('-').next() {
                Some("sv") => Language::Sv,
                Some("en") => Language::En,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }
}

fn quality_in_thousandths(text: &str) -> u16 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if whole == "1" {
        return 1000;
    }
    format!("{decimals:0<3}").get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Localized {
    /// In Swedish.
    pub sv: Cow<'static, str>,
    /// In English.
    pub en: Cow<'static, str>,
}

impl Localized {
    /// A constant text.
    pub const fn fixed(sv: &'static str, en: &'static str) -> Self {
        Self { sv: Cow::Borrowed(sv), en: Cow::Borrowed(en) }
    }

    /// A text made from values.
    pub fn new(sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self { sv: Cow::Owned(sv.into()), en: Cow::Owned(en.into()) }
    }

    /// A text that is the same in both languages, such as a name.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(text.clone(), text)
    }

    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Sv => &self.sv,
            Language::En => &self.en,
        }
    }
}

/// The English text, for the log.
impl fmt::Display for Localized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// Why a text cannot be parsed ("not a UUID"). Messages show it after a colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(pub Localized);

impl ParseError {
    /// A constant reason.
    pub const fn fixed(sv: &'static str, en: &'static str) -> Self {
        Self(Localized::fixed(sv, en))
    }

    /// A reason made from values.
    pub fn new(sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Localized::new(sv, en))
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ParseError {}

impl From<ParseIntError> for ParseError {
    fn from(_: ParseIntError) -> Self {
        Self::fixed("inte ett heltal inom gränserna", "not a whole number within the bounds")
    }
}

impl From<ParseBoolError> for ParseError {
    fn from(_: ParseBoolError) -> Self {
        Self::fixed("varken true eller false", "neither true nor false")
    }
}

impl From<Infallible> for ParseError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swedish_unless_english_is_preferred() {
        for (header, language) in [
            ("", Language::Sv),
            ("de", Language::Sv),
            ("en", Language::En),
            ("en-GB,sv;q=0.5", Language::En),
            ("sv, en;q=0.9", Language::Sv),
            ("en;q=0.25, sv;q=0.3", Language::Sv),
            ("en;q=0", Language::Sv),
        ] {
            assert_eq!(Language::negotiate(header), language, "{header}");
        }
    }
}
