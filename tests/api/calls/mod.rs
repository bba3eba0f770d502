//! Calls: applications and avsiktsförklaringar.

mod selection_stage;

crate::resources!(applications, avsiktsforklaringar);
