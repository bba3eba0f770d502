//! samverkan: the backend with which SKR runs an ESF-financed development network of kommuner.
//!
//! The map, from the bottom: [`platform`] is what any API needs and knows nothing of kommuner; each area above uses only
//! those before it in this list. `app` puts them together; `cli` holds the commands.

pub mod platform;

#[expect(missing_docs, reason = "generated: the columns are documented in the row structs of the stores")]
pub mod schema;

pub mod identity;
pub mod reference;

pub mod programmes;

pub mod team;

pub mod time;

pub mod calls;

pub mod goals;

pub mod oversight;

pub mod app;
pub mod demonstration;

pub mod cli;
