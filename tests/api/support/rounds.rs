//! Rounds: `scripts/check` runs each test once; `scripts/long` repeats the tests that depend on chance (races, random walks,
//! kills) as often as it sets `SAMVERKAN_TEST_ROUNDS`.

use std::io::Write as _;

/// Runs a test once, or as often as `SAMVERKAN_TEST_ROUNDS` says. Each round begins with an empty database, so that no round
/// depends on another.
pub fn in_rounds(test: impl Fn()) {
    let rounds: u32 = std::env::var("SAMVERKAN_TEST_ROUNDS")
        .map_or(1, |wanted| wanted.parse().expect("SAMVERKAN_TEST_ROUNDS is a number of rounds"));
    for round in 1..=rounds {
        test();
        // About ten lines in all, written past the test harness, which captures `println!`.
        if rounds > 1 && (round == rounds || round.is_multiple_of(rounds.div_ceil(10))) {
            let thread = std::thread::current();
            let _ = writeln!(std::io::stderr(), "{}: {round} of {rounds}", thread.name().unwrap_or_default());
        }
    }
}
