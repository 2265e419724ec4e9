//! An issuer of tokens (JWT), with keys made for one test, and a place where it publishes them.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{
        self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        RsaEncoding, RsaKeyPair,
    },
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Client, Server, server::START};

/// What the issuer calls itself.
pub(crate) const URL: &str = "https://id.riga.example/realms/riga";
/// Whom its tokens are meant for.
pub(crate) const AUDIENCE: &str = "https://rights.riga.example";

/// The RSA key of RFC 7515 §A.2.1, because ring makes none: n, e, d, p, q, dp, dq, qi.
const RSA: [&str; 8] = [
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "AQAB",
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
    "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
    "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
    "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U",
];

/// Somebody who signs tokens with one key.
pub(crate) struct Issuer {
    algorithm: &'static str,
    kid: String,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    Ec(EcdsaKeyPair, &'static str),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
}

impl Issuer {
    /// With a new key that signs so.
    pub(crate) fn new(algorithm: &'static str, kid: &str) -> Self {
        let pair = match algorithm {
            "EdDSA" => {
                let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
                Pair::Ed25519(Ed25519KeyPair::from_pkcs8(made.as_ref()).expect("a key"))
            }
            "ES256" | "ES384" => {
                let (how, curve) = match algorithm {
                    "ES256" => (&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
                    _ => (&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
                };
                let random = SystemRandom::new();
                let made = EcdsaKeyPair::generate_pkcs8(how, &random).expect("a key");
                Pair::Ec(EcdsaKeyPair::from_pkcs8(how, made.as_ref(), &random).expect("a key"), curve)
            }
            _ => Pair::Rsa(rsa(), rsa_encoding(algorithm)),
        };
        Self { algorithm, kid: kid.to_owned(), pair }
    }

    /// Its public key as a JWK.
    pub(crate) fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.pair {
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) })
            }
            Pair::Ec(pair, curve) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
                json!({ "kty": "EC", "crv": curve, "x": text(x), "y": text(y) })
            }
            Pair::Rsa(..) => json!({ "kty": "RSA", "n": RSA[0], "e": RSA[1] }),
        };
        jwk["kid"] = self.kid.as_str().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// Its public key as a set.
    pub(crate) fn keys(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    /// What an administrator registers it with, to link people by userName.
    pub(crate) fn registration(&self) -> Value {
        json!({
            "name": "Single sign-on",
            "issuer": URL,
            "audiences": [AUDIENCE],
            "algorithms": [self.algorithm],
            "jwks": self.keys(),
            "linkBy": "userName",
            "scopes": ["scim.read", "scim.write"],
        })
    }

    /// A token that speaks of somebody and is good for an hour.
    pub(crate) fn token(&self, subject: &str) -> String {
        self.signed(&claims(subject))
    }

    /// The API as somebody with their rights sees it, who is known so surely; good however far the clock of a test moves.
    pub(crate) fn person(&self, server: &Server, subject: &str, acr: &str) -> Client {
        let mut claims = claims(subject);
        claims["exp"] = json!(START / 1000 + 5 * 366 * 86_400);
        claims["acr"] = acr.into();
        Client::new(&server.url, "riga", &self.signed(&claims)).at(&format!("{}/t/riga/api/v1", server.url))
    }

    /// A token with those claims.
    pub(crate) fn signed(&self, claims: &Value) -> String {
        self.signed_as(&json!({ "alg": self.algorithm, "kid": self.kid, "typ": "JWT" }), claims)
    }

    /// A token with that header, whatever it says, and those claims.
    pub(crate) fn signed_as(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = self.signature(text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Ec(pair, _) => pair.sign(&SystemRandom::new(), message).expect("signed").as_ref().to_vec(),
            Pair::Rsa(pair, how) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*how, &SystemRandom::new(), message, &mut signature).expect("signed");
                signature
            }
        }
    }
}

/// What a token says of somebody.
pub(crate) fn claims(subject: &str) -> Value {
    let now = START / 1000;
    json!({ "iss": URL, "aud": AUDIENCE, "sub": subject, "iat": now, "nbf": now, "exp": now + 3600 })
}

/// The part of a token that is signed.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", text(header), text(claims))
}

#[expect(clippy::many_single_char_names, reason = "the names of RFC 7518 §6.3")]
fn rsa() -> RsaKeyPair {
    let [n, e, d, p, q, dp, dq, qi] = RSA.map(|text| URL_SAFE_NO_PAD.decode(text).expect("base64url"));
    let public_key = PublicKeyComponents { n, e };
    let components = KeyPairComponents { public_key, d, p, q, dP: dp, dQ: dq, qInv: qi };
    RsaKeyPair::from_components(&components).expect("a key")
}

fn rsa_encoding(algorithm: &str) -> &'static dyn RsaEncoding {
    match algorithm {
        "RS256" => &signature::RSA_PKCS1_SHA256,
        "RS384" => &signature::RSA_PKCS1_SHA384,
        "RS512" => &signature::RSA_PKCS1_SHA512,
        "PS256" => &signature::RSA_PSS_SHA256,
        "PS384" => &signature::RSA_PSS_SHA384,
        "PS512" => &signature::RSA_PSS_SHA512,
        other => panic!("{other} is no algorithm"),
    }
}

/// A web server where keys are published.
pub(crate) struct Publisher {
    pub(crate) url: String,
    answer: Arc<Mutex<(u16, String)>>,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    pub(crate) async fn start(keys: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (answer, asked) = (Arc::new(Mutex::new((200, keys.to_string()))), Arc::new(AtomicUsize::new(0)));
        let router = Router::new().route("/keys", get(publish)).with_state((Arc::clone(&answer), Arc::clone(&asked)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("{url}/keys"), answer, asked }
    }

    /// From now on it answers so; a status of redirection leads to the body's address.
    pub(crate) fn answer(&self, status: u16, body: impl Into<String>) {
        *self.answer.lock().expect("the answer") = (status, body.into());
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

type Shared = (Arc<Mutex<(u16, String)>>, Arc<AtomicUsize>);

async fn publish(State((answer, asked)): State<Shared>) -> Response {
    asked.fetch_add(1, Ordering::SeqCst);
    let (status, body) = answer.lock().expect("the answer").clone();
    let status = StatusCode::from_u16(status).expect("a status");
    if status.is_redirection() {
        return (status, [(header::LOCATION, body)]).into_response();
    }
    (status, [(header::CACHE_CONTROL, "max-age=86400")], body).into_response()
}
