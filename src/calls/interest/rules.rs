//! What an expression of interest and a registration require (guide §3). Pure.

use super::requests::NewApplication;
use crate::calls::applications::respond_by_faults;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// 409 when interest cannot be expressed now; the code says whether it is too early or too late.
pub fn check_accepts_interest(programme: &ProgrammeRow, now: Instant) -> Result<(), Problem> {
    match programme.status {
        ProgrammeState::Open if now < programme.interest_deadline => Ok(()),
        ProgrammeState::Draft | ProgrammeState::Scheduled | ProgrammeState::Cancelled => {
            Err(Problem::new(Code::CallNotOpen))
        }
        _ => Err(Problem::new(Code::DeadlinePassed)),
    }
}

/// The errors of an application that the manager registers. `received_at`: when it came in.
pub fn registration_faults(
    new: &NewApplication,
    received_at: Instant,
    programme: &ProgrammeRow,
    now: Instant,
) -> Vec<FieldError> {
    let required = [("/receivedAt", new.received_at.is_none()), ("/reason", new.reason.is_none())];
    let missing = required.into_iter().filter(|(_, is_missing)| *is_missing).map(|(pointer, _)| {
        let words = Localized::fixed(
            "Behövs när en intresseanmälan registreras.",
            "Needed when an application is registered.",
        );
        FieldError::new(pointer, "required", words)
    });
    let mut faults: Vec<FieldError> = missing.collect();
    if now < received_at {
        let words = Localized::fixed("Ligger i framtiden.", "Is in the future.");
        faults.push(FieldError::new("/receivedAt", "inTheFuture", words));
    }
    if let Some(respond_by) = new.respond_by {
        faults.extend(respond_by_faults("/respondBy", respond_by.0, programme, now));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;
    use crate::platform::moment::deadline;

    fn at(text: &str) -> Instant {
        deadline(text).unwrap()
    }

    #[test]
    fn interest_is_accepted_while_the_call_is_open() {
        let offer = |status| ProgrammeRow {
            status,
            interest_deadline: at("2020-11-03"),
            ..ProgrammeRow::example(&Context::example()).unwrap()
        };
        let code =
            |state, now: &str| check_accepts_interest(&offer(state), at(now)).map_err(|problem| problem.code);
        assert_eq!(code(ProgrammeState::Open, "2020-11-03T23:59:59+01:00"), Ok(()));
        assert_eq!(code(ProgrammeState::Open, "2020-11-03"), Err(Code::DeadlinePassed));
        for state in [ProgrammeState::Draft, ProgrammeState::Scheduled, ProgrammeState::Cancelled] {
            assert_eq!(code(state, "2020-10-10"), Err(Code::CallNotOpen));
        }
        for state in [ProgrammeState::Closed, ProgrammeState::Selecting, ProgrammeState::Running] {
            assert_eq!(code(state, "2020-11-10"), Err(Code::DeadlinePassed));
        }
    }
}
