//! Clients that misbehave on their connections, byte by byte: they read nothing, ask for half a request, send a body
//! without end, or open too many connections.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::both;
use crate::support::{Kind, TestApp};

/// An application whose patience is one second.
fn impatient(settings: &[(&str, &str)]) -> TestApp {
    TestApp::with(Kind::Sqlite, &[&[("CLIENT_PATIENCE_SECONDS", "1")], settings].concat())
}

fn address(t: &TestApp) -> SocketAddr {
    t.base.strip_prefix("http://").unwrap().parse().unwrap()
}

fn connected(t: &TestApp) -> TcpStream {
    let stream = TcpStream::connect(address(t)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn ask(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

/// Reads one answer with a short body; returns its status.
fn status(stream: &mut TcpStream) -> u16 {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    let head = String::from_utf8(answer).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Whether the server has closed: nothing more comes.
fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0]) {
        Ok(count) => count == 0,
        Err(error) => {
            assert!([ErrorKind::ConnectionReset, ErrorKind::BrokenPipe].contains(&error.kind()), "{error}");
            true
        }
    }
}

/// Whether the system still has the server's end of this connection, whatever the program knows of it.
#[cfg(target_os = "linux")]
fn is_held(server: SocketAddr, client: SocketAddr) -> bool {
    let (server, client) = (format!(":{:04X}", server.port()), format!(":{:04X}", client.port()));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().any(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        // 06 is TIME_WAIT, which holds nothing.
        columns[1].ends_with(&server) && columns[2].ends_with(&client) && columns[3] != "06"
    })
}

#[test]
#[cfg(target_os = "linux")]
fn whoever_reads_nothing_loses_the_connection() {
    let t = impatient(&[]);
    // The first takes more than the system holds for a connection, so the program has the rest; of the second the system has
    // all that the program wrote; the third asks again and again.
    let page = t.anonymous().get("//docs/").text.clone();
    let style =
        page.split('"').find(|word| word.starts_with("swagger-ui.") && word.ends_with(".css")).unwrap();
    let style = format!("/docs/{style}");
    for (path, times) in [("/api/v1/openapi.json", 40), (style.as_str(), 1), ("/problems/notFound", 3000)] {
        let mut stream = TcpStream::connect(address(&t)).unwrap();
        SockRef::from(&stream).set_recv_buffer_size(4096).unwrap();
        stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let began = Instant::now();
        // It may not get rid of all its questions, when the server takes no more.
        let _ = stream.write_all(ask(path).repeat(times).as_bytes());
        let client = stream.local_addr().unwrap();
        assert!(is_held(address(&t), client), "{path}");
        while is_held(address(&t), client) {
            assert!(began.elapsed() < Duration::from_secs(15), "{path} is held");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(began.elapsed() > Duration::from_millis(900), "{path}: {:?}", began.elapsed());
    }
    t.anonymous().get("/kommuner/2582").is(200);
}

#[test]
fn whoever_reads_slowly_keeps_the_connection() {
    let t = TestApp::with(Kind::Sqlite, &[("CLIENT_PATIENCE_SECONDS", "2")]);
    let mut stream = connected(&t);
    SockRef::from(&stream).set_recv_buffer_size(1 << 16).unwrap();
    let (document, last) = ("/api/v1/openapi.json", "Host: x\r\nConnection: close");
    stream.write_all((ask(document).repeat(9) + &ask(document).replace("Host: x", last)).as_bytes()).unwrap();
    let (mut whole, mut part) = (Vec::new(), vec![0; 1 << 16]);
    let began = Instant::now();
    loop {
        // For three times its patience the server waits again and again for this client, which never pauses for so long.
        if began.elapsed() < Duration::from_secs(6) {
            std::thread::sleep(Duration::from_millis(200));
        }
        match stream.read(&mut part).unwrap() {
            0 => break,
            count => whole.extend_from_slice(&part[..count]),
        }
    }
    let text = String::from_utf8(whole).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200").count(), 10);
    assert!(text.ends_with('}') && text.len() > 5_000_000, "{}", text.len());
}

#[test]
fn half_a_request_is_not_waited_for() {
    let t = impatient(&[]);
    let mut stream = connected(&t);
    stream.write_all(ask("/health/live").as_bytes()).unwrap();
    assert_eq!(status(&mut stream), 200);
    // The next request comes letter by letter.
    let began = Instant::now();
    for letter in ask("/api/v1/kommuner?q=a-very-long-name-of-a-kommun").bytes() {
        std::thread::sleep(Duration::from_millis(200));
        if stream.write_all(&[letter]).is_err() || began.elapsed() > Duration::from_secs(8) {
            break;
        }
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(is_closed(&mut stream));
}

#[test]
fn an_address_has_so_many_connections() {
    let open = |t: &TestApp| {
        let mut stream = connected(t);
        let is_answered = stream.write_all(ask("/health/live").as_bytes()).is_ok() && !is_closed(&mut stream);
        is_answered.then_some(stream)
    };
    let settings = [("CONNECTIONS_PER_ADDRESS", "3"), ("CLIENT_PATIENCE_SECONDS", "30")];
    let t = TestApp::with(Kind::Sqlite, &settings);
    let three: Vec<_> = (0..3).map(|_| open(&t).unwrap()).collect();
    for _ in 0..5 {
        assert!(open(&t).is_none());
    }
    drop(three);
    let again = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        open(&t).is_some()
    });
    assert!(again, "the places are not free again");

    let of_proxy =
        TestApp::with(Kind::Sqlite, &[&settings[..], &[("TRUSTED_PROXIES", "127.0.0.0/8")]].concat());
    let many: Vec<_> = (0..20).map(|_| open(&of_proxy).unwrap()).collect();
    assert_eq!(many.len(), 20);
}

