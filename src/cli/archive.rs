//! `caurlaide tenant export` and `caurlaide tenant import`: a whole tenant as a file.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::Args;
use store::{Store, archive::Contents};

use crate::{
    administration::{Administration, Export, Import, Platform},
    cli::{Failure, output, tenant},
    clock::Clock,
};

/// What stands for standard input and output.
const STREAM: &str = "-";
/// How many records there are between two lines that say how far it is.
const STEP: u64 = 50_000;

/// Which tenant is written down, and where.
#[derive(Args)]
pub(super) struct Wanted {
    /// Its name in addresses
    slug: String,
    /// A new file, which only its owner may read; `-`, the default, is standard output: `… | gzip > riga.jsonl.gz`
    #[arg(long, value_name = "FILE", default_value = STREAM)]
    output: PathBuf,
    /// Write the hashes of passwords too
    #[arg(long)]
    with_passwords: bool,
    /// Write the tokens of clients too, as hashes: where the archive is imported they work as they did here
    #[arg(long)]
    with_credentials: bool,
    /// Leave out the log of changes, and of who looked at whose data
    #[arg(long)]
    without_events: bool,
}

/// Which archive is read, and what becomes of it.
#[derive(Args)]
pub(super) struct Input {
    /// The file; `-` is standard input: `gunzip < riga.jsonl.gz | …`
    file: PathBuf,
    /// Its name in addresses; as in the archive if left out
    #[arg(long)]
    slug: Option<String>,
    /// Try all of it, and take it away again
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn export(store: &Store, wanted: &Wanted, clock: &Clock) -> Result<(), Failure> {
    let found = tenant::find(store, &wanted.slug).await?;
    let contents = Contents {
        passwords: wanted.with_passwords,
        credentials: wanted.with_credentials,
        events: !wanted.without_events,
    };
    let mut export = Administration::at_the_command_line(store, &found, clock).export(contents).await?;
    if wanted.output == Path::new(STREAM) {
        return write(&mut export, std::io::stdout().lock(), "standard output").await.map(drop);
    }
    let path = &wanted.output;
    let file = new_file(path)?;
    let written = match write(&mut export, &file, &path.display().to_string()).await {
        Ok(()) => file.sync_all().map_err(|error| cannot_write(&path.display().to_string(), &error)),
        failed => failed,
    };
    if written.is_err() {
        // Half an archive is none.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// A file that was not there and that nobody else may read.
fn new_file(path: &Path) -> Result<File, Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::Exists(format!("{} exists already", path.display())),
        _ => cannot_write(&path.display().to_string(), &error),
    })
}

async fn write(export: &mut Export, to: impl Write, place: &str) -> Result<(), Failure> {
    let mut to = BufWriter::new(to);
    let mut told = 0;
    while let Some(lines) = export.lines().await? {
        to.write_all(&lines).map_err(|error| cannot_write(place, &error))?;
        tell(export.written(), &mut told, "written");
    }
    to.flush().map_err(|error| cannot_write(place, &error))?;
    eprintln!("{} records are written", export.written());
    Ok(())
}

fn cannot_write(place: &str, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("cannot write to {place}: {error}"))
}

pub(super) async fn import(platform: &Platform, input: Input) -> Result<(), Failure> {
    let Input { file, slug, dry_run } = input;
    let archive: Box<dyn BufRead> = if file == Path::new(STREAM) {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let opened = File::open(&file);
        Box::new(BufReader::new(opened.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::Missing(format!("there is no file {}", file.display())),
            _ => Failure::Failed(format!("cannot read {}: {error}", file.display())),
        })?))
    };
    let mut told = 0;
    let imported =
        platform.import(archive, &Import { slug, dry_run }, &mut |read| tell(read, &mut told, "read")).await?;
    let (slug, records) = (imported.tenant.slug, imported.records);
    if dry_run {
        eprintln!("{records} records could be imported; nothing was kept");
        return output::print(&format!("{slug} could be imported\n"));
    }
    eprintln!("{records} records are imported");
    output::print(&format!("{slug} is {}\n", imported.tenant.state))
}

/// Says now and then how far it is.
fn tell(records: u64, told: &mut u64, what: &str) {
    if records / STEP > *told {
        *told = records / STEP;
        eprintln!("{records} records are {what} so far");
    }
}

pub(super) async fn discard(platform: &Platform, slug: &str) -> Result<(), Failure> {
    platform.discard_import(slug).await?;
    output::print(&format!("what an import of {slug} had left is gone\n"))
}
