//! Reading an archive into a tenant of its own: in batches, between which others write, and out of everybody's reach
//! until its last line has been read and agrees with all the others.

use std::{io::BufRead, sync::Arc};

use rights::Instant;
use scim::schema::Catalog;
use store::{
    TenantState, TenantStore,
    archive::{Part, Record, Remains},
};

use crate::{
    administration::{
        Error, NewTenant, Platform, Reason, TenantRecord,
        archive::{
            ArchiveError, FOOTER, FORMAT, Footer, HEADER, Header, VERSION,
            check::{Check, is_instant},
            lines::{Line, Lines},
        },
        error::check,
    },
    lifecycle::everybody::plan_night,
    wording::Text,
};

/// How many records are written at once, and how many bytes.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// How often a batch is tried while the database is busy.
const ATTEMPTS: u32 = 20;

/// What somebody wants of an archive.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// The name in addresses; as in the archive if nothing is said.
    pub slug: Option<String>,
    /// Whether everything is tried and nothing stays.
    pub dry_run: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Imported {
    /// The tenant.
    pub tenant: TenantRecord,
    /// How many records it was made of.
    pub records: u64,
}

/// Records that are written together, with their lines.
#[derive(Default)]
struct Batch {
    records: Vec<Record>,
    lines: Vec<u64>,
    bytes: usize,
}

/// A tenant that is being filled.
struct Filling<'a> {
    platform: &'a Platform,
    data: TenantStore,
    check: Check,
    counts: [u64; Part::ALL.len()],
    /// When the archive was taken, in milliseconds since 1970.
    exported: i64,
}

impl Platform {
    /// Makes a tenant from an archive. Says now and then how many records there are so far. If anything is wrong with the
    /// archive nothing of it stays.
    pub async fn import(
        &self,
        archive: impl BufRead,
        wanted: &Import,
        progress: &mut impl FnMut(u64),
    ) -> Result<Imported, ArchiveError> {
        let mut lines = Lines::new(archive);
        let (header, state) = header(&mut lines)?;
        let slug = wanted.slug.as_ref().unwrap_or(&header.tenant.slug).clone();
        check(&NewTenant { slug: slug.clone(), name: header.tenant.name.clone(), client: None })?;
        let reason = header.tenant.reason.clone().map(|reason| Reason { reason });
        reason.as_ref().map_or(Ok(()), check)?;
        let data = self.take(&slug, &header).await?;
        let mut filling = Filling {
            platform: self,
            data: data.clone(),
            check: Check::new(self.clock.now()),
            counts: [0; Part::ALL.len()],
            exported: header.exported,
        };
        let filled = match filling.fill(&mut lines, progress).await {
            Ok(()) => filling.in_step().await,
            failed => failed,
        };
        let records = filling.counts.iter().sum();
        let done = match filled {
            Ok(()) if !wanted.dry_run => self.finish(&data, state, header.tenant.reason.as_deref()).await,
            other => other,
        };
        if done.is_err() || wanted.dry_run {
            let discarded = Remains::of(&data).discard().await;
            let remains = discarded.err();
            match (done, remains) {
                (Ok(()), None) => {}
                (Ok(()), Some(remains)) => return Err(remains.into()),
                (Err(cause), None) => return Err(cause),
                (Err(cause), Some(remains)) => {
                    return Err(ArchiveError::Left { cause: Box::new(cause), remains, slug });
                }
            }
        }
        let Header { tenant, .. } = header;
        let tenant = TenantRecord {
            slug,
            name: tenant.name,
            state: state.word(),
            reason: tenant.reason,
            created: crate::clock::timestamp(tenant.created),
        };
        Ok(Imported { tenant, records })
    }

    /// Takes away what an import of a slug has left, and stops it if it still runs.
    pub async fn discard_import(&self, slug: &str) -> Result<(), Error> {
        let remains = self.store.remains(slug).await?.ok_or(Error::Missing("import"))?;
        Ok(remains.discard().await?)
    }

