//! The addresses that are proven: somebody has used a link that was mailed to them, or logged in with them.

use diesel::prelude::*;

use crate::platform::db::schema::proven_addresses;
use crate::platform::db::statements;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

impl Tx<'_> {
    /// Records that somebody reads the mail to this address: they have used a link from it, or logged in with it.
    pub fn prove_address(&mut self, address: &str) -> Result<(), Problem> {
        let address = address.to_lowercase();
        if !self.is_proven(&address)? {
            let insert = "INSERT INTO proven_addresses (address, proven_millis) VALUES (?, ?)";
            statements::insert_new(self.db, insert, &[&address], self.ctx.wall.millis())?;
        }
        Ok(())
    }

    pub(super) fn is_proven(&mut self, address: &str) -> Result<bool, Problem> {
        let row = proven_addresses::table.find(address.to_lowercase()).select(proven_addresses::address);
        Ok(row.first::<String>(self.db).optional()?.is_some())
    }
}
