//! The accept loop: bounded in connections and in patience, and polite when it ends.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tower::ServiceExt;

use crate::http::origin::Peer;

/// How long a client may take to send the head of a request.
const HEADER_LIMIT: Duration = Duration::from_secs(10);
/// How much of a connection is buffered; a longer head is refused.
const BUFFER: usize = 64 * 1024;
/// How many connections are served at once; further ones wait to be accepted.
const CONNECTIONS: usize = 4096;
/// How long requests may still run after the end was asked for: as long as any request may.
const LAST_REQUESTS: Duration = Duration::from_secs(35);

/// Serves until `end` is done, then lets running requests finish; connections that ask for nothing are closed at once.
/// Says whether all of them did.
pub async fn serve(listener: TcpListener, router: Router, end: impl Future<Output = ()>) -> bool {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_LIMIT).max_buf_size(BUFFER);
    let connections = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut end = std::pin::pin!(end);
    let (ending, ended) = watch::channel(());
    loop {
        let accepted = tokio::select! {
            () = &mut end => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let Some((stream, peer, permit)) = accepted else { continue };
        // Small answers leave at once.
        let _ = stream.set_nodelay(true);
        let asked = Arc::new(AtomicBool::new(false));
        let is_silent = silence(ended.clone(), Arc::clone(&asked));
        let service = router.clone().map_request(move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::SeqCst);
            request.extensions_mut().insert(Peer(peer.ip()));
            request
        });
        let service = TowerToHyperService::new(service);
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            tokio::select! {
                end = connection => {
                    if let Err(error) = end {
                        tracing::debug!(%error, "a connection ended early");
                    }
                }
                () = is_silent => {}
            }
            drop(permit);
        });
    }
    drop((listener, ending));
    timeout(LAST_REQUESTS, connections.shutdown()).await.is_ok()
}

/// Done when the end has come and no request had: nobody waits for a head that may never be whole.
async fn silence(mut ended: watch::Receiver<()>, asked: Arc<AtomicBool>) {
    let _ = ended.changed().await;
    if asked.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            // Out of file descriptors, most likely: give others time to close some.
            tracing::warn!(%error, "a connection could not be accepted");
            sleep(Duration::from_millis(100)).await;
            None
        }
    }
}
