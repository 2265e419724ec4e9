//! Tokens: listing, making, rotating, revoking.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::{Readers, Token, Work};
use uuid::Uuid;
use validator::Validate;

use crate::{
    administration::{
        Administration, Authority, Error, Fault, LONGEST_LIFE, MAX_TOKENS, Slice, error::check, limits,
        readers::reads_alone,
    },
    auth::{self, Scope},
    clock::timestamp,
    wording::phrase,
};

/// How long a token lives where nobody says, in seconds.
const LIFE: i64 = 365 * 24 * 3600;
/// How long an old token works beside its successor where nobody says, in seconds.
const OVERLAP: i64 = 7 * 24 * 3600;

/// A token that somebody wants.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewToken {
    /// What it may do.
    #[validate(custom(function = limits::scopes))]
    pub scopes: Vec<String>,
    /// How long it lives, in seconds.
    #[serde(default = "life")]
    #[validate(custom(function = limits::life))]
    pub expires_in: i64,
}

/// How somebody wants a token to be replaced.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rotation {
    /// How long the old token still works, in seconds.
    #[serde(default = "overlap")]
    #[validate(custom(function = limits::overlap))]
    pub overlap: i64,
    /// How long the new one lives, in seconds; as long as the old one was made for if left out.
    #[validate(custom(function = limits::life))]
    pub expires_in: Option<i64>,
}

/// A token as it is shown: everything but the token itself.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenRecord {
    /// Its id.
    pub id: Uuid,
    /// The client that uses it.
    pub client: Uuid,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Whether it works.
    pub state: TokenState,
    /// When it was made.
    pub created: String,
    /// When it ends.
    pub expires: String,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<String>,
    /// Which token it was rotated to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Uuid>,
    /// When it was last seen, to about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used: Option<String>,
}

/// Whether a token works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenState {
    /// It does.
    Active,
    /// It does for a while yet, beside the one that takes its place.
    Retiring,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
}

/// A token that was just made: the one time that it is seen.
#[derive(Debug)]
pub struct Issued {
    /// What everybody may see.
    pub record: TokenRecord,
    /// The token itself.
    pub secret: SecretString,
}

fn life() -> i64 {
    LIFE
}

fn overlap() -> i64 {
    OVERLAP
}

impl NewToken {
    /// A token that may do that, for as long as usual.
    pub fn of(scopes: &[Scope]) -> Self {
        Self { scopes: scopes.iter().map(Scope::to_string).collect(), expires_in: LIFE }
    }
}

impl Default for Rotation {
    fn default() -> Self {
        Self { overlap: OVERLAP, expires_in: None }
    }
}

impl TokenState {
    fn of(token: &Token, now: i64) -> Self {
        match token {
            Token { revoked: Some(_), .. } => Self::Revoked,
            Token { expires, .. } if *expires <= now => Self::Expired,
            Token { replaced_by: Some(_), .. } => Self::Retiring,
            _ => Self::Active,
        }
    }

    /// The word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl TokenRecord {
    fn new(token: Token, now: i64) -> Self {
        let state = TokenState::of(&token, now);
        Self {
            id: token.id,
            client: token.client,
            scopes: token.scopes,
            state,
            created: timestamp(token.created),
            expires: timestamp(token.expires),
            revoked: token.revoked.map(timestamp),
            replaced_by: token.replaced_by,
            last_used: token.last_used.map(timestamp),
        }
    }
}

/// Refuses `app.read` for a client that reads for no application, and beside any other scope: who may do more must not
/// see less, and who sees less must not do more.
pub(super) fn reads_for_somebody(application: Option<Uuid>, scopes: &[String]) -> Result<(), Error> {
    let Some(at) = scopes.iter().position(|word| *word == Scope::AppRead.word()) else { return Ok(()) };
    let reason = if scopes.iter().any(|word| *word != Scope::AppRead.word()) {
        phrase("scope-stands-alone")
    } else if application.is_none() {
        phrase("reads-for-none")
    } else {
        return Ok(());
    };
    Err(Error::Invalid(vec![Fault { pointer: format!("/scopes/{at}"), reason: reason.into() }]))
}

/// Of which client, if it is seen; of any where nothing is said.
type OfClient<'a> = Option<(Uuid, Option<&'a Readers>)>;

