//! Calls: applications and letters.

mod applications;
mod avsiktsforklaringar;
