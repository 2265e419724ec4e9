//! Requests: asking for rights, and deciding about it. What is read before a unit of work begins is held against the version
//! of what is changed in it; if others were faster, all is looked at anew.

mod act;
mod by_time;
mod carry;
mod prepare;
mod read;
mod records;
mod show;
mod submit;
mod wish;

pub(super) use crate::clock::{day, ends};
pub use act::{Answer, NewQuestion, NewVote, Reassignment};
pub use read::{Sight, Viewer};
pub(super) use records::ApproverRecord;
pub use records::{ItemRecord, RequestRecord};
pub use wish::{ItemKind, NewItem, NewRequest, Period};
pub(super) use wish::{begins_ahead, text};
