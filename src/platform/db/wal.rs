//! The write-ahead log of an SQLite file. A commit writes its pages to the log and does not wait for the disk
//! (`synchronous = NORMAL`); whoever promises that a write is stored flushes the log first. One flush is enough for every
//! commit before it, and the writer goes on meanwhile. SQLite itself flushes the log before it moves pages to the database.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use diesel::RunQueryDsl as _;
use diesel::sql_types::Integer;

use super::Db;
use super::kept::Sql;
use crate::platform::problem::{Code, Problem};

/// The log. Clones share the knowledge of a failure.
#[derive(Clone, Debug)]
pub struct Wal {
    database: PathBuf,
    /// The file of the log, once the database exists.
    log: Arc<OnceLock<PathBuf>>,
    is_spoiled: Arc<AtomicBool>,
}

impl Wal {
    /// The log of the database in this file.
    pub fn of(database: &Path) -> Self {
        Self { database: database.to_owned(), log: Arc::default(), is_spoiled: Arc::default() }
    }

    /// Waits until everything that was committed is on disk. After an error it is unknown which commits are: the system
    /// may have dropped what it could not write, and would not say so again. Then every flush fails until
    /// [`mend`](Self::mend) has stored the whole log.
    pub fn flush(&self) -> io::Result<()> {
        if self.is_spoiled.load(Ordering::SeqCst) {
            return Err(io::Error::other("an earlier flush of the database's log has failed"));
        }
        match self.try_flush() {
            Ok(()) => Ok(()),
            Err(error) => {
                self.is_spoiled.store(true, Ordering::SeqCst);
                tracing::error!(%error, "the log of the database could not be flushed");
                Err(error)
            }
        }
    }

    fn try_flush(&self) -> io::Result<()> {
        match File::open(self.log()?) {
            Ok(log) => log.sync_data(),
            // The last connection was closed, and has moved the log into the database.
            Err(error) if error.kind() == ErrorKind::NotFound => File::open(&self.database)?.sync_data(),
            Err(error) => Err(error),
        }
    }

    /// The log lies beside the file itself, not beside a link to it.
    fn log(&self) -> io::Result<&Path> {
        if let Some(known) = self.log.get() {
            return Ok(known);
        }
        let mut path = self.database.canonicalize()?.into_os_string();
        path.push("-wal");
        Ok(self.log.get_or_init(|| path.into()))
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

#[cfg(all(test, unix))]
mod tests {
    use diesel::connection::SimpleConnection as _;
    use diesel::prelude::*;

    use super::*;

    #[test]
    fn the_log_is_found_beside_the_file_that_a_link_names() {
        let folder = std::env::temp_dir().join(format!("samverkan-wal-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("data")).unwrap();
        let (file, link) = (folder.join("data/real.db"), folder.join("link.db"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut connection = SqliteConnection::establish(&link.to_string_lossy()).unwrap();
        connection.batch_execute("PRAGMA journal_mode = WAL; CREATE TABLE things (id INTEGER)").unwrap();
        let wal = Wal::of(&link);
        assert!(wal.log().unwrap().exists(), "{wal:?}");
        wal.flush().unwrap();
        drop(connection);
        assert!(!wal.log().unwrap().exists(), "the last connection removes the log");
        wal.flush().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(wal.flush().is_err(), "without a database nothing is stored");
        assert!(Wal { database: link, ..wal }.flush().is_err(), "after a failure nothing is believed");
    }
}
