//! Writes that are judged in sets: *load → judge → write* for one item or for many. What the items share is loaded once,
//! with its locks; each item is judged without the database; and those that are accepted are written together. An item
//! that is refused has written nothing, so it needs no savepoint.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored;
use crate::platform::tx::Tx;

/// A resource beside the items of a set that reads differently after it, as the caller needs it for the next step.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Touched {
    /// Its type: `timeReport`.
    pub resource_type: String,
    /// Identity.
    pub id: Id,
    /// Its version.
    pub version: i32,
    /// SHA-256 of what would be signed now, 64 hex digits.
    pub content_sha256: String,
}

/// One kind of write: its facts, how an item is judged against them, and how the accepted ones are written.
pub trait WriteSet<I>: Sized {
    /// An accepted item, not yet written.
    type Accepted: Clone;

    /// The row that it becomes.
    type Row: Stored;

    /// The row that an item changes; none when it makes a new one. The items of a set change different rows: a batch that
    /// names one twice is written as several sets.
    fn changed_row(item: &I) -> Option<Id>;

    /// Loads what the items share, and locks what must not change: by table, then by id. Items that the caller may not
    /// touch are no error here.
    fn load(tx: &mut Tx<'_>, items: &[I]) -> Result<Self, Problem>;

    /// Judges one item (404, 403, 422, 409), without the database. An accepted item joins the facts, so that limits and
    /// doubles count the items before it.
    fn judge(&mut self, ctx: &Context, item: I) -> Result<Self::Accepted, Problem>;

    /// The id of the row.
    fn id(accepted: &Self::Accepted) -> Id;

    /// Writes the accepted items, with what follows from them, and returns the rows as they are stored.
    fn write(&mut self, tx: &mut Tx<'_>, accepted: Vec<Self::Accepted>) -> Result<Vec<Self::Row>, Problem>;

    /// What reads differently after these rows were written.
    fn touched(_: &mut Tx<'_>, _rows: &[Id]) -> Result<Vec<Touched>, Problem> {
        Ok(Vec::new())
    }
}

impl Tx<'_> {
    /// Judges and writes one item.
    pub fn write_one<S: WriteSet<I>, I>(&mut self, item: I) -> Result<S::Row, Problem> {
        let mut facts = S::load(self, std::slice::from_ref(&item))?;
        let accepted = facts.judge(self.ctx, item)?;
        let lost = || Problem::internal("a write without a row");
        facts.write(self, vec![accepted])?.pop().ok_or_else(lost)
    }
}
