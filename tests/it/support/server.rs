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
    http,
    provisioning::Directory,
    telemetry,
};
use secrecy::ExposeSecret;
use store::{Cause, Location, NewToken, Options, Store, TenantSettings};
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
    /// What its requests share.
    pub(crate) app: App,
    time: Arc<AtomicI64>,
    node: Node,
    /// Further nodes on the same database.
    others: Vec<Node>,
}

/// One process of the service.
struct Node {
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<bool>>,
}

/// Starts a node on a database.
async fn launch(location: &Location, time: &Arc<AtomicI64>) -> (App, Node) {
    let options = Options { connections: 4, ..Options::default() };
    let store = Store::connect(location, &options).await.expect("a database");
    store.migrate().await.expect("migrated");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let hand = Arc::clone(time);
    let clock = Clock::of(move || hand.load(Ordering::SeqCst));
    let flags = Flags { data_dir: Some("/nowhere".into()), ..Flags::default() };
    let settings = Settings::load(&flags, &ServerFlags::default(), |_| None).expect("settings");
    let app = App::new(store, clock, url, settings, telemetry::metrics());
    let (stop, stopped) = oneshot::channel();
    let end = async {
        let _ = stopped.await;
    };
    let task = tokio::spawn(http::serve(listener, http::router(app.clone()), end));
    (app, Node { stop: Some(stop), task: Some(task) })
}

impl Server {
    pub(crate) async fn start(kind: Kind) -> Self {
        let database = Database::new(kind).await;
        let time = Arc::new(AtomicI64::new(START));
        let (app, node) = launch(&database.location, &time).await;
        let (store, url) = (app.store.clone(), app.public_url.clone());
        store.create_tenant("riga", "Rīga", START).await.expect("a tenant");
        Self { database, store, url, app, time, node, others: Vec::new() }
    }

    /// Another node on the same database. Says what clients know it by.
    pub(crate) async fn node(&mut self) -> String {
        let (app, node) = launch(&self.database.location, &self.time).await;
        self.others.push(node);
        app.public_url
    }

    /// The directory of `riga`, as its operator sees it.
    pub(crate) async fn directory(&self) -> Directory {
        let riga = self.store.find_tenant("riga").await.expect("a database").expect("a tenant");
        self.app.directory_of(riga.id, "riga", Cause::operator()).await.expect("a directory")
    }

    /// Changes the settings of `riga`.
    pub(crate) async fn set(&self, change: impl FnOnce(&mut TenantSettings)) {
        let directory = self.directory().await;
        let mut settings = directory.service.settings;
        change(&mut settings);
        directory.set_settings(settings).await.expect("set");
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
        drop(self.node.stop.take());
        match self.node.task.take() {
            Some(task) => task.await.expect("the server ends"),
            None => true,
        }
    }
}
