//! PATCH (RFC 7644 §3.5.2): what a client may send, and what it does to a resource.

mod apply;
mod element;
mod operation;

pub use apply::{MemberChange, Patched, apply};
pub use operation::{MAX_OPERATIONS, Op, Operation, Path, operations, written};
