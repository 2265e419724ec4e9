//! The `caurlaide` command.

use std::process::ExitCode;

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
async fn main() -> ExitCode {
    caurlaide::cli::run(std::env::args_os(), |name| std::env::var_os(name)).await
}
