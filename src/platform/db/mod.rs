//! Connections to the database, and everything that differs between SQLite and PostgreSQL: only this folder matches on
//! [`Db`]. Queries run through `Database::read…` and `Database::write…` in [`tx`](super::tx); nothing else opens a
//! transaction.

mod any_of;
pub mod backup;
pub mod checkpoints;
pub mod columns;
mod condition_text;
mod connection;
pub mod constraints;
pub mod contents;
mod counted;
mod error;
pub mod facts;
mod in_union;
pub mod intact;
pub mod kept;
pub mod known;
pub mod migrations;
pub mod one_of;
mod page;
mod pool;
pub mod rights;
#[expect(missing_docs, reason = "generated: the columns are documented in the row structs of the stores")]
pub mod schema;
pub mod serving;
pub mod sets;
pub mod sql;
pub mod sql_types;
pub mod statements;
pub mod sync;
pub mod texts;
pub mod together;
pub mod transaction;
pub mod waits;
pub mod wal;

pub use any_of::AnyOf;
pub use condition_text::ConditionText;
pub use connection::{Db, MultiBackend};
pub use counted::CountedBy;
pub use in_union::{InUnion, Selecting};
pub use page::Page;
pub use pool::{Location, Manager, Pool, PooledConnection};

/// A condition on table `T` that is built at run time.
pub type Condition<T> =
    Box<dyn diesel::BoxableExpression<T, MultiBackend, SqlType = diesel::sql_types::Bool>>;
