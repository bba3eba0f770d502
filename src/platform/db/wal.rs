//! The write-ahead log of an SQLite file. A commit writes its pages to the log and does not wait for the disk
//! (`synchronous = NORMAL`); whoever promises that a write is stored flushes the log first. One flush is enough for every
//! commit before it, and the writer goes on meanwhile. SQLite itself flushes the log before it moves pages to the database.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::RunQueryDsl as _;
use diesel::sql_types::Integer;

use super::Db;
use super::kept::Sql;
use crate::platform::problem::{Code, Problem};

/// The log. Clones share the knowledge of a failure.
#[derive(Clone, Debug)]
pub struct Wal {
    path: PathBuf,
    is_spoiled: Arc<AtomicBool>,
}

impl Wal {
    /// The log of the database in this file.
    pub fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self { path: path.into(), is_spoiled: Arc::default() }
    }

    /// Waits until everything that was committed is on disk. After an error it is unknown which commits are: the system
    /// may have dropped what it could not write, and would not say so again. Then every flush fails until
    /// [`mend`](Self::mend) has stored the whole log.
    pub fn flush(&self) -> io::Result<()> {
        if self.is_spoiled.load(Ordering::SeqCst) {
            return Err(io::Error::other("an earlier flush of the database's log has failed"));
        }
        match File::open(&self.path).and_then(|log| log.sync_data()) {
            Ok(()) => Ok(()),
            // The last connection was closed, and has stored the log in the database.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => {
                self.is_spoiled.store(true, Ordering::SeqCst);
                tracing::error!(%error, "the log of the database could not be flushed");
                Err(error)
            }
        }
    }

    /// After a failed flush, moves the whole log into the database, which flushes both.
    pub fn mend(&self, db: &mut Db) -> Result<(), Problem> {
        if !self.is_spoiled.load(Ordering::SeqCst) {
            return Ok(());
        }
        let checkpoint = Sql::<(Integer, Integer, Integer)>::new("PRAGMA wal_checkpoint(TRUNCATE)");
        let (is_busy, _, _): (i32, i32, i32) = checkpoint.get_result(db)?;
        if is_busy != 0 {
            return Err(Problem::new(Code::Overloaded).retry_after(1));
        }
        self.is_spoiled.store(false, Ordering::SeqCst);
        Ok(())
    }
}
