//! Who may call: clients with their tokens, and issuers.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Which networks it may call from; none for all.
    pub networks: Vec<String>,
    /// The application that it reads for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// When it was made.
    pub created: i64,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<i64>,
}

/// A token of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenRecord {
    /// Its id, which is no secret.
    pub id: Uuid,
    /// Its client.
    pub client: Uuid,
    /// SHA-256 of the token.
    #[serde(with = "hex")]
    pub hash: [u8; 32],
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was issued.
    pub created: i64,
    /// When it ends.
    pub expires: i64,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<i64>,
    /// Which token it was rotated to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Uuid>,
    /// When it was last seen, to about a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<i64>,
}

/// An issuer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuerRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// What its tokens say in `iss`.
    pub issuer: String,
    /// For whom its tokens must be meant.
    pub audiences: Vec<String>,
    /// How its tokens may be signed.
    pub algorithms: Vec<String>,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where its keys are, if they are not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Which claim names the person.
    pub subject_claim: String,
    /// Which attribute of a user that is.
    pub link_by: String,
    /// What its tokens may do at the most.
    pub scopes: Vec<String>,
    /// How far its clock may be off, in seconds.
    pub leeway: i64,
    /// When it was registered.
    pub created: i64,
}

/// Bytes as text of two digits each.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        let digits: String = bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect();
        to.serialize_str(&digits)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(from)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        let bytes: Option<Vec<u8>> = pairs.collect();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| D::Error::custom("64 hexadecimal digits are expected"))
    }
}
