//! The `caurlaide` command.

use std::process::ExitCode;

/// Requests allocate much and little at a time, on several threads: see docs/performance-notes.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
async fn main() -> ExitCode {
    Box::pin(caurlaide::cli::run(std::env::args_os(), |name| std::env::var_os(name))).await
}
