//! What roles that see no names may see of other people's time (guide §1): sums by programme, kommun, year and month. Such sums
//! are made of parts, each one kommun's month, or one of the owner's staff. A part in which fewer than three people have time is
//! left out of every sum. So no sum, and no difference between sums, is about fewer than three people: leaving out a part only
//! where it would be shown alone would tell it as the difference between a total and the other parts. Pure.

pub use crate::identity::names::{ROLES_WITHOUT_NAMES, sees_no_names};

/// The fewest people whose time together may be shown to these roles.
pub const FEWEST_PEOPLE: usize = 3;
