//! The document as text, with its parts in the order in which one reads them: what comes first is found first, and a
//! change shows as few changed lines.

use serde::{Serialize, Serializer};
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

/// YAML. What an old reader (YAML 1.1) would take for a date or a truth value is quoted.
pub fn to_yaml(document: &Value) -> Result<String, Problem> {
    serde_saphyr::to_string(&Ordered(document)).map_err(Problem::internal)
}

struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                serializer.collect_map(in_order(members).map(|(name, value)| (name, Ordered(value))))
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            scalar => scalar.serialize(serializer),
        }
    }
}

fn in_order(members: &Object) -> impl Iterator<Item = (&String, &Value)> {
    let rank = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let mut ordered: Vec<_> = members.iter().collect();
    ordered.sort_by_key(|(name, _)| (rank(name), *name));
    ordered.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_begins_with_what_it_is() {
        let document = json!({"components": {}, "info": {"version": "1", "title": "t"}, "openapi": "3.1.0"});
        for text in [to_json(&document).unwrap(), to_yaml(&document).unwrap()] {
            let order: Vec<_> =
                ["openapi", "info", "title", "version", "components"].map(|key| text.find(key)).to_vec();
            assert!(order.is_sorted(), "{text}");
            assert!(text.ends_with("}\n"));
        }
    }

    #[test]
    fn a_text_in_yaml_is_a_text_to_every_reader() {
        let text = to_yaml(&json!({"on": "2027-03-01", "open": "no", "version": "1.0"})).unwrap();
        assert_eq!(text, "version: \"1.0\"\n\"on\": \"2027-03-01\"\nopen: \"no\"\n");
    }
}
