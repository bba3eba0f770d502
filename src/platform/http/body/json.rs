//! Parses JSON text into a [`Value`], more strictly than the standard requires: no duplicate keys, no control
//! characters in text (neither PostgreSQL nor PDF accepts all of them), and bounds on nesting, key length and the
//! number of values. All such errors are reported together.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::syntax::{malformed, not_utf8, syntax};
use super::translate::{push_segment, report};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// How deep lists and objects may be nested.
const MAX_DEPTH: usize = 32;
/// The longest key, in bytes: a key is repeated in the pointer of every error below it.
const MAX_KEY: usize = 128;
/// The most values in one body: enough for a full batch of 1,000 items with 50 values each. Without a bound, a body
/// could cause an error for each of its values, and an error takes far more memory than a value.
const MAX_VALUES: usize = 50_000;
/// The least `f64` that is too large for an `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;

/// Parses a body, or refuses it with 400 `malformedJson` and all of its errors.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return Err(malformed(
            "Innehållet är tomt; skicka ett JSON-objekt, till exempel {}",
            "The body is empty; send a JSON object, for example {}",
        ));
    }
    if text.starts_with('\u{feff}') {
        return Err(malformed(
            "Innehållet börjar med en byte order mark; skicka UTF-8 utan den",
            "The body begins with a byte order mark; send UTF-8 without it",
        ));
    }
    let mut walk = Walk::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = Node(&mut walk).deserialize(&mut deserializer);
    match parsed.and_then(|value| deserializer.end().map(|()| value)) {
        Ok(value) if walk.errors.is_empty() => Ok(value),
        Ok(_) => Err(Problem::new(Code::MalformedJson).errors(walk.errors)),
        Err(error) => Err(syntax(text, &error).errors(walk.errors)),
    }
}

/// The position in the text, and the errors found so far.
#[derive(Default)]
struct Walk {
    pointer: String,
    depth: usize,
    values: usize,
    errors: Vec<FieldError>,
}

impl Walk {
    fn error(&mut self, code: &'static str, sv: impl Into<String>, en: impl Into<String>) {
        let detail = Localized::new(sv, en);
        report(&mut self.errors, FieldError::new(self.pointer.as_str(), code, detail));
    }

    /// Moves to a child; the result is the length to truncate `pointer` to afterwards.
    fn step(&mut self, name: &str) -> usize {
        let length = self.pointer.len();
        push_segment(&mut self.pointer, name);
        length
    }

    /// Enters a list or an object; false if it is nested too deep.
    fn enter(&mut self) -> bool {
        self.depth += 1;
        if self.depth == MAX_DEPTH + 1 {
            self.error(
                "tooDeep",
                format!("Listor och objekt får ligga i högst {MAX_DEPTH} nivåer"),
                format!("Lists and objects may be nested at most {MAX_DEPTH} deep"),
            );
        }
        self.depth <= MAX_DEPTH
    }

    /// Counts a value; false if there are too many, which is reported once.
    fn count(&mut self) -> bool {
        self.values += 1;
        if self.values == MAX_VALUES + 1 {
            let detail = Localized::new(
                format!("Innehållet har fler än {MAX_VALUES} värden; dela upp det"),
                format!("The body has more than {MAX_VALUES} values; split it"),
            );
            report(&mut self.errors, FieldError::new("", "tooManyValues", detail));
        }
        self.values <= MAX_VALUES
    }

    fn check_text(&mut self, text: &str) {
        let is_refused = |c: &char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        if let Some(refused) = text.chars().find(is_refused) {
            let code = u32::from(refused);
            self.error(
                "controlCharacter",
                format!("Styrtecknet U+{code:04X} godtas inte i text"),
                format!("The control character U+{code:04X} is not accepted in text"),
            );
        }
    }

