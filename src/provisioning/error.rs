//! Why a use-case did not do what was asked.

/// Why a use-case did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The protocol refuses it.
    #[error(transparent)]
    Refused(#[from] scim::Error),
    /// The data layer could not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Something inside failed.
    #[error("{0}")]
    Failed(String),
}

impl Error {
    /// No such resource, or none that the caller may know of.
    pub(crate) fn not_found(kind: &scim::schema::ResourceType) -> Self {
        scim::Error::new(404, format!("There is no such {}.", kind.name)).into()
    }
}
