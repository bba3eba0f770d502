//! Errors of text that is not JSON: the line and the column, counted in characters, and the reason.

use crate::platform::problem::{Code, Problem};

/// 400 `malformedJson` with this detail.
pub(super) fn malformed(sv: impl Into<String>, en: impl Into<String>) -> Problem {
    Problem::new(Code::MalformedJson).detail(sv, en)
}

/// The error for bytes that are valid UTF-8 only up to `valid_up_to`.
pub(super) fn not_utf8(bytes: &[u8], valid_up_to: usize) -> Problem {
    let before = String::from_utf8_lossy(bytes.get(..valid_up_to).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    at(line, column, "texten är inte giltig UTF-8", "the text is not valid UTF-8")
}

/// The parser's error for `text`.
pub(super) fn syntax(text: &str, error: &serde_json::Error) -> Problem {
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    // serde_json counts bytes, people count characters: count the bytes that begin a character.
    let before = line.bytes().take(error.column());
    let column = before.filter(|byte| byte & 0b1100_0000 != 0b1000_0000).count().max(1);
    let message = error.to_string();
    let known = MESSAGES.iter().find(|(start, ..)| message.starts_with(start));
    let (_, sv, en) = known.unwrap_or(&("", "texten är inte giltig JSON", "the text is not valid JSON"));
    at(error.line(), column, sv, en)
}

fn at(line: usize, column: usize, sv: &str, en: &str) -> Problem {
    malformed(format!("Rad {line}, kolumn {column}: {sv}"), format!("Line {line}, column {column}: {en}"))
}

/// The beginnings of serde_json's messages, and what a client reads instead.
#[rustfmt::skip] // one entry per line
const MESSAGES: &[(&str, &str, &str)] = &[
    ("EOF while parsing", "texten tar slut mitt i ett värde", "the text ends in the middle of a value"),
    ("expected `:`", "kolon saknas efter nyckeln", "a colon is missing after the key"),
    ("expected `,` or `]`", "komma eller ] väntades i listan", "a comma or ] was expected in the list"),
    ("expected `,` or `}`", "komma eller } väntades i objektet", "a comma or } was expected in the object"),
    ("expected value", "ett värde väntades", "a value was expected"),
    ("expected ident", "true, false eller null väntades", "true, false or null was expected"),
    ("invalid escape", "okänt tecken efter \\ i text", "unknown character after \\ in text"),
    ("invalid number", "talet är felskrivet", "the number is not well-formed"),
    ("number out of range", "talet är för stort", "the number is too large"),
    ("control character", "styrtecken i text ska skrivas som \\n eller \\t", "write control characters as \\n or \\t"),
    ("key must be a string", "en nyckel ska stå inom citattecken", "a key must be in quotation marks"),
    ("invalid unicode code point", "ogiltigt tecken i text", "invalid character in text"),
    ("lone leading surrogate", "\\u-tecknet är bara ena halvan av ett par", "the \\u escape is one half of a pair"),
    ("unexpected end of hex escape", "\\u-tecknet är bara ena halvan av ett par", "the \\u escape is one half of a pair"),
    ("trailing comma", "komma före avslutningen", "a comma before the end of a list or an object"),
    ("trailing characters", "mer text efter värdet", "more text after the value"),
];
