//! Who makes a request, as a checked token says.

use std::sync::Arc;

use rights::Assurance;
use store::{Access, Application, Cause, TenantId, TenantState};
use uuid::Uuid;

use crate::auth::Scope;

/// Who makes a request, as a checked token says.
#[derive(Debug, Clone)]
pub struct Caller {
    access: Arc<Access>,
    user: Option<Uuid>,
    assurance: Option<Assurance>,
}

impl Caller {
    /// A client, by a token of its own.
    pub(super) fn client_with(access: Arc<Access>) -> Self {
        Self { access, user: None, assurance: None }
    }

    /// A person, for whom an issuer vouches.
    pub(super) fn person(access: Arc<Access>, user: Uuid, assurance: Assurance) -> Self {
        Self { access, user: Some(user), assurance: Some(assurance) }
    }

    /// The tenant's capability.
    pub fn tenant(&self) -> TenantId {
        self.access.tenant
    }

    /// The tenant's slug.
    pub fn slug(&self) -> &str {
        &self.access.slug
    }

    /// Whether the caller belongs to the tenant of that slug. An operator belongs to none.
    pub fn is_of(&self, slug: &str) -> bool {
        !self.is_operator() && self.slug() == slug
    }

    /// Whether the caller belongs to those who run the platform.
    pub fn is_operator(&self) -> bool {
        self.access.is_platform
    }

    /// Whether nothing may be granted in the tenant.
    pub fn is_suspended(&self) -> bool {
        self.access.state != TenantState::Active
    }

    /// Whether nothing may be changed in the tenant.
    pub fn is_archived(&self) -> bool {
        self.access.state == TenantState::Archived
    }

    /// The client, or the issuer that vouches for a person.
    pub fn client(&self) -> Uuid {
        self.access.client
    }

    /// Who asks, as far as it matters how often: each person by themselves.
    pub fn asker(&self) -> Uuid {
        self.user.unwrap_or(self.access.client)
    }

    /// The user that the caller is linked to: a client is linked to none.
    pub fn user(&self) -> Option<Uuid> {
        self.user
    }

    /// How surely it is known who the person is; nothing for a client.
    pub fn assurance(&self) -> Option<Assurance> {
        self.assurance
    }

    /// Whether the caller sees what an application may see. The scope stands alone, so that nobody who may do more sees
    /// less.
    pub fn is_application(&self) -> bool {
        matches!(self.scopes(), [only] if only == Scope::AppRead.word())
    }

    /// The application that the caller's client reads for.
    pub fn application(&self) -> Option<&Application> {
        self.access.application.as_ref()
    }

    /// What the log says of whoever causes something in a request.
    pub fn cause(&self, request: &str) -> Cause {
        Cause { client: Some(self.client()), user: self.user, request: request.to_owned() }
    }

    /// The token, which is no secret; if it is short-lived, the one that was given for it.
    pub(super) fn token(&self) -> Uuid {
        self.access.token
    }

    /// What the token may do.
    pub fn scopes(&self) -> &[String] {
        &self.access.scopes
    }

    /// Whether the token may do that.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes().iter().any(|held| held == scope.word())
    }
}
