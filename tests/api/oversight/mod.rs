//! Oversight: the audit trail, and everyone's tasks.

mod staffing;
mod tampering;
mod tasks;

crate::resources!(audit_events);
