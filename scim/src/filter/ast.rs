//! A filter as a tree of our own words, and its canonical text.

use std::fmt;

use serde_json::{Number, Value};

use crate::path::AttrPath;

/// An attribute operator with an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The operator as it is written.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

/// The operand of a comparison: a JSON scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// Text.
    Text(String),
    /// A number.
    Number(Number),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
}

/// A filter. `And` and `Or` hold two or more parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Any part holds.
    Or(Vec<Filter>),
    /// Every part holds.
    And(Vec<Filter>),
    /// The part does not hold.
    Not(Box<Filter>),
    /// The attribute has a value.
    Present(AttrPath),
    /// The attribute compares to a value.
    Compare(AttrPath, Operator, Comparison),
    /// One value of a complex attribute meets the whole inner filter.
    ValuePath(AttrPath, Box<Filter>),
}

impl Filter {
    /// How many attribute tests it holds.
    pub fn tests(&self) -> usize {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().map(Self::tests).sum(),
            Self::Not(inner) => inner.tests(),
            Self::ValuePath(_, inner) => inner.tests(),
            Self::Present(_) | Self::Compare(..) => 1,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", Value::from(text.as_str())),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(flag) => write!(f, "{flag}"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(parts) => join(f, parts, " or ", |part| matches!(part, Self::Or(_))),
            Self::And(parts) => join(f, parts, " and ", |part| matches!(part, Self::Or(_) | Self::And(_))),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare(path, operator, value) => write!(f, "{path} {} {value}", operator.keyword()),
            Self::ValuePath(path, inner) => write!(f, "{path}[{inner}]"),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Filter],
    word: &str,
    needs_parentheses: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            f.write_str(word)?;
        }
        if needs_parentheses(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}
