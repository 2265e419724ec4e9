//! Bearer tokens (RFC 6750): checked against the database, remembered for a few seconds.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use axum::http::{HeaderMap, header};
use quick_cache::sync::Cache;
use store::{Access, Store, TenantId};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{auth::is_well_formed, clock::Clock};

/// How long a token is believed without a look: a revocation is felt within this time.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How many tokens are remembered.
const CAPACITY: usize = 10_000;
/// How exactly the last use of a token is known, in milliseconds.
const LAST_USED: i64 = 60_000;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read resources and discovery.
    Read,
    /// Write resources.
    Write,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The scope as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "scim.read",
            Self::Write => "scim.write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|scope| scope.word() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|scope| scope.word()).collect();
            format!("{text:?} is not a scope; there are {}", known.join(" and "))
        })
    }
}

/// Who makes a request, as a checked token says.
#[derive(Debug, Clone)]
pub struct Caller {
    access: Arc<Access>,
}

/// Why there is no caller.
#[derive(Debug)]
pub enum Unauthenticated {
    /// No token was sent.
    Missing,
    /// The token is unknown, has ended or was revoked.
    Invalid,
    /// The token could not be checked.
    Store(store::Error),
}

impl Caller {
    /// The tenant's capability.
    pub fn tenant(&self) -> TenantId {
        self.access.tenant
    }

    /// The tenant's slug.
    pub fn slug(&self) -> &str {
        &self.access.slug
    }

    /// Whether the tenant is suspended.
    pub fn is_suspended(&self) -> bool {
        self.access.state == store::TenantState::Suspended
    }

    /// Whether the tenant keeps to the letter of the RFC.
    pub fn is_strict(&self) -> bool {
        self.access.strict
    }

    /// The client.
    pub fn client(&self) -> Uuid {
        self.access.client
    }

    /// Whether the token may do that.
    pub fn may(&self, scope: Scope) -> bool {
        self.access.scopes.iter().any(|held| held == scope.word())
    }
}

/// When a token was looked up, and what it opens.
type Seen = (Instant, Arc<Access>);

/// Checks tokens.
#[derive(Clone)]
pub struct Authenticator {
    store: Store,
    clock: Clock,
    /// By hash, so that no token lies in memory.
    seen: Arc<Cache<[u8; 32], Seen>>,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticator")
    }
}

impl Authenticator {
    /// Tokens of that database.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, seen: Arc::new(Cache::new(CAPACITY)) }
    }

    /// Who sends these headers.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Unauthenticated> {
        let token = bearer(headers)?;
        if !is_well_formed(token) {
            return Err(Unauthenticated::Invalid);
        }
        let hash = store::token_hash(token);
        let now = self.clock.now();
        if let Some((at, access)) = self.seen.get(&hash)
            && at.elapsed() < REMEMBERED
            && access.expires > now
        {
            return Ok(Caller { access });
        }
        // Taken before the look: what is revoked meanwhile is not believed for longer.
        let asked = Instant::now();
        let access = match self.store.authenticate(&hash, now).await {
            Ok(Some(access)) => Arc::new(access),
            Ok(None) => {
                self.seen.remove(&hash);
                return Err(Unauthenticated::Invalid);
            }
            Err(error) => return Err(Unauthenticated::Store(error)),
        };
        self.seen.insert(hash, (asked, Arc::clone(&access)));
        self.note_use(&access, now);
        Ok(Caller { access })
    }

    /// Notes beside the request, about once a minute, that a token is in use.
    fn note_use(&self, access: &Arc<Access>, now: i64) {
        if access.last_used.is_some_and(|last| now - last < LAST_USED) {
            return;
        }
        let (store, access) = (self.store.clone(), Arc::clone(access));
        tokio::spawn(async move {
            if let Err(error) = store.touch_token(&access, now, now - LAST_USED).await {
                tracing::warn!(%error, token = %access.token, "the use of a token could not be noted");
            }
        });
    }
}

/// The token of exactly one `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Result<&str, Unauthenticated> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (given.next(), given.next()) else {
        return Err(if headers.contains_key(header::AUTHORIZATION) {
            Unauthenticated::Invalid
        } else {
            Unauthenticated::Missing
        });
    };
    let (scheme, token) = only.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Unauthenticated::Invalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Unauthenticated::Invalid);
    }
    Ok(token.trim())
}
