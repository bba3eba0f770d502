//! Tests over HTTP, with a real server and real tokens, on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "in a test a panic is the report, and a story is told in one piece"
)]

mod support;

mod calls;
mod cli;
mod contract;
mod demonstration;
mod goals;
mod identity;
mod oversight;
mod pages;
mod platform;
mod programmes;
mod reference;
mod service;
mod team;
mod time;
