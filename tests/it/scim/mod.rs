//! The SCIM endpoint, section by section of the requirements.

mod bodies;
mod bulk;
mod catalogues;
mod concurrency;
mod conditions;
mod create;
mod cursor;
pub(crate) mod definitions;
mod delete;
mod discovery;
mod errors;
mod events;
mod filter;
mod groups;
pub(crate) mod model;
mod patch;
mod projection;
mod replace;
mod rfc;
mod search;
mod settings;
mod sort;
