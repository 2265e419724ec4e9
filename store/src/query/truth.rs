//! Conditions on their way to SQL: what is settled before the database is asked needs no SQL.

use scim::{
    filter::{Condition, Test},
    schema::Attribute,
};
use sea_orm::sea_query::{Expr, ExprTrait};

/// A condition that is settled before the database is asked, or an expression for it.
#[derive(Clone, Debug)]
pub(crate) enum Truth {
    Always,
    Never,
    When(Expr),
}

impl Truth {
    pub(crate) fn into_expr(self) -> Expr {
        match self {
            Self::Always => Expr::val(1).eq(1),
            Self::Never => Expr::val(1).eq(0),
            Self::When(expr) => expr,
        }
    }

    /// The same as one condition: SQLite takes each one more for a rarer match, and joins what it takes for next to nothing by walking
    /// through all of the other side again and again.
    pub(super) fn into_one(self) -> Self {
        match self {
            Self::When(expr) => Self::When(expr.is(Expr::cust("TRUE"))),
            settled => settled,
        }
    }

    pub(super) fn of(settled: bool) -> Self {
        if settled { Self::Always } else { Self::Never }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Always, rest) | (rest, Self::Always) => rest,
            (Self::When(a), Self::When(b)) => Self::When(a.and(b)),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Never, rest) | (rest, Self::Never) => rest,
            (Self::When(a), Self::When(b)) => Self::When(a.or(b)),
        }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::When(expr) => Self::When(expr.not()),
        }
    }
}

/// How many tests have to be met at once.
pub(super) fn tests_at_once(condition: &Condition<'_>) -> usize {
    match condition {
        Condition::All(parts) => parts.iter().map(tests_at_once).sum(),
        _ => 1,
    }
}

/// Folds a condition, with a word for its tests and one for its bracketed parts.
pub(super) fn fold(
    condition: &Condition<'_>,
    test: &impl Fn(&Test<'_>) -> Truth,
    element: &impl Fn(&Attribute, Option<&str>, &Condition<'_>) -> Truth,
) -> Truth {
    match condition {
        Condition::All(parts) => parts.iter().map(|part| fold(part, test, element)).fold(Truth::Always, Truth::and),
        Condition::Any(parts) => parts.iter().map(|part| fold(part, test, element)).fold(Truth::Never, Truth::or),
        Condition::Not(inner) => fold(inner, test, element).not(),
        Condition::Test(of) => test(of),
        Condition::Element { urn, attribute, within } => element(attribute, *urn, within),
    }
}
