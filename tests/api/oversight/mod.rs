//! Tests of the area.
