//! Calls: applications and avsiktsförklaringar.

mod pages;
mod participating;
mod selection_bytes;
mod selection_computing;
mod selection_life;
mod selection_record;
mod selection_secrecy;
mod selection_stage;
mod selection_told;
mod side_doors;

crate::resources!(applications, avsiktsforklaringar, selection_proposals);
