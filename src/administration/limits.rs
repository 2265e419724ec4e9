//! How much of everything a tenant may have, and what its texts may look like.

use serde_json::Value;
use validator::ValidationError;

use crate::{
    auth::Scope,
    network::{Networks, NoNetwork},
};

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
    Err(refuse("must-be-line", &[("most", LONGEST_TEXT.into())]))
}

/// A text that explains something, on one line or several.
pub(super) fn text(text: &str) -> Result<(), ValidationError> {
    let length = text.trim().chars().count();
    if (1..=LONGEST_EXPLANATION).contains(&length) && !text.chars().any(|c| c.is_control() && c != '\n') {
        return Ok(());
    }
    Err(refuse("must-be-text", &[("most", LONGEST_EXPLANATION.into())]))
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
    Err(refuse("must-be-slug", &[("most", LONGEST_SLUG.into())]))
}

/// Networks in CIDR notation.
pub(super) fn networks(texts: &[String]) -> Result<(), ValidationError> {
    if texts.len() > MAX_NETWORKS {
        return Err(refuse("most-networks", &[("most", MAX_NETWORKS.into())]));
    }
    Networks::parse(texts).map(drop).map_err(|(at, wrong)| at_item(at, network(&wrong)))
}

/// Scopes, at least one.
pub(super) fn scopes(words: &[String]) -> Result<(), ValidationError> {
    if words.is_empty() {
        return Err(refuse("must-name-a-scope", &[]));
    }
    let mut words = words.iter().enumerate();
    let wrong = words.find(|(_, word)| word.parse::<Scope>().is_err());
    let known = || Scope::OF_TENANTS.into_iter().chain(Scope::OF_OPERATORS).map(Scope::word);
    wrong.map_or(Ok(()), |(at, _)| Err(at_item(at, refuse("no-scope", &[("words", joined(known()))]))))
}

/// How long a token lives, in seconds.
pub(super) fn life(seconds: i64) -> Result<(), ValidationError> {
    if (60..=LONGEST_LIFE).contains(&seconds) {
        return Ok(());
    }
    Err(seconds_between(60, LONGEST_LIFE))
}

/// How long an old token still works, in seconds.
pub(super) fn overlap(seconds: i64) -> Result<(), ValidationError> {
    const LONGEST: i64 = 30 * 24 * 3600;
    if (0..=LONGEST).contains(&seconds) {
        return Ok(());
    }
    Err(seconds_between(0, LONGEST))
}

fn network(wrong: &NoNetwork) -> ValidationError {
    match wrong {
        NoNetwork::Unread => refuse("no-network", &[]),
        NoNetwork::Inside(whole) => refuse("inside-network", &[("name", whole.to_string().into())]),
        NoNetwork::Mapped => refuse("mapped-network", &[]),
    }
}

/// What cannot be taken, in the words of that key, with what is named in them.
pub(super) fn refuse(key: &'static str, named: &[(&'static str, Value)]) -> ValidationError {
    let mut fault = ValidationError::new(key);
    fault.params.extend(named.iter().map(|(name, value)| ((*name).into(), value.clone())));
    fault
}

/// The same of one item of a list.
pub(super) fn at_item(at: usize, mut fault: ValidationError) -> ValidationError {
    fault.params.insert(AT.into(), at.into());
    fault
}

/// That a word is none of those that there are.
pub(super) fn none_of(known: impl IntoIterator<Item = &'static str>) -> ValidationError {
    refuse("must-be-one-of", &[("words", joined(known))])
}

/// That a number lies outside of what it may be.
pub(super) fn outside(least: i64, most: i64) -> ValidationError {
    refuse("must-be-between", &[("least", least.into()), ("most", most.into())])
}

/// The same of seconds.
pub(super) fn seconds_between(least: i64, most: i64) -> ValidationError {
    refuse("must-be-seconds", &[("least", least.into()), ("most", most.into())])
}

/// Words in a row.
pub(super) fn joined<'w>(words: impl IntoIterator<Item = &'w str>) -> Value {
    words.into_iter().collect::<Vec<_>>().join(", ").into()
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
