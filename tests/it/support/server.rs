//! A server in this process, on a socket of its own.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use caurlaide::{
    app::App,
    auth,
    clock::Clock,
    config::{Flags, ServerFlags, Settings},
    http, telemetry,
};
use secrecy::ExposeSecret;
use store::{NewToken, Options, Store};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use uuid::Uuid;

use super::{Client, Kind, database::Database};

/// The instant at which test servers start: 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000;

/// A running server with one tenant, `riga`.
pub(crate) struct Server {
    pub(crate) database: Database,
    pub(crate) store: Store,
    pub(crate) url: String,
    time: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<bool>>,
}

impl Server {
    pub(crate) async fn start(kind: Kind) -> Self {
        let database = Database::new(kind).await;
        let options = Options { connections: 4, ..Options::default() };
        let store = Store::connect(&database.location, &options).await.expect("a database");
        store.migrate().await.expect("migrated");
        store.create_tenant("riga", "Rīga", START).await.expect("a tenant");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let time = Arc::new(AtomicI64::new(START));
        let hand = Arc::clone(&time);
        let clock = Clock::of(move || hand.load(Ordering::SeqCst));
        let flags = Flags { data_dir: Some("/nowhere".into()), ..Flags::default() };
        let settings = Settings::load(&flags, &ServerFlags::default(), |_| None).expect("settings");
        let app = App::new(store.clone(), clock, url.clone(), settings, telemetry::metrics());
        let (stop, stopped) = oneshot::channel();
        let end = async {
            let _ = stopped.await;
        };
        let task = tokio::spawn(http::serve(listener, http::router(app), end));
        Self { database, store, url, time, stop: Some(stop), task: Some(task) }
    }

    /// Lets time pass, in milliseconds.
    pub(crate) fn pass(&self, millis: i64) {
        self.time.fetch_add(millis, Ordering::SeqCst);
    }

    /// Another tenant.
    pub(crate) async fn tenant(&self, slug: &str) {
        self.store.create_tenant(slug, slug, START).await.expect("a tenant");
    }

    /// A token of a tenant, with its id.
    pub(crate) async fn token(&self, slug: &str, scopes: &[&str], expires: i64) -> (Uuid, String) {
        let tenant = self.store.find_tenant(slug).await.expect("a database").expect("a tenant");
        let secret = auth::generate();
        let id = Uuid::now_v7();
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let new = NewToken {
            id,
            client_id: Uuid::now_v7(),
            client: "a client",
            secret: secret.expose_secret(),
            scopes: &scopes,
            expires,
        };
        self.store.create_token(&tenant, &new, START).await.expect("a token");
        (id, secret.expose_secret().to_owned())
    }

    /// A client of `riga` that may do everything.
    pub(crate) async fn client(&self) -> Client {
        self.client_of("riga").await
    }

    /// A client of a tenant that may do everything.
    pub(crate) async fn client_of(&self, slug: &str) -> Client {
        let (_, token) = self.token(slug, &["scim.read", "scim.write"], START + 1_000_000_000).await;
        Client::new(&self.url, slug, &token)
    }

    /// Stops as an operator would; says whether every request ended in time.
    pub(crate) async fn stop(&mut self) -> bool {
        drop(self.stop.take());
        match self.task.take() {
            Some(task) => task.await.expect("the server ends"),
            None => true,
        }
    }
}
