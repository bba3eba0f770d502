//! The thread that computes: takes a waiting computation, lets the engine work, says every second how far it is, and hands the
//! result over.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use selection::{Input, Watch};

use super::ending::{self, Outcome};
use super::store;
use super::{Bench, ComputationPurpose, ComputationRow, ComputationState};
use crate::calls::selection_proposals::store::unscoped_by_id;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// How often a running computation says how far it is.
const BEAT: Duration = Duration::from_secs(1);

/// How often the thread that says so looks whether the computation has ended.
const LOOK: Duration = Duration::from_millis(20);

/// How long the server computes. The node budget ends a search long before; this is for a machine that is much too slow. It gives
/// no answer, because the answer must not depend on the machine.
const LONGEST: Duration = Duration::from_secs(1_800);

/// Takes and computes what waits, until nothing does.
pub fn take_waiting(bench: &Bench) {
    loop {
        match take_one(bench) {
            Ok(true) => {}
            Ok(false) => return,
            Err(problem) => {
                tracing::error!(%problem, "a selection could not be computed");
                return;
            }
        }
    }
}

/// Takes one; returns whether any waited.
fn take_one(bench: &Bench) -> Result<bool, Problem> {
    let database = &bench.database;
    let running = database.read_blocking(&bench.context.system(), store::unscoped_all_running)?;
    for (id, _) in running.into_iter().filter(|(_, progress)| progress.runner.is_none()) {
        let claimed =
            database.write_blocking(&bench.context.system(), |tx| store::claim(tx, id, &bench.runner))?;
        if claimed {
            compute(bench, id)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the engine is told and asked while it works.
struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    is_cancelled: AtomicBool,
}

impl Progress {
    fn count(&self, number: &AtomicU64) -> i32 {
        i32::try_from(number.load(Ordering::Relaxed)).unwrap_or(i32::MAX)
    }
}

impl Watch for Progress {
    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    fn progress(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }
}

fn compute(bench: &Bench, id: Id) -> Result<(), Problem> {
    let task = bench.database.read_blocking(&bench.context.system(), |rx| {
        let row = store::unscoped_by_id(rx.db, id)?;
        let answer = unscoped_by_id(rx.db, row.proposal_id)?.answer.map(|answer| answer.0);
        Ok(Task { row, answer })
    })?;
    let progress = Progress { done: 0.into(), total: 0.into(), is_cancelled: AtomicBool::new(false) };
    let has_ended = AtomicBool::new(false);
    let (outcome, was_too_long) = std::thread::scope(|scope| {
        let ticking = scope.spawn(|| tick(bench, id, &progress, &has_ended));
        // A panic of the engine must not leave the other thread waiting.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&task, &progress)))
            .unwrap_or_else(|_| Err(Problem::internal("the engine panicked")));
        has_ended.store(true, Ordering::SeqCst);
        (outcome, ticking.join().unwrap_or(false))
    });
    let outcome = match outcome {
        Ok(None) if was_too_long => Outcome::Ended(ComputationState::TooLong),
        Ok(None) => Outcome::Ended(ComputationState::Cancelled),
        Ok(Some(outcome)) => outcome,
        Err(problem) => {
            tracing::error!(%problem, computation = %id, "a selection could not be computed");
            Outcome::Ended(ComputationState::Failed)
        }
    };
    let (done, total) = (progress.count(&progress.done), progress.count(&progress.total));
    bench.database.write_blocking(&bench.context.system(), |tx| {
        store::beat(tx, id, done, total)?;
        ending::hand_over(tx, id, &outcome)
    })
}

/// What is computed.
struct Task {
    row: ComputationRow,
    /// The choice that is explained.
    answer: Option<selection::Answer>,
}

/// Lets the engine work; none when it was cancelled.
fn work(task: &Task, watch: &Progress) -> Result<Option<Outcome>, Problem> {
    let (_, problem) = problem_of(&task.row.input)?;
    match (task.row.purpose, &task.answer) {
        (ComputationPurpose::Explanations, Some(answer)) => {
            let Ok(explanations) = selection::explain(&problem, answer, 1, watch) else { return Ok(None) };
            let json = serde_json::to_string(&explanations).map_err(Problem::internal)?;
            Ok(Some(Outcome::Explanations(json)))
        }
        (ComputationPurpose::Explanations, None) => {
            Err(Problem::internal("a proposal to explain without its answer"))
        }
        (ComputationPurpose::Answer, _) => {
            let Ok(answer) = selection::solve(&problem, watch) else { return Ok(None) };
            let reserves = selection::reserves(
                &problem,
                &answer,
                usize::try_from(task.row.reserve_count).unwrap_or_default(),
            );
            let reserves = reserves.into_iter().map(|reserve| reserve.kommunkod).collect();
            Ok(Some(Outcome::Answer { answer, reserves }))
        }
    }
}

/// A recorded input, ready for the engine.
pub fn problem_of(input: &str) -> Result<(Input, selection::Problem), Problem> {
    let wrong =
        |faults: Vec<selection::Fault>| Problem::internal(format!("a recorded input is wrong: {faults:?}"));
    let input = Input::from_json(input.as_bytes()).map_err(wrong)?;
    let problem = selection::Problem::new(&input).map_err(wrong)?;
    Ok((input, problem))
}

/// Says how far the computation is, until it has ended. Cancels it when nobody wants it any more, and when it takes too long;
/// returns whether that was so.
fn tick(bench: &Bench, id: Id, progress: &Progress, has_ended: &AtomicBool) -> bool {
    let began = Instant::now();
    let mut next = began + BEAT;
    while !has_ended.load(Ordering::SeqCst) {
        std::thread::sleep(LOOK);
        if Instant::now() < next {
            continue;
        }
        next += BEAT;
        if began.elapsed() > LONGEST {
            progress.is_cancelled.store(true, Ordering::Relaxed);
            return true;
        }
        let (done, total) = (progress.count(&progress.done), progress.count(&progress.total));
        let wanted =
            bench.database.write_blocking(&bench.context.system(), |tx| store::beat(tx, id, done, total));
        // Without the database the computation goes on: it may answer again before the end.
        if matches!(wanted, Ok(false)) {
            progress.is_cancelled.store(true, Ordering::Relaxed);
        }
    }
    false
}
