//! Tests of calls: applications and letters.

mod after_the_meeting;
pub mod applications;
mod avsiktsforklaringar;
