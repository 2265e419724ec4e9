//! Cursors (RFC 9865): the place in a list as text that only this service can make and read. Nothing is kept of them.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use scim::{ScimType, message::Position};
use serde::{Deserialize, Serialize};
use store::Store;
use tokio::sync::OnceCell;

use crate::{clock::Clock, provisioning::Error, random};

/// How long a cursor is good for, in seconds.
pub const TIMEOUT: u64 = 3600;
/// What the nodes call the key that they share.
const KEY: &str = "cursor";

/// Makes and reads cursors.
#[derive(Clone)]
pub struct Cursors {
    store: Store,
    clock: Clock,
    key: Arc<OnceCell<LessSafeKey>>,
}

impl fmt::Debug for Cursors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursors")
    }
}

/// What a cursor is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Purpose {
    /// A digest of the query, its tenant included.
    pub(crate) query: u64,
    /// The length of its pages.
    pub(crate) count: u64,
}

#[derive(Serialize, Deserialize)]
struct Content {
    until: i64,
    query: u64,
    count: u64,
    key: Option<String>,
    kind: String,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

impl Cursors {
    /// Cursors that every node on that database understands.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, key: Arc::default() }
    }

    async fn key(&self) -> Result<&LessSafeKey, Error> {
        let load = async || {
            let secret = self.store.secret(KEY, random::bytes()).await?;
            let key = UnboundKey::new(&CHACHA20_POLY1305, &secret);
            key.map(LessSafeKey::new).map_err(|_| Error::Failed("the key of the cursors is of no use".into()))
        };
        self.key.get_or_try_init(load).await
    }

    /// The cursor behind a position.
    pub(crate) async fn write(&self, purpose: Purpose, position: Position) -> Result<String, Error> {
        self.write_counted(purpose, position, None).await
    }

    /// The cursor behind a position in a list of which it is known how long it is.
    pub(crate) async fn write_counted(
        &self,
        purpose: Purpose,
        position: Position,
        total: Option<u64>,
    ) -> Result<String, Error> {
        let Position { key, kind, id } = position;
        let until = self.clock.now() + i64::try_from(TIMEOUT * 1000).unwrap_or(i64::MAX);
        let content = Content { until, query: purpose.query, count: purpose.count, key, kind, id, total };
        let mut sealed = serde_json::to_vec(&content).map_err(|e| Error::Failed(e.to_string()))?;
        let nonce: [u8; NONCE_LEN] = random::bytes();
        let failed = |_| Error::Failed("a cursor could not be made".into());
        let key = self.key().await?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).map_err(failed)?;
        sealed.extend_from_slice(&nonce);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The position that a cursor stands for. A forged one and one of another query look alike (K-17).
    pub(crate) async fn read(&self, purpose: Purpose, cursor: &str) -> Result<Position, Error> {
        Ok(self.read_counted(purpose, cursor).await?.0)
    }

    /// The position, and how long the list is if that was known.
    pub(crate) async fn read_counted(&self, purpose: Purpose, cursor: &str) -> Result<(Position, Option<u64>), Error> {
        let invalid = || scim::Error::of(ScimType::InvalidCursor, "The cursor is not one of this query.");
        let mut sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let split = sealed.len().checked_sub(NONCE_LEN).ok_or_else(invalid)?;
        let nonce = Nonce::try_assume_unique_for_key(&sealed.split_off(split)).map_err(|_| invalid())?;
        let open = self.key().await?.open_in_place(nonce, Aad::empty(), &mut sealed).map_err(|_| invalid())?;
        let content: Content = serde_json::from_slice(open).map_err(|_| invalid())?;
        if content.query != purpose.query {
            return Err(invalid().into());
        }
        if content.until <= self.clock.now() {
            return Err(scim::Error::of(ScimType::ExpiredCursor, "The cursor is too old; start again.").into());
        }
        if content.count != purpose.count {
            let detail = format!("The cursor was made for pages of {}; count must stay as it was.", content.count);
            return Err(scim::Error::of(ScimType::InvalidCount, detail).into());
        }
        Ok((Position { key: content.key, kind: content.kind, id: content.id }, content.total))
    }
}
