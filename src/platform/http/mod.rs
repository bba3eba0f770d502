//! The HTTP behaviour that all resources share: one concern per file.

pub mod accept;
pub mod answer;
pub mod batch;
pub mod batch_body;
pub mod body;
pub mod compression;
pub mod connections;
pub mod door;
pub mod doorkeeper;
pub mod fallback;
pub mod form;
pub mod idempotency;
pub mod in_order;
pub mod kept_answers;
pub mod limits;
pub mod list;
pub mod metrics;
pub mod observe;
pub mod only;
pub mod openapi;
pub mod operations;
pub mod pages;
pub mod parameters;
pub mod readiness;
mod rel;
pub mod service;
pub mod swagger;
