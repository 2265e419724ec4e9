//! Who calls: bearer tokens, what they open, and what they may do.

mod bearer;
mod token;

pub use bearer::{Authenticator, Caller, Scope, Unauthenticated};
pub use token::{generate, is_well_formed};
