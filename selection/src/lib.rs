//! Urval: which kommuner get a programme's places. It chooses the best set for goals that are compared in order, under hard
//! quotas and pins, and proves that no set is better. It knows nothing of HTTP or of the database, so that anybody can repeat
//! an answer from its recorded input. The definitions are those of `selection.md`.
//!
//! The way through: [`Input::from_json`] reads and checks a document, [`Problem::new`] prepares it, [`solve`] chooses,
//! [`explain`] tells what would get worse otherwise, [`reserves`] and [`replacement`] follow a choice afterwards.

mod answer;
mod course;
mod departures;
mod explanation;
mod fault;
mod input;
mod problem;
mod relaxation;
mod search;
mod solving;
mod watch;

pub use answer::{Answer, Because, Bound, Relaxation, Relaxed, Replacement, Reserve};
pub use departures::{replacement, reserves};
pub use explanation::{Explanations, PinEffect, QuotaEffect, Reason, Worse, explain};
pub use fault::Fault;
pub use input::checks::rule_faults;
pub use input::{Applicant, Dimension, Goal, Input, Pin, Quota};
pub use input::{DEFAULT_GOALS, DEFAULT_NODE_BUDGET, MAX_APPLICANTS, MAX_NODE_BUDGET, SIZE_BANDS};
pub use problem::{Problem, distance};
pub use solving::{goal_values, solve, solve_counting};
pub use watch::{Cancelled, NoWatch, Watch};
