//! Each handler names its action twice: as `security` for the OpenAPI document, and as the `Permit<…>` that is checked. These
//! tests read the source and compare both.

use std::collections::{BTreeMap, BTreeSet};

use samverkan::identity::policy::ACTIONS;

use super::generated::{root, sources};

/// The names of the actions by type, from the rows of the policy table.
fn actions() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("src/identity/policy.rs")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let (of, rest) = line.trim().split_once(" \"")?;
        let name = rest.split('"').next()?;
        ACTIONS.iter().any(|row| row.name == name).then(|| (of.to_owned(), name.to_owned()))
    });
    let actions: BTreeMap<String, String> = rows.collect();
    assert_eq!(actions.len(), ACTIONS.len(), "the rows of the policy table look different");
    actions
}

/// The actions that a handler names.
struct Handler {
    function: String,
    id: String,
    /// The types of its permits, anywhere in the signature.
    permits: Vec<String>,
    /// The names in its security.
    named: Vec<String>,
}

/// Every text between `start` and `end`.
fn between<'t>(text: &'t str, start: &'t str, end: char) -> impl Iterator<Item = &'t str> {
    text.split(start).skip(1).map(move |rest| rest.split(end).next().unwrap())
}

/// The handlers in a source file.
fn handlers(text: &str) -> Vec<Handler> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let found = code.split("#[utoipa::path(").skip(1).map(|rest| {
        let (attribute, rest) = rest.split_once("async fn ").expect("a handler after its description");
        let (signature, _) = rest.split_once("{\n").unwrap();
        Handler {
            function: signature.split('(').next().unwrap().to_owned(),
            id: between(attribute, "operation_id = \"", '"').next().unwrap_or_default().to_owned(),
            permits: between(signature, "Permit<", '>')
                .map(|of| of.rsplit("::").next().unwrap().to_owned())
                .collect(),
            named: between(attribute, "\"bearer\" = [\"", '"').map(str::to_owned).collect(),
        }
    });
    found.collect()
}

/// A handler without a permit needs no permission and has no security. Every other handler has one of each, for one action.
fn faults(path: &str, text: &str, actions: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    for Handler { function, permits, named, .. } in handlers(text) {
        let wanted: Vec<&str> =
            permits.iter().map(|of| actions.get(of).map_or("no row of the table", String::as_str)).collect();
        if permits.len() > 1 || wanted != named {
            faults.push(format!("{path}: {function}: Permit<{}> and security {named:?}", permits.join(", ")));
        }
    }
    faults
}

#[test]
fn a_handlers_security_names_the_action_of_its_permit() {
    let actions = actions();
    let (mut ids, mut faults) = (BTreeSet::new(), Vec::new());
    for (path, text) in sources("src") {
        ids.extend(handlers(&text).into_iter().map(|handler| handler.id));
        faults.extend(self::faults(&path, &text, &actions));
    }
    // Generated handlers take both from one type.
    let is_put_together = |path: &str| path.contains("/status-changes");
    for (path, item) in samverkan::app::document(true).unwrap()["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            if !ids.contains(id) && !is_put_together(path) {
                faults.push(format!("{path}: {id} was not found in the source"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_permit_is_found_anywhere_in_the_signature() {
    let of = |security: &str, parameters: &str| {
        let text = format!(
            "#[utoipa::path({security})]\n#[get(\"/\")]\nasync fn list({parameters}) -> Answer {{\n}}\n"
        );
        faults("a.rs", &text, &actions())
    };
    let read = "security((\"bearer\" = [\"person.read\"]))";
    for sound in [
        "permit: Permit<PersonRead>, list: PersonList",
        "\n    _permit: Permit<crate::identity::policy::PersonRead>,\n",
        "InOrder((permit, person, body)): InOrder<(Permit<PersonRead>, Found<PersonRow>, Body<Patch>)>",
    ] {
        assert_eq!(of(read, sound), Vec::<String>::new());
    }
    assert_eq!(of("tag = \"service\"", "_: Checked"), Vec::<String>::new());
    for (security, parameters, fault) in [
        (
            read,
            "permit: Permit<PersonUpdate>",
            "a.rs: list: Permit<PersonUpdate> and security [\"person.read\"]",
        ),
        (read, "_: Checked", "a.rs: list: Permit<> and security [\"person.read\"]"),
        ("", "permit: Permit<PersonRead>", "a.rs: list: Permit<PersonRead> and security []"),
        (read, "permit: Permit<Person>", "a.rs: list: Permit<Person> and security [\"person.read\"]"),
        (
            read,
            "one: Permit<PersonRead>, other: Permit<MeRead>",
            "a.rs: list: Permit<PersonRead, MeRead> and security [\"person.read\"]",
        ),
    ] {
        assert_eq!(of(security, parameters), [fault]);
    }
}
