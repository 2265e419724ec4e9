//! What a server says it can do (RFC 7643 §5, RFC 9865 §2).

use serde_json::Value;

use crate::{
    Outcome,
    connection::{Connection, Target},
};

/// The longest bulk request that this program sends, whatever the server allows.
const LONGEST_BULK: u64 = 500;
/// About how long a user is in a bulk request, with room to spare.
const BYTES_A_USER: u64 = 1_500;

/// What a server can do beside what every server can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// How many operations a bulk request may hold; 0 without bulk requests.
    pub(crate) bulk: usize,
    /// Whether lists can be walked through by cursor.
    pub(crate) cursor: bool,
}

impl Abilities {
    pub(crate) async fn of(target: &Target) -> Outcome<Self> {
        let mut connection = Connection::open(target).await?;
        let config = connection.send(&target.get("/ServiceProviderConfig".into())).await?;
        Ok(Self::read(&serde_json::from_slice(&config)?))
    }

    fn read(config: &Value) -> Self {
        let bulk = &config["bulk"];
        let operations = bulk["maxOperations"].as_u64().unwrap_or(LONGEST_BULK).min(LONGEST_BULK);
        let payload = bulk["maxPayloadSize"].as_u64().unwrap_or(u64::MAX) / BYTES_A_USER;
        let longest = if bulk["supported"] == true { operations.min(payload) } else { 0 };
        Self { bulk: usize::try_from(longest).unwrap_or(0), cursor: config["pagination"]["cursor"] == true }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_said_is_not_there() {
        assert_eq!(Abilities::read(&json!({})), Abilities { bulk: 0, cursor: false });
        let config = json!({ "bulk": { "supported": false, "maxOperations": 100, "maxPayloadSize": 0 } });
        assert_eq!(Abilities::read(&config).bulk, 0);
    }

    #[test]
    fn a_bulk_request_keeps_to_both_limits() {
        let of = |operations: u64, payload: u64| {
            let bulk = json!({ "supported": true, "maxOperations": operations, "maxPayloadSize": payload });
            Abilities::read(&json!({ "bulk": bulk, "pagination": { "cursor": true } }))
        };
        assert_eq!(of(1000, 10_000_000), Abilities { bulk: 500, cursor: true });
        assert_eq!(of(100, 10_000_000).bulk, 100);
        assert_eq!(of(1000, 30_000).bulk, 20);
    }
}
