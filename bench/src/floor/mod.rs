//! The floor: axum with nothing above it but the one statement, or the one transaction, that a request cannot do
//! without. It runs as a process of its own, so that what it uses can be told apart from what the load generator uses.

mod document;
mod fixed;
mod group;
mod page;
mod process;
mod store;
mod write;
mod writer;

use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use clap::Args;
use tokio::net::TcpListener;

pub(crate) use process::{Floor, Sizes};

use crate::Outcome;

/// What a floor server is made of.
#[derive(Args)]
pub(crate) struct Options {
    /// The PostgreSQL database to use; without it an SQLite file is
    #[arg(long, env = "FLOOR_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where the SQLite file is made
    #[arg(long, default_value = ".")]
    directory: PathBuf,
    /// How many documents are stored
    #[arg(long)]
    documents: usize,
    /// How long each of them is
    #[arg(long)]
    document_bytes: usize,
    /// How long the document with 1 000 members is
    #[arg(long)]
    group_bytes: usize,
}

/// Fills a database, says on standard output where it listens, and serves until it is killed.
pub(crate) async fn serve(options: &Options) -> Outcome<()> {
    let store = match &options.database_url {
        Some(url) => store::postgres(url).await?,
        None => store::sqlite(&options.directory).await?,
    };
    let document = document::text(options.document_bytes);
    store.fill(&document, &group::text(options.group_bytes), options.documents).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let state = Arc::new(store::State::new(store, options.documents));
    let listener = listener.tap_io(|stream| {
        // As the measured server does: small answers leave at once.
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router(state)).await?)
}

fn router(state: Arc<store::State>) -> Router {
    Router::new()
        .route("/fixed", get(fixed::answer))
        .route("/documents", post(write::insert))
        .route("/documents/{id}", get(document::answer).put(write::replace).patch(write::touch))
        .route("/pages/{after}", get(page::answer))
        .route("/group", get(group::answer))
        .with_state(state)
}

/// What a floor answers, or that the database refused.
type Answer = Result<Response, Refused>;

/// The database refused, and why.
struct Refused(sqlx::Error);

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/scim+json")], body).into_response()
}
