//! One stored document with the members of a large group in it.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::{Answer, document, store};

/// The key of the document.
pub(super) const ID: i64 = 0;

/// A group of at most that length: as many members as fit.
pub(super) fn text(bytes: usize) -> String {
    let member = |number: u64| {
        // Ids that do not resemble each other, as real ones do not.
        let id = format!("{:016x}-{:016x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15), number.rotate_left(17));
        json!({ "value": id, "$ref": format!("http://127.0.0.1/t/bench/scim/v2/Users/{id}"), "type": "User" })
    };
    let each = member(1).to_string().len() + 1;
    let count = u64::try_from(bytes / each).unwrap_or(0);
    let members: Vec<Value> = (0..count).map(member).collect();
    json!({ "displayName": "group", "members": members }).to_string()
}

/// Answers the group.
pub(super) async fn answer(State(state): State<Arc<store::State>>) -> Answer {
    Ok(super::json(StatusCode::OK, document::find(&state.store, ID).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_nearly_as_long_as_was_asked_for() {
        let length = text(150_000).len();
        assert!((149_700..150_300).contains(&length), "{length}");
    }
}
