//! What tests stand on.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

pub(crate) mod client;
pub(crate) mod database;
pub(crate) mod description;
pub(crate) mod issuer;
pub(crate) mod program;
pub(crate) mod server;
pub(crate) mod smtp;

pub(crate) use client::{Client, Reply};
pub(crate) use database::Kind;
pub(crate) use server::Server;

/// Every source file in a folder and below.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Where a generator begins: where `CHANCE_SEED` says, or as usual. It is printed, so that a run that fails can be had again.
pub(crate) fn seed(usual: u64) -> u64 {
    let seed = env::var("CHANCE_SEED").map_or(usual, |text| text.parse().expect("CHANCE_SEED is a whole number"));
    eprintln!("What happens by chance here is repeated by CHANCE_SEED={seed}");
    seed
}

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
