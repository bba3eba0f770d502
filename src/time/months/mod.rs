//! Being written.

pub mod routes;
