//! Whole-system tests: a server with its own database on a real socket, and a client that checks
//! every answer against `openapi.yaml`. Each test runs on SQLite and on PostgreSQL.

#![expect(clippy::disallowed_methods, reason = "tests make their own ids and are told where PostgreSQL is")]

#[macro_use]
mod support;

pub(crate) mod access;
mod api;
mod applications;
mod archive;
mod cli;
mod conformance;
mod emergencies;
mod house;
mod nodes;
mod oauth;
mod openapi;
mod operation;
mod organisation;
mod people;
mod requests;
mod reviews;
mod roles;
mod scim;
mod story;
mod tenancy;
