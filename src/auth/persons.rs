//! People who call with a token of an issuer that their tenant trusts. The token is judged once in a few seconds; the
//! user that it speaks of is looked up at every request, so that who is deactivated or deleted is out at once.

use std::sync::{Arc, LazyLock};

use rights::Assurance;
use scim::{
    Document,
    schema::{Catalog, MUNICIPAL, ResourceType},
};
use serde_json::Value;
use store::{Access, Issuer, Link, Tenant, TenantState};

use crate::auth::{
    Authenticator, Caller, Keys, Unauthenticated,
    jwt::{Claims, Unjudged},
};

/// Users as every tenant has them.
static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::standard);
const USER: &str = "User";

/// What a token says that was found to be true.
#[derive(Debug)]
pub(super) struct Vouched {
    /// What it opens.
    pub(super) access: Arc<Access>,
    link: Link,
    /// What the issuer calls the person.
    subject: String,
    assurance: Option<Assurance>,
}

impl Authenticator {
    /// The person of whom a token speaks, in the tenant of that slug.
    pub(super) async fn person(&self, slug: &str, token: &str) -> Result<Caller, Unauthenticated> {
        let now = self.clock.now();
        // A token may be good in several tenants, and is remembered for each by itself.
        let hash = store::token_hash(&format!("{slug}/{token}"));
        let is_alive = |known: &Vouched| known.access.expires > now;
        let vouched = self.vouched.recall(&hash, is_alive, self.vouch(slug, token, now)).await?;
        let users: &ResourceType = CATALOG.by_name(USER).ok_or(Unauthenticated::Invalid)?;
        let tenant = self.store.tenant(vouched.access.tenant);
        let found = tenant.person(users, vouched.link, &vouched.subject).await.map_err(Unauthenticated::Store)?;
        let Some((user, document)) = found else {
            let issuer = vouched.access.client;
            tracing::info!(tenant = slug, %issuer, "a token of an issuer names nobody who is active");
            return Err(Unauthenticated::Invalid);
        };
        Ok(Caller::person(Arc::clone(&vouched.access), user, assurance(vouched.assurance, &document)))
    }

    /// Judges a token. Nothing that it says is believed before.
    async fn vouch(&self, slug: &str, token: &str, now: i64) -> Result<Vouched, Unauthenticated> {
        let unjudged = Unjudged::read(token).ok_or(Unauthenticated::Invalid)?;
        let url = unjudged.issuer().ok_or(Unauthenticated::Invalid)?;
        let trusted = self.store.trusted_issuer(slug, url).await.map_err(Unauthenticated::Store)?;
        let (tenant, issuer) = trusted.ok_or(Unauthenticated::Invalid)?;
        // An archived tenant is read with a token that was made for that.
        if tenant.state == TenantState::Archived || !unjudged.is_signed_as(&issuer) {
            return Err(Unauthenticated::Invalid);
        }
        let keys = self.keys(&issuer, &unjudged.key).await?;
        let claims = unjudged.judge(&issuer, &keys, now).map_err(|reason| {
            // The caller is told no more than of any wrong token.
            tracing::info!(tenant = slug, issuer = %issuer.id, reason, "a token of an issuer was refused");
            Unauthenticated::Invalid
        })?;
        let Claims { subject, scopes, assurance, expires } = claims;
        let access = opened(tenant, &issuer, scopes, expires);
        self.failures.trust(store::token_hash(token));
        Ok(Vouched { access: Arc::new(access), link: issuer.link, subject, assurance })
    }

    /// The keys of an issuer, wherever they are.
    async fn keys(&self, issuer: &Issuer, key: &str) -> Result<Arc<Keys>, Unauthenticated> {
        match (&issuer.jwks, &issuer.jwks_uri) {
            (Some(set), _) => {
                let set = serde_json::from_str(set).map_err(|error| error.to_string());
                let keys = set.and_then(|set| Keys::parse(&set).map_err(|wrong| wrong.to_string())).map_err(|reason| {
                    Unauthenticated::Store(store::Error::Damaged(format!("the keys of issuer {}: {reason}", issuer.id)))
                });
                keys.map(Arc::new)
            }
            (None, Some(uri)) => self.sources.keys(issuer, uri, key).await.ok_or(Unauthenticated::Unreachable),
            (None, None) => Err(Unauthenticated::Invalid),
        }
    }
}

fn opened(tenant: Tenant, issuer: &Issuer, scopes: Vec<String>, expires: i64) -> Access {
    Access {
        tenant: tenant.id,
        slug: tenant.slug,
        is_platform: false,
        state: tenant.state,
        client: issuer.id,
        application: None,
        networks: Vec::new(),
        token: issuer.id,
        scopes,
        expires,
        last_used: None,
    }
}

/// How surely it is known who somebody is: what their token says and what the tenant's identity system wrote, whichever is
/// lower. Where neither says anything, nothing is sure.
fn assurance(vouched: Option<Assurance>, user: &Document) -> Assurance {
    let written = user.attributes().get(MUNICIPAL).and_then(|municipal| municipal.get("assuranceLevel"));
    let written = written.and_then(Value::as_str).and_then(Assurance::from_word);
    [vouched, written].into_iter().flatten().min().unwrap_or(Assurance::Low)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_lower_word_counts() {
        let mut user = Document::default();
        let written = json!({ MUNICIPAL: { "assuranceLevel": "substantial" } });
        assert_eq!(assurance(None, &user), Assurance::Low);
        assert_eq!(assurance(Some(Assurance::High), &user), Assurance::High);
        user = Document::from_stored(written.as_object().cloned().unwrap_or_default());
        assert_eq!(assurance(None, &user), Assurance::Substantial);
        assert_eq!(assurance(Some(Assurance::High), &user), Assurance::Substantial);
        assert_eq!(assurance(Some(Assurance::Low), &user), Assurance::Low);
    }
}
