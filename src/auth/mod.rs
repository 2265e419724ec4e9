//! Who calls: bearer tokens, what they open, and what they may do.

mod bearer;
mod scope;
mod token;

pub use bearer::{Authenticator, Caller, Unauthenticated};
pub use scope::Scope;
pub use token::{generate, is_well_formed};
