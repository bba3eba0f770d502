//! What many clients ask for and do not read is in memory once.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use super::{Folder, served_with};

/// Resident memory of a process in kB.
#[cfg(target_os = "linux")]
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn what_nobody_reads_is_in_memory_once() {
    const CLIENTS: usize = 100;
    let folder = Folder::new();
    let unlimited = [("ANONYMOUS_REQUESTS_PER_MINUTE", "0")];
    let (mut server, base) = served_with(&folder.0, Stdio::null(), &unlimited);
    let connected = || {
        let stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
        stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        stream
    };
    let (document, bundle) = ("/api/v1/openapi.json", "/docs/swagger-ui-bundle.js");
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    // The document is made when somebody first asks for it.
    let mut first = connected();
    first
        .write_all((ask(document) + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut whole = Vec::new();
    first.read_to_end(&mut whole).unwrap();
    assert!(whole.len() > 500_000, "{}", whole.len());
    let before = resident(server.0.id());
    let held: Vec<TcpStream> = (0..CLIENTS)
        .map(|number| {
            let mut stream = connected();
            let path = if number % 2 == 0 { document } else { bundle };
            // More than the system holds for a connection.
            let _ = stream.write_all(ask(path).repeat(16).as_bytes());
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_secs(3));
    let for_each = resident(server.0.id()).saturating_sub(before) / held.len() as u64;
    assert!(for_each < 250, "{for_each} kB for each client");
    drop(held);
    assert!(server.stopped().success());
}
