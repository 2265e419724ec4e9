//! The public keys of an issuer: a JWK Set (RFC 7517 §5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde_json::Value;

/// How a token may be signed: with a key pair, never with a secret that both sides know.
pub const ALGORITHMS: [&str; 9] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];
/// The largest set, in bytes.
pub const LARGEST_SET: usize = 64 * 1024;
/// How many keys a set has at the most.
const MOST: usize = 100;
/// The shortest RSA key, in bytes: 2048 bits.
const SHORTEST_RSA: usize = 256;
/// What only the one who signs may know (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The keys of an issuer.
#[derive(Debug, Default)]
pub struct Keys(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: String,
    /// What it signs by.
    algorithms: Vec<Algorithm>,
    public: DecodingKey,
}

/// Why keys cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    /// They are no set.
    #[error("must be a JWK Set: an object with a list of keys")]
    Form,
    /// There are more than there may be.
    #[error("must hold {keys} keys and {bytes} bytes at the most")]
    Many {
        /// So many keys are the most.
        keys: usize,
        /// So many bytes.
        bytes: usize,
    },
    /// One of them is not public.
    #[error("holds a private key or a secret; only public keys belong here")]
    Private,
    /// None of them signs in a way that is known.
    #[error("holds no key with a kid that signs by one of {}", ALGORITHMS.join(", "))]
    Unusable,
}

impl Keys {
    /// Reads a set. Keys that are for something else, or have no `kid`, are left out; one must be left.
    pub fn parse(set: &Value) -> Result<Self, NoKeys> {
        let Some(keys) = set.get("keys").and_then(Value::as_array) else {
            return Err(NoKeys::Form);
        };
        if keys.len() > MOST || set.to_string().len() > LARGEST_SET {
            return Err(NoKeys::Many { keys: MOST, bytes: LARGEST_SET });
        }
        if keys.iter().any(|key| PRIVATE.iter().any(|name| key.get(name).is_some())) {
            return Err(NoKeys::Private);
        }
        let usable: Vec<Key> = keys.iter().filter_map(usable).collect();
        if usable.is_empty() {
            return Err(NoKeys::Unusable);
        }
        Ok(Self(usable))
    }

    /// The key of that id that signs so.
    pub(super) fn find(&self, id: &str, algorithm: Algorithm) -> Option<&DecodingKey> {
        let found = self.0.iter().find(|key| key.id == id && key.algorithms.contains(&algorithm));
        found.map(|key| &key.public)
    }

    /// Whether there is a key of that id, whatever it signs by.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id == id)
    }
}

fn usable(key: &Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(key.clone()).ok()?;
    let id = jwk.common.key_id.clone().filter(|id| !id.is_empty())?;
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return None;
    }
    let public = DecodingKey::from_jwk(&jwk).ok()?;
    let mut algorithms = match &jwk.algorithm {
        AlgorithmParameters::RSA(parameters) => {
            let modulus = URL_SAFE_NO_PAD.decode(&parameters.n).ok()?;
            (modulus.len() >= SHORTEST_RSA).then(|| AlgorithmFamily::Rsa.algorithms().to_vec())?
        }
        AlgorithmParameters::EllipticCurve(parameters) => match parameters.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(parameters) if parameters.curve == EllipticCurve::Ed25519 => {
            vec![Algorithm::EdDSA]
        }
        _ => return None,
    };
    if let Some(only) = jwk.common.key_algorithm {
        algorithms.retain(|algorithm| KeyAlgorithm::from(*algorithm) == only);
    }
    (!algorithms.is_empty()).then_some(Key { id, algorithms, public })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_cannot_be_used_are_left_out() {
        let x = URL_SAFE_NO_PAD.encode([7; 32]);
        let key = |kid: &str| json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid });
        let with = |name: &str, value: &str| {
            let mut key = key("b");
            key[name] = value.into();
            json!({ "keys": [key] })
        };
        let read = Keys::parse(&json!({ "keys": [key("a"), { "kty": "new" }, 1], "more": true })).expect("keys");
        assert!(read.find("a", Algorithm::EdDSA).is_some() && read.knows("a") && !read.knows("b"));
        assert!(read.find("a", Algorithm::ES256).is_none() && read.find("b", Algorithm::EdDSA).is_none());
        assert!(Keys::parse(&with("use", "sig")).is_ok() && Keys::parse(&with("alg", "EdDSA")).is_ok());
        let short = json!({ "kty": "RSA", "kid": "a", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([0xff; 128]) });
        for wrong in [
            json!([]),
            json!({ "keys": [] }),
            json!({ "keys": [key("")] }),
            json!({ "keys": [short] }),
            json!({ "keys": vec![key("a"); MOST + 1] }),
            json!({ "keys": [key("a")], "more": "x".repeat(LARGEST_SET) }),
            json!({ "keys": [key("a"), { "kty": "oct", "kid": "b", "k": "AAAA" }] }),
            with("use", "enc"),
            with("alg", "ES256"),
            with("alg", "none"),
            with("d", "AAAA"),
            with("crv", "X25519"),
        ] {
            assert!(Keys::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
