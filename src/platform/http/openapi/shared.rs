//! What many operations say alike stands once, under `components`, and they refer to it: the document is half as large,
//! and a client's author sees that a refusal is the same one everywhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{METHODS, Object, take};

/// From so many equal ones on.
const OFTEN: usize = 3;

/// Moves the refusals and parameters that are repeated into `components`.
pub fn hoist(paths: &mut Object, components: &mut Object) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    each(paths, &mut |_, value| *counts.entry(value.to_string()).or_default() += 1);
    let mut homes = Homes::default();
    each(paths, &mut |kind, value| {
        if counts.get(&value.to_string()).is_some_and(|count| *count >= OFTEN)
            && let Some(name) = homes.name(kind, value)
        {
            *value = json!({ "$ref": format!("#/components/{}/{name}", kind.folder()) });
        }
    });
    for kind in [Kind::Parameter, Kind::Refusal] {
        let mut folder = take(components, kind.folder());
        folder.extend(homes.take(kind));
        components.insert(kind.folder().to_owned(), folder.into());
    }
}

/// What is moved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Parameter,
    Refusal,
}

impl Kind {
    fn folder(self) -> &'static str {
        match self {
            Kind::Parameter => "parameters",
            Kind::Refusal => "responses",
        }
    }
}

/// Every parameter, and every answer without a representation of its own.
fn each(paths: &mut Object, visit: &mut dyn FnMut(Kind, &mut Value)) {
    let items = paths.values_mut().filter_map(Value::as_object_mut);
    let operations =
        items.flat_map(|item| item.iter_mut()).filter(|(method, _)| METHODS.contains(&method.as_str()));
    for operation in operations.filter_map(|(_, operation)| operation.as_object_mut()) {
        if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
            parameters.iter_mut().for_each(|parameter| visit(Kind::Parameter, parameter));
        }
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            let refusals = responses.iter_mut().filter(|(status, _)| !status.starts_with('2'));
            refusals.for_each(|(_, response)| visit(Kind::Refusal, response));
        }
    }
}

/// What has been moved, by kind and name.
#[derive(Default)]
struct Homes(BTreeMap<(Kind, String), Value>);

impl Homes {
    /// The name under which a value stands from now on; none when others have taken all that would suit it.
    fn name(&mut self, kind: Kind, value: &Value) -> Option<String> {
        let names = match kind {
            Kind::Parameter => parameter_names(value),
            Kind::Refusal => vec![refusal_name(value)],
        };
        names.into_iter().find(|name| {
            let home = self.0.entry((kind, name.clone())).or_insert_with(|| value.clone());
            home == value
        })
    }

    fn take(&mut self, kind: Kind) -> Object {
        let taken = self.0.iter().filter(|((of, _), _)| *of == kind);
        taken.map(|((_, name), value)| (name.clone(), value.clone())).collect()
    }
}

/// `ProgrammeId`; when another one is called so, `ProgrammeIdPath`, or `IfMatchRequired` for what is elsewhere optional.
fn parameter_names(parameter: &Value) -> Vec<String> {
    let text = |member: &str| pascal(parameter.get(member).and_then(Value::as_str).unwrap_or_default());
    let is_required = parameter.get("required") == Some(&Value::Bool(true)) && text("in") != "Path";
    let apart = if is_required { "Required".to_owned() } else { text("in") };
    vec![text("name"), text("name") + &apart]
}

/// `ForbiddenOrNotYours`: the codes that it may have.
fn refusal_name(response: &Value) -> String {
    let Some(content) = response.get("content").and_then(Value::as_object) else {
        return bodiless_name(response).to_owned();
    };
    let is_oauth = content.len() > 1;
    let examples = content.values().filter_map(|body| body.get("examples")?.as_object());
    let codes: BTreeSet<&String> = examples.flat_map(Object::keys).collect();
    let names = codes.into_iter().map(|code| pascal(code)).collect::<Vec<_>>().join("Or");
    let name = if names == "MethodNotAllowed" { "AnyOther".to_owned() } else { names };
    if is_oauth { format!("Token{name}") } else { name }
}

/// An answer without a body is either nothing new, with its headers, or one of the HTTP layer, without any.
fn bodiless_name(response: &Value) -> &'static str {
    if response.get("headers").is_some() { "NotModified" } else { "HeadersTooLarge" }
}

/// `Accept-Language` → `AcceptLanguage`, `programmeId` → `ProgrammeId`.
fn pascal(name: &str) -> String {
    let words = name.split('-').filter_map(|word| word.split_at_checked(1));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_three_times_is_said_once() {
        let problem = json!({"description": "`notFound`", "content": {"application/problem+json": {"examples": {"notFound": {}}}}});
        let id = json!({"name": "thing-id", "in": "path", "required": true});
        let own = json!({"name": "thing-id", "in": "query", "required": false});
        let operation =
            json!({"parameters": [id], "responses": {"200": {"description": "x"}, "404": problem}});
        let odd = json!({"parameters": [own], "responses": {"404": problem}});
        let mut paths = Object::new();
        for path in ["/a", "/b", "/c"] {
            paths.insert(path.to_owned(), json!({"get": operation, "post": odd}));
        }
        let mut components = Object::new();
        hoist(&mut paths, &mut components);
        let reference = |to: &str| json!({ "$ref": format!("#/components/{to}") });
        assert_eq!(paths["/a"]["get"]["responses"]["404"], reference("responses/NotFound"));
        assert_eq!(paths["/a"]["get"]["responses"]["200"], json!({"description": "x"}));
        assert_eq!(paths["/b"]["get"]["parameters"][0], reference("parameters/ThingId"));
        assert_eq!(paths["/b"]["post"]["parameters"][0], reference("parameters/ThingIdQuery"));
        assert_eq!(components["responses"]["NotFound"], problem);
        assert_eq!(components["parameters"]["ThingIdQuery"], own);
    }
}
