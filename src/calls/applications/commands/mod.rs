//! The changes of applications. Every change of state is made by `status` or `automatic`. They also send the mails, call the
//! listeners and make the next automatic step, in the same transaction.

mod automatic;
mod change;
mod contact;
mod handover;
mod letters;
mod status;

pub use automatic::{apply_due_step, automatic, automatic_with, lock_leaving, take_part};
pub use change::change;
pub use contact::{check_not_coordinator, check_not_oneself, grant_applicant, invite as invite_contact};
pub use handover::decide_contact;
pub use letters::{letter_invalidated, letter_received};
