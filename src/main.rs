//! Reads the command line and hands over to the library.

use std::process::ExitCode;

/// Profiles of such queries showed malloc among the hot spots (design notes); not measured here yet.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    samverkan::cli::run()
}
