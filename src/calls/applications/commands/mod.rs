//! The changes of applications. Every change of state is made by `status` or `automatic`. They also send the mails, call the
//! listeners and make the next automatic step, in the same transaction.

mod automatic;
mod change;
mod contact;
mod interest;
mod letters;
mod status;
mod verification;

pub use automatic::{apply_due_step, automatic, facts, selection_stage, take_part};
pub use change::change;
pub use interest::{express, register, send_links};
pub use letters::{letter_invalidated, letter_received};
pub use verification::verify;
