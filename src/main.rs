//! The `caurlaide` command.
fn main() {}
