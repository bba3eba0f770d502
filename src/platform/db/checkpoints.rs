//! Moves SQLite's log into the database beside the writer. SQLite would do it in the commit that makes the log too long,
//! and whoever waits for that commit would wait for the move; this thread does it with a connection of its own while
//! the writer goes on. Only when no page is left to move does a writer begin the log anew, so the commit that makes it
//! longer than [`LONGEST_LOG`] still moves what is left.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

use super::Db;
use super::pool::open_sqlite;
use super::wal::Shared;

/// How many pages the log grows before they are moved. A page has 4 KiB.
const STEP: u64 = 1_000;

/// The length of the log in pages from which the writer moves what is left.
pub const LONGEST_LOG: u64 = 4 * STEP;

/// Starts the thread. It looks at the log whenever it gets a message, and ends when the last sender is gone.
pub fn start(database: &Path, shared: Arc<Shared>) -> SyncSender<()> {
    let (wakes, woken) = sync_channel(1);
    let mover = Mover { database: database.to_owned(), shared, connection: None, moved: Place::default() };
    std::thread::spawn(move || mover.serve(&woken));
    wakes
}

/// A place in the log.
#[derive(Default)]
struct Place {
    /// Two random numbers that are new whenever the log begins anew.
    salts: [u8; 8],
    /// How many pages lie before it.
    pages: u64,
}

#[derive(QueryableByName)]
struct Moved {
    /// The pages of the log when the move began.
    #[diesel(sql_type = BigInt)]
    log: i64,
}

struct Mover {
    database: PathBuf,
    shared: Arc<Shared>,
    /// The connection, and the database to flush. Opened at the first move.
    connection: Option<(SqliteConnection, Arc<File>)>,
    /// Where the last move began, roughly the first page that is not moved.
    moved: Place,
}

impl Mover {
    fn serve(mut self, woken: &Receiver<()>) {
        while woken.recv().is_ok() {
            let moved =
                self.has_grown().and_then(|has_grown| if has_grown { self.move_pages() } else { Ok(()) });
            if let Err(error) = moved {
                tracing::warn!(%error, "The log of the database could not be moved into the database");
                self.connection = None;
                // Not at once again, when the disk is full, for example.
                self.moved.pages += STEP;
            }
        }
    }

    /// Whether the log has a frame [`STEP`] behind the last move, which has the salts of the log's beginning
    /// (<https://www.sqlite.org/fileformat2.html#walformat>). What was rolled back can be there, too.
    fn has_grown(&mut self) -> io::Result<bool> {
        let log = self.shared.log().clone();
        let Some(log) = log.filter(|_| !self.shared.is_spoiled()) else { return Ok(false) };
        let mut header = [0; 32];
        if !is_read(&log, &mut header, 0)? {
            return Ok(false);
        }
        let [.., p0, p1, p2, p3] = header[..12] else { return Ok(false) };
        let page_size = u64::from(u32::from_be_bytes([p0, p1, p2, p3]));
        if self.moved.salts != header[16..24] {
            self.moved.salts.copy_from_slice(&header[16..24]);
            self.moved.pages = 0;
        }
        let mut frame = [0; 24];
        let before = self.moved.pages + STEP - 1;
        let is_there = is_read(&log, &mut frame, 32 + before * (24 + page_size))?;
        Ok(is_there && frame[8..16] == self.moved.salts)
    }

    fn move_pages(&mut self) -> io::Result<()> {
        let (connection, database) = match &mut self.connection {
            Some(open) => open,
            none => none.insert((
                open_sqlite(&self.database, 0).map_err(io::Error::other)?,
                open_for_ever(&self.database)?,
            )),
        };
        let move_them = sql_query("PRAGMA wal_checkpoint(PASSIVE)");
        // After an error, SQLite counts no page as moved, and moves them again.
        let moved: Moved = move_them.get_result(connection).map_err(io::Error::other)?;
        // −1, when the writer is moving pages itself: then again after the next flush. When nothing was committed since the
        // last move, the frames that are there were rolled back.
        let pages = u64::try_from(moved.log).unwrap_or_default();
        self.moved.pages = if pages == self.moved.pages { pages + STEP } else { pages };
        // SQLite flushes the database only when it has moved everything. Done here, little is left for the writer then. The
        // pages count as moved already, so a failed flush would lose them when the log begins anew.
        database.sync_data().inspect_err(|error| self.shared.spoil(error))
    }
}

/// Moves the whole log into the database, unless somebody reads an old state, and empties it. Its result is only an
/// advantage: a log that stays is read at the next start.
pub fn move_all(db: &mut Db) {
    move_by(db, "TRUNCATE");
}

