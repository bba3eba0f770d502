//! `samverkan select`: repeats a selection from its recorded input, without a database and without a server.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use selection::{Answer, Because, Explanations, Fault, Input, Problem as Selection, Watch};
use serde::Serialize;

use super::output;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::{Language, Localized};

/// What to repeat.
#[derive(Args)]
pub struct Select {
    /// The recorded input (`GET /selection-proposals/{id}/input`); `-` for standard input
    file: PathBuf,
    /// Tell also why each kommun is in or out, and what each quota and pin costs
    #[arg(long)]
    explain: bool,
    /// How many threads explain; the answer is the same for any number [default: as many as there are processors]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// No set fulfils the quotas and pins.
const INFEASIBLE: u8 = 1;
/// The input cannot be read, or has faults.
const MALFORMED: u8 = 2;
/// Nothing is proven: the best set found before the node budget ended, or none was found.
const OPEN: u8 = 3;

/// The answer with what was asked for beside it.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    answer: Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanations: Option<Explanations>,
}

/// Prints the answer as JSON. The exit status tells which one it is.
pub fn run(wanted: &Select) -> ExitCode {
    let input = read(&wanted.file).and_then(|bytes| Input::from_json(&bytes).map_err(problem));
    let selection = input.and_then(|input| Selection::new(&input).map_err(problem));
    match selection.and_then(|selection| told(&selection, wanted)) {
        Ok(told) => {
            output::line(&serde_json::to_string_pretty(&told).unwrap_or_default());
            ExitCode::from(status(&told.answer))
        }
        Err(problem) => {
            output::problem(&problem, Language::En);
            ExitCode::from(MALFORMED)
        }
    }
}

fn status(answer: &Answer) -> u8 {
    match answer {
        Answer::Optimal { .. } => 0,
        Answer::Feasible { .. } | Answer::Infeasible { because: Because::Budget, .. } => OPEN,
        Answer::Infeasible { .. } => INFEASIBLE,
    }
}

fn told(selection: &Selection, wanted: &Select) -> Result<Told, Problem> {
    // Nobody cancels a command but by ending it.
    let cancelled = |_| Problem::internal("a computation without anybody who cancels was cancelled");
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = wanted.threads.map_or_else(processors, usize::from);
    let bar = Bar::new("goals");
    let answer = selection::solve(selection, &bar).map_err(cancelled)?;
    bar.0.finish_and_clear();
    let explanations = wanted.explain.then(|| {
        let bar = Bar::new("explanations");
        let told = selection::explain(selection, &answer, threads, &bar);
        bar.0.finish_and_clear();
        told
    });
    Ok(Told { explanations: explanations.transpose().map_err(cancelled)?, answer })
}

/// A line that shows the progress, if standard error is a terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new(what: &str) -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}} of {{len}} {what}")) {
            bar.set_style(style);
        }
        Bar(bar)
    }
}

impl Watch for Bar {
    fn is_cancelled(&self) -> bool {
        false
    }

    fn progress(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| {
        let name = file.display();
        let (sv, en) = (format!("{name} kan inte läsas: {error}"), format!("{name} cannot be read: {error}"));
        Problem::new(Code::InvalidInput).detail(sv, en)
    })
}

/// The faults of an input, as the server would answer them.
fn problem(faults: Vec<Fault>) -> Problem {
    let is_no_json = faults.iter().any(|fault| fault.code == "malformedJson");
    let code = if is_no_json { Code::MalformedJson } else { Code::InvalidInput };
    let errors = faults
        .into_iter()
        .map(|Fault { pointer, code, sv, en }| FieldError::new(pointer, code, Localized::new(sv, en)));
    Problem::new(code).errors(errors.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_proven_has_the_status_of_it() {
        let none = |because| Answer::Infeasible { because, relaxation: None };
        assert_eq!(status(&none(Because::Quotas)), INFEASIBLE);
        assert_eq!(status(&none(Because::Budget)), OPEN, "nobody knows whether there is a set");
    }
}
