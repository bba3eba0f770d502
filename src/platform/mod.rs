//! What any API needs. Programme and kommun are only ids and texts here; their rules are in the areas.

pub mod audit;
pub mod auth;
pub mod change;
pub mod clock;
pub mod codes;
pub mod config;
pub mod context;
pub mod db;
pub mod digits;
pub mod files;
pub mod hooks;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod moment;
pub mod outbox;
pub mod part;
pub mod problem;
pub mod services;
pub mod set;
pub mod stored;
pub mod text;
pub mod tx;
pub mod values;
pub mod workflow;
