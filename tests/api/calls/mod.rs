//! Tests of calls: applications and letters.

mod avsiktsforklaringar;
