//! Tests of calls: applications and letters.

mod after_the_meeting;
mod applications;
mod avsiktsforklaringar;
