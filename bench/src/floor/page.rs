//! A page of 100 stored documents, found by the key of the one before it.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};

use super::{Answer, json, store, store::Store};

const SELECT: &str = "SELECT body FROM document WHERE id > $1 ORDER BY id LIMIT 100";

/// Answers the page behind a key.
pub(super) async fn answer(State(state): State<Arc<store::State>>, Path(after): Path<i64>) -> Answer {
    let bodies: Vec<String> = match &state.store {
        Store::Sqlite { read, .. } => sqlx::query_scalar(SELECT).bind(after).fetch_all(read).await?,
        Store::Postgres(pool) => sqlx::query_scalar(SELECT).bind(after).fetch_all(pool).await?,
    };
    Ok(json(StatusCode::OK, format!(r#"{{"Resources":[{}]}}"#, bodies.join(","))))
}