/// Sends chunks until the server takes no more; returns how many bytes it took, and the connection.
fn endless(t: &TestApp, head: &str) -> (usize, TcpStream) {
    let mut stream = connected(t);
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    let mut sent = 0;
    while sent < 256 << 20 {
        match stream.write(&chunk[sent % chunk.len()..]) {
            Ok(count) => sent += count,
            Err(_) => return (sent, stream),
        }
    }
    (sent, stream)
}

#[test]
fn a_body_without_end_is_not_read_after_the_answer() {
    let t = TestApp::new(Kind::Sqlite);
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let sized = "Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n";
    for (first, rest, expected) in [
        ("POST /api/v1/programmes", chunked, 401),
        ("POST /api/v1/nothing", chunked, 404),
        ("POST /api/v1/programmes", sized, 401),
        // A body without a meaning.
        ("GET /api/v1/kommuner/2582", chunked, 200),
        ("GET /health/live", chunked, 200),
    ] {
        let (sent, mut stream) = endless(&t, &format!("{first} HTTP/1.1\r\nHost: x\r\n{rest}"));
        // What the systems hold for the connection comes on top of the 64 KiB.
        assert!(sent < 32 << 20, "{first}: {sent}");
        assert_eq!(status(&mut stream), expected, "{first}");
        assert!(is_closed(&mut stream), "{first}");
    }
}

both!(a_refused_body_that_was_read_leaves_the_connection, |t| {
    let mut stream = connected(t);
    let refused = format!(
        "POST /api/v1/programmes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
        t.admin().token()
    );
    stream.write_all(refused.as_bytes()).unwrap();
    assert_eq!(status(&mut stream), 422);
    // More than 64 KiB follow, but they are other requests.
    for _ in 0..30 {
        stream.write_all(ask(&format!("/health/live?{}", "x".repeat(4000))).as_bytes()).unwrap();
        assert_eq!(status(&mut stream), 200);
    }
});

#[test]
fn the_metrics_have_a_listener_of_their_own() {
    let t = TestApp::with(Kind::Sqlite, &[("METRICS_BIND", "127.0.0.1:0")]);
    t.anonymous().get("//metrics").refused(404, "notFound");
    let seen = t.anonymous().get(&format!("{}/metrics", t.metrics));
    assert_eq!(seen.status, 200);
    assert!(
        seen.text.contains("http_request_duration_seconds") && seen.text.ends_with("# EOF\n"),
        "{}",
        seen.text
    );
    for path in ["/", "/api/v1/kommuner", "/health/live", "/docs/"] {
        t.anonymous().get(&format!("{}{path}", t.metrics)).refused(404, "notFound");
    }
    let wrong = t.anonymous().send("POST", &format!("{}/metrics", t.metrics), None);
    wrong.refused(405, "methodNotAllowed");
    assert_eq!(wrong.header("allow"), Some("GET, HEAD, OPTIONS"));
    // Connections that end because of their client are counted.
    let mut stream = connected(&t);
    stream.write_all(b"no HTTP at all\r\n\r\n").unwrap();
    while !is_closed(&mut stream) {}
    let seen = t.anonymous().get(&format!("{}/metrics", t.metrics)).text;
    assert!(seen.contains("connections_closed_total{reason=\"malformed\"} 1"), "{seen}");
}
