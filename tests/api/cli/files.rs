//! The files of the program are its own: they hold personal data.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use super::{Folder, get, program, run, served, text};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open_up(path: &Path) {
    std::fs::set_permissions(path, Permissions::from_mode(0o666)).unwrap();
}

#[test]
fn a_database_that_others_can_read_is_tightened_at_the_start() {
    let folder = Folder::new();
    let data = folder.file("data");
    let files = ["samverkan.db", "samverkan.db-wal", "samverkan.db-shm"].map(|name| data.join(name));
    let (server, base) = served(&data, Stdio::null());
    assert_eq!(get(&format!("{base}/health/ready"), "none").0, 200);
    assert_eq!(mode(&data), 0o700, "the program made the folder");
    // Killed, so that the log stays.
    drop(server);
    files.iter().for_each(|file| open_up(file));
    let (mut server, base) = served(&data, Stdio::null());
    assert_eq!(get(&format!("{base}/health/ready"), "none").0, 200);
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    assert!(server.stopped().success());
    // Each command does it.
    open_up(&files[0]);
    let done = run(&mut program(&data, &["migrate"]));
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(mode(&files[0]), 0o600);
}

#[test]
fn the_folder_of_the_demonstration_is_private() {
    let folder = Folder::new();
    let data = folder.file("demo");
    // The folder is made before the port is refused.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let demo = run(&mut program(&folder.0, &["demo", "--port", &port, "--data-dir", data.to_str().unwrap()]));
    assert!(!demo.status.success());
    assert_eq!(mode(&data), 0o700);
}
