//! A short-lived token in exchange for a client's own (RFC 6749 §4.4).

use secrecy::{ExposeSecret, SecretString};
use store::NewAccessToken;

use crate::{
    auth::{Authenticator, Caller, TokenKind},
    clock::Ids,
};

/// How many short-lived tokens of a client work at once; of more, the oldest go.
const MOST: u64 = 100;

/// A short-lived token that was just made: the one time that it is seen.
#[derive(Debug)]
pub struct Granted {
    /// The token itself.
    pub secret: SecretString,
    /// What it may do.
    pub scopes: Vec<String>,
    /// How long it lives, in seconds.
    pub lifetime: i64,
}

/// Why there is none.
#[derive(Debug)]
pub enum NotGranted {
    /// The client's own token has just ended.
    Ended,
    /// A scope that the client's own token does not have.
    Scope,
    /// It could not be stored.
    Store(store::Error),
}

impl From<store::Error> for NotGranted {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl Authenticator {
    /// Gives a caller a token that lives that many seconds, and not longer than its own. It may do what the scope
    /// says, with spaces between words, or all that the caller may.
    pub async fn exchange(
        &self,
        caller: &Caller,
        scope: Option<&str>,
        life: i64,
        ids: &Ids,
        request_id: &str,
    ) -> Result<Granted, NotGranted> {
        let scopes = narrowed(caller.scopes(), scope)?;
        let work = self.store.tenant(caller.tenant()).begin(&caller.cause(request_id), || self.clock.now()).await?;
        work.lock_client(caller.client()).await?.ok_or(NotGranted::Ended)?;
        let parent = work.lock_token(caller.token()).await?.ok_or(NotGranted::Ended)?;
        let (now, secret) = (self.clock.now(), TokenKind::Access.generate());
        let expires = parent.expires.min(now + life * 1000);
        let lifetime = (expires - now) / 1000;
        if parent.revoked.is_some() || lifetime < 1 {
            return Err(NotGranted::Ended);
        }
        let new = NewAccessToken {
            id: ids.next(),
            parent: &parent,
            secret: secret.expose_secret(),
            scopes: &scopes,
            expires,
        };
        work.create_access_token(&new, MOST).await?;
        work.commit().await?;
        // It is good whatever else comes from the address that it is used from.
        self.failures.trust(store::token_hash(secret.expose_secret()));
        Ok(Granted { secret, scopes, lifetime })
    }
}

/// The scopes that are asked for, in the order of those that there are.
fn narrowed(held: &[String], wanted: Option<&str>) -> Result<Vec<String>, NotGranted> {
    let Some(wanted) = wanted else { return Ok(held.to_vec()) };
    let wanted: Vec<&str> = wanted.split(' ').filter(|word| !word.is_empty()).collect();
    if wanted.is_empty() || !wanted.iter().all(|word| held.iter().any(|own| own == word)) {
        return Err(NotGranted::Scope);
    }
    Ok(held.iter().filter(|own| wanted.contains(&own.as_str())).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_only_become_fewer() {
        let held = ["scim.read".to_owned(), "scim.write".to_owned()];
        let ask = |wanted| narrowed(&held, wanted).ok();
        assert_eq!(ask(None).as_deref(), Some(&held[..]));
        assert_eq!(ask(Some("scim.write  scim.write")).as_deref(), Some(&held[1..]));
        for wrong in ["", " ", "tenant.admin", "scim.read tenant.admin", "scim"] {
            assert!(ask(Some(wrong)).is_none(), "{wrong:?}");
        }
    }
}