impl Administration {
    /// Tokens of one client, or of all, behind that one, the oldest first.
    pub async fn tokens(
        &self,
        client: OfClient<'_>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<TokenRecord>, Error> {
        if let Some((id, seen)) = client {
            self.client(id, seen).await?;
        }
        let client = client.map(|(id, _)| id);
        let now = self.clock.now();
        let found = self.data.tokens(client, after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(|token| TokenRecord::new(token, now)).collect(), limit))
    }

    /// One token of a client, if that is seen.
    pub async fn token(&self, client: Uuid, id: Uuid, seen: Option<&Readers>) -> Result<TokenRecord, Error> {
        self.client(client, seen).await?;
        let found = self.data.token(id).await?.filter(|token| token.client == client);
        found.map(|token| TokenRecord::new(token, self.clock.now())).ok_or(Error::Missing("token"))
    }

    /// Makes a token for a client.
    pub async fn create_token(&self, client: Uuid, new: &NewToken) -> Result<Issued, Error> {
        check(new)?;
        let work = self.begin().await?;
        self.token_may_be_given(&work, &new.scopes).await?;
        let found = work.lock_client(client).await?.ok_or(Error::Missing("client"))?;
        if !self.mandate_over_client(&work, &found).await?.is_whole() {
            reads_alone(&new.scopes)?;
        }
        reads_for_somebody(found.application, &new.scopes)?;
        self.has_room(&work, client).await?;
        self.must_not_exceed(&work, found.application, (&new.scopes, new.expires_in)).await?;
        let issued = self.issue(&work, client, &new.scopes, new.expires_in).await?;
        work.commit().await?;
        Ok(issued)
    }

    /// Makes a token for the client of that name, and the client if there is none.
    pub async fn create_token_for(&self, client: &str, new: &NewToken) -> Result<Issued, Error> {
        limits::line(client).map_err(|_| {
            Error::Invalid(vec![Fault {
                pointer: "/client".into(),
                reason: phrase("must-be-line").with("most", 200).into(),
            }])
        })?;
        check(new)?;
        let work = self.begin().await?;
        self.token_may_be_given(&work, &new.scopes).await?;
        let client = self.client_named(&work, client).await?;
        reads_for_somebody(client.application, &new.scopes)?;
        let issued = self.issue(&work, client.id, &new.scopes, new.expires_in).await?;
        work.commit().await?;
        Ok(issued)
    }

    /// Replaces a token by a new one that may do the same. Both work until the overlap is over.
    pub async fn rotate(&self, client: OfClient<'_>, id: Uuid, rotation: &Rotation) -> Result<Issued, Error> {
        check(rotation)?;
        let old = self.own_token(client, id).await?;
        let work = self.begin().await?;
        self.token_may_be_given(&work, &old.scopes).await?;
        let client = work.lock_client(old.client).await?.ok_or(Error::Missing("token"))?;
        self.mandate_over_client(&work, &client).await?;
        let old = work.lock_token(id).await?.ok_or(Error::Missing("token"))?;
        let now = self.clock.now();
        let obstacle = match TokenState::of(&old, now) {
            TokenState::Active => None,
            TokenState::Retiring => Some(phrase("token-rotated")),
            TokenState::Revoked => Some(phrase("token-revoked")),
            TokenState::Expired => Some(phrase("token-expired")),
        };
        if let Some(obstacle) = obstacle {
            return Err(Error::Conflict(obstacle.into()));
        }
        self.has_room(&work, old.client).await?;
        let life = rotation.expires_in.unwrap_or_else(|| ((old.expires - old.created) / 1000).clamp(60, LONGEST_LIFE));
        self.must_not_exceed(&work, client.application, (&old.scopes, life)).await?;
        let issued = self.issue(&work, old.client, &old.scopes, life).await?;
        work.retire_token(id, old.expires.min(now + rotation.overlap * 1000), issued.record.id).await?;
        work.commit().await?;
        Ok(issued)
    }

    /// Revokes a token at once. One that was revoked before stays so.
    pub async fn revoke(&self, client: OfClient<'_>, id: Uuid) -> Result<(), Error> {
        let own = self.own_token(client, id).await?;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        if let Some(client) = work.lock_client(own.client).await? {
            self.mandate_over_client(&work, &client).await?;
        }
        let token = work.lock_token(id).await?.ok_or(Error::Missing("token"))?;
        if token.revoked.is_some() {
            return Ok(work.roll_back().await?);
        }
        work.revoke_token(id).await?;
        Ok(work.commit().await?)
    }

    /// A token, if it is that client's.
    async fn own_token(&self, client: OfClient<'_>, id: Uuid) -> Result<Token, Error> {
        if let Some((client, seen)) = client {
            self.client(client, seen).await?;
        }
        let found = self.data.token(id).await?.filter(|token| client.is_none_or(|(client, _)| token.client == client));
        found.ok_or(Error::Missing("token"))
    }

    /// Refuses scopes that the tenant does not offer, and any token if nothing may be given in it. In one that is
    /// archived an operator may let somebody read what is left.
    async fn token_may_be_given(&self, work: &Work, scopes: &[String]) -> Result<(), Error> {
        let tenant = match self.may_give(work).await {
            Err(Error::Archived) if self.authority == Authority::Operator && *scopes == [Scope::Read.word()] => {
                work.hold_tenant().await?
            }
            other => other?,
        };
        let offered: &[Scope] = if tenant.is_platform() { &Scope::OF_OPERATORS } else { &Scope::OF_TENANTS };
        let is_offered = |word: &String| offered.iter().any(|scope| scope.word() == *word);
        let Some(at) = scopes.iter().position(|word| !is_offered(word)) else { return Ok(()) };
        let offered: Vec<&str> = offered.iter().map(|scope| scope.word()).collect();
        let reason = phrase("not-offered-here").with("words", offered.join(", "));
        Err(Error::Invalid(vec![Fault { pointer: format!("/scopes/{at}"), reason: reason.into() }]))
    }

    /// What a tenant can make by itself is bounded.
    async fn has_room(&self, work: &Work, client: Uuid) -> Result<(), Error> {
        if self.authority == Authority::Tenant && work.count_tokens(client).await? >= MAX_TOKENS {
            return Err(Error::Conflict(phrase("most-tokens").with("most", MAX_TOKENS).into()));
        }
        Ok(())
    }

    pub(super) async fn issue(&self, work: &Work, client: Uuid, scopes: &[String], life: i64) -> Result<Issued, Error> {
        let (now, secret) = (self.clock.now(), auth::generate());
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let new = store::NewToken {
            id: self.ids.next(),
            client,
            secret: secret.expose_secret(),
            scopes: &scopes,
            expires: now + life * 1000,
        };
        let token = work.create_token(&new).await?;
        Ok(Issued { record: TokenRecord::new(token, now), secret })
    }
}
