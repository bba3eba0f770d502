//! The words of the audit trail: whatever the program keeps of a change can be asked for by its filters.

use std::collections::BTreeSet;

use diesel::prelude::*;
use samverkan::platform::db::schema::audit_events;

use super::generated::sources;
use super::world::World;
use crate::both;
use crate::support::documented::{document, resolved};

both!(whatever_was_done_can_be_asked_for, |t| {
    World::new(t);
    type Said = (String, String, Option<String>);
    let said: BTreeSet<Said> = t.db(|db| {
        let columns = (audit_events::resource_type, audit_events::action, audit_events::actor_role);
        audit_events::table.select(columns).distinct().load(db).unwrap().into_iter().collect()
    });
    assert!(said.len() > 40, "{said:?}");
    let admin = t.admin();
    for (of, action, role) in said {
        let role = role.map(|role| format!("&actorRole={role}")).unwrap_or_default();
        admin.get(&format!("/audit-events?resourceType={of}&action={action}{role}")).is(200);
    }
});

/// The words in the source by which changes are kept, with the types that they can be of.
#[test]
fn every_word_of_the_source_can_be_asked_for() {
    let parameters = document()["paths"]["/audit-events"]["get"]["parameters"].as_array().unwrap();
    let known = |name: &str| {
        let parameter = parameters.iter().map(resolved).find(|parameter| parameter["name"] == name).unwrap();
        let codes = resolved(&parameter["schema"]["items"])["enum"].as_array().unwrap();
        codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (types, actions) = (known("resourceType"), known("action"));
    let quoted = |text: &str, before: &str| -> Vec<String> {
        let after = text.split(before).skip(1).filter_map(|rest| rest.strip_prefix('"'));
        after.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let (mut found, mut faults) = (0, Vec::new());
    for (path, text) in sources("src") {
        let mut of = quoted(&text, "const TYPE: &'static str = ");
        for stored in text.split("stored!(").skip(1).filter(|_| path != "src/platform/db/stored.rs") {
            of.extend(stored.lines().next().map(|line| quoted(line, " as ")).unwrap_or_default());
        }
        let words = [quoted(&text, "tx.update("), quoted(&text, "audit_changed(")].concat();
        found += of.len() + words.len();
        faults.extend(of.into_iter().filter(|of| !types.contains(of)).map(|of| format!("{path}: {of}")));
        let is_unknown = |word: &String| !actions.iter().any(|action| action.ends_with(&format!(".{word}")));
        faults.extend(words.into_iter().filter(is_unknown).map(|word| format!("{path}: {word}")));
    }
    // The filter has its own list of the areas' tables, for it lies below what puts the areas together.
    for table in samverkan::app::workflows() {
        let steps = table.rows.iter().map(|row| format!("{}.{}", table.name, row.to));
        faults.extend(steps.filter(|step| !actions.contains(step)));
    }
    assert!(found > 40, "{found}");
    assert!(faults.is_empty(), "missing in src/oversight/audit_events/known.rs:\n{}", faults.join("\n"));
}
