//! Who can log in to the demonstration, for people: all of them, by what they may do.

use std::collections::{BTreeMap, BTreeSet};

use crate::demonstration::{Credentials, PASSWORD};
use crate::identity::policy::Role;

/// The lines to print. In a kommun's address its number is the last part before `@`: `koordinator.0114@example.org`.
pub fn lines(credentials: &Credentials) -> Vec<String> {
    let Credentials { base_url: base, users, clients } = credentials;
    let mut lines = vec![
        format!("samverkan demonstration: {base}  (documentation: {base}/docs/)"),
        format!("password of everyone: {PASSWORD}"),
    ];
    let mut groups: Vec<(&[String], Vec<&str>)> = Vec::new();
    for user in users {
        match groups.iter_mut().find(|(roles, _)| *roles == user.roles.as_slice()) {
            Some((_, names)) => names.push(&user.username),
            None => groups.push((&user.roles, vec![&user.username])),
        }
    }
    for (roles, names) in groups {
        let purposes = roles.iter().map(|role| Role::from_code(role).map_or("", purpose));
        lines.push(format!("{}: {}", roles.join(", "), purposes.collect::<Vec<_>>().join("; ")));
        lines.extend(addresses(&names));
    }
    for client in clients {
        lines.push(format!("hrIntegration: {}", purpose(Role::HrIntegration)));
        lines.push(format!("    client_id {}  client_secret {}", client.client_id, client.client_secret));
    }
    lines.push(format!("{} people in all; --json lists every one", users.len()));
    lines
}

/// One line for each address, and one for the same post in several kommuner.
fn addresses(names: &[&str]) -> Vec<String> {
    let mut alone = Vec::new();
    let mut posts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in names {
        let local = name.strip_suffix("@example.org").unwrap_or(name);
        match local.rsplit_once('.') {
            Some((post, kommun)) => {
                posts.entry(post).or_default().insert(kommun);
            }
            None => alone.push(format!("    {name}")),
        }
    }
    let shared = posts.into_iter().map(|(post, kommuner)| {
        let mut kommuner = kommuner.into_iter();
        let first = kommuner.next().unwrap_or_default();
        let others: Vec<&str> = kommuner.collect();
        let also = if others.is_empty() { String::new() } else { format!("  also .{}", others.join(" .")) };
        format!("    {post}.{first}@example.org{also}")
    });
    alone.into_iter().chain(shared).collect()
}

/// What somebody with the role does here.
fn purpose(role: Role) -> &'static str {
    match role {
        Role::SystemAdmin => "adds programmes and people, ends sessions, moves the clock",
        Role::ProgrammeManager => "leads a programme: invites, decides, approves milestones",
        Role::Economist => "approves time reports, locks months",
        Role::ProcessSupporter => "follows the kommuner assigned",
        Role::MethodDeveloper => "reads the programme to develop its methods",
        Role::Auditor => "reads everything of the programme and verifies the audit trail",
        Role::Applicant => "answers for a kommun's expression of interest and writes its letter of intent",
        Role::Coordinator => "leads a kommun's team and submits its months",
        Role::Attester => "attests the time of a kommun's team",
        Role::Participant => "enters and signs time",
        Role::Signatory => "signs a kommun's letter of intent",
        Role::KommunReader => "reads a kommun's sums and progress, no names",
        Role::Registrar => "reads what a kommun has to register",
        Role::HrIntegration => "a kommun's HR system (grant_type=client_credentials)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_login_can_be_read_from_the_lines() {
        let mut credentials = Credentials::new("http://127.0.0.1:8080");
        for (name, roles) in [
            ("admin@example.org", vec!["systemAdmin"]),
            ("ekonom@example.org", vec!["economist"]),
            ("ekonom2@example.org", vec!["economist"]),
            ("attestant.0114@example.org", vec!["attester"]),
            ("attestant.2582@example.org", vec!["attester"]),
            ("koordinator.0114@example.org", vec!["coordinator", "participant"]),
        ] {
            credentials.user(name, &roles);
        }
        let text = lines(&credentials).join("\n");
        for told in [
            "\neconomist: approves time reports, locks months\n    ekonom@example.org\n    ekonom2@example.org\n",
            "    attestant.0114@example.org  also .2582\n",
            "coordinator, participant: leads a kommun's team and submits its months; enters and signs time\n",
            "6 people in all",
        ] {
            assert!(text.contains(told), "{told:?} is not in\n{text}");
        }
    }
}
