//! Reads the command line and hands over to the library.

use std::process::ExitCode;

/// Measured: with mimalloc a list answers about a tenth faster than with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    samverkan::cli::run()
}
