//! Bearer tokens (RFC 6750): checked against the database, remembered for a few seconds.

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::http::{HeaderMap, header};
use quick_cache::sync::Cache;
use store::{Access, Store, TenantId, TenantState};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    auth::{Scope, TokenKind},
    clock::Clock,
    network::Networks,
};

/// How long a token is believed without a look: a revocation on another node is felt within this time.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How many tokens are remembered.
const CAPACITY: usize = 10_000;
/// How exactly the last use of a token is known, in milliseconds.
const LAST_USED: i64 = 60_000;

/// Who makes a request, as a checked token says.
#[derive(Debug, Clone)]
pub struct Caller {
    known: Arc<Known>,
}

/// What a token opens, and where from.
#[derive(Debug)]
struct Known {
    access: Access,
    networks: Networks,
    /// Whether its use was noted since this look.
    noted: AtomicBool,
}

/// Why there is no caller.
#[derive(Debug)]
pub enum Unauthenticated {
    /// No token was sent.
    Missing,
    /// The token is unknown, has ended, was revoked, or does not belong where it came from.
    Invalid,
    /// The token could not be checked.
    Store(store::Error),
}

impl Caller {
    /// The tenant's capability.
    pub fn tenant(&self) -> TenantId {
        self.known.access.tenant
    }

    /// The tenant's slug.
    pub fn slug(&self) -> &str {
        &self.known.access.slug
    }

    /// Whether the caller belongs to the tenant of that slug. An operator belongs to none.
    pub fn is_of(&self, slug: &str) -> bool {
        !self.is_operator() && self.slug() == slug
    }

    /// Whether the caller belongs to those who run the platform.
    pub fn is_operator(&self) -> bool {
        self.known.access.is_platform
    }

    /// Whether nothing may be granted in the tenant.
    pub fn is_suspended(&self) -> bool {
        self.known.access.state != TenantState::Active
    }

    /// Whether nothing may be changed in the tenant.
    pub fn is_archived(&self) -> bool {
        self.known.access.state == TenantState::Archived
    }

    /// The client.
    pub fn client(&self) -> Uuid {
        self.known.access.client
    }

    /// The token, which is no secret; if it is short-lived, the one that was given for it.
    pub(super) fn token(&self) -> Uuid {
        self.known.access.token
    }

    /// What the token may do.
    pub fn scopes(&self) -> &[String] {
        &self.known.access.scopes
    }

    /// Whether the token may do that.
    pub fn may(&self, scope: Scope) -> bool {
        self.known.access.scopes.iter().any(|held| held == scope.word())
    }
}

/// When a token was looked up, and what it opens.
type Seen = (Instant, Arc<Known>);

/// Checks tokens.
#[derive(Clone)]
pub struct Authenticator {
    pub(super) store: Store,
    pub(super) clock: Clock,
    /// By hash, so that no token lies in memory.
    seen: Arc<Cache<[u8; 32], Seen>>,
    /// How often something was forgotten: what was looked up before must not be remembered after.
    forgotten: Arc<AtomicU64>,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticator")
    }
}

impl Authenticator {
    /// Tokens of that database.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, seen: Arc::new(Cache::new(CAPACITY)), forgotten: Arc::default() }
    }

    /// Who sends these headers from that address.
    pub async fn caller(&self, headers: &HeaderMap, from: Option<IpAddr>) -> Result<Caller, Unauthenticated> {
        let token = bearer(headers)?;
        let kind = TokenKind::of(token).ok_or(Unauthenticated::Invalid)?;
        self.opened_by(kind, token, from).await
    }

    /// Whose own token that is: a short-lived one is nobody's.
    pub async fn owner(&self, token: &str, from: Option<IpAddr>) -> Result<Caller, Unauthenticated> {
        match TokenKind::of(token) {
            Some(kind @ TokenKind::Own) => self.opened_by(kind, token, from).await,
            _ => Err(Unauthenticated::Invalid),
        }
    }

    async fn opened_by(&self, kind: TokenKind, token: &str, from: Option<IpAddr>) -> Result<Caller, Unauthenticated> {
        let now = self.clock.now();
        let known = self.look_up(kind, &store::token_hash(token), now).await?;
        if !known.opens_from(from) {
            let Access { client, token, slug, .. } = &known.access;
            // The caller is told no more than of any wrong token.
            tracing::warn!(
                tenant = slug, %client, %token, address = from.map(tracing::field::display),
                "a token was used from outside of its client's networks"
            );
            return Err(Unauthenticated::Invalid);
        }
        self.note_use(&known, now);
        Ok(Caller { known })
    }

    /// Forgets what is remembered of a tenant's tokens: what was changed by this node is felt at once.
    pub fn forget(&self, tenant: TenantId) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.seen.retain(|_, (_, known)| known.access.tenant != tenant);
    }

    async fn look_up(&self, kind: TokenKind, hash: &[u8; 32], now: i64) -> Result<Arc<Known>, Unauthenticated> {
        if let Some((at, known)) = self.seen.get(hash)
            && at.elapsed() < REMEMBERED
            && known.access.expires > now
        {
            return Ok(known);
        }
        // Taken before the look: what is revoked meanwhile is not believed for longer.
        let (asked, forgotten) = (Instant::now(), self.forgotten.load(Ordering::SeqCst));
        let access = match kind {
            TokenKind::Own => self.store.authenticate(hash, now).await,
            TokenKind::Access => self.store.authenticate_access(hash, now).await,
        };
        let access = match access {
            Ok(Some(access)) => access,
            Ok(None) => {
                self.seen.remove(hash);
                return Err(Unauthenticated::Invalid);
            }
            Err(error) => return Err(Unauthenticated::Store(error)),
        };
        let known = Arc::new(Known::new(access)?);
        self.seen.insert(*hash, (asked, Arc::clone(&known)));
        if self.forgotten.load(Ordering::SeqCst) != forgotten {
            self.seen.remove(hash);
        }
        Ok(known)
    }

    /// Notes beside the request, about once a minute, that a token is in use.
    fn note_use(&self, known: &Arc<Known>, now: i64) {
        let is_recent = known.access.last_used.is_some_and(|last| now - last < LAST_USED);
        if is_recent || known.noted.swap(true, Ordering::Relaxed) {
            return;
        }
        let (store, known) = (self.store.clone(), Arc::clone(known));
        tokio::spawn(async move {
            let access = &known.access;
            if let Err(error) = store.touch_token(access, now, now - LAST_USED).await {
                tracing::warn!(%error, token = %access.token, "the use of a token could not be noted");
            }
        });
    }
}

impl Known {
    fn new(access: Access) -> Result<Self, Unauthenticated> {
        let networks = Networks::parse(&access.networks)
            .map_err(|(_, reason)| store::Error::Damaged(format!("a network of client {} {reason}", access.client)));
        let networks = networks.map_err(Unauthenticated::Store)?;
        Ok(Self { access, networks, noted: AtomicBool::new(false) })
    }

    /// Whether the client may call from there.
    fn opens_from(&self, address: Option<IpAddr>) -> bool {
        self.networks.is_empty() || address.is_some_and(|address| self.networks.contains(address))
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