    /// Takes the slug, so that nobody else does meanwhile.
    async fn take(&self, slug: &str, header: &Header) -> Result<TenantStore, ArchiveError> {
        let begun = self.store.begin_import(slug, header.tenant.name.trim(), header.tenant.created).await;
        let Err(store::Error::Taken) = begun else { return Ok(begun?) };
        if self.store.remains(slug).await?.is_some() {
            let text = format!(
                "an import of {slug:?} runs or was broken off; if none runs, take away what it has left with \
                 `caurlaide tenant discard {slug}`"
            );
            return Err(Error::Conflict(Text::english(text)).into());
        }
        Err(Error::Taken(Text::english(format!(
            "a tenant {slug:?} exists already; --slug gives the imported one another name"
        )))
        .into())
    }

    async fn finish(&self, data: &TenantStore, state: TenantState, reason: Option<&str>) -> Result<(), ArchiveError> {
        let work = data.begin(&self.cause, || self.clock.now()).await?;
        plan_night(&work, Instant::from_millis(self.clock.now())).await?;
        work.finish_import(state, reason).await?;
        Ok(work.commit().await?)
    }
}

/// The first line, and the state that the tenant is to have.
fn header<R: BufRead>(lines: &mut Lines<R>) -> Result<(Header, TenantState), ArchiveError> {
    let Some(mut line) = lines.next()? else { return Err(lines.cut_off()) };
    if line.kind != HEADER || line.value["format"] != FORMAT {
        return Err(line.wrong("it does not say that this is an archive of Caurlaide".into()));
    }
    if line.value["version"].as_u64().is_none_or(|version| !(1..=VERSION).contains(&version)) {
        return Err(line.wrong(format!(
            "the archive has a format that this version of Caurlaide does not know, which knows up to {VERSION}; take a newer one"
        )));
    }
    let header: Header = line.read()?;
    let state = header.tenant.state();
    let state = state.ok_or_else(|| line.wrong("the tenant has a state that is not known".into()))?;
    if !is_instant(header.tenant.created) {
        return Err(line.wrong("the tenant was made before 1970 or behind the year 9999".into()));
    }
    Ok((header, state))
}

