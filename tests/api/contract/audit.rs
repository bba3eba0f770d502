//! The types, actions and roles of the audit trail: everything that is recorded can be filtered for.

use std::collections::BTreeSet;

use diesel::prelude::*;
use samverkan::platform::db::schema::audit_events;

use super::generated::sources;
use super::world::World;
use crate::both;
use crate::support::documented::{document, resolved};

both!(every_recorded_event_can_be_filtered_for, |t| {
    World::new(t);
    type Recorded = (String, String, Option<String>);
    let recorded: BTreeSet<Recorded> = t.db(|db| {
        let columns = (audit_events::resource_type, audit_events::action, audit_events::actor_role);
        audit_events::table.select(columns).distinct().load(db).unwrap().into_iter().collect()
    });
    assert!(recorded.len() > 40, "{recorded:?}");
    let admin = t.admin();
    for (of, action, role) in recorded {
        let role = role.map(|role| format!("&actorRole={role}")).unwrap_or_default();
        admin.get(&format!("/audit-events?resourceType={of}&action={action}{role}")).is(200);
    }
});

/// The filters list the areas themselves, because they are in an area below `app.rs`.
#[test]
fn the_filters_know_every_type_and_action() {
    let parameters = document()["paths"]["/audit-events"]["get"]["parameters"].as_array().unwrap();
    let known = |name: &str| {
        let parameter = parameters.iter().map(resolved).find(|parameter| parameter["name"] == name).unwrap();
        let codes = resolved(&parameter["schema"]["items"])["enum"].as_array().unwrap();
        codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let audited = samverkan::app::audited();
    assert!(audited.len() > 15, "{audited:?}");
    assert_eq!(known("resourceType"), audited.iter().map(|one| one.code.to_owned()).collect::<Vec<_>>());
    assert_eq!(known("action"), audited.iter().flat_map(|one| one.actions()).collect::<Vec<_>>());
}

/// Every type that implements `Audited` is in the `PART` of its resource.
#[test]
fn every_audited_type_is_in_a_part() {
    let quoted = |text: &str, before: &str| -> Vec<String> {
        let after = text.split(before).skip(1).filter_map(|rest| rest.strip_prefix('"'));
        after.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let mut declared = Vec::new();
    for (path, text) in sources("src").into_iter().filter(|(path, _)| !path.starts_with("src/platform/")) {
        declared.extend(quoted(&text, "const TYPE: &'static str = "));
        let rows = text.split("crate::stored! {").skip(1).filter_map(|rest| rest.trim_start().lines().next());
        let found: Vec<String> = rows.flat_map(|line| quoted(line, " as ")).collect();
        assert_eq!(found.len(), text.matches("crate::stored!").count(), "{path}");
        declared.extend(found);
    }
    let mut known: Vec<String> = samverkan::app::audited().iter().map(|one| one.code.to_owned()).collect();
    declared.sort();
    known.sort();
    assert_eq!(declared, known);
}
