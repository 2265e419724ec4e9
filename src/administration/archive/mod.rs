//! A whole tenant as an archive: JSON Lines, of which the first says what it is, and the last how much there must be.
//! docs/operations/archive.md describes it.

mod check;
mod export;
mod import;
mod lines;
mod nesting;

use std::{collections::BTreeMap, io};

use serde::{Deserialize, Serialize};
use store::{Tenant, TenantState};

pub use export::Export;
pub use import::{Import, Imported};

use crate::administration::Error;

/// What the first line says that the file is.
const FORMAT: &str = "caurlaide-archive";
/// Which version of the format is written. What an older version could not read gets a new one.
const VERSION: u64 = 1;
const HEADER: &str = "header";
const FOOTER: &str = "footer";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    kind: String,
    format: String,
    version: u64,
    /// The version of Caurlaide that wrote it.
    product: String,
    /// When.
    exported: i64,
    tenant: TenantHeader,
    /// What it holds beside what archives always hold.
    with: Vec<String>,
}

/// Whose archive it is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantHeader {
    slug: String,
    name: String,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    created: i64,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Footer {
    kind: String,
    /// How many lines there are of each kind.
    counts: BTreeMap<String, u64>,
    /// SHA-256 of every line before, the ends of lines included.
    sha256: String,
}

impl From<Tenant> for TenantHeader {
    fn from(tenant: Tenant) -> Self {
        Self {
            slug: tenant.slug,
            name: tenant.name,
            state: tenant.state.word().to_owned(),
            reason: tenant.reason,
            created: tenant.created,
        }
    }
}

impl TenantHeader {
    fn state(&self) -> Option<TenantState> {
        let states = [TenantState::Active, TenantState::Suspended, TenantState::Archived];
        states.into_iter().find(|state| state.word() == self.state)
    }
}

/// Why an archive was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// What stands on a line cannot be taken.
    #[error("line {number}: {reason}")]
    Line {
        /// Which line; the first is 1.
        number: u64,
        /// What is wrong with it. It repeats names and no values.
        reason: String,
    },
    /// The archive could not be read.
    #[error("the archive cannot be read: {0}")]
    Reading(#[from] io::Error),
    /// It does not fit what is there.
    #[error(transparent)]
    Refused(#[from] Error),
    /// It went wrong, and what it has left could not be taken away either.
    #[error(
        "{cause}; what there is of it could not be taken away ({remains}), do so with `caurlaide tenant discard {slug}`"
    )]
    Left {
        /// What went wrong.
        cause: Box<ArchiveError>,
        /// Why there is something left.
        remains: store::Error,
        /// Whose archive it was.
        slug: String,
    },
}

impl From<store::Error> for ArchiveError {
    fn from(error: store::Error) -> Self {
        Self::Refused(error.into())
    }
}
