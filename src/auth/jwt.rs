//! Tokens of issuers that a tenant trusts: JWT (RFC 7519), signed (RFC 7515), judged as RFC 8725 and RFC 9068 advise.
//!
//! What a token says of itself decides nothing but where to look: `iss` names one of the tenant's issuers, `kid` one
//! of that issuer's keys. Everything else must fit what is configured. Keys or addresses of keys that a token brings
//! (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.

use std::{collections::HashSet, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation, decode};
use rights::Assurance;
use serde::de::IgnoredAny;
use serde_json::Value;
use store::Issuer;

use crate::auth::Keys;

/// The longest token, in bytes.
const LONGEST: usize = 8 * 1024;
/// The longest name of a person, in characters.
const LONGEST_SUBJECT: usize = 1000;

/// A token that nobody has judged yet.
pub(super) struct Unjudged<'a> {
    token: &'a str,
    claims: Value,
    algorithm: Algorithm,
    /// Which key it is signed with.
    pub(super) key: String,
}

/// What a token says that was found to be true.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claims {
    /// What the issuer calls the person.
    pub(super) subject: String,
    /// What the token may do.
    pub(super) scopes: Vec<String>,
    /// How surely the issuer knows who the person is, as far as it says so.
    pub(super) assurance: Option<Assurance>,
    /// When it ends, in milliseconds since 1970.
    pub(super) expires: i64,
}

impl<'a> Unjudged<'a> {
    /// Takes a token apart; nothing if it is none.
    pub(super) fn read(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, _] = parts.as_slice() else { return None };
        let (header, claims) = (json(header)?, json(claims)?);
        let is_jwt = header.get("typ").is_none_or(|typ| typ.as_str().is_some_and(is_token_type));
        // What a header says to be critical must be understood, and nothing is (RFC 7515 §4.1.11).
        if !is_jwt || header.get("crit").is_some() {
            return None;
        }
        let algorithm = Algorithm::from_str(header.get("alg")?.as_str()?).ok()?;
        let key = header.get("kid")?.as_str()?.to_owned();
        Some(Self { token, claims, algorithm, key })
    }

    /// Who says to have issued it.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }

    /// Whether the issuer signs so.
    pub(super) fn is_signed_as(&self, issuer: &Issuer) -> bool {
        issuer.algorithms.iter().any(|name| Algorithm::from_str(name).is_ok_and(|own| own == self.algorithm))
    }

    /// What it says, if all of that is true by an issuer's settings and keys at that time; else what is wrong.
    pub(super) fn judge(&self, issuer: &Issuer, keys: &Keys, now: i64) -> Result<Claims, &'static str> {
        if !self.is_signed_as(issuer) || self.issuer() != Some(&issuer.url) {
            return Err("its algorithm is not one of the issuer's");
        }
        let key = keys.find(&self.key, self.algorithm).ok_or("its key is not one of the issuer's")?;
        decode::<IgnoredAny>(self.token, key, &validation(issuer, self.algorithm))
            .map_err(|_| "its signature or its audience does not fit")?;
        let expires = self.ends(issuer, now).ok_or("it has ended, or not begun, or does not say when")?;
        let subject = self.subject(issuer).ok_or("it does not name a person")?;
        let scopes = scopes(issuer, &self.claims).ok_or("its scopes cannot be read")?;
        Ok(Claims { subject, scopes, assurance: assurance(&self.claims), expires })
    }

    /// When it ends, if it is good at that time.
    fn ends(&self, issuer: &Issuer, now: i64) -> Option<i64> {
        let leeway = issuer.leeway * 1000;
        let expires = instant(self.claims.get("exp")?)?.saturating_add(leeway);
        let begins = self.claims.get("nbf").map_or(Some(0), instant)?.saturating_sub(leeway);
        (begins..expires).contains(&now).then_some(expires)
    }

    fn subject(&self, issuer: &Issuer) -> Option<String> {
        let subject = self.claims.get(&issuer.subject_claim)?.as_str()?;
        let is_name = !subject.is_empty() && subject.chars().count() <= LONGEST_SUBJECT && !subject.contains('\0');
        is_name.then(|| subject.to_owned())
    }
}

