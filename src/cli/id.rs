//! Ids on the command line.

use uuid::Uuid;

/// Reads one.
pub(super) fn parse(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| "is no id such as 019b2c46-7182-7934-a556-b2c3d4e5f606".to_owned())
}
