//! One operation: who may, what it takes, what it answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Object, Place, codes, examples, parameters, responses, take};
use crate::platform::auth::action::{Access, ActionRow};
use crate::platform::problem::{Code, Problem};

/// Adds to an operation everything that follows from its method, path and action; returns its problems.
pub fn complete(
    operation: &mut Object,
    place: &Place<'_>,
    actions: &[&'static ActionRow],
) -> Result<BTreeSet<Code>, Problem> {
    let row = action(operation, place, actions)?;
    secure(operation, row);
    parameters::add(operation, place);
    request_body(operation, place);
    let codes = codes::gather(operation, place, row.map(|row| row.access))?;
    responses::add(operation, place, &codes);
    Ok(codes)
}

/// The action that the handler names in its security requirement; none for what is open by nature (login, this document).
fn action(
    operation: &Object,
    place: &Place<'_>,
    actions: &[&'static ActionRow],
) -> Result<Option<&'static ActionRow>, Problem> {
    let requirements = operation.get("security").and_then(Value::as_array);
    let named =
        requirements.and_then(|all| all.iter().find_map(|requirement| requirement.pointer("/bearer/0")));
    let Some(name) = named.and_then(Value::as_str) else { return Ok(None) };
    let row = actions.iter().find(|row| row.name == name);
    row.map(|row| Some(*row)).ok_or_else(|| place.unknown("action", name))
}

fn secure(operation: &mut Object, row: Option<&ActionRow>) {
    let Some(row) = row else {
        operation.insert("security".to_owned(), json!([]));
        return;
    };
    let login = [json!({ "bearer": [row.name] }), json!({ "oauth2": [] })];
    let open = (row.access == Access::Anyone).then(|| json!({}));
    operation.insert("security".to_owned(), open.into_iter().chain(login).collect());
    operation.insert("x-permission".to_owned(), json!(row.name));
    let roles = match row.access {
        Access::Roles => row.role_names(),
        Access::LoggedIn => "everyone who has logged in".to_owned(),
        Access::Anyone => "anyone, also without login".to_owned(),
    };
    let description = operation.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = format!("{description}\n\nRoles: {roles}");
    operation.insert("description".to_owned(), json!(description.trim()));
}

/// A merge patch may be called what it is, or plain JSON.
fn request_body(operation: &mut Object, place: &Place<'_>) {
    let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut) else { return };
    let mut content = take(body, "content");
    if body.get("required") != Some(&json!(true)) {
        content.values_mut().for_each(not_null);
    }
    examples::lift(&mut content, place);
    if place.method == "patch"
        && let Some(json) = content.get("application/json").cloned()
    {
        content.insert("application/merge-patch+json".to_owned(), json);
    }
    body.insert("content".to_owned(), content.into());
}

/// utoipa writes what may be left out as what may be null.
fn not_null(media: &mut Value) {
    let Some(schema) = media.get_mut("schema") else { return };
    let others = schema.get("oneOf").and_then(Value::as_array).map(|all| {
        all.iter().filter(|one| one.get("type") != Some(&json!("null"))).cloned().collect::<Vec<_>>()
    });
    if let Some([only]) = others.as_deref() {
        *schema = only.clone();
    }
}
