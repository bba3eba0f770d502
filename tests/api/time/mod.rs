//! Tests of the area.

mod reports;
mod submissions;
