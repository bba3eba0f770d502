//! Reads that see one state of the database.

use super::Rx;
use crate::platform::db::transaction::{begin_snapshot, rollback};
use crate::platform::problem::Problem;

impl Rx<'_> {
    /// Runs queries that all see the same state, whatever is committed meanwhile.
    pub fn snapshot<T>(
        &mut self,
        query: impl FnOnce(&mut Rx<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        begin_snapshot(self.db)?;
        let done = query(&mut Rx { db: self.db, ctx: self.ctx });
        let ended = rollback(self.db);
        // Why the query failed tells more than that its transaction could not be ended.
        let value = done?;
        ended?;
        Ok(value)
    }
}
