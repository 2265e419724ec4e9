//! A check on a comparison key as SQL, so that an index is used where there is a bound.

use scim::{filter::Check, instant_millis};
use sea_orm::{
    DatabaseBackend,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{dialect, query::truth::Truth};

/// The longest text of a value in the index, in characters.
const INDEXED: usize = 256;

/// As much of a comparison key as the index holds.
pub(crate) fn cut(key: &str) -> &str {
    match key.char_indices().nth(INDEXED) {
        Some((end, _)) => &key[..end],
        None => key,
    }
}

/// The whole key of a value row.
pub(super) fn whole(alias: &'static str) -> Expr {
    Func::coalesce([Expr::col((alias, "rest")), Expr::col((alias, "value"))]).into()
}

/// A check on a value row, so that its index is used where there is a bound.
pub(super) fn holds(backend: DatabaseBackend, alias: &'static str, check: &Check) -> Expr {
    let value = || Expr::col((alias, "value"));
    let rest = || Expr::col((alias, "rest"));
    match check {
        Check::Present => Expr::val(1).eq(1),
        Check::Equal(key) if cut(key).len() == key.len() => value().eq(key.as_str()).and(rest().is_null()),
        Check::Equal(key) => value().eq(cut(key)).and(rest().eq(key.as_str())),
        Check::StartsWith(start) if cut(start).len() == start.len() => between(&value(), start),
        Check::StartsWith(start) => value().eq(cut(start)).and(between(&rest(), start)),
        Check::Contains(_) | Check::EndsWith(_) => compare(backend, &whole(alias), check),
        Check::Greater(bound) | Check::AtLeast(bound) => {
            value().gte(cut(bound)).and(compare(backend, &whole(alias), check))
        }
        Check::Less(bound) | Check::AtMost(bound) => {
            value().lte(cut(bound)).and(compare(backend, &whole(alias), check))
        }
    }
}

/// A check on any text.
pub(super) fn compare(backend: DatabaseBackend, text: &Expr, check: &Check) -> Expr {
    let text = text.clone();
    match check {
        Check::Present => text.is_not_null(),
        Check::Equal(key) => text.eq(key.as_str()),
        Check::Contains(part) => dialect::contains(backend, text, part),
        Check::StartsWith(start) => between(&text, start),
        Check::EndsWith(end) => dialect::ends_with(backend, text, end),
        Check::Greater(bound) => text.gt(bound.as_str()),
        Check::AtLeast(bound) => text.gte(bound.as_str()),
        Check::Less(bound) => text.lt(bound.as_str()),
        Check::AtMost(bound) => text.lte(bound.as_str()),
    }
}

/// All texts that start so, as a range.
fn between(text: &Expr, start: &str) -> Expr {
    let from = text.clone().gte(start);
    match successor(start) {
        Some(end) => from.and(text.clone().lt(end)),
        None => from,
    }
}

/// The first text behind all that start so, by code point.
fn successor(start: &str) -> Option<String> {
    let mut letters: Vec<char> = start.chars().collect();
    while let Some(last) = letters.pop() {
        let next = match u32::from(last) + 1 {
            0xD800 => Some('\u{E000}'),
            code => char::from_u32(code),
        };
        if let Some(next) = next {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

/// A check on a column of milliseconds, against a key that may be finer.
pub(super) fn instant(column: &'static str, check: &Check) -> Truth {
    let column = || Expr::col(("resource", column));
    let bound = match check {
        Check::Present => return Truth::Always,
        Check::Equal(key)
        | Check::Greater(key)
        | Check::AtLeast(key)
        | Check::Less(key)
        | Check::AtMost(key)
        | Check::Contains(key)
        | Check::StartsWith(key)
        | Check::EndsWith(key) => instant_millis(key),
    };
    let Some((millis, exact)) = bound else {
        return Truth::Never;
    };
    match (check, exact) {
        (Check::Equal(_), true) => Truth::When(column().eq(millis)),
        (Check::AtLeast(_), true) => Truth::When(column().gte(millis)),
        (Check::Greater(_), _) | (Check::AtLeast(_), false) => Truth::When(column().gt(millis)),
        (Check::Less(_), true) => Truth::When(column().lt(millis)),
        (Check::AtMost(_), _) | (Check::Less(_), false) => Truth::When(column().lte(millis)),
        _ => Truth::Never,
    }
}

/// A check on the ETag `W/"n"` or `W/"n-derived"`: what is derived from other resources is not the
/// resource's version.
pub(super) fn version(check: &Check) -> Truth {
    let Check::Equal(tag) = check else {
        return Truth::Always;
    };
    let opaque = tag.strip_prefix("W/\"").and_then(|rest| rest.strip_suffix('"'));
    let number = opaque.and_then(|opaque| opaque.split('-').next());
    match number.map(str::parse::<i64>) {
        Some(Ok(version)) => Truth::When(Expr::col(("resource", "version")).eq(version)),
        _ => Truth::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successors_are_the_next_text() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(successor("\u{D7FF}").as_deref(), Some("\u{E000}"));
        assert_eq!(successor("\u{10FFFF}"), None);
    }

    #[test]
    fn keys_are_cut_between_characters() {
        let long = "ā".repeat(300);
        assert_eq!(cut(&long).chars().count(), INDEXED);
        assert_eq!(cut("short"), "short");
    }
}
