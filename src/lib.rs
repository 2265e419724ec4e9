//! Caurlaide: identity provisioning by SCIM 2.0 and access rights, for many tenants in one service.

pub mod access;
pub mod administration;
pub mod admission;
pub mod alarms;
pub mod app;
pub mod auth;
pub mod calls;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod http;
pub mod language;
pub mod lifecycle;
pub mod mail;
pub mod network;
pub mod notices;
pub mod openapi;
pub mod outbound;
pub mod provisioning;
pub mod random;
pub mod telemetry;
pub mod wording;
