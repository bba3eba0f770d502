//! The workflow of an API client.

use super::ClientState::{self, Active, Disabled};
use crate::identity::policy::Role;
use crate::platform::workflow::{Transition, Workflow};

/// Also the kommun's coordinator: it is the kommun's own system (guide §1).
const MANAGERS: &[&str] =
    &[Role::SystemAdmin.as_str(), Role::ProgrammeManager.as_str(), Role::Coordinator.as_str()];

/// The states of an API client and the transitions between them.
pub const WORKFLOW: Workflow<ClientState> = Workflow {
    initial: &[Active],
    end: &[],
    transitions: &[
        Transition::by(&[Active], Disabled, MANAGERS).with_comment().no_decision(),
        Transition::by(&[Disabled], Active, MANAGERS).with_comment().no_decision(),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::problem::Code;

    #[test]
    fn both_transitions_need_a_comment() {
        for (from, to) in [(Active, Disabled), (Disabled, Active)] {
            assert!(WORKFLOW.requested(from, to, &["programmeManager"], Some("byte av leverantör")).is_ok());
            assert_eq!(
                WORKFLOW.requested(from, to, &["systemAdmin"], None).unwrap_err().code,
                Code::InvalidInput
            );
            assert_eq!(
                WORKFLOW.requested(from, to, &["attester"], Some("x")).unwrap_err().code,
                Code::NotYours
            );
            assert_eq!(
                WORKFLOW.requested(from, from, &["systemAdmin"], Some("x")).unwrap_err().code,
                Code::TransitionNotAllowed
            );
        }
    }
}
