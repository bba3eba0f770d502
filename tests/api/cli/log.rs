//! A log that cannot be written costs its lines and nothing else.

use std::fs::OpenOptions;
use std::process::Stdio;

use super::{Folder, get, served};

fn goes_on_without_a_log(stderr: Stdio) {
    let folder = Folder::new();
    let (mut server, base) = served(&folder.0, stderr);
    for _ in 0..20 {
        assert_eq!(get(&format!("{base}/api/v1/api-info"), "none").0, 401);
        assert_eq!(get(&format!("{base}/health/ready"), "none").0, 200);
    }
    assert!(server.stopped().success());
}

#[test]
fn a_full_disk_behind_standard_error() {
    goes_on_without_a_log(OpenOptions::new().write(true).open("/dev/full").unwrap().into());
}

#[test]
fn a_reader_of_standard_error_that_is_gone() {
    goes_on_without_a_log(Stdio::piped());
}
