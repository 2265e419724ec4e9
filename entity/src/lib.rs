//! The tables as SeaORM entities: plain columns, no behaviour. Times are milliseconds since 1970, UTC.

pub mod access_grant;
pub mod access_token;
pub mod alarm;
pub mod application;
pub mod application_group;
pub mod call;
pub mod client;
pub mod definition;
pub mod employment;
pub mod entitlement;
pub mod event;
pub mod issuer;
pub mod member;
pub mod org_node;
pub mod profile;
pub mod removal;
pub mod resource;
pub mod resource_count;
pub mod resource_value;
pub mod rule;
pub mod secret;
pub mod sod_violation;
pub mod tenant;
pub mod token;
