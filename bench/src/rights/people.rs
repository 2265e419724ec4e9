//! People who act by themselves: an issuer with a key of this run, and tokens that it signs.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{Outcome, connection::Target};

const URL: &str = "https://id.bench.example";
const AUDIENCE: &str = "https://rights.bench.example";

/// Whoever signs people in.
pub(crate) struct Issuer(Ed25519KeyPair);

impl Issuer {
    /// With a new key.
    pub(crate) fn new() -> Outcome<Self> {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| "no key could be made")?;
        Ok(Self(Ed25519KeyPair::from_pkcs8(made.as_ref()).map_err(|error| error.to_string())?))
    }

    /// What a tenant has to know of it.
    pub(crate) fn registration(&self) -> Value {
        let key = URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref());
        json!({
            "name": "Single sign-on", "issuer": URL, "audiences": [AUDIENCE], "algorithms": ["EdDSA"],
            "jwks": { "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "bench", "use": "sig", "x": key }] },
            "linkBy": "userName", "scopes": ["rights"],
        })
    }

    /// The tenant's interface as that person sees it.
    #[expect(clippy::disallowed_methods, reason = "tokens are good for a day from now")]
    pub(crate) fn person(&self, tenant: &Target, name: &str) -> Outcome<Target> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let head = json!({ "alg": "EdDSA", "kid": "bench", "typ": "JWT" });
        let claims = json!({
            "iss": URL, "aud": AUDIENCE, "sub": name, "nbf": now - 60, "exp": now + 86_400,
            "acr": "http://eidas.europa.eu/LoA/high",
        });
        let text = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", text(&head), text(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes()).as_ref());
        tenant.api(&format!("{signed}.{signature}"))
    }
}
