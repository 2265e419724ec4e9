//! Durable transactions of two statements: a document is stored or changed, and an event says so.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use sqlx::PgPool;

use super::{Answer, json, store, store::Store};

/// What a request writes.
pub(super) enum Change {
    /// A new document.
    Insert { id: i64, body: String },
    /// A new body for a document.
    Replace { id: i64, body: String },
    /// A few bytes of a document.
    Touch { id: i64 },
}

impl Change {
    /// The statement, the document's key, and the body if the statement has one.
    pub(super) fn statement(&self) -> (&'static str, i64, Option<&str>) {
        match self {
            Self::Insert { id, body } => {
                ("INSERT INTO document (id, body, version) VALUES ($1, $2, 1)", *id, Some(body))
            }
            Self::Replace { id, body } => {
                ("UPDATE document SET body = $2, version = version + 1 WHERE id = $1", *id, Some(body))
            }
            Self::Touch { id } => ("UPDATE document SET version = version + 1 WHERE id = $1", *id, None),
        }
    }

    /// The statement that tells of it, and the word it tells.
    pub(super) fn event(&self) -> (&'static str, &'static str) {
        let word = if matches!(self, Self::Insert { .. }) { "created" } else { "changed" };
        ("INSERT INTO event (document, what) VALUES ($1, $2)", word)
    }
}

/// Stores a new document, and answers it.
pub(super) async fn insert(State(state): State<Arc<store::State>>, body: String) -> Answer {
    let id = state.next.fetch_add(1, Ordering::Relaxed);
    write(&state.store, Change::Insert { id, body: body.clone() }).await?;
    let location = [(header::LOCATION, format!("/documents/{id}"))];
    Ok((location, json(StatusCode::CREATED, body)).into_response())
}

/// Stores a document anew, and answers it.
pub(super) async fn replace(State(state): State<Arc<store::State>>, Path(id): Path<i64>, body: String) -> Answer {
    write(&state.store, Change::Replace { id, body: body.clone() }).await?;
    Ok(json(StatusCode::OK, body))
}

/// Changes a few bytes of a document. What the request says is read and left alone.
pub(super) async fn touch(State(state): State<Arc<store::State>>, Path(id): Path<i64>, _body: String) -> Answer {
    write(&state.store, Change::Touch { id }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn write(store: &Store, change: Change) -> Result<(), sqlx::Error> {
    match store {
        Store::Sqlite { write, .. } => write.perform(change).await,
        Store::Postgres(pool) => perform(pool, &change).await,
    }
}

async fn perform(pool: &PgPool, change: &Change) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let (sql, id, body) = change.statement();
    let query = sqlx::query(sql).bind(id);
    let query = if let Some(body) = body { query.bind(body) } else { query };
    query.execute(&mut *transaction).await?;
    let (sql, word) = change.event();
    sqlx::query(sql).bind(id).bind(word).execute(&mut *transaction).await?;
    transaction.commit().await
}
