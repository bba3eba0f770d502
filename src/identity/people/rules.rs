//! The workflow of a person's login, and who may change what.

use super::PersonRow;
use super::PersonState::{self, Active, Disabled, Invited};
use crate::identity::policy::Role;
use crate::platform::problem::{Code, Problem};
use crate::platform::workflow::{Transition, Workflow};

const ADMIN: &[&str] = &[Role::SystemAdmin.as_str()];

/// The states of a login and the transitions between them.
pub const WORKFLOW: Workflow<PersonState> = Workflow {
    initial: &[Invited],
    end: &[],
    transitions: &[
        Transition::effect(&[Invited], Active, "an invitation's acceptance or a verified application"),
        Transition::by(&[Invited, Active], Disabled, ADMIN).with_comment(),
        Transition::by(&[Disabled], Active, ADMIN).with_comment(),
    ],
};

/// Only a system administrator may change the user name: a link for a new password is mailed to that address.
pub fn may_change_email(roles: &[&str], before: &PersonRow, after: &PersonRow) -> Result<(), Problem> {
    if before.email == after.email || roles.contains(&Role::SystemAdmin.as_str()) {
        return Ok(());
    }
    Err(Problem::new(Code::NotYours).detail(
        "E-postadressen, som är användarnamnet, ändras av rollen systemAdmin.",
        "The e-mail address, which is the user name, is changed by the role systemAdmin.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;
    use crate::platform::moment::Instant;

    fn person(email: &str) -> PersonRow {
        PersonRow { status: Active, ..PersonRow::new(&Context::example(), "Karin Öberg", email) }
    }

    #[test]
    fn a_signature_takes_the_name_that_was_held_for_a_day() {
        let (mut row, now) = (person("karin@example.org"), Context::example().now);
        let rename = |row: &mut PersonRow, name: &str, at: Instant| {
            let before = row.clone();
            row.name = name.to_owned();
            row.renamed_from(&before, at);
        };
        assert_eq!(row.settled_name(now), "Karin Öberg");
        rename(&mut row, "Chefen", now);
        rename(&mut row, "Direktören", now.plus_minutes(60));
        assert_eq!(row.settled_name(now.plus_minutes(24 * 60)), "Karin Öberg", "two names within a day");
        assert_eq!(row.settled_name(now.plus_minutes(25 * 60)), "Direktören");
        rename(&mut row, "Direktören", now.plus_days(9));
        assert_eq!(row.settled_name(now.plus_days(9)), "Direktören", "nothing was changed");
    }

    #[test]
    fn only_an_administrator_changes_an_address() {
        let (before, after) = (person("a@boden.example"), person("b@boden.example"));
        assert!(may_change_email(&["self"], &before, &before).is_ok());
        assert_eq!(may_change_email(&["self"], &before, &after).unwrap_err().code, Code::NotYours);
        assert!(may_change_email(&["systemAdmin"], &before, &after).is_ok());
    }

    #[test]
    fn no_role_can_make_an_invited_person_active() {
        let refused = WORKFLOW.requested(Invited, Active, &["systemAdmin"], Some("x")).unwrap_err();
        assert_eq!(refused.code, Code::TransitionNotAllowed);
        assert_eq!(WORKFLOW.allowed(Active, &["systemAdmin"]).len(), 1);
        assert!(WORKFLOW.allowed(Active, &["programmeManager"]).is_empty());
    }
}
