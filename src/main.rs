//! The `caurlaide` command.

use std::process::ExitCode;

/// Requests allocate much and little at a time, on several threads: see docs/decisions/0045.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How many tasks a thread runs before it looks whether something has come in. By default it is 61: with requests of
/// one tenant ahead, that of another would wait for milliseconds before anybody knew of it.
const TASKS: u32 = 8;

#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().event_interval(TASKS).build();
    match runtime {
        Ok(runtime) => runtime.block_on(caurlaide::cli::run(std::env::args_os(), |name| std::env::var_os(name))),
        Err(error) => {
            eprintln!("caurlaide: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
