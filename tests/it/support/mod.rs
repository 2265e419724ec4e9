//! What tests stand on.

pub(crate) mod client;
pub(crate) mod database;
pub(crate) mod description;
pub(crate) mod program;
pub(crate) mod server;

pub(crate) use client::{Client, Reply};
pub(crate) use database::Kind;
pub(crate) use server::Server;

/// Runs each of these tests on both databases.
macro_rules! on_both_databases {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Server::start(crate::support::Kind::Sqlite).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Server::start(crate::support::Kind::Postgres).await).await;
            })*
        }
    };
}
