//! The write-ahead log of an SQLite file. A commit writes its pages to the log and does not wait for the disk
//! (`synchronous = NORMAL`); whoever promises that a write is stored flushes the log first. One flush is enough for every
//! commit before it, and the writer goes on meanwhile. SQLite itself flushes the log before it moves pages to the database.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::checkpoints;

/// What the threads that use the log share.
#[derive(Debug, Default)]
pub struct Shared {
    /// The open log. It stays open, because the system tells an error once to each descriptor that was open when it
    /// happened. The database itself must never be opened here: closing it would take away SQLite's locks.
    log: Mutex<Option<Arc<File>>>,
    is_spoiled: AtomicBool,
}

impl Shared {
    /// The log, if it is open.
    pub fn log(&self) -> MutexGuard<'_, Option<Arc<File>>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A flush failed, so nothing is flushed or prepared any more: the system has dropped what it could not write, and does
    /// not say so again. A restart reads the log anew.
    pub fn spoil(&self, error: &dyn Display) {
        self.is_spoiled.store(true, Ordering::SeqCst);
        tracing::error!(%error, "The database could not be written to disk: writes are refused until a restart");
    }

    /// Whether a flush has failed.
    pub fn is_spoiled(&self) -> bool {
        self.is_spoiled.load(Ordering::SeqCst)
    }
}

/// The log. Clones share its state.
#[derive(Clone, Debug)]
pub struct Wal {
    database: PathBuf,
    shared: Arc<Shared>,
    flushing: Arc<Mutex<()>>,
    /// Wakes the thread that moves the log into the database.
    checkpoints: SyncSender<()>,
}

impl Wal {
    /// The log of the database in this file.
    pub fn of(database: &Path) -> Self {
        let shared = Arc::<Shared>::default();
        Self {
            database: database.to_owned(),
            checkpoints: checkpoints::start(database, Arc::clone(&shared)),
            shared,
            flushing: Arc::default(),
        }
    }

    /// Opens the log, if it is not open or was made anew. For a transaction that has begun and will be flushed. An error if
    /// that cannot be done, or if an earlier flush has failed.
    pub fn prepare(&self) -> io::Result<()> {
        self.check()?;
        // The log lies beside the file itself, not beside a link to it.
        let mut path = self.database.canonicalize()?.into_os_string();
        path.push("-wal");
        let there = std::fs::metadata(&path)?;
        let mut log = self.shared.log();
        let known = log.as_ref().map(|log| log.metadata()).transpose()?;
        if known.is_none_or(|known| (known.dev(), known.ino()) != (there.dev(), there.ino())) {
            *log = Some(Arc::new(File::open(&path)?));
        }
        Ok(())
    }

    /// Waits until everything that was committed after [`prepare`](Self::prepare) is on disk. After an error it is unknown
    /// which commits are: the system drops what it could not write, and does not say so again. Then nothing is flushed or
    /// prepared any more: a restart reads the log anew.
    pub fn flush(&self) -> io::Result<()> {
        let _one = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        let log = self.shared.log().clone();
        let log = log.ok_or_else(|| io::Error::other("the log of the database is not open"))?;
        log.sync_data().inspect_err(|error| self.shared.spoil(error))?;
        // When the channel is full, the thread has not yet seen the message before.
        let _ = self.checkpoints.try_send(());
        Ok(())
    }

    /// Whether a flush has failed.
    pub fn is_spoiled(&self) -> bool {
        self.shared.is_spoiled()
    }

    fn check(&self) -> io::Result<()> {
        if self.shared.is_spoiled() {
            return Err(io::Error::other("an earlier flush of the log has failed"));
        }
        Ok(())
    }
}

#[cfg(test)]
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
        let open = || {
            let mut connection = SqliteConnection::establish(&link.to_string_lossy()).unwrap();
            connection
                .batch_execute("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS things (id INTEGER)")
                .unwrap();
            connection
        };
        let inode = |wal: &Wal| wal.shared.log().as_ref().unwrap().metadata().unwrap().ino();
        let wal = Wal::of(&link);
        assert!(wal.flush().is_err(), "nothing was prepared");
        let connection = open();
        wal.prepare().unwrap();
        wal.flush().unwrap();
        let first = inode(&wal);
        drop(connection);
        assert!(wal.prepare().is_err(), "the last connection has removed the log");
        let _connection = open();
        wal.prepare().unwrap();
        wal.flush().unwrap();
        let there = std::fs::metadata(folder.join("data/real.db-wal")).unwrap().ino();
        assert_eq!(inode(&wal), there, "the log before was {first}");
        wal.shared.spoil(&"a test");
        assert!(wal.prepare().is_err() && wal.flush().is_err(), "after a failure nothing is believed");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
