//! What leads from one state of a person to the next, and who may change what.

use validator::ValidationError;

use super::PersonRow;
use super::PersonState::{self, Active, Disabled, Invited};
use crate::identity::policy::Role;
use crate::platform::http::body::{Change, broken};
use crate::platform::problem::{Code, Problem};
use crate::platform::workflow::{Transition, Workflow};

/// A name as people read it: it stands under signatures. To be used in `#[validate(custom(function = ..))]`.
pub fn readable(name: &str) -> Result<(), ValidationError> {
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

/// What is not drawn or changes how the rest is drawn: Unicode's control and separator characters, those that are
/// `Default_Ignorable_Code_Point` (among them letters: the Hangul fillers), and an empty Braille cell.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

const ADMIN: &[&str] = &[Role::SystemAdmin.as_str()];

/// The table of a person's states.
pub const WORKFLOW: Workflow<PersonState> = Workflow {
    initial: &[Invited],
    end: &[],
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
    use proptest::prelude::*;

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
    fn names_of_all_kinds_are_readable() {
        let names = [
            "Å",
            "Karin Öberg Lind",
            "Ann-Sofie O’Brien",
            "D'Arcy von Essen, f. Ek",
            "Sökande 2582",
            "Jose\u{301} Nun\u{303}ez",
            "Ольга Иванова",
            "محمد علي",
            "नरेन्द्र",
            "王小明",
            "김민수",
        ];
        for name in names {
            assert!(readable(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_name_has_letters_and_no_space_around_it() {
        for name in ["", " ", "   ", "123", "—", "…", "🙂", "12-34"] {
            assert_eq!(readable(name).unwrap_err().code, "notAName", "{name:?}");
        }
        for space in [" ", "\t", "\n", "\u{a0}", "\u{2003}", "\u{3000}"] {
            for name in [format!("{space}Karin"), format!("Karin{space}"), format!("{space}Karin{space}")] {
                assert_eq!(readable(&name).unwrap_err().code, "notAName", "{name:?}");
            }
        }
    }

    /// With one of these somebody could sign with another's name, or with none.
    #[test]
    fn nothing_invisible_stands_in_a_name() {
        let ranges = [
            ('\0', '\u{1f}'),
            ('\u{7f}', '\u{9f}'),
            ('\u{ad}', '\u{ad}'),
            ('\u{34f}', '\u{34f}'),
            ('\u{61c}', '\u{61c}'),
            ('\u{115f}', '\u{1160}'),
            ('\u{17b4}', '\u{17b5}'),
            ('\u{180b}', '\u{180f}'),
            ('\u{200b}', '\u{200f}'),
            ('\u{2028}', '\u{202e}'),
            ('\u{2060}', '\u{206f}'),
            ('\u{2800}', '\u{2800}'),
            ('\u{3164}', '\u{3164}'),
            ('\u{fe00}', '\u{fe0f}'),
            ('\u{feff}', '\u{feff}'),
            ('\u{ffa0}', '\u{ffa0}'),
            ('\u{fff0}', '\u{fffb}'),
            ('\u{1bca0}', '\u{1bca3}'),
            ('\u{1d173}', '\u{1d17a}'),
            ('\u{e0000}', '\u{e0fff}'),
        ];
        let is_accepted = |letter: &char| {
            let names =
                [format!("{letter}"), format!("Karin{letter}Öberg"), format!("{letter}Karin{letter}")];
            names.iter().any(|name| readable(name).is_ok())
        };
        let hidden = ranges.into_iter().flat_map(|(first, last)| first..=last);
        let accepted: Vec<String> =
            hidden.filter(is_accepted).map(|letter| letter.escape_unicode().to_string()).collect();
        assert!(accepted.is_empty(), "{accepted:?}");
    }

    #[test]
    fn a_name_that_is_left_as_it_is_may_be_any() {
        assert!(readable_if_changed(&Change::Keep).is_ok());
        assert!(readable_if_changed(&Change::Set("Karin".into())).is_ok());
        assert!(readable_if_changed(&Change::Set("\u{202e}Karin".into())).is_err());
    }

    proptest! {
        #[test]
        fn no_mark_slips_in_whatever_stands_around_it(
            before in "\\PC{0,8}",
            mark in prop::sample::select(vec!['\n', '\u{200d}', '\u{202e}', '\u{2066}', '\u{feff}']),
            after in "\\PC{0,8}",
        ) {
            let name = format!("Karin {before}{mark}{after} Öberg");
            prop_assert!(readable(&name).is_err(), "{name:?}");
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
