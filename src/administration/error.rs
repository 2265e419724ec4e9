//! What administration can say, in words that HTTP and the command line pass on.

use std::fmt::Write;

use rights::Assurance;
use uuid::Uuid;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::administration::limits::AT;

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands: names in camelCase with slashes between them, as in a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Values that cannot be taken.
    #[error("{}", listed(.0))]
    Invalid(Vec<Fault>),
    /// There is no such thing.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// There is one already.
    #[error("{0}")]
    Taken(String),
    /// It stands in the way of what is there.
    #[error("{0}")]
    Conflict(String),
    /// It is at that version, which is not the one that was meant.
    #[error("it is at version {0} by now, which is not what the change was made for")]
    Stale(i64),
    /// It does not suit the state of what is there.
    #[error("{text}")]
    State {
        /// Why.
        text: String,
        /// The state that it is in.
        state: &'static str,
        /// What can be done in that state.
        possible: &'static [&'static str],
    },
    /// Whoever asks is not among those who may.
    #[error("{0}")]
    Forbidden(String),
    /// It is not known surely enough who asks.
    #[error("it has to be known at the level {} who decides here", .0.word())]
    Assurance(Assurance),
    /// Rules of segregation of duties stand against it: these.
    #[error("{} rules of segregation of duties stand against it", .0.len())]
    Rules(Vec<Uuid>),
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

/// All faults in a row.
fn listed(faults: &[Fault]) -> String {
    let mut text = String::new();
    for fault in faults {
        let separator = if text.is_empty() { "" } else { "; " };
        let _ = write!(
            text,
            "{separator}{}",
            format!("{} {}", &fault.pointer.trim_start_matches('/'), fault.reason).trim()
        );
    }
    text
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
                let reason = error.message.as_ref().unwrap_or(&error.code).to_string();
                Fault { pointer: format!("{pointer}{item}"), reason }
            })),
        }
    }
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
