//! `/Me`: the user that the caller is linked to (RFC 7644 §3.11), served in place and with its permanent address. A
//! person may do there what their token lets them do elsewhere, and nobody else's resource is ever behind it.

use axum::{body::Body, http::Method, response::Response};

use super::{Exchange, Target, need};
use crate::{
    auth::{Caller, Scope},
    http::error::{Failure, method_not_allowed},
    provisioning::Directory,
};

/// The alias.
pub(super) const ME: &str = "Me";
/// What it is an alias of.
const USER: &str = "User";

impl Exchange<'_> {
    pub(super) async fn me(
        &self,
        caller: &Caller,
        directory: &Directory,
        body: &mut Body,
    ) -> Result<Response, Failure> {
        let scope = match &self.parts.method {
            &Method::GET | &Method::HEAD => Scope::Read,
            &Method::PUT | &Method::PATCH | &Method::DELETE => Scope::Write,
            &Method::POST if caller.user().is_some() => {
                return Err(Failure::english(501, "Users are created at /Users; nobody creates themselves."));
            }
            &Method::POST => return Err(nobody()),
            other => return Ok(method_not_allowed(other, "GET, HEAD, PUT, PATCH, DELETE")),
        };
        need(caller, scope)?;
        let (Some(user), Some(kind)) = (caller.user(), directory.catalog.by_name(USER)) else {
            return Err(nobody());
        };
        let id = user.to_string();
        self.resource(caller, directory, &Target { kind, id: Some(&id) }, body).await
    }
}

fn nobody() -> Failure {
    Failure::english(404, "This client is linked to no user.")
}
