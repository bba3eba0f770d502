//! Tests of the area.
mod reports;
