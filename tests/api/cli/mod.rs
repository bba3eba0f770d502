//! The program as an operator starts it: its commands, its log, its demonstration.

/// A test of an installation on each database.
macro_rules! on_both {
    ($name:ident, $test:ident) => {
        mod $name {
            use $crate::support::Kind;

            #[test]
            fn sqlite() {
                super::$test(Kind::Sqlite);
            }

            #[test]
            fn postgres() {
                super::$test(Kind::Postgres);
            }
        }
    };
}

mod admin;
mod backup;
mod demo;
mod drill;
mod files;
mod installation;
mod keys;
mod log;
mod memory;
mod other_databases;
mod select;
mod start;

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

/// A folder that is removed with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("samverkan-cli-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The program with its own data folder and without the settings of this machine.
fn program(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samverkan"));
    command.args(arguments).env("DATA_DIR", data);
    for setting in samverkan::platform::config::SETTINGS.iter().filter(|setting| setting.name != "DATA_DIR") {
        command.env_remove(setting.name).env_remove(format!("{}_FILE", setting.name));
    }
    command.env_remove("SAMVERKAN_CONFIG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// A running program, killed when the test ends.
struct Running(Child);

impl Running {
    /// Stops the program with SIGTERM.
    fn stopped(&mut self) -> ExitStatus {
        let kill = format!("kill -TERM {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        for _ in 0..400 {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("SIGTERM does not stop the program");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `serve` on a free port and waits until it listens.
fn served(data: &Path, stderr: Stdio) -> (Running, String) {
    served_with(data, stderr, &[])
}

/// The same with other settings.
fn served_with(data: &Path, stderr: Stdio, settings: &[(&str, &str)]) -> (Running, String) {
    let mut command = program(data, &["serve"]);
    command.envs(settings.iter().copied());
    started(command, stderr)
}

/// Starts a command that serves on a free port, and waits until it listens.
fn started(mut command: Command, stderr: Stdio) -> (Running, String) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    command.env("BIND", &address).stdout(Stdio::null()).stderr(stderr);
    let mut child = Running(command.spawn().unwrap());
    // Closes the reading end of a pipe: every write to it fails from now on.
    drop(child.0.stderr.take());
    for _ in 0..1000 {
        // It accepts connections a moment before it serves, and before it minds signals.
        if TcpStream::connect(&address).is_ok() {
            let base = format!("http://{address}");
            assert_eq!(get(&format!("{base}/health/ready"), "none").0, 200);
            return (child, base);
        }
        assert!(child.0.try_wait().unwrap().is_none(), "the program ended instead of serving");
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the program does not answer on {address}");
}

/// Sends a request; returns status and body.
fn asked(request: ureq::http::Request<String>) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.run(request).unwrap();
    let body = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::Null))
}

fn get(address: &str, token: &str) -> (u16, Value) {
    let request = ureq::http::Request::get(address).header("Authorization", format!("Bearer {token}"));
    asked(request.body(String::new()).unwrap())
}

fn post(address: &str, media_type: &str, body: &str) -> (u16, Value) {
    asked(
        ureq::http::Request::post(address).header("Content-Type", media_type).body(body.to_owned()).unwrap(),
    )
}

/// Posts a form to the token endpoint; returns status and body.
fn token(base: &str, form: &str) -> (u16, Value) {
    post(&format!("{base}/api/v1/oauth/token"), "application/x-www-form-urlencoded", form)
}
