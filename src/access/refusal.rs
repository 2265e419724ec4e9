//! What the rules refuse, in the words of use-cases.

use rights::{Class, Reason, Refusal};

use crate::{
    administration::{Error, Fault},
    wording::{Phrase, Text, phrase},
};

/// A refusal as it is told. What cannot be taken is named by the field that brought it.
pub(super) fn refused(refusal: &Refusal, field: &str) -> Error {
    let Refusal { state, possible, reason, .. } = refusal;
    match (reason.class(), reason) {
        (_, Reason::Conflict(rules)) => {
            Error::Rules { rules: rules.iter().map(|rule| rule.0).collect(), state, possible }
        }
        (_, Reason::Assurance(level)) => Error::Assurance(*level),
        (Class::Conflict, _) => Error::State { text: refusal.into(), state, possible },
        (Class::Forbidden, _) => Error::Forbidden(reason.into()),
        (Class::Invalid, Reason::Missing(name)) => {
            let name = if *name == "a change" { field } else { name };
            wrong(&format!("/{name}"), phrase("must-be-said"))
        }
        (Class::Invalid, Reason::Period) => wrong("/until", phrase("must-lie-within")),
        (Class::Invalid, _) => wrong(&format!("/{field}"), Phrase::from(reason)),
    }
}

/// One value that cannot be taken.
pub(super) fn wrong(pointer: &str, reason: impl Into<Text>) -> Error {
    Error::Invalid(vec![Fault::new(pointer, reason)])
}
