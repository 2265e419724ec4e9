//! A floor server as a process of this run's own, and how it is asked.

use std::{process::Stdio, sync::Arc};

use hyper::Method;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{
    Outcome,
    connection::{Call, Target},
    database::Database,
    processes::Meter,
    server,
};

/// How much the floor stores, so that it answers as much as the measured server does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// How many documents.
    pub(crate) documents: usize,
    /// The length of one, in bytes.
    pub(crate) document: usize,
    /// The length of a group with 1 000 members, in bytes.
    pub(crate) group: usize,
}

/// A running floor server.
pub(crate) struct Floor {
    child: Child,
    directory: TempDir,
    database: Database,
    pub(crate) meter: Meter,
    pub(crate) target: Target,
    /// How many documents it was filled with.
    pub(crate) documents: usize,
}

impl Floor {
    /// Starts one on a database of its own, which is filled when this returns.
    pub(crate) async fn start(database: Database, sizes: Sizes) -> Outcome<Self> {
        database.create().await?;
        let directory = tempfile::tempdir()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor").arg("--directory").arg(directory.path());
        for (option, value) in
            [("--documents", sizes.documents), ("--document-bytes", sizes.document), ("--group-bytes", sizes.group)]
        {
            command.arg(option).arg(value.to_string());
        }
        command.env_remove("FLOOR_DATABASE_URL").envs(database.url().map(|url| ("FLOOR_DATABASE_URL", url)));
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let address = server::address_of(&mut child).await?;
        let target = Target::new(&format!("http://{address}"), None)?;
        let meter = Meter::new(child.id().into_iter().collect(), &database).await?;
        Ok(Self { child, directory, database, meter, target, documents: sizes.documents })
    }

    /// What asks for the same few bytes.
    pub(crate) fn fixed(&self) -> impl Fn(usize) -> Call + Send + Sync + use<> {
        let target = self.target.clone();
        move |_| target.call(Method::GET, "/fixed".into(), "")
    }

    /// What asks for one document after the other.
    pub(crate) fn document(&self) -> impl Fn(usize) -> Call + Send + Sync + use<> {
        let (target, count) = (self.target.clone(), self.documents);
        move |n| target.call(Method::GET, format!("/documents/{}", 1 + crate::data::scatter(n, count)), "")
    }

    /// What asks for one page after the other.
    pub(crate) fn page(&self) -> impl Fn(usize) -> Call + Send + Sync + use<> {
        let (target, count) = (self.target.clone(), self.documents.saturating_sub(100).max(1));
        move |n| target.call(Method::GET, format!("/pages/{}", crate::data::scatter(n, count)), "")
    }

    /// What asks for the document with 1 000 members.
    pub(crate) fn group(&self) -> impl Fn(usize) -> Call + Send + Sync + use<> {
        let target = self.target.clone();
        move |_| target.call(Method::GET, "/group".into(), "")
    }

    /// What stores a document.
    pub(crate) fn insert(&self) -> impl Fn(usize) -> Call + Send + Sync + use<> {
        let target = self.target.clone();
        move |n| target.call(Method::POST, "/documents".into(), crate::data::user("floor@bench.example", n).to_string())
    }

    /// What stores a document anew.
    pub(crate) fn replace(&self) -> impl Fn(usize) -> Call + Send + Sync + use<> {
        let (target, count) = (self.target.clone(), self.documents);
        move |n| {
            let body = crate::data::user("floor@bench.example", n).to_string();
            target.call(Method::PUT, format!("/documents/{}", 1 + n % count), body)
        }
    }

    /// What changes a few bytes of a document.
    pub(crate) fn touch(&self) -> impl Fn(usize) -> Call + Send + Sync + use<> {
        let (target, count) = (self.target.clone(), self.documents);
        let body: Arc<str> = crate::data::activation(true).into();
        move |n| target.call(Method::PATCH, format!("/documents/{}", 1 + n % count), body.to_string())
    }

    /// Ends it and takes its database away.
    pub(crate) async fn stop(mut self) -> Outcome<()> {
        self.child.kill().await?;
        self.directory.close()?;
        self.meter.close().await?;
        self.database.drop().await
    }
}
