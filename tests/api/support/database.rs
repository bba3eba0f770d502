//! A database per test: SQLite by copying a migrated file, PostgreSQL by cloning a migrated template database.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use samverkan::platform::db::{Location, migrations};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A database that is removed with its test.
pub struct TestDatabase {
    pub kind: Kind,
    pub url: String,
    pub folder: PathBuf,
    name: String,
}

fn folder() -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let folder = std::env::temp_dir().join(format!("samverkan-test-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Removes what earlier runs have left, such as their templates. A run that still goes on keeps its folders.
fn remove_old_folders() {
    // Without /proc nobody knows which run still goes on.
    if !Path::new("/proc/self").exists() {
        return;
    }
    for entry in std::fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        let process = name.strip_prefix("samverkan-test-").and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !PathBuf::from(format!("/proc/{process}")).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn server() -> String {
    std::env::var("SAMVERKAN_TEST_POSTGRES")
        .expect("SAMVERKAN_TEST_POSTGRES names a PostgreSQL server; scripts/test starts one")
}

/// The server's address with another database name.
fn named(database: &str) -> String {
    let server = server();
    let (address, _) = server.rsplit_once('/').expect("an address that ends in a database name");
    format!("{address}/{database}")
}

/// Runs a statement on the server, outside of all databases of tests.
pub fn administrate(statement: &str) {
    let mut connection = PgConnection::establish(&server()).unwrap();
    connection.batch_execute(statement).unwrap();
}

fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("template_{}", std::process::id());
        administrate(&format!("CREATE DATABASE {name}"));
        migrations::run(&Location::Postgres(named(&name))).unwrap();
        name
    })
}

fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        remove_old_folders();
        let path = folder().join("template.db");
        migrations::run(&Location::Sqlite(path.clone())).unwrap();
        path
    })
}

impl TestDatabase {
    pub fn new(kind: Kind) -> Self {
        let folder = folder();
        match kind {
            Kind::Sqlite => {
                let path = folder.join("samverkan.db");
                std::fs::copy(sqlite_template(), &path).unwrap();
                Self { kind, url: format!("sqlite://{}", path.display()), folder, name: String::new() }
            }
            Kind::Postgres => {
                static NEXT: AtomicU64 = AtomicU64::new(0);
                let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
                administrate(&format!("CREATE DATABASE {name} TEMPLATE {}", postgres_template()));
                Self { kind, url: named(&name), folder, name }
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.kind == Kind::Postgres && !std::thread::panicking() {
            // The server's autovacuum may be connected at this moment, and no client may terminate it.
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            let mut connection = PgConnection::establish(&server()).unwrap();
            let mut tries = (0..50).map(|_| connection.batch_execute(&drop));
            assert!(tries.any(|tried| {
                if tried.is_err() {
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                tried.is_ok()
            }));
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
