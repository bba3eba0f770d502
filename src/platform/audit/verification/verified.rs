//! How the rows of a type are read, to hold them against their events.

use serde_json::Value;

use crate::platform::audit::{Audited, AuditedType};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};

/// A row as it is stored.
#[derive(Clone, Debug)]
pub struct StoredValue {
    /// Its id.
    pub id: Id,
    /// The name of its chain; none when only its events know it.
    pub chain: Option<String>,
    /// The row as the audit trail shows it.
    pub value: Value,
}

/// How the rows of a type are read.
#[derive(Clone, Copy, Debug)]
pub struct StoredRows {
    /// The name of the table.
    pub table: &'static str,
    /// Their number.
    pub count: fn(&mut Rx<'_>) -> Result<i64, Problem>,
    /// At most so many ids after an id, or from the first on, in their order.
    pub ids: fn(&mut Rx<'_>, Option<Id>, i64) -> Result<Vec<Id>, Problem>,
    /// The rows with these ids.
    pub these: fn(&mut Rx<'_>, &[Id]) -> Result<Vec<StoredValue>, Problem>,
    /// Brings the texts of a row to NFC (see [`composing`](crate::platform::composing)).
    pub compose: fn(&mut Tx<'_>, Id, &[String]) -> Result<bool, Problem>,
}

/// Of the rows with these ids those that do not prove what they should, each with its fault: `content` or `signature` (see
/// [`RowFault`](super::RowFault)).
pub type Proof = fn(&mut Rx<'_>, &[Id]) -> Result<Vec<(Id, &'static str)>, Problem>;

/// Rows that are held against their events. [`stored!`](crate::stored) implements it.
pub trait Verified: Audited {
    /// Reads the rows.
    const ROWS: StoredRows;

    /// What the rows prove of themselves.
    const PROOF: Option<Proof> = None;

    /// All of it.
    const VERIFIED: VerifiedType =
        VerifiedType { audited: Self::AUDITED, rows: Self::ROWS, proof: Self::PROOF };
}

/// A type of rows that are held against their events.
#[derive(Clone, Debug)]
pub struct VerifiedType {
    /// The type in the audit trail.
    pub audited: AuditedType,
    /// Reads its rows.
    pub rows: StoredRows,
    /// What its rows prove of themselves.
    pub proof: Option<Proof>,
}