    /// Moves to the value of a key, and checks the key.
    fn key(&mut self, key: &mut String, is_known: impl Fn(&str) -> bool) -> usize {
        if key.len() > MAX_KEY {
            self.error(
                "keyTooLong",
                format!("En nyckel får vara högst {MAX_KEY} byte"),
                format!("A key may be at most {MAX_KEY} bytes"),
            );
            *key = "…".to_owned();
            return self.step(key);
        }
        let length = self.step(key);
        if is_known(key) {
            self.error(
                "duplicateKey",
                "Nyckeln står mer än en gång i objektet",
                "The key occurs more than once in the object",
            );
        }
        self.check_text(key);
        length
    }

    fn out_of_range(&mut self) -> Value {
        self.error(
            "numberOutOfRange",
            "Talet är för stort för 64 bitar",
            "The number is too large for 64 bits",
        );
        Value::Null
    }
}

/// One value of the text.
struct Node<'a>(&'a mut Walk);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.0.count() {
            deserializer.deserialize_any(self)
        } else {
            deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Value::Null)
        }
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| self.0.out_of_range(), Value::from))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        if value.abs() >= I64_END {
            return Ok(self.0.out_of_range());
        }
        // JSON has one type of number: 1.0 and 1e0 are the integer 1 (JSON Schema agrees, serde does not).
        Ok(if value.fract() == 0.0 {
            Value::from(value as i64)
        } else {
            Number::from_f64(value).map_or(Value::Null, Value::from)
        })
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        self.0.check_text(value);
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        self.0.check_text(&value);
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let walk = self.0;
        let mut list = Vec::new();
        if walk.enter() {
            loop {
                let length = walk.step(&list.len().to_string());
                let item = items.next_element_seed(Node(&mut *walk))?;
                walk.pointer.truncate(length);
                match item {
                    Some(item) => list.push(item),
                    None => break,
                }
            }
        } else {
            while items.next_element::<IgnoredAny>()?.is_some() {}
        }
        walk.depth -= 1;
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let walk = self.0;
        let mut object = Map::new();
        if walk.enter() {
            while let Some(mut key) = members.next_key::<String>()? {
                let length = walk.key(&mut key, |key| object.contains_key(key));
                let value = members.next_value_seed(Node(&mut *walk))?;
                walk.pointer.truncate(length);
                object.insert(key, value);
            }
        } else {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        }
        walk.depth -= 1;
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::text::Language;

    fn errors(text: &str) -> Vec<(String, &'static str)> {
        let problem = parse(text.as_bytes()).unwrap_err();
        assert_eq!(problem.code, Code::MalformedJson);
        problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    fn detail(bytes: &[u8]) -> String {
        parse(bytes).unwrap_err().detail.unwrap().get(Language::En).to_owned()
    }

    #[test]
    fn valid_json_is_read_unchanged() {
        let text =
            r#" {"a":[1,-2.5,null,true,{"å":"text\n\u00e5\ud83d\ude00"}], "b":9223372036854775807, "c":[]} "#;
        let expected = json!({"a": [1, -2.5, null, true, {"å": "text\nå😀"}], "b": i64::MAX, "c": []});
        assert_eq!(parse(text.as_bytes()).unwrap(), expected);
        assert_eq!(parse(b"\"\\t\"").unwrap(), json!("\t"));
    }

    #[test]
    fn a_whole_number_is_an_integer_in_any_notation() {
        assert_eq!(parse(b"[1.0,1e3,-0.0,4.5e1]").unwrap(), json!([1, 1000, 0, 45]));
    }

    #[test]
    fn duplicates_and_control_characters_are_found_together() {
        let text =
            r#"{"a":{"x":1,"x":2,"\u0078":3},"b":["ok","\u0000"],"c\u0085":"\u007f","d/~":"\u001b","d/~":0}"#;
        let expected = [
            ("/a/x", "duplicateKey"),
            ("/a/x", "duplicateKey"),
            ("/b/1", "controlCharacter"),
            ("/c\u{85}", "controlCharacter"),
            ("/c\u{85}", "controlCharacter"),
            ("/d~1~0", "controlCharacter"),
            ("/d~1~0", "duplicateKey"),
        ];
        assert_eq!(errors(text), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    #[test]
    fn raw_control_characters_above_ascii_are_found_too() {
        assert_eq!(errors("[\"a\u{9f}\"]"), [("/0".to_owned(), "controlCharacter")]);
        assert!(detail(b"[\"a\x01\"]").contains("control characters"));
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(errors(&nested(MAX_DEPTH + 1)), [("/0".repeat(MAX_DEPTH), "tooDeep")]);
        // Far deeper than recursion could go.
        assert_eq!(errors(&nested(200_000)).len(), 1);
        let objects = format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40));
        assert_eq!(errors(&objects), [("/a".repeat(MAX_DEPTH), "tooDeep")]);
    }

    #[test]
    fn keys_and_the_number_of_values_are_bounded() {
        let key = "k".repeat(MAX_KEY + 1);
        assert_eq!(errors(&format!("{{\"a\":{{\"{key}\":1}}}}")), [("/a".to_owned(), "keyTooLong")]);
        let many = format!("[{}1]", "1,".repeat(MAX_VALUES));
        assert_eq!(errors(&many), [(String::new(), "tooManyValues")]);
    }

    #[test]
    fn numbers_beyond_64_bits_are_refused() {
        let expected = [("/0", "numberOutOfRange"), ("/1", "numberOutOfRange"), ("/2", "numberOutOfRange")];
        let text = "[9223372036854775808,-99999999999999999999,1e300]";
        assert_eq!(errors(text), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
        assert_eq!(detail(b"[1e400]"), "Line 1, column 6: the number is too large");
    }

    #[test]
    fn syntax_errors_name_line_and_column() {
        for (text, expected) in [
            ("{\n  \"å\": 1,\n  \"ö\" 2\n}", "Line 3, column 7: a colon is missing after the key"),
            ("{\"a\":1,}", "Line 1, column 8: a comma before the end of a list or an object"),
            ("[1 2]", "Line 1, column 4: a comma or ] was expected in the list"),
            ("{\"a\":1 \"b\":2}", "Line 1, column 8: a comma or } was expected in the object"),
            ("{'a':1}", "Line 1, column 2: a key must be in quotation marks"),
            ("{} {}", "Line 1, column 4: more text after the value"),
            ("[tru]", "Line 1, column 5: true, false or null was expected"),
            ("[01]", "Line 1, column 3: the number is not well-formed"),
            ("[NaN]", "Line 1, column 2: a value was expected"),
            ("{\"a\":", "Line 1, column 5: the text ends in the middle of a value"),
            ("[\"\\x\"]", "Line 1, column 4: unknown character after \\ in text"),
            ("[\"\\ud800\"]", "Line 1, column 9: the \\u escape is one half of a pair"),
            ("[\"\\ud800\\u0041\"]", "Line 1, column 14: the \\u escape is one half of a pair"),
            ("[\"\\udc00\"]", "Line 1, column 8: the \\u escape is one half of a pair"),
        ] {
            assert_eq!(detail(text.as_bytes()), expected, "{text}");
        }
        let problem = parse("[1 2]".as_bytes()).unwrap_err();
        assert_eq!(problem.detail.unwrap().sv, "Rad 1, kolumn 4: komma eller ] väntades i listan");
    }

    #[test]
    fn errors_before_a_syntax_error_are_reported_too() {
        assert_eq!(errors("{\"a\":1,\"a\":2"), [("/a".to_owned(), "duplicateKey")]);
    }

    #[test]
    fn empty_bodies_and_other_encodings_are_explained() {
        assert!(detail(b"").starts_with("The body is empty"));
        assert!(detail(b" \r\n\t").starts_with("The body is empty"));
        assert!(detail(b"\xef\xbb\xbf{}").contains("byte order mark"));
        assert_eq!(detail(b"{\"a\":\n\"\xe5\"}"), "Line 2, column 2: the text is not valid UTF-8");
    }
}
