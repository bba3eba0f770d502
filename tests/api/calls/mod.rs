//! Tests of calls: applications and letters.

mod applications;
mod avsiktsforklaringar;
