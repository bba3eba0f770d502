//! The requirements on an exception. Pure.

use super::requests::NewException;
use crate::platform::moment::Instant;
use crate::platform::problem::FieldError;
use crate::platform::text::Localized;
use crate::programmes::programme::ProgrammeRow;

/// The errors of a new exception, in itself and against its programme's dates.
pub fn faults(new: &NewException, programme: &ProgrammeRow, now: Instant) -> Vec<FieldError> {
    let first_and_last = programme.starts_on.month()..=programme.ends_on.month();
    let is_one = new.kommunkod.is_some() != new.participant_id.is_some();
    let rules = [
        (
            first_and_last.contains(&new.month),
            "/month",
            "outsideProgramme",
            Localized::new(
                format!("Programmet pågår {}–{}.", first_and_last.start(), first_and_last.end()),
                format!("The programme runs {}–{}.", first_and_last.start(), first_and_last.end()),
            ),
        ),
        (
            is_one,
            "/participantId",
            "exactlyOne",
            Localized::fixed(
                "Ange antingen kommunkod eller participantId.",
                "Give either kommunkod or participantId.",
            ),
        ),
        (
            now < new.expires_at.0,
            "/expiresAt",
            "inThePast",
            Localized::fixed("Ska ligga i framtiden.", "Must be in the future."),
        ),
    ];
    let broken = rules.into_iter().filter(|(holds, ..)| !holds);
    broken.map(|(_, pointer, code, words)| FieldError::new(pointer, code, words)).collect()
}
