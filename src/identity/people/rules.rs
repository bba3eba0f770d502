//! What leads from one state of a person to the next.

use super::PersonState::{self, Active, Disabled, Invited};
use crate::identity::policy::Role;
use crate::platform::workflow::{Transition, Workflow};

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
