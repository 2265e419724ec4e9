//! What administration can say, in words that HTTP and the command line pass on.

use std::fmt::Write;

use rights::Assurance;
use uuid::Uuid;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use crate::{
    administration::limits::AT,
    language::Language,
    provisioning::{Tags, changed_meanwhile},
    wording::{Phrase, Text, phrase},
};

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands: names in camelCase with slashes between them, as in a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong with it.
    pub reason: Text,
}

impl Fault {
    /// That one value is wrong.
    pub fn new(pointer: impl Into<String>, reason: impl Into<Text>) -> Self {
        Self { pointer: pointer.into(), reason: reason.into() }
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Values that cannot be taken.
    #[error("{}", listed(.0, Language::English))]
    Invalid(Vec<Fault>),
    /// There is no such thing.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// There is one already.
    #[error("{0}")]
    Taken(Text),
    /// It stands in the way of what is there.
    #[error("{0}")]
    Conflict(Text),
    /// It is at that version, which is not the one that was meant.
    #[error("it is at version {0} by now, which is not what the change was made for")]
    Stale(i64),
    /// It is not as it was any more.
    #[error("it has changed since it was read, and the change was made for what it was before")]
    Changed,
    /// It does not suit the state of what is there.
    #[error("{text}")]
    State {
        /// Why.
        text: Text,
        /// The state that it is in.
        state: &'static str,
        /// What can be done in that state.
        possible: &'static [&'static str],
    },
    /// Whoever asks is not among those who may.
    #[error("{0}")]
    Forbidden(Text),
    /// It is not known surely enough who asks.
    #[error("it has to be known at the level {} who decides here", .0.word())]
    Assurance(Assurance),
    /// Rules of segregation of duties stand against it: these.
    #[error("rules of segregation of duties stand against it: {}", listed_ids(rules))]
    Rules {
        /// The rules.
        rules: Vec<Uuid>,
        /// The state of what was to change.
        state: &'static str,
        /// What can be done in that state.
        possible: &'static [&'static str],
    },
    /// The tenant takes away and does not give.
    #[error("this tenant is suspended: reading, revoking and deleting work, granting does not")]
    Suspended,
    /// The tenant is only read.
    #[error("this tenant is archived: it can be read and not changed")]
    Archived,
    /// The data could not be reached or written.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// What people are told, in whichever language they read. Of values that cannot be taken each has its own words.
    pub fn text(&self) -> Text {
        match self {
            Self::Missing(what) => match Phrase::of_missing(what) {
                Some(phrase) => phrase.into(),
                None => Text::english(self.to_string()),
            },
            Self::Taken(text) | Self::Conflict(text) | Self::Forbidden(text) | Self::State { text, .. } => text.clone(),
            Self::Stale(version) => phrase("stale").with("version", *version).into(),
            Self::Changed => changed_meanwhile().into(),
            Self::Assurance(level) => phrase("assurance-needed").with("level", Phrase::from(*level)).into(),
            Self::Rules { rules, .. } => phrase("duties-apart-by").with("rules", listed_ids(rules)).into(),
            Self::Suspended => phrase("suspended").into(),
            Self::Archived => phrase("archived").into(),
            Self::Invalid(_) | Self::Store(_) => Text::english(self.to_string()),
        }
    }

    /// The same in a language.
    pub fn say(&self, language: Language) -> String {
        match self {
            Self::Invalid(faults) => listed(faults, language),
            _ => self.text().say(language).into_owned(),
        }
    }
}

/// The ids of rules, one behind the other.
fn listed_ids(ids: &[Uuid]) -> String {
    ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", ")
}

/// All faults in a row.
pub(crate) fn listed(faults: &[Fault], language: Language) -> String {
    let mut text = String::new();
    for fault in faults {
        let separator = if text.is_empty() { "" } else { "; " };
        let _ = write!(
            text,
            "{separator}{}",
            format!("{} {}", &fault.pointer.trim_start_matches('/'), fault.reason.say(language)).trim()
        );
    }
    text
}

/// Refuses what was meant for another version.
pub(crate) fn meant(versions: Option<&Tags>, version: i64) -> Result<(), Error> {
    if versions.is_none_or(|versions| versions.names_version(version)) { Ok(()) } else { Err(Error::Stale(version)) }
}

/// The same of what has no version: it has to be as it was.
pub(super) fn unchanged(tags: Option<&Tags>, tag: &str) -> Result<(), Error> {
    if tags.is_none_or(|tags| tags.names(tag)) { Ok(()) } else { Err(Error::Changed) }
}

/// Checks what somebody wants.
pub(crate) fn check(wish: &impl Validate) -> Result<(), Error> {
    wish.validate().map_err(|errors| {
        let mut faults = Vec::new();
        gather(&errors, "", &mut faults);
        faults.sort_unstable_by(|a, b| a.pointer.cmp(&b.pointer));
        Error::Invalid(faults)
    })
}

fn gather(errors: &ValidationErrors, place: &str, faults: &mut Vec<Fault>) {
    for (name, kind) in errors.errors() {
        let pointer = format!("{place}/{}", camel(name));
        match kind {
            ValidationErrorsKind::Struct(inner) => gather(inner, &pointer, faults),
            ValidationErrorsKind::List(items) => {
                items.iter().for_each(|(at, inner)| gather(inner, &format!("{pointer}/{at}"), faults));
            }
            ValidationErrorsKind::Field(errors) => faults.extend(errors.iter().map(|error| {
                let item = error.params.get(AT).map(|at| format!("/{at}")).unwrap_or_default();
                Fault::new(format!("{pointer}{item}"), reason(error))
            })),
        }
    }
}

/// What a check of a field says: the key of its words, and what is named in them.
pub(super) fn reason(error: &ValidationError) -> Text {
    // The value itself is never repeated.
    let named = error.params.iter().filter(|(name, _)| ![AT, "value"].contains(&name.as_ref()));
    named
        .fold(phrase(error.code.clone()), |said, (name, value)| match (value.as_i64(), value.as_str()) {
            (Some(number), _) => said.with(name.clone(), number),
            (None, Some(text)) => said.with(name.clone(), text),
            (None, None) => said,
        })
        .into()
}

/// A name as JSON has it.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut camel, word| {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
        camel
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_in_json() {
        assert_eq!(camel("expires_in"), "expiresIn");
        assert_eq!(camel("name"), "name");
    }
}
