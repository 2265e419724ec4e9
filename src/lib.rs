//! Caurlaide: identity provisioning by SCIM 2.0 and access rights, for many tenants in one service.

pub mod clock;
pub mod provisioning;
