//! Requests byte by byte, as no client library sends them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::support::TestApp;

/// A response, parsed as far as the tests need it.
pub struct RawResponse {
    pub status: u16,
    pub body: String,
}

impl RawResponse {
    /// The problem of a refusal.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["code"], code);
    }
}

/// Sends bytes and reads the response without sending more. A server that waits for the rest fails the test.
pub fn send(t: &TestApp, bytes: &[u8]) -> RawResponse {
    let mut stream = TcpStream::connect(t.base.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(4))).unwrap();
    // A server that has refused a long request takes no more of it. Its answer is there all the same.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut part = [0; 16 * 1024];
    // The connection may stay open: read the head and the stated length of the body.
    while whole(&answer).is_none() {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&part[..count]),
            Err(error) => panic!("no whole answer: {error}: {}", String::from_utf8_lossy(&answer)),
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    let (_, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    RawResponse { status: status.unwrap_or_else(|| panic!("no status: {text}")), body: body.to_owned() }
}

fn whole(answer: &[u8]) -> Option<()> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Some(0), |(_, value)| value.trim().parse::<usize>().ok())?;
    (body.len() >= length).then_some(())
}
