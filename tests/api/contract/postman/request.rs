//! One operation of the document as a request of the collection.

use serde_json::{Map, Value, json};

use crate::contract::openapi::quality::{list, objects};
use crate::support::documented::resolved;

/// A request with the document's example as its body; what need not be sent is there, switched off.
pub fn request(method: &str, path: &str, operation: &'static Value) -> Value {
    let parameters: Vec<&Value> = list(operation.get("parameters")).map(resolved).collect();
    let of = |kind: &'static str| parameters.iter().copied().filter(move |parameter| parameter["in"] == kind);
    let mut headers: Vec<Value> = of("header").map(|parameter| header(method, path, parameter)).collect();
    let mut request = json!({
        "method": method.to_uppercase(),
        "url": url(path, of("query").map(query).collect()),
        "description": operation["description"],
    });
    if let Some(content) = operation.pointer("/requestBody/content") {
        let (media, body) = body(content);
        headers.insert(0, json!({ "key": "Content-Type", "value": media }));
        request["body"] = body;
    }
    if operation["security"].as_array().is_some_and(Vec::is_empty) || path.starts_with("/oauth/") {
        request["auth"] = json!({ "type": "noauth" });
    }
    request["header"] = headers.into();
    json!({ "name": operation["summary"], "request": request, "response": [] })
}

/// The address, with the parameters of the path from variables.
pub fn url(path: &str, query: Vec<Value>) -> Value {
    let path = path.replace('{', "{{").replace('}', "}}");
    let sent = query.iter().filter(|one| one.get("disabled").is_none());
    let sent: Vec<String> = sent
        .map(|one| format!("{}={}", one["key"].as_str().unwrap(), one["value"].as_str().unwrap()))
        .collect();
    let question = if sent.is_empty() { String::new() } else { format!("?{}", sent.join("&")) };
    let mut url = json!({
        "raw": format!("{{{{baseUrl}}}}{path}{question}"),
        "host": ["{{baseUrl}}"],
        "path": path.split('/').skip(1).collect::<Vec<_>>(),
    });
    if !query.is_empty() {
        url["query"] = query.into();
    }
    url
}

fn query(parameter: &Value) -> Value {
    let schema = resolved_anywhere(&parameter["schema"]);
    let of = schema.get("items").map_or(schema, resolved_anywhere);
    let value =
        ["default", "example"].iter().find_map(|member| of.get(*member)).or_else(|| of["examples"].get(0));
    let value = value.or_else(|| of["enum"].get(0)).map(plain);
    let name = parameter["name"].as_str().unwrap();
    let value = variable_of(name).or(value).unwrap_or_default();
    let mut query = json!({ "key": name, "value": value, "description": parameter["description"] });
    if parameter["required"] != true {
        query["disabled"] = true.into();
    }
    query
}

/// A schema of the document, which lives as long as it.
fn resolved_anywhere(schema: &Value) -> &Value {
    crate::support::documented::resolved_in(crate::support::documented::document(), schema)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `programmeId` is kept in a variable.
fn variable_of(name: &str) -> Option<String> {
    super::kept().values().any(|kept| *kept == name).then(|| format!("{{{{{name}}}}}"))
}

fn header(method: &str, path: &str, parameter: &Value) -> Value {
    let name = parameter["name"].as_str().unwrap();
    let schema = &parameter["schema"];
    let example = schema["examples"].get(0).map(plain).unwrap_or_default();
    let value = match name {
        "Idempotency-Key" => "{{$guid}}".to_owned(),
        "If-Match" | "If-None-Match" => etag_of(path).unwrap_or(example),
        _ => example,
    };
    let mut header = json!({ "key": name, "value": value });
    let is_sent = parameter["required"] == true || (name == "Idempotency-Key" && method == "post");
    if !is_sent {
        header["disabled"] = true.into();
    }
    header
}

/// The variable with the ETag of what a path leads to.
fn etag_of(path: &str) -> Option<String> {
    let last = path.rsplit('{').next()?.split('}').next()?;
    Some(format!("{{{{{}Etag}}}}", last.strip_suffix("Id")?))
}

/// The first media type, and the document's example in it.
fn body(content: &'static Value) -> (&'static str, Value) {
    let (media, body) = objects(Some(content)).next().unwrap();
    let example = body.get("example").cloned().or_else(|| {
        objects(body.get("examples")).next().and_then(|(_, example)| resolved(example).get("value").cloned())
    });
    let example = with_variables(example.unwrap_or_default());
    if media == "application/x-www-form-urlencoded" {
        let fields = example.as_object().cloned().unwrap_or_default();
        let fields: Vec<Value> = fields
            .into_iter()
            .map(|(key, value)| json!({ "key": key, "value": form_value(&key, &value) }))
            .collect();
        return (media, json!({ "mode": "urlencoded", "urlencoded": fields }));
    }
    let text = serde_json::to_string_pretty(&example).unwrap();
    (media, json!({ "mode": "raw", "raw": text, "options": { "raw": { "language": "json" } } }))
}

/// The login of the environment in place of the example's.
fn form_value(key: &str, value: &Value) -> String {
    match key {
        "username" | "password" => format!("{{{{{key}}}}}"),
        _ => plain(value),
    }
}

/// Puts variables in place of the example's ids.
fn with_variables(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let put = |(name, value): (String, Value)| match variable_of(&name).filter(|_| value.is_string())
            {
                Some(variable) => (name, variable.into()),
                None => (name, with_variables(value)),
            };
            members.into_iter().map(put).collect::<Map<String, Value>>().into()
        }
        Value::Array(items) => items.into_iter().map(with_variables).collect(),
        other => other,
    }
}
