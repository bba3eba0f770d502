//! What a computation costs on one core: `scripts/bench selection`. Twenty pools a size, half of them with quotas and pins.
//! An argument such as `290,45` measures that size alone, `explanations` those of what is left out.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "it prints, and a panic is its report"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use selection::{Answer, NoWatch, Problem, explain, solve_counting};

const SIZES: [(usize, usize); 6] = [(40, 12), (120, 12), (290, 12), (290, 30), (290, 45), (290, 60)];
const POOLS: u64 = 20;

/// The processor's time of this thread, where Linux tells it: other programs do not count then. Otherwise the clock's.
fn time() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

fn main() {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("explanations") {
        return explanations(290, 12);
    }
    let wanted: Option<(usize, usize)> = argument.map(|size| {
        let (applicants, places) = size.split_once(',').expect("APPLICANTS,PLACES");
        (applicants.parse().expect("a number"), places.parse().expect("a number"))
    });
    println!("applicants places |  min ms  median     max | proven of {POOLS} | slowest: pool nodes");
    for (applicants, places) in SIZES.into_iter().filter(|size| wanted.is_none_or(|wanted| wanted == *size)) {
        size(applicants, places);
    }
    if wanted.is_none() {
        explanations(290, 12);
    }
}

fn size(applicants: usize, places: usize) {
    let mut runs: Vec<(f64, u64, u64)> = Vec::new();
    let mut proven = 0;
    for pool in 0..POOLS {
        let input = support::pool(pool, applicants, places, pool % 2 == 1);
        // Linux tells the time in ticks of some milliseconds, so what is quick is done several times.
        let (begun, mut times) = (time(), 0);
        let (answer, nodes) = loop {
            let problem = Problem::new(&input).expect("no fault");
            let answered = solve_counting(&problem, &NoWatch).expect("not cancelled");
            times += 1;
            if time() - begun > Duration::from_millis(50) {
                break answered;
            }
        };
        runs.push(((time() - begun).as_secs_f64() * 1e3 / f64::from(times), pool, nodes));
        proven += u32::from(!matches!(answer, Answer::Feasible { .. }));
        if std::env::var("EACH").is_ok() {
            println!(
                "{pool} {:.1} ms {nodes} nodes {answer:?}",
                (time() - begun).as_secs_f64() * 1e3 / f64::from(times)
            );
        }
    }
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ms, pool, nodes) = runs[runs.len() - 1];
    let (least, median) = (runs[0].0, f64::midpoint(runs[runs.len() / 2 - 1].0, runs[runs.len() / 2].0));
    println!(
        "{applicants:>10} {places:>6} | {least:>7.1} {median:>7.1} {ms:>7.1} | {proven:>12} | {pool:>13} {nodes:>5}"
    );
}

fn explanations(applicants: usize, places: usize) {
    for pool in 0..4 {
        let input = support::pool(pool, applicants, places, pool % 2 == 1);
        let problem = Problem::new(&input).expect("no fault");
        let (answer, _) = solve_counting(&problem, &NoWatch).expect("not cancelled");
        let begun = time();
        let told = explain(&problem, &answer, 1, &NoWatch).expect("not cancelled");
        let (left_out, ms) = (told.left_out.len(), (time() - begun).as_secs_f64() * 1e3);
        println!("pool {pool} {applicants} {places}: {left_out} left out explained in {ms:.0} ms");
    }
}
