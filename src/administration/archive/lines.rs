//! The lines of an archive as they come in: bounded in length, strict JSON, and digested.

use std::io::{BufRead, Read};

use ring::digest::{Context, SHA256};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::archive::{Part, Record};

use crate::administration::archive::{ArchiveError, FOOTER};

/// The longest line, in bytes: four times the largest document.
pub(super) const MAX_LINE: usize = 4 * 1024 * 1024;

/// The lines of an archive.
pub(super) struct Lines<R> {
    input: R,
    /// The number of the line that was read last.
    number: u64,
    line: Vec<u8>,
    /// Of every line but the footer.
    digest: Context,
}

/// A line.
#[derive(Debug)]
pub(super) struct Line {
    /// Which one; the first is 1.
    pub(super) number: u64,
    /// How long it is, in bytes.
    pub(super) length: usize,
    /// What it says it is.
    pub(super) kind: String,
    /// All of it.
    pub(super) value: Value,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, number: 0, line: Vec::new(), digest: Context::new(&SHA256) }
    }

    /// The next line; nothing behind the last.
    pub(super) fn next(&mut self) -> Result<Option<Line>, ArchiveError> {
        self.line.clear();
        let most = MAX_LINE as u64 + 1;
        if self.input.by_ref().take(most).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.line.last() != Some(&b'\n') {
            let reason = if self.line.len() > MAX_LINE {
                format!("it is longer than {MAX_LINE} bytes")
            } else {
                "the archive ends in the middle of it: it was cut off".to_owned()
            };
            return Err(self.wrong(reason));
        }
        let value = scim::json::parse(&self.line).map_err(|error| self.wrong(told(&error.detail)))?;
        let Some(kind) = value.get("kind").and_then(Value::as_str).map(str::to_owned) else {
            return Err(self.wrong("it is no JSON object with a member `kind`".into()));
        };
        if kind != FOOTER {
            self.digest.update(&self.line);
        }
        Ok(Some(Line { number: self.number, length: self.line.len(), kind, value }))
    }

    /// SHA-256 of every line so far but the footer.
    pub(super) fn digest(&self) -> String {
        hex(self.digest.clone())
    }

    /// Something is wrong with the line that was read last.
    pub(super) fn wrong(&self, reason: String) -> ArchiveError {
        ArchiveError::Line { number: self.number, reason }
    }

    /// Something that should stand behind the line that was read last is not there.
    pub(super) fn cut_off(&self) -> ArchiveError {
        let reason = "the archive ends without its footer: it was cut off".to_owned();
        ArchiveError::Line { number: self.number + 1, reason }
    }
}

impl Line {
    /// The line in the form that its kind has.
    pub(super) fn read<T: DeserializeOwned>(&mut self) -> Result<T, ArchiveError> {
        read(self.value.take()).map_err(|reason| self.wrong(reason))
    }

    /// The record that stands on the line.
    pub(super) fn record(&mut self) -> Result<Record, ArchiveError> {
        let Some(part) = Part::ALL.into_iter().find(|part| part.word() == self.kind) else {
            let known: Vec<&str> = Part::ALL.iter().map(|part| part.word()).collect();
            return Err(self.wrong(format!(
                "its kind is not known to this version of Caurlaide, which knows {}; a newer one may have written it",
                known.join(", ")
            )));
        };
        let mut value = self.value.take();
        if let Some(object) = value.as_object_mut() {
            object.shift_remove("kind");
        }
        let record = match part {
            Part::Settings => read(value).map(Record::Settings),
            Part::Definition => read(value).map(Record::Definition),
            Part::Resource => read(value).map(Record::Resource),
            Part::Member => read(value).map(Record::Member),
            Part::OrganisationUnit => read(value).map(Record::OrganisationUnit),
            Part::Application => read(value).map(Record::Application),
            Part::ApplicationGroup => read(value).map(Record::ApplicationGroup),
            Part::Entitlement => read(value).map(Record::Entitlement),
            Part::Rule => read(value).map(Record::Rule),
            Part::Request => read(value).map(Record::Request),
            Part::RequestItem => read(value).map(|item| Record::RequestItem(Box::new(item))),
            Part::Review => read(value).map(|found| Record::Review(Box::new(found))),
            Part::ReviewItem => read(value).map(|item| Record::ReviewItem(Box::new(item))),
            Part::Delegation => read(value).map(Record::Delegation),
            Part::Notification => read(value).map(|told| Record::Notification(Box::new(told))),
            Part::AdminRole => read(value).map(Record::AdminRole),
            Part::Grant => read(value).map(|grant| Record::Grant(Box::new(grant))),
            Part::SodViolation => read(value).map(|found| Record::SodViolation(Box::new(found))),
            Part::Emergency => read(value).map(|taken| Record::Emergency(Box::new(taken))),
            Part::Suspension => read(value).map(Record::Suspension),
            Part::Client => read(value).map(Record::Client),
            Part::Token => read(value).map(Record::Token),
            Part::Issuer => read(value).map(Record::Issuer),
            Part::Alarm => read(value).map(Record::Alarm),
            Part::Removal => read(value).map(|removal| Record::Removal(Box::new(removal))),
            Part::View => read(value).map(Record::View),
            Part::Event => read(value).map(Record::Event),
        };
        record.map_err(|reason| self.wrong(reason))
    }

    pub(super) fn wrong(&self, reason: String) -> ArchiveError {
        ArchiveError::Line { number: self.number, reason }
    }
}

/// What serde says of a value repeats it, and so only where it stands is told.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error: serde_path_to_error::Error<serde_json::Error>| {
        let text = error.inner().to_string();
        let name = |start: &str| text.strip_prefix(start)?.split('`').nth(1).map(str::to_owned);
        if let Some(name) = name("missing field") {
            return format!("it lacks the member {name}");
        }
        if name("unknown field").is_some() {
            return format!("the member {} is not known to this version of Caurlaide", error.path());
        }
        format!("the member {} has not the right form", error.path())
    })
}

/// What is said of bodies, said of a line.
fn told(detail: &str) -> String {
    let text = detail.replacen("The body", "it", 1).replacen(" at line 1 column", " at column", 1);
    text.trim_end_matches('.').to_owned()
}

/// The end of a digest as text.
pub(super) fn hex(digest: Context) -> String {
    digest
        .finish()
        .as_ref()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
