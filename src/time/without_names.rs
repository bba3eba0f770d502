//! What roles that see no names may see of other people's time (guide §1): sums by programme, kommun, year and month. Such sums
//! are made of parts, each one kommun's month, or one of the owner's staff. A part in which fewer than three people have time is
//! left out of every sum. So no sum, and no difference between sums, is about fewer than three people: leaving out a part only
//! where it would be shown alone would tell it as the difference between a total and the other parts. Pure.

use crate::identity::policy::Role;

/// The roles that see sums, but no names.
pub const ROLES_WITHOUT_NAMES: [&str; 2] = [Role::KommunReader.as_str(), Role::MethodDeveloper.as_str()];

/// The fewest people whose time together may be shown to these roles.
pub const FEWEST_PEOPLE: usize = 3;

/// Whether only roles that see no names are among these.
pub fn sees_no_names(roles: &[&str]) -> bool {
    roles.iter().all(|role| ROLES_WITHOUT_NAMES.contains(role))
}
