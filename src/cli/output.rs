//! The output of commands: results to standard output, everything else to standard error. With `LOG_FORMAT=json` what goes to
//! standard error is JSON, one line per event, also panics and errors at the start.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::platform::clock::Clock;
use crate::platform::config::LogFormat;

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
