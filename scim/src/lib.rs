//! A SCIM 2.0 engine without any I/O: JSON in, JSON out.
//!
//! Attribute definitions are data ([`schema`]); one engine reads them to accept what clients send
//! ([`read`]), to apply PATCH ([`patch`]), to judge the outcome ([`validate`]), to answer filters
//! ([`filter`]), to list what a store may search ([`index`]) and to shape answers ([`project`]).
//! Nothing here knows a database, a socket, a clock or randomness.
//!
//! ```
//! use scim::{filter::Filter, schema::Catalog};
//!
//! let catalog = Catalog::standard();
//! let users = catalog.by_endpoint("Users").expect("the standard catalogue has Users");
//! let filter = Filter::parse(r#"userName eq "bjensen" and active eq true"#).expect("valid filter");
//! assert!(scim::filter::bind(users, &filter).is_ok());
//! ```

pub mod bulk;
pub mod discovery;
pub mod employment;
mod error;
pub mod filter;
pub mod fold;
pub mod index;
pub mod json;
mod key;
pub mod message;
pub mod patch;
pub mod path;
pub mod project;
pub mod read;
mod resource;
pub mod schema;
pub mod validate;

pub use error::{Error, ScimType};
pub use key::{instant_millis, sortable_instant};
pub use resource::{Document, MemberRef};

/// How closely a tenant wants the letter of the RFC where practice differs from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Accept what real identity providers send, as long as the meaning is plain.
    #[default]
    Tolerant,
    /// RFC 7643 and RFC 7644 to the letter.
    Strict,
}

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
