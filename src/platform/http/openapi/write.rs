//! The document as text, with its parts in the order in which one reads them: what comes first is found first, and a
//! change shows as few changed lines.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::Object;
use crate::platform::problem::Problem;

/// These come first, in this order; the others follow by name.
const FIRST: [&str; 26] = [
    "openapi",
    "info",
    "title",
    "version",
    "name",
    "in",
    "operationId",
    "tags",
    "summary",
    "description",
    "externalDocs",
    "servers",
    "url",
    "x-permission",
    "x-problem-codes",
    "parameters",
    "requestBody",
    "required",
    "type",
    "format",
    "content",
    "schema",
    "properties",
    "paths",
    "responses",
    "components",
];

/// Pretty JSON with a line break at its end.
pub fn to_json(document: &Value) -> Result<String, Problem> {
    let text = serde_json::to_string_pretty(&Ordered(document)).map_err(Problem::internal)?;
    Ok(text + "\n")
}

/// The same on one line, for programs.
pub fn to_compact_json(document: &Value) -> Result<String, Problem> {
    serde_json::to_string(&Ordered(document)).map_err(Problem::internal)
}

struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in in_order(members) {
                    map.serialize_entry(name, &Ordered(value))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            scalar => scalar.serialize(serializer),
        }
    }
}

fn in_order(members: &Object) -> Vec<(&String, &Value)> {
    let rank = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let mut ordered: Vec<_> = members.iter().collect();
    ordered.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    ordered
}

/// YAML 1.2. Written here because it is little: JSON's strings are YAML's, and nothing else of YAML is needed.
pub fn to_yaml(document: &Value) -> String {
    let mut out = String::new();
    node(document, 0, Start::Document, &mut out);
    out.push('\n');
    out
}

/// What stands before a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Document,
    Key,
    Dash,
}

fn node(value: &Value, indent: usize, start: Start, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (position, (name, value)) in in_order(members).into_iter().enumerate() {
                begin(position, indent, start, out);
                out.push_str(&scalar(name));
                out.push(':');
                node(value, indent + 2, Start::Key, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (position, item) in items.iter().enumerate() {
                begin(position, indent, start, out);
                out.push('-');
                node(item, indent + 2, Start::Dash, out);
            }
        }
        Value::String(text) if start != Start::Document && is_block(text) => block(text, indent, out),
        Value::String(text) => out.extend([" ", &scalar(text)]),
        other => out.extend([" ", &other.to_string()]),
    }
}

/// The first entry after a dash stands on the dash's line, every other one on a line of its own.
fn begin(position: usize, indent: usize, start: Start, out: &mut String) {
    match (position, start) {
        (0, Start::Document) => {}
        (0, Start::Dash) => out.push(' '),
        _ => line(indent, out),
    }
}

fn line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Several lines of text that can stand as they are.
fn is_block(text: &str) -> bool {
    let is_plain = text.chars().all(|letter| letter == '\n' || !letter.is_control());
    text.contains('\n') && is_plain && !text.starts_with([' ', '\n']) && !text.ends_with(['\n', ' '])
}

fn block(text: &str, indent: usize, out: &mut String) {
    out.push_str(" |-");
    for part in text.split('\n') {
        if part.is_empty() {
            out.push('\n');
        } else {
            line(indent, out);
            out.push_str(part);
        }
    }
}

/// Bare where nothing else could be meant, otherwise quoted as in JSON.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 8] = ["true", "false", "null", "yes", "no", "on", "off", "y"];
    let is_safe = |letter: char| letter.is_alphanumeric() || " _-./,()".contains(letter);
    let is_bare = text.starts_with(|first: char| first.is_alphabetic() || first == '/')
        && text.chars().all(is_safe)
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_lowercase().as_str())
        && text != "n"
        && text != "N";
    if is_bare { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn yaml_says_what_json_says() {
        let document = json!({
            "zeta": [{"b": 1, "name": "x y"}, [1, [2]], "no", "1", "a: b", ""],
            "openapi": "3.1.0",
            "text": "one\n\n  two # å",
            "empty": [{}, [], null, true, 1.5],
            "200": "\ttab\nline",
        });
        let expected = "openapi: \"3.1.0\"\n\
                        \"200\": \"\\ttab\\nline\"\n\
                        empty:\n  - {}\n  - []\n  - null\n  - true\n  - 1.5\n\
                        text: |-\n  one\n\n    two # å\n\
                        zeta:\n  - name: x y\n    b: 1\n  - - 1\n    - - 2\n  - \"no\"\n  - \"1\"\n  - \"a: b\"\n  - \"\"\n";
        assert_eq!(to_yaml(&document), expected);
    }

    #[test]
    fn json_begins_with_what_it_is() {
        let text =
            to_json(&json!({"components": {}, "info": {"version": "1", "title": "t"}, "openapi": "3.1.0"}))
                .unwrap();
        let order: Vec<_> =
            ["openapi", "info", "title", "version", "components"].iter().map(|key| text.find(key)).collect();
        assert!(order.is_sorted());
        assert!(text.ends_with("}\n"));
    }
}
