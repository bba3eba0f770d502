//! Oversight: the audit trail, and everyone's tasks.

mod disguises;
mod random_edits;
mod staffing;
pub mod tampering;
mod tasks;

crate::resources!(audit_checkpoints, audit_events);
