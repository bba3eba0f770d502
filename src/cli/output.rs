//! The output of commands: results to standard output, everything else to standard error. With `LOG_FORMAT=json` what goes to
//! standard error is JSON, one line per event, also panics and errors at the start.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::platform::clock::Clock;
use crate::platform::config::LogFormat;
use crate::platform::problem::Problem;
use crate::platform::text::Language;

static IS_JSON: AtomicBool = AtomicBool::new(false);

/// From now on, standard error is written like this. Panics of the program are events, too.
pub fn begin(format: LogFormat) {
    if matches!(format, LogFormat::Json) {
        IS_JSON.store(true, Ordering::SeqCst);
        std::panic::set_hook(Box::new(|panic| event("ERROR", &panic.to_string())));
    }
}

/// Whether standard error is JSON.
pub fn is_json() -> bool {
    IS_JSON.load(Ordering::SeqCst)
}

/// A line of the result.
pub fn line(text: &str) {
    // A closed standard output is not an error of the command.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line for the operator.
pub fn note(text: &str) {
    event("INFO", text);
}

/// An error.
pub fn error(text: &str) {
    let plain = if is_json() { text.to_owned() } else { format!("samverkan: {text}") };
    event("ERROR", &plain);
}

/// A problem as a document, without what only a request has.
pub fn problem(problem: &Problem, language: Language) {
    let mut document = problem.document(language, "", "", "");
    if let Some(members) = document.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "instance" | "traceId"));
    }
    let _ = writeln!(std::io::stderr(), "{document:#}");
}

/// As `tracing_subscriber` writes it.
fn event(level: &str, text: &str) {
    let text = if is_json() {
        let now = Clock::system().wall();
        json!({"timestamp": now, "level": level, "message": text, "target": "samverkan::cli"}).to_string()
    } else {
        text.to_owned()
    };
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::Value;

    use super::*;

    /// Set in the process that panics. It is one of its own, because a process has only one hook for panics.
    const PANICS: &str = "PANIC_FOR_THE_TEST";

    fn panic_between_notes() {
        begin(LogFormat::Json);
        note("before");
        let panicked = std::thread::spawn(|| panic!("of \"two\"\nlines")).join();
        assert!(panicked.is_err());
        error("after");
    }

    #[test]
    fn a_panic_is_a_line_of_json() {
        if std::env::var_os(PANICS).is_some() {
            return panic_between_notes();
        }
        let mut child = Command::new(std::env::current_exe().unwrap());
        let this = "cli::output::tests::a_panic_is_a_line_of_json";
        let child = child.args(["--exact", this, "--nocapture"]).env(PANICS, "1");
        let output = child.env("RUST_BACKTRACE", "1").output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
        let told: Vec<(String, String)> = lines
            .map(|line| {
                assert!(line["timestamp"].is_string(), "{line}");
                let of = |name: &str| line[name].as_str().unwrap().to_owned();
                (of("level"), of("message"))
            })
            .collect();
        let [before, panic, after] = &told[..] else { panic!("{text}") };
        assert_eq!((before, after), (&("INFO".into(), "before".into()), &("ERROR".into(), "after".into())));
        assert!(panic.0 == "ERROR" && panic.1.contains("of \"two\"\nlines"), "{panic:?}");
    }
}