impl Filling<'_> {
    async fn fill<R: BufRead>(
        &mut self,
        lines: &mut Lines<R>,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), ArchiveError> {
        let mut batch = Batch::default();
        loop {
            let Some(mut line) = lines.next()? else { return Err(lines.cut_off()) };
            if line.kind == FOOTER {
                self.write(std::mem::take(&mut batch)).await?;
                progress(self.counts.iter().sum());
                return self.end(lines, line);
            }
            let record = line.record()?;
            self.check.record(&record, line.number).map_err(|reason| line.wrong(reason))?;
            self.counts[record.part() as usize] += 1;
            batch.bytes += line.length;
            batch.records.push(record);
            batch.lines.push(line.number);
            if batch.records.len() >= BATCH || batch.bytes >= BATCH_BYTES {
                self.write(std::mem::take(&mut batch)).await?;
                progress(self.counts.iter().sum());
            }
        }
    }

    /// Holds memberships against grants, of which none may lack the other.
    async fn in_step(&self) -> Result<(), ArchiveError> {
        let Some((group, user)) = self.data.out_of_step().await? else { return Ok(()) };
        let text = format!(
            "the memberships and the grants in the archive do not agree: user {user} in the entitlement {group} has one \
             without the other"
        );
        Err(Error::Conflict(Text::english(text)).into())
    }

    /// Holds everything against the footer.
    fn end<R: BufRead>(&mut self, lines: &mut Lines<R>, mut line: Line) -> Result<(), ArchiveError> {
        self.check.catalog().map_err(|reason| line.wrong(reason))?;
        let footer: Footer = line.read()?;
        let counted = |part: Part| footer.counts.get(part.word()).copied().unwrap_or(0);
        let known: u64 = Part::ALL.iter().map(|part| counted(*part)).sum();
        if known != footer.counts.values().sum::<u64>() {
            return Err(line.wrong("it counts records of a kind that this version of Caurlaide does not know".into()));
        }
        if let Some(part) = Part::ALL.into_iter().find(|part| counted(*part) != self.counts[*part as usize]) {
            return Err(
                line.wrong(format!("it counts another number of lines of the kind {} than there are", part.word()))
            );
        }
        if footer.sha256 != lines.digest() {
            return Err(line.wrong("the lines before are not those that were written: their SHA-256 is another".into()));
        }
        if lines.next()?.is_some() {
            return Err(lines.wrong("there is something behind the footer".into()));
        }
        if let Some(number) = self.check.circle() {
            return Err(ArchiveError::Line { number, reason: "by it a group is in itself".into() });
        }
        match self.check.misplaced() {
            Some((number, reason)) => Err(ArchiveError::Line { number, reason }),
            None => Ok(()),
        }
    }

    async fn write(&mut self, batch: Batch) -> Result<(), ArchiveError> {
        if batch.records.is_empty() {
            return Ok(());
        }
        // Settings and definitions may be all there is so far.
        let defines = batch.records.iter().all(|record| record.part() <= Part::Definition);
        let number = batch.lines.first().copied().unwrap_or(0);
        let catalog = if defines {
            Arc::new(Catalog::new(Vec::new()))
        } else {
            self.check.catalog().map_err(|reason| ArchiveError::Line { number, reason })?
        };
        let together = attempt(self.platform, &self.data, &catalog, &batch.records, self.exported).await;
        match together {
            Ok(()) => return Ok(()),
            Err(store::Error::Taken | store::Error::Conflict | store::Error::Database(_)) => {}
            Err(other) => return Err(other.into()),
        }
        // One of them is at fault: it is found by writing one after the other.
        for (record, number) in batch.records.iter().zip(&batch.lines) {
            let alone = attempt(self.platform, &self.data, &catalog, std::slice::from_ref(record), self.exported).await;
            if let Err(error) = alone {
                return Err(self.fault(&catalog, record, *number, error).await);
            }
        }
        Ok(())
    }

    /// What is wrong with a record that the database does not take.
    async fn fault(&self, catalog: &Catalog, record: &Record, number: u64, error: store::Error) -> ArchiveError {
        let reason = match (&error, record) {
            (store::Error::Taken, Record::Resource(record)) => {
                let Some(kind) = catalog.by_name(&record.resource_type) else { return error.into() };
                let document = scim::Document::from_stored(record.document.clone());
                match self.data.taken(kind, &document, Some(record.id)).await {
                    Ok(Some(name)) => format!("its {name} is that of a {} on an earlier line", kind.name),
                    Ok(None) => "a resource on an earlier line has its id".to_owned(),
                    Err(error) => return error.into(),
                }
            }
            (store::Error::Taken, Record::Token(_)) => {
                "it, or its id, stands on an earlier line, or belongs to another tenant of this database; export without \
                 credentials to import beside the original"
                    .to_owned()
            }
            (store::Error::Taken, Record::Client(_)) => "a client on an earlier line has its id or its name".to_owned(),
            (store::Error::Taken, Record::Issuer(_)) => "an issuer on an earlier line has its id or its URL".to_owned(),
            (store::Error::Conflict, Record::Member(_)) => "its group or its member is not in the archive".to_owned(),
            (store::Error::Taken, Record::OrganisationUnit(_)) => {
                "an organisation unit on an earlier line has its id or its code".to_owned()
            }
            (store::Error::Taken, Record::Application(_)) => {
                "an application on an earlier line has its id or its code".to_owned()
            }
            (store::Error::Taken, Record::ApplicationGroup(_)) => "its group has an application already".to_owned(),
            (store::Error::Taken, Record::Entitlement(_)) => {
                "an entitlement on an earlier line is the same group or has its code".to_owned()
            }
            (store::Error::Conflict, Record::ApplicationGroup(_)) => {
                "its application or its group is not in the archive".to_owned()
            }
            (store::Error::Conflict, Record::Token(_)) => "its client is not in the archive".to_owned(),
            (store::Error::Taken, _) => "it stands on an earlier line already".to_owned(),
            // What the database says of a row may repeat it.
            (store::Error::Database(_), _) => "the database does not take it".to_owned(),
            _ => return error.into(),
        };
        ArchiveError::Line { number, reason }
    }
}

/// Writes records, all or none of them.
async fn attempt(
    platform: &Platform,
    data: &TenantStore,
    catalog: &Catalog,
    records: &[Record],
    exported: i64,
) -> Result<(), store::Error> {
    let mut attempt = 1;
    loop {
        let tried = async {
            let work = data.begin(&platform.cause, || platform.clock.now()).await?;
            match work.restore(catalog, records, exported).await {
                Ok(()) => work.commit().await,
                Err(error) => {
                    let _ = work.roll_back().await;
                    Err(error)
                }
            }
        };
        match tried.await {
            Err(store::Error::Busy(_) | store::Error::Long) if attempt < ATTEMPTS => attempt += 1,
            other => return other,
        }
    }
}
