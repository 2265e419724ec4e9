//! The demonstration.
mod fill;
pub use fill::fill;
use serde_json::Value;
/// t
pub struct Town { /// s
 pub slug: &'static str, /// n
 pub name: &'static str }
/// p
pub struct People { /// u
 pub users: Vec<Value>, /// g
 pub groups: Vec<DemoGroup>, /// m
 pub managers: Vec<Option<usize>> }
/// g
pub struct DemoGroup { /// n
 pub name: String, /// e
 pub external_id: String, /// u
 pub users: Vec<usize>, /// g
 pub groups: Vec<usize> }
/// t
pub fn towns() -> &'static [Town] { &[] }
/// p
pub fn people(_: &Town) -> People { People { users: vec![], groups: vec![], managers: vec![] } }
