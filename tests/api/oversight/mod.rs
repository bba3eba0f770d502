//! Oversight: the audit trail, and what waits for whom.

mod audit_events;
mod staffing;
mod tasks;
