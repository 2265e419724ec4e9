//! What the protocol can say when it refuses: status, `scimType` and a sentence (RFC 7644 §3.12).

use serde_json::{Value, json};

/// The detail error keywords of RFC 7644 table 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter does not follow the grammar, or tests what cannot be tested.
    InvalidFilter,
    /// The filter yields more results than the server is willing to compute.
    TooMany,
    /// A value that must be unique is taken.
    Uniqueness,
    /// The change does not fit the attribute's mutability or the resource's state.
    Mutability,
    /// The body has not the structure that the request needs.
    InvalidSyntax,
    /// A PATCH path that is malformed or names no attribute.
    InvalidPath,
    /// A PATCH path that yields nothing to change.
    NoTarget,
    /// A required value is missing, or a value does not fit its attribute.
    InvalidValue,
    /// A protocol version that is not served.
    InvalidVers,
    /// Confidential data was put into the address.
    Sensitive,
    /// A cursor that this server did not make, or not for this query (RFC 9865 §2.1).
    InvalidCursor,
    /// A cursor whose time is over (RFC 9865 §2.1).
    ExpiredCursor,
    /// A page size that is no number, or another than the cursor was made for (RFC 9865 §2.1).
    InvalidCount,
}

impl ScimType {
    /// The keyword as it is sent.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// A refusal as SCIM words it. Details never repeat values that a client sent as attribute data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {detail}")]
pub struct Error {
    /// The HTTP status.
    pub status: u16,
    /// The keyword, where table 9 has one.
    pub scim_type: Option<ScimType>,
    /// One sentence for the person who has to mend the request.
    pub detail: String,
    /// Whether the sentence repeats what the client wrote in the place of a name. That may be anything, a person's name
    /// too: the client may read it, and nobody keeps it.
    pub quotes: bool,
}

impl Error {
    /// An error with a status and no keyword.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), quotes: false }
    }

    /// A 400 with its keyword (409 for `uniqueness`).
    pub fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        let status = if scim_type == ScimType::Uniqueness { 409 } else { 400 };
        Self { status, scim_type: Some(scim_type), detail: detail.into(), quotes: false }
    }

    /// The same error, with a detail that repeats what the client wrote in the place of a name.
    #[must_use]
    pub fn quoting(self) -> Self {
        Self { quotes: true, ..self }
    }

    /// The message body (RFC 7644 §3.12): `status` is a JSON string.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.to_string(),
        });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = scim_type.keyword().into();
        }
        body["detail"] = self.detail.as_str().into();
        body
    }
}

macro_rules! shorthand {
    ($($name:ident => $variant:ident),* $(,)?) => {$(
        pub(crate) fn $name(detail: impl Into<String>) -> Error {
            Error::of(ScimType::$variant, detail)
        }
    )*};
}

shorthand! {
    invalid_filter => InvalidFilter,
    invalid_path => InvalidPath,
    invalid_syntax => InvalidSyntax,
    invalid_value => InvalidValue,
    mutability => Mutability,
    no_target => NoTarget,
}
