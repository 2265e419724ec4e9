//! The filter language of RFC 7644 §3.4.2.2: read, print, bind to a resource type, evaluate.

mod ast;
mod bind;
mod eval;
mod parse;

pub use ast::{Comparison, Filter, Operator};
pub use bind::{Check, Condition, Field, MAX_SEARCHES, Test, bind, bind_among, bind_elements, bind_sort};
pub use eval::{matches, matches_element};
pub(crate) use parse::Parser;
pub use parse::{MAX_DEPTH, MAX_LENGTH, MAX_TERMS};
