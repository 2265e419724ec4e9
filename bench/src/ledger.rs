//! What was made on a server that others use too, so that it can be taken away again.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use hyper::{Method, Response, header};
use serde_json::Value;

use crate::{
    Outcome,
    connection::{Call, Connection, Target},
};

/// The paths of what was made, below the base URL.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Vec<String>>);

impl Ledger {
    /// Writes down what an answer says was made.
    pub(crate) fn record(&self, call: &Call, response: &Response<Bytes>) {
        if call.method != Method::POST {
            return;
        }
        let made = if call.path.starts_with("/Bulk") { locations(response.body()) } else { location(response) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(made.iter().filter_map(|url| path(url)));
    }

    /// Removes all of it: groups first, then their members.
    pub(crate) async fn clear(&self, target: &Target, connections: usize) -> Outcome<()> {
        let made = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let (groups, users): (Vec<String>, Vec<String>) =
            made.into_iter().partition(|path| path.starts_with("/Groups/"));
        eprintln!("Removing {} groups and {} users.", groups.len(), users.len());
        for paths in [groups, users] {
            remove(target, paths, connections).await?;
        }
        Ok(())
    }
}

async fn remove(target: &Target, paths: Vec<String>, connections: usize) -> Outcome<()> {
    let (paths, next) = (Arc::new(paths), Arc::new(AtomicUsize::new(0)));
    let mut workers = Vec::new();
    for _ in 0..connections {
        let (target, paths, next) = (target.clone(), Arc::clone(&paths), Arc::clone(&next));
        let mut connection = Connection::open(&target).await?;
        workers.push(tokio::spawn(async move {
            while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                connection.send(&target.call(Method::DELETE, path.clone(), "")).await?;
            }
            Outcome::Ok(())
        }));
    }
    for worker in workers {
        worker.await??;
    }
    Ok(())
}

/// Where the answer to a POST says the new resource is (RFC 7644 §3.3); failing that, what it says of its id.
fn location(response: &Response<Bytes>) -> Vec<String> {
    let header = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let found = header.map(str::to_owned).or_else(|| {
        let resource: Value = serde_json::from_slice(response.body()).ok()?;
        Some(resource["meta"]["location"].as_str()?.to_owned())
    });
    found.into_iter().collect()
}

/// The same for each operation of a bulk request (RFC 7644 §3.7).
fn locations(body: &[u8]) -> Vec<String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let operations = answer["Operations"].as_array().cloned().unwrap_or_default();
    operations.iter().filter_map(|operation| operation["location"].as_str().map(str::to_owned)).collect()
}

/// The last two segments: the endpoint and the id.
fn path(url: &str) -> Option<String> {
    let mut segments = url.trim_end_matches('/').rsplit('/');
    let (id, endpoint) = (segments.next()?, segments.next()?);
    (["Users", "Groups"].contains(&endpoint) && !id.is_empty()).then(|| format!("/{endpoint}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_users_and_groups_are_removed() {
        assert_eq!(path("https://x/scim/v2/Users/1").as_deref(), Some("/Users/1"));
        assert_eq!(path("/Groups/a-b/").as_deref(), Some("/Groups/a-b"));
        assert_eq!(path("https://x/scim/v2/Users"), None);
        assert_eq!(path("https://x/scim/v2/Schemas/1"), None);
        assert_eq!(path(""), None);
    }

    #[test]
    fn a_bulk_answer_says_what_was_made() {
        let body = br#"{"Operations":[{"status":"201","location":"https://x/Users/1"},{"status":"409"}]}"#;
        assert_eq!(locations(body), ["https://x/Users/1"]);
        assert!(locations(b"no JSON").is_empty());
    }
}
