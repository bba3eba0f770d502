//! Tests over HTTP, with a real server and real tokens, on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "in a test a panic is the report"
)]

mod support;

mod calls;
mod contract;
mod goals;
mod identity;
mod oversight;
mod programmes;
mod reference;
mod team;
mod time;
