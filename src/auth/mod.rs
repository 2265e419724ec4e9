//! Who calls: bearer tokens, what they open, and what they may do.

mod bearer;
mod exchange;
mod scope;
mod token;

pub use bearer::{Authenticator, Caller, Unauthenticated};
pub use exchange::{Granted, NotGranted};
pub use scope::Scope;
pub use token::{TokenKind, generate};
