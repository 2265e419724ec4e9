//! Bearer tokens (RFC 6750): checked against the database, remembered for a few seconds.

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::http::{HeaderMap, header};
use store::{Access, Store, TenantId};

use crate::{
    admission::{Failures, Rate},
    auth::{Caller, TokenKind, memory::Memory, persons::Vouched, signatures, sources::Sources},
    clock::Clock,
    network::Networks,
    outbound::Outbound,
};

/// How exactly the last use of a token is known, in milliseconds.
const LAST_USED: i64 = 60_000;

/// What a token of a client opens, and where from.
#[derive(Debug)]
struct Known {
    access: Arc<Access>,
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
    /// Too many tokens from there were wrong; after so many seconds one may be tried again.
    TooOften(u64),
    /// The keys of the token's issuer are not to be had just now.
    Unreachable,
    /// The token could not be checked.
    Store(store::Error),
}

/// Checks tokens.
#[derive(Clone)]
pub struct Authenticator {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) sources: Sources,
    seen: Memory<Known>,
    pub(super) vouched: Memory<Vouched>,
    pub(super) failures: Failures,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticator")
    }
}

impl Authenticator {
    /// Tokens of that database, and of issuers that tenants in it trust.
    /// An address may fail so often in a minute.
    pub fn new(store: Store, clock: Clock, outbound: Outbound, failures_per_minute: Option<u32>) -> Self {
        signatures::install();
        let sources = Sources::new(outbound, clock.clone());
        let failures = Failures::new(failures_per_minute.map(Rate::per_minute));
        Self { store, clock, sources, seen: Memory::new(), vouched: Memory::new(), failures }
    }

    /// Which client sends these headers from that address.
    pub async fn client(&self, headers: &HeaderMap, from: Option<IpAddr>) -> Result<Caller, Unauthenticated> {
        let token = bearer(headers)?;
        self.watched(token, from, async {
            let kind = TokenKind::of(token).ok_or(Unauthenticated::Invalid)?;
            self.opened_by(kind, token, from).await
        })
        .await
    }

    /// Who sends these headers from that address: a client, or a person of the tenant of that slug.
    pub async fn caller(
        &self,
        headers: &HeaderMap,
        slug: &str,
        from: Option<IpAddr>,
    ) -> Result<Caller, Unauthenticated> {
        let token = bearer(headers)?;
        self.watched(token, from, async {
            match TokenKind::of(token) {
                Some(kind) => self.opened_by(kind, token, from).await,
                None => Box::pin(self.person(slug, token)).await,
            }
        })
        .await
    }

    /// Whose own token that is: a short-lived one is nobody's.
    pub async fn owner(&self, token: &str, from: Option<IpAddr>) -> Result<Caller, Unauthenticated> {
        self.watched(token, from, async {
            match TokenKind::of(token) {
                Some(kind @ TokenKind::Own) => self.opened_by(kind, token, from).await,
                _ => Err(Unauthenticated::Invalid),
            }
        })
        .await
    }

    /// Nobody looks at a token from where too many were wrong, unless it was good before.
    async fn watched(
        &self,
        token: &str,
        from: Option<IpAddr>,
        found: impl Future<Output = Result<Caller, Unauthenticated>>,
    ) -> Result<Caller, Unauthenticated> {
        let hash = || store::token_hash(token);
        if let Some(wait) = self.failures.wait(from, hash, self.clock.now()) {
            return Err(Unauthenticated::TooOften(wait));
        }
        let found = found.await;
        if matches!(found, Err(Unauthenticated::Invalid)) {
            self.failures.note(from, self.clock.now());
            self.failures.distrust(&hash());
        }
        found
    }

    async fn opened_by(&self, kind: TokenKind, token: &str, from: Option<IpAddr>) -> Result<Caller, Unauthenticated> {
        let now = self.clock.now();
        let hash = store::token_hash(token);
        let known = self.seen.recall(&hash, |known| known.access.expires > now, self.look_up(kind, &hash, now)).await?;
        if !known.opens_from(from) {
            let Access { client, token, slug, .. } = &*known.access;
            // The caller is told no more than of any wrong token.
            tracing::warn!(
                tenant = slug, %client, %token, address = from.map(tracing::field::display),
                "a token was used from outside of its client's networks"
            );
            return Err(Unauthenticated::Invalid);
        }
        self.note_use(&known, now);
        Ok(Caller::client_with(Arc::clone(&known.access)))
    }

    /// Forgets what is remembered of a tenant's tokens: what was changed by this node is felt at once.
    pub fn forget(&self, tenant: TenantId) {
        self.seen.forget(|known| known.access.tenant == tenant);
        self.vouched.forget(|known| known.access.tenant == tenant);
    }

    async fn look_up(&self, kind: TokenKind, hash: &[u8; 32], now: i64) -> Result<Known, Unauthenticated> {
        let access = match kind {
            TokenKind::Own => self.store.authenticate(hash, now).await,
            TokenKind::Access => self.store.authenticate_access(hash, now).await,
        };
        let access = access.map_err(Unauthenticated::Store)?.ok_or(Unauthenticated::Invalid)?;
        self.failures.trust(*hash);
        Known::new(access)
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
        Ok(Self { access: Arc::new(access), networks, noted: AtomicBool::new(false) })
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
