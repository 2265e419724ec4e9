//! Who calls: bearer tokens, what they open, and what they may do.

mod bearer;
mod caller;
mod exchange;
mod jwt;
mod keys;
mod memory;
mod persons;
mod scope;
mod signatures;
mod sources;
mod token;

pub use bearer::{Authenticator, Unauthenticated};
pub use caller::Caller;
pub use exchange::{Granted, NotGranted};
pub use keys::{ALGORITHMS, Keys, LARGEST_SET, NoKeys};
pub use scope::Scope;
pub use token::{TokenKind, generate};
