//! What the rules refuse, in the words of use-cases.

use rights::{Class, Reason, Refusal};

use crate::administration::{Error, Fault};

/// A refusal as it is told. What cannot be taken is named by the field that brought it.
pub(super) fn refused(refusal: &Refusal, field: &str) -> Error {
    let Refusal { state, possible, reason, .. } = refusal;
    match (reason.class(), reason) {
        (_, Reason::Conflict(rules)) => Error::Rules(rules.iter().map(|rule| rule.0).collect()),
        (_, Reason::Assurance(level)) => Error::Assurance(*level),
        (Class::Conflict, _) => Error::State { text: refusal.to_string(), state, possible },
        (Class::Forbidden, _) => Error::Forbidden(reason.to_string()),
        (Class::Invalid, Reason::Missing(name)) => {
            let name = if *name == "a change" { field } else { name };
            wrong(&format!("/{name}"), "must be said")
        }
        (Class::Invalid, Reason::Period) => {
            wrong("/until", "must lie ahead, behind the beginning, and not behind what was asked for")
        }
        (Class::Invalid, _) => wrong(&format!("/{field}"), &reason.to_string()),
    }
}

/// One value that cannot be taken.
pub(super) fn wrong(pointer: &str, reason: &str) -> Error {
    Error::Invalid(vec![Fault { pointer: pointer.into(), reason: reason.into() }])
}
