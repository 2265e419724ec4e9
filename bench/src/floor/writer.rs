//! Group commit: SQLite has one writer at a time, and the disk is waited for once for all who wait at the moment.

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::write::Change;

/// How many changes one transaction holds at most.
const LARGEST: usize = 128;

/// The only one who writes.
pub(super) struct Writer(mpsc::Sender<Waiting>);

/// A change, and who waits until it lasts.
struct Waiting {
    change: Change,
    done: oneshot::Sender<Result<(), sqlx::Error>>,
}

impl Writer {
    pub(super) fn start(connection: SqliteConnection) -> Self {
        let (sender, receiver) = mpsc::channel(LARGEST);
        tokio::spawn(write(connection, receiver));
        Self(sender)
    }

    /// Comes back when the change lasts.
    pub(super) async fn perform(&self, change: Change) -> Result<(), sqlx::Error> {
        let (done, answer) = oneshot::channel();
        self.0.send(Waiting { change, done }).await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        answer.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }
}

async fn write(mut connection: SqliteConnection, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, LARGEST).await > 0 {
        let kept = commit(&mut connection, &batch).await;
        for Waiting { done, .. } in batch.drain(..) {
            // Whoever went away does not want to know.
            let _ = done.send(kept.as_ref().copied().map_err(|error| sqlx::Error::Protocol(error.to_string())));
        }
    }
}

async fn commit(connection: &mut SqliteConnection, batch: &[Waiting]) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for Waiting { change, .. } in batch {
        let (sql, id, body) = change.statement();
        let query = sqlx::query(sql).bind(id);
        let query = if let Some(body) = body { query.bind(body) } else { query };
        query.execute(&mut *transaction).await?;
        let (sql, word) = change.event();
        sqlx::query(sql).bind(id).bind(word).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use crate::floor::{
        document, group,
        store::{self, Store},
        write::Change,
    };

    #[tokio::test]
    async fn whoever_waits_at_the_same_time_is_written_at_the_same_time() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = store::sqlite(directory.path()).await.expect("a store");
        store.fill("{}", "[]", 3).await.expect("documents");
        let Store::Sqlite { write, read } = &store else { panic!("another database") };
        let insert = |id| write.perform(Change::Insert { id, body: id.to_string() });
        let (first, second, touched) = tokio::join!(insert(4), insert(5), write.perform(Change::Touch { id: 1 }));
        assert!(first.is_ok() && second.is_ok() && touched.is_ok());
        assert!(insert(4).await.is_err(), "a key is used twice");
        write.perform(Change::Replace { id: 2, body: "new".into() }).await.expect("replaced");
        assert_eq!(document::find(&store, 5).await.expect("a document"), "5");
        assert_eq!(document::find(&store, 2).await.expect("a document"), "new");
        assert_eq!(document::find(&store, group::ID).await.expect("a document"), "[]");
        let events: i64 = sqlx::query_scalar("SELECT count(*) FROM event").fetch_one(read).await.expect("a count");
        assert_eq!(events, 4);
    }
}
