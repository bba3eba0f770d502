//! What is in the log, and that the server keeps running when it cannot write it.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use super::{Folder, get, served};

#[test]
fn malformed_requests_are_no_errors_and_a_sample_of_them_is_logged() {
    let folder = Folder::new();
    let log = folder.file("log");
    let (mut server, base) = served(&folder.0, std::fs::File::create(&log).unwrap().into());
    let address = base.strip_prefix("http://").unwrap();
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(200_000));
    for number in 0..300 {
        let bytes = match number % 3 {
            0 => "no HTTP at all\r\n\r\n",
            1 => "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            _ => &long,
        };
        let mut stream = TcpStream::connect(address).unwrap();
        let _ = stream.write_all(bytes.as_bytes());
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert!(server.stopped().success());
    let text = std::fs::read_to_string(log).unwrap();
    assert!(!text.contains("ERROR"), "{text}");
    let told = text.lines().filter(|line| line.contains("malformed")).count();
    assert!((1..=4).contains(&told), "{text}");
}

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
