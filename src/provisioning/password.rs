//! Passwords: hashed with argon2id, a few at a time, and forgotten.

use std::{fmt, sync::Arc};

use argon2::{Argon2, PasswordHasher};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::provisioning::Error;

/// Hashes passwords on threads of their own. One hash takes 19 MiB, so their number is bounded.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

impl Passwords {
    /// So many hashes at once.
    pub fn new(at_once: usize) -> Self {
        Self { at_once: Arc::new(Semaphore::new(at_once)) }
    }

    /// The hash of a password, in PHC string format.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Error> {
        let failed = |error: &dyn fmt::Display| Error::Failed(format!("a password could not be hashed: {error}"));
        let turn = Arc::clone(&self.at_once).acquire_owned().await.map_err(|e| failed(&e))?;
        let hash = tokio::task::spawn_blocking(move || {
            // Held by the work and not by the request: a client that goes away does not make room for another.
            let _turn = turn;
            Argon2::default().hash_password(password.expose_secret().as_bytes()).map(|hash| hash.to_string())
        });
        hash.await.map_err(|e| failed(&e))?.map_err(|e| failed(&e))
    }

    /// The hash of a password, if there is one.
    pub(crate) async fn hash_some(&self, password: Option<String>) -> Result<Option<String>, Error> {
        match password {
            None => Ok(None),
            // Prepared as far as RFC 8265 §4.2 asks beyond what every keyboard does alike.
            Some(password) => self.hash(scim::fold::exact(&password).into()).await.map(Some),
        }
    }
}