/// One part of a token: an object in which no member stands twice.
fn json(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    scim::json::parse(&bytes).ok().filter(Value::is_object)
}

/// `JWT`, or an access token (RFC 9068 §2.1); the rest of the media type may be left out (RFC 7515 §4.1.9).
fn is_token_type(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
}

/// Signature, issuer and audience are the library's to judge; time is an argument here, which it does not know.
fn validation(issuer: &Issuer, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[&issuer.url]);
    validation.set_audience(&issuer.audiences);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    (validation.validate_exp, validation.validate_nbf) = (false, false);
    validation
}

/// A `NumericDate` (RFC 7519 §2) in milliseconds: a number, and no text that looks like one.
fn instant(value: &Value) -> Option<i64> {
    /// The year 9999 or so.
    const LATEST: f64 = 253_402_300_799.0;
    let seconds = value.as_f64().filter(|seconds| (0.0..=LATEST).contains(seconds))?;
    #[expect(clippy::cast_possible_truncation, reason = "the number is bounded")]
    let millis = (seconds * 1000.0) as i64;
    Some(millis)
}

/// What the issuer's tokens may do at the most, and this one says to be for: `scope` (RFC 9068 §2.2.3) or `scp`.
fn scopes(issuer: &Issuer, claims: &Value) -> Option<Vec<String>> {
    let mut scopes = issuer.scopes.clone();
    for name in ["scope", "scp"] {
        let Some(claim) = claims.get(name) else { continue };
        let said: HashSet<&str> = match claim {
            Value::String(text) => text.split(' ').collect(),
            Value::Array(words) => words.iter().map(Value::as_str).collect::<Option<_>>()?,
            _ => return None,
        };
        scopes.retain(|scope| said.contains(scope.as_str()));
    }
    Some(scopes)
}

/// The level in `acr` (OpenID Connect Core 1.0 §2): the last word of what names one of eIDAS, as
/// `http://eidas.europa.eu/LoA/substantial` does. What says something else says nothing of it.
fn assurance(claims: &Value) -> Option<Assurance> {
    let acr = claims.get("acr")?.as_str()?;
    Assurance::from_word(&acr.rsplit(['/', ':']).next()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn instants_are_numbers() {
        assert_eq!(instant(&json!(1_767_225_600)), Some(1_767_225_600_000));
        assert_eq!(instant(&json!(0.5)), Some(500));
        for wrong in [json!("1767225600"), json!(-1), json!(1e300), json!(null), json!([1]), json!(true)] {
            assert_eq!(instant(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn headers_must_be_understood() {
        let token = |header: Value| format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(header.to_string()));
        for header in [
            json!({ "alg": "ES256", "kid": "a" }),
            json!({ "alg": "ES256", "kid": "a", "typ": "JWT" }),
            json!({ "alg": "ES256", "kid": "a", "typ": "application/at+JWT", "jku": "https://evil.example" }),
        ] {
            assert!(Unjudged::read(&token(header.clone())).is_some(), "{header}");
        }
        for header in [
            json!({ "alg": "none", "kid": "a" }),
            json!({ "alg": "NONE", "kid": "a" }),
            json!({ "alg": "ES256" }),
            json!({ "alg": "ES256", "kid": 1 }),
            json!({ "alg": ["ES256"], "kid": "a" }),
            json!({ "alg": "ES256", "kid": "a", "typ": "logout+jwt" }),
            json!({ "alg": "ES256", "kid": "a", "crit": ["b64"], "b64": false }),
            json!([]),
        ] {
            assert!(Unjudged::read(&token(header.clone())).is_none(), "{header}");
        }
        let fine = token(json!({ "alg": "ES256", "kid": "a" }));
        for wrong in [
            format!("{fine}.x"),
            fine.replace("e30", "e30="),
            fine.replace(".AAAA", ""),
            format!("{fine}{}", "A".repeat(LONGEST)),
        ] {
            assert!(Unjudged::read(&wrong).is_none(), "{wrong}");
        }
        let twice = URL_SAFE_NO_PAD.encode("{\"iss\":\"a\",\"iss\":\"b\"}");
        assert!(Unjudged::read(&fine.replace("e30", &twice)).is_none());
    }
}