fn move_by(db: &mut Db, mode: &str) {
    if let Err(error) = db.batch_execute(&format!("PRAGMA wal_checkpoint({mode})")) {
        tracing::warn!(%error, "The log of the database could not be moved into the database");
    }
}

/// Whether a database of this program met a full disk since the last [`make_room`].
pub static ROOM_IS_SHORT: AtomicBool = AtomicBool::new(false);

/// After a full disk, lets the log begin anew if it can, so that the next write needs no more room than it has already.
/// Called outside a transaction.
pub fn make_room(db: &mut Db) {
    if ROOM_IS_SHORT.swap(false, Ordering::SeqCst) && matches!(db, Db::Sqlite(_)) {
        move_by(db, "PASSIVE");
    }
}

/// Fills the buffer from the file. False when the file ends before.
fn is_read(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<bool> {
    match file.read_exact_at(buffer, offset) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

/// Opens the file of a database once for the life of the process: closing it would take away the locks that SQLite has on
/// it (<https://www.sqlite.org/howtocorrupt.html>, section 2.2).
fn open_for_ever(database: &Path) -> io::Result<Arc<File>> {
    static OPEN: Mutex<Vec<Arc<File>>> = Mutex::new(Vec::new());
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let inode = |of: &std::fs::Metadata| (of.dev(), of.ino());
    let this = inode(&std::fs::metadata(database)?);
    let known = open.iter().find(|file| file.metadata().is_ok_and(|known| inode(&known) == this));
    if let Some(file) = known {
        return Ok(Arc::clone(file));
    }
    let file = Arc::new(File::open(database)?);
    open.push(Arc::clone(&file));
    Ok(file)
}

#[cfg(test)]
mod tests {
    use diesel::Connection as _;

    use super::*;

    #[test]
    fn pages_are_moved_whenever_the_log_has_grown_by_a_step() {
        let folder = std::env::temp_dir().join(format!("samverkan-checkpoints-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a.db");
        let open = || {
            let mut connection = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
            connection.batch_execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0").unwrap();
            connection
        };
        let (mut writer, mut reader) = (open(), open());
        let mut write = |pages: u64| {
            let fill = format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {pages})
                 INSERT INTO things SELECT zeroblob(3500) FROM n;"
            );
            writer.batch_execute(&fill).unwrap();
        };
        let mut mover = Mover {
            database: file.clone(),
            shared: Arc::default(),
            connection: None,
            moved: Place::default(),
        };
        assert!(!mover.has_grown().unwrap(), "there is no log yet");

        reader.batch_execute("CREATE TABLE things (content BLOB)").unwrap();
        *mover.shared.log() = Some(Arc::new(File::open(folder.join("a.db-wal")).unwrap()));
        write(STEP / 2);
        assert!(!mover.has_grown().unwrap());
        write(STEP / 2 + 10);
        assert!(mover.has_grown().unwrap());
        let before = std::fs::metadata(&file).unwrap().len();
        mover.move_pages().unwrap();
        assert!(
            std::fs::metadata(&file).unwrap().len() > before + STEP * 4096,
            "the pages are in the database"
        );
        assert!(!mover.has_grown().unwrap());

        // The next write finds everything moved and begins the log anew, with the old pages still behind the new ones.
        write(STEP / 2);
        assert!(!mover.has_grown().unwrap());
        write(STEP / 2 + 10);
        assert!(mover.has_grown().unwrap());
        mover.move_pages().unwrap();

        // A reader of an old state keeps the log from beginning anew, and then it has grown again.
        reader.batch_execute("BEGIN; SELECT COUNT(*) FROM things").unwrap();
        write(STEP / 2);
        assert!(!mover.has_grown().unwrap());
        write(STEP / 2 + 10);
        assert!(mover.has_grown().unwrap());
        mover.move_pages().unwrap();
        write(STEP / 2);
        assert!(!mover.has_grown().unwrap());
        write(STEP / 2 + 10);
        assert!(mover.has_grown().unwrap());

        // Pages that count as moved and may not be on disk: nothing may be written any more.
        let connection = mover.connection.take().map(|(connection, _)| connection);
        let unflushable = Arc::new(File::open("/dev/full").unwrap());
        mover.connection = connection.map(|connection| (connection, unflushable));
        mover.move_pages().unwrap_err();
        assert!(mover.shared.is_spoiled());
        assert!(!mover.has_grown().unwrap(), "and nothing is moved any more");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
