//! Brings the texts of rows that were stored before texts were composed to NFC: once, at the start or by `migrate`. Each changed
//! row gets a version and an event (`migrated`), so that the trail still proves it. What stands under a signature and the trail
//! itself keep their bytes: their hashes cover them.

use crate::platform::audit::verification::verified::VerifiedType;
use crate::platform::db::{facts, texts};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::text::is_composed;
use crate::platform::tx::{Rx, Tx};

/// The name of the installation's fact that it is done. Migration 17 states it for a database without people.
const DONE: &str = "composedTexts";

/// How many rows are read at once.
const READ: i64 = 1_000;

/// How many rows are changed in one transaction: nobody should wait long for them.
const CHANGED: usize = 50;

/// Does it unless it is done, and returns the number of changed rows. Several processes may do it at once.
pub fn run(services: &Services, types: &[&VerifiedType]) -> Result<usize, Problem> {
    let ctx = services.system();
    let done = services.database.read_blocking(&ctx, |rx| facts::text(rx.db, DONE))?;
    if done.is_some() {
        return Ok(0);
    }
    let mut count = 0;
    for known in types {
        count += rows(services, known)?;
    }
    services.database.write_blocking(&services.system(), |tx| facts::add(tx.db, DONE, "", 1))?;
    Ok(count)
}

/// The rows of one type.
fn rows(services: &Services, known: &VerifiedType) -> Result<usize, Problem> {
    let (database, table) = (&services.database, known.rows.table);
    let columns = database.read_blocking(&services.system(), |rx| texts::columns(rx.db, table))?;
    let (mut last, mut count) = (None, 0);
    while !columns.is_empty() {
        let read = |rx: &mut Rx<'_>| texts::after(rx.db, table, &columns, last, READ);
        let read = database.read_blocking(&services.system(), read)?;
        let Some((id, _)) = read.last() else { break };
        last = Some(*id);
        let old = read.iter().filter(|(_, texts)| !texts.iter().flatten().all(|text| is_composed(text)));
        let old: Vec<Id> = old.map(|(id, _)| *id).collect();
        for part in old.chunks(CHANGED) {
            count += database.write_blocking(&services.system(), |tx| change(tx, known, part, &columns))?;
        }
    }
    Ok(count)
}

/// Changes some rows in one transaction; returns how many.
fn change(tx: &mut Tx<'_>, known: &VerifiedType, ids: &[Id], columns: &[String]) -> Result<usize, Problem> {
    let mut count = 0;
    for id in ids {
        match tx.attempt(|tx| (known.rows.compose)(tx, *id, columns)) {
            Ok(is_changed) => count += usize::from(is_changed),
            // Two that differed only in the form of their letters. Somebody must decide which one stays.
            Err(problem) if problem.code.status() == 409 => {
                tracing::warn!(table = known.rows.table, %id, %problem, "a text was not composed");
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok(count)
}
