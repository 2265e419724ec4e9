//! On what footing people work, and since when. No clock is asked: the days lie well behind or well ahead.

use crate::demo::{
    chance::{Of, draw},
    departments::INTERN,
    posts::Post,
};

/// The terms of a person's work.
pub(super) struct Employment {
    /// A canonical value of `employmentType`.
    pub(super) kind: &'static str,
    pub(super) start: String,
    pub(super) end: Option<String>,
    /// Whether the person still works.
    pub(super) is_active: bool,
}

impl Employment {
    /// The terms on which a person holds a post. Heads stay, so that nobody's manager has left.
    pub(super) fn of(post: &Post, person: usize) -> Self {
        let start = |first: usize, years: usize| {
            let number = draw(person, Of::Start);
            day(first + number % years, number / years)
        };
        let end = |year: usize| Some(day(year, draw(person, Of::End)));
        // By turns rather than by chance, so that every town has its share of each.
        match person % 24 {
            _ if post.is_elected() => Self::current("elected", "2025-07-01".into(), None),
            _ if post.title == INTERN => Self::current("intern", start(2026, 1), end(2027)),
            0 if !post.is_head => Self { is_active: false, ..Self::current("permanent", start(2001, 24), end(2025)) },
            8 | 16 if !post.is_head => Self::current("fixed-term", start(2025, 1), end(2028)),
            20 if !post.is_head => Self::current("contract", start(2024, 2), None),
            _ => Self::current("permanent", start(2001, 25), None),
        }
    }

    fn current(kind: &'static str, start: String, end: Option<String>) -> Self {
        Self { kind, start, end, is_active: true }
    }
}

/// A day of a year, the 28th of a month at most: every month has that.
fn day(year: usize, number: usize) -> String {
    format!("{year}-{:02}-{:02}", 1 + number % 12, 1 + number / 12 % 28)
}
