//! How much of everything a tenant may have, and what its texts may look like.

use validator::ValidationError;

use crate::{auth::Scope, network::Networks};

/// How many clients a tenant has at the most.
pub const MAX_CLIENTS: u64 = 1000;
/// How many tokens of a client work at once at the most.
pub const MAX_TOKENS: u64 = 100;
/// How many networks a client calls from at the most.
pub const MAX_NETWORKS: usize = 100;
/// The longest life of a token, in seconds: a year, be it a leap year.
pub const LONGEST_LIFE: i64 = 366 * 24 * 3600;
/// The longest name, and the longest reason, in characters.
const LONGEST_TEXT: usize = 200;
/// The longest text that explains something, in characters.
const LONGEST_EXPLANATION: usize = 1000;
/// The longest slug: it may become a DNS label one day.
const LONGEST_SLUG: usize = 63;

/// Where a fault of a list says at which item it is.
pub(super) const AT: &str = "at";

/// A name or a reason: text of one line.
pub(crate) fn line(text: &str) -> Result<(), ValidationError> {
    let length = text.trim().chars().count();
    if (1..=LONGEST_TEXT).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(too_long("must-be-line", LONGEST_TEXT))
}

/// A text that explains something, on one line or several.
pub(super) fn text(text: &str) -> Result<(), ValidationError> {
    let length = text.trim().chars().count();
    if (1..=LONGEST_EXPLANATION).contains(&length) && !text.chars().any(|c| c.is_control() && c != '\n') {
        return Ok(());
    }
    Err(too_long("must-be-text", LONGEST_EXPLANATION))
}

/// A tenant's name in addresses.
pub(super) fn slug(text: &str) -> Result<(), ValidationError> {
    let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    if (1..=LONGEST_SLUG).contains(&text.len())
        && text.bytes().all(is_plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
    {
        return Ok(());
    }
    Err(fault(format!("must be 1 to {LONGEST_SLUG} small letters, digits and hyphens, with no hyphen at an end")))
}

/// Networks in CIDR notation.
pub(super) fn networks(texts: &[String]) -> Result<(), ValidationError> {
    if texts.len() > MAX_NETWORKS {
        return Err(fault(format!("must be {MAX_NETWORKS} networks at the most")));
    }
    Networks::parse(texts).map(drop).map_err(|(at, reason)| fault_at(at, reason))
}

/// Scopes, at least one.
pub(super) fn scopes(words: &[String]) -> Result<(), ValidationError> {
    if words.is_empty() {
        return Err(fault("must name a scope at least".into()));
    }
    let mut words = words.iter().enumerate();
    words.try_for_each(|(at, word)| word.parse::<Scope>().map(drop).map_err(|reason| fault_at(at, reason)))
}

/// How long a token lives, in seconds.
pub(super) fn life(seconds: i64) -> Result<(), ValidationError> {
    if (60..=LONGEST_LIFE).contains(&seconds) {
        return Ok(());
    }
    Err(fault(format!("must be 60 to {LONGEST_LIFE} seconds")))
}

/// How long an old token still works, in seconds.
pub(super) fn overlap(seconds: i64) -> Result<(), ValidationError> {
    const LONGEST: i64 = 30 * 24 * 3600;
    if (0..=LONGEST).contains(&seconds) {
        return Ok(());
    }
    Err(fault(format!("must be 0 to {LONGEST} seconds")))
}

/// A text that is longer than it may be, in the words of that key.
fn too_long(key: &'static str, most: usize) -> ValidationError {
    let mut fault = ValidationError::new(key);
    fault.add_param("most".into(), &most);
    fault
}

pub(super) fn fault(reason: String) -> ValidationError {
    ValidationError::new("invalid").with_message(reason.into())
}

/// A fault of one item of a list.
pub(super) fn fault_at(at: usize, reason: String) -> ValidationError {
    let mut fault = fault(reason);
    fault.params.insert(AT.into(), at.into());
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain() {
        assert!(slug("riga").is_ok() && slug("a1-b").is_ok());
        for wrong in ["", "-a", "a-", "-platform", "Riga", "rīga", "a/b", "a.b", &"a".repeat(64)] {
            assert!(slug(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_have_one_line() {
        assert!(line("Rīga").is_ok() && line(&"ā".repeat(200)).is_ok());
        for wrong in ["", " ", "a\nb", "a\0", &"ā".repeat(201)] {
            assert!(line(wrong).is_err(), "{wrong:?}");
        }
    }
}
