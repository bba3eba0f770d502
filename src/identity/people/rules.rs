//! What leads from one state of a person to the next, and who may change what.

use validator::ValidationError;

use super::PersonRow;
use super::PersonState::{self, Active, Disabled, Invited};
use crate::identity::policy::Role;
use crate::platform::http::body::{Change, broken};
use crate::platform::http::problem::{Code, Problem};
use crate::platform::workflow::{Transition, Workflow};

/// A name as people read it: it stands under signatures. To be used in `#[validate(custom(function = ..))]`.
pub fn readable(name: &str) -> Result<(), ValidationError> {
    let is_hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{2800}' | '\u{feff}')
    };
    if name.chars().any(char::is_alphabetic) && name.trim() == name && !name.chars().any(is_hidden) {
        return Ok(());
    }
    Err(broken(
        "notAName",
        "Ett namn med bokstäver, utan osynliga tecken och utan mellanslag i början eller slutet.",
        "A name with letters, without invisible characters and without space before or after it.",
    ))
}

/// The same for a name that may be left as it is.
pub fn readable_if_changed(name: &Change<String>) -> Result<(), ValidationError> {
    match name {
        Change::Set(name) => readable(name),
        Change::Keep => Ok(()),
    }
}

const ADMIN: &[&str] = &[Role::SystemAdmin.as_str()];

/// The table of a person's states.
pub const WORKFLOW: Workflow<PersonState> = Workflow {
    name: "person",
    initial: &[Invited],
    transitions: &[
        Transition::effect(&[Invited], Active, "an invitation's acceptance or a verified application"),
        Transition::by(&[Invited, Active], Disabled, ADMIN).with_comment(),
        Transition::by(&[Disabled], Active, ADMIN).with_comment(),
    ],
};

/// The user name is a system administrator's to change: whoever has the address can have the password sent there.
pub fn may_change_email(roles: &[&str], before: &PersonRow, after: &PersonRow) -> Result<(), Problem> {
    if before.email == after.email || roles.contains(&Role::SystemAdmin.as_str()) {
        return Ok(());
    }
    Err(Problem::new(Code::NotYours).detail(
        "E-postadressen, som är användarnamnet, ändras av rollen systemAdmin.",
        "The e-mail address, which is the user name, is changed by the role systemAdmin.",
    ))
}

/// Nobody shuts themself out: so an installation always keeps an administrator.
pub fn may_disable(person: &PersonRow, is_oneself: bool, to: PersonState) -> Result<(), Problem> {
    if is_oneself && to == Disabled {
        return Err(Problem::new(Code::OwnWork).detail(
            format!("{} kan inte stänga av sig själv; en annan systemadministratör gör det.", person.name),
            format!("{} cannot disable themself; another system administrator does.", person.name),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;

    fn person(email: &str) -> PersonRow {
        let ctx = Context::example();
        PersonRow {
            id: ctx.new_id(),
            name: "Karin Öberg".into(),
            email: email.into(),
            status: Active,
            password_hash: None,
            password_set_at: None,
            information_version: None,
            sort_name: String::new(),
            search_text: String::new(),
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
            added_by: None,
        }
    }

    #[test]
    fn only_an_administrator_changes_an_address() {
        let (before, after) = (person("a@boden.example"), person("b@boden.example"));
        assert!(may_change_email(&["self"], &before, &before).is_ok());
        assert_eq!(may_change_email(&["self"], &before, &after).unwrap_err().code, Code::NotYours);
        assert!(may_change_email(&["systemAdmin"], &before, &after).is_ok());
    }

    #[test]
    fn an_administrator_cannot_shut_themself_out() {
        let karin = person("a@boden.example");
        assert_eq!(may_disable(&karin, true, Disabled).unwrap_err().code, Code::OwnWork);
        assert!(may_disable(&karin, false, Disabled).is_ok());
        assert!(may_disable(&karin, true, Active).is_ok());
    }

    #[test]
    fn nobody_makes_an_invited_person_active_by_hand() {
        let refused = WORKFLOW.requested(Invited, Active, &["systemAdmin"], Some("x")).unwrap_err();
        assert_eq!(refused.code, Code::TransitionNotAllowed);
        assert_eq!(WORKFLOW.allowed(Active, &["systemAdmin"]).len(), 1);
        assert!(WORKFLOW.allowed(Active, &["programmeManager"]).is_empty());
    }
}
