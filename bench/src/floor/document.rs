//! One stored document, found by its primary key.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};

use super::{Answer, json, store, store::Store};
use crate::data;

const SELECT: &str = "SELECT body FROM document WHERE id = $1";

/// A user of exactly that length, as far as a user can be that short.
pub(super) fn text(bytes: usize) -> String {
    let mut user = data::user("floor@bench.example", 0);
    let length = user.to_string().len();
    let frame = r#","note":"""#.len();
    user["note"] = "x".repeat(bytes.saturating_sub(length + frame)).into();
    user.to_string()
}

/// Answers a document.
pub(super) async fn answer(State(state): State<Arc<store::State>>, Path(id): Path<i64>) -> Answer {
    Ok(json(StatusCode::OK, find(&state.store, id).await?))
}

/// The body of a document.
pub(super) async fn find(store: &Store, id: i64) -> Result<String, sqlx::Error> {
    match store {
        Store::Sqlite { read, .. } => sqlx::query_scalar(SELECT).bind(id).fetch_one(read).await,
        Store::Postgres(pool) => sqlx::query_scalar(SELECT).bind(id).fetch_one(pool).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_as_long_as_was_asked_for() {
        assert_eq!(text(1500).len(), 1500);
        assert!(text(0).len() > 500);
    }
}
