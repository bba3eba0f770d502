//! Drawings of a selection for people. Pure: what is drawn comes in, SVG goes out.

pub mod distribution;
pub mod map;
