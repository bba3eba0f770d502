//! The server keeps running when it cannot write its log.

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
fn standard_error_on_a_full_disk() {
    goes_on_without_a_log(OpenOptions::new().write(true).open("/dev/full").unwrap().into());
}

#[test]
fn standard_error_without_a_reader() {
    goes_on_without_a_log(Stdio::piped());
}
