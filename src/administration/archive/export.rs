//! Writing an archive: line by line from one snapshot, so that a tenant of any size takes the same memory.

use std::{collections::BTreeMap, fmt};

use ring::digest::{Context, SHA256};
use serde::Serialize;
use store::archive::{Contents, Part, Snapshot};

use crate::administration::{
    Administration, Error,
    archive::{FOOTER, FORMAT, Footer, HEADER, Header, VERSION, lines::hex},
};

/// An archive on its way out. Until it is dropped it keeps a connection, and the tenant as it was when it began.
pub struct Export {
    snapshot: Snapshot,
    header: Option<Header>,
    counts: BTreeMap<String, u64>,
    digest: Option<Context>,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Export")
    }
}

impl Administration {
    /// Begins to write the tenant down as it is now.
    pub async fn export(&self, contents: Contents) -> Result<Export, Error> {
        let (tenant, snapshot) = self.data.snapshot(contents).await?;
        if tenant.is_platform() {
            return Err(Error::Missing("tenant"));
        }
        let header = Header {
            kind: HEADER.to_owned(),
            format: FORMAT.to_owned(),
            version: VERSION,
            product: env!("CARGO_PKG_VERSION").to_owned(),
            exported: self.clock.now(),
            tenant: tenant.into(),
            with: words(contents),
        };
        let counts = Part::ALL.iter().map(|part| (part.word().to_owned(), 0)).collect();
        Ok(Export { snapshot, header: Some(header), counts, digest: Some(Context::new(&SHA256)) })
    }
}

fn words(contents: Contents) -> Vec<String> {
    let named = [("passwords", contents.passwords), ("credentials", contents.credentials), ("events", contents.events)];
    named.iter().filter(|(_, held)| *held).map(|(word, _)| (*word).to_owned()).collect()
}

impl Export {
    /// The next lines, each with its end; nothing behind the last.
    pub async fn lines(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(digest) = &mut self.digest else { return Ok(None) };
        let mut lines = Vec::new();
        if let Some(header) = self.header.take() {
            push(&mut lines, &header)?;
        } else {
            for record in self.snapshot.page().await? {
                *self.counts.entry(record.part().word().to_owned()).or_default() += 1;
                push(&mut lines, &record)?;
            }
        }
        digest.update(&lines);
        if lines.is_empty()
            && let Some(digest) = self.digest.take()
        {
            let counts = self.counts.clone();
            push(&mut lines, &Footer { kind: FOOTER.to_owned(), counts, sha256: hex(digest) })?;
        }
        Ok(Some(lines))
    }

    /// How many records have been written.
    pub fn written(&self) -> u64 {
        self.counts.values().sum()
    }
}

fn push(lines: &mut Vec<u8>, line: &impl Serialize) -> Result<(), Error> {
    let damaged = |error: serde_json::Error| store::Error::Damaged(format!("a record has no JSON: {error}"));
    serde_json::to_writer(&mut *lines, line).map_err(damaged)?;
    lines.push(b'\n');
    Ok(())
}
