//! Calls: applications and letters.

mod applications;
