//! A server in this process, on a socket of its own.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use caurlaide::{
    administration::{Administration, NewToken, Platform, Reason},
    app::App,
    auth,
    clock::{Clock, Ids},
    config::{Flags, ServerFlags, Settings},
    http,
    provisioning::Directory,
    telemetry,
};
use secrecy::ExposeSecret;
use serde_json::json;
use store::{Cause, Location, NewClient, Options, Store, Tenant, TenantSettings};
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
    /// Ids older than those that the server gives out.
    ids: Ids,
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
async fn launch(location: &Location, time: &Arc<AtomicI64>, environment: &[(&str, &str)]) -> (App, Node) {
    let mails = environment.iter().any(|(name, _)| *name == "CAURLAIDE_MAIL_HOST");
    let options = Options { connections: 4, mails, ..Options::default() };
    let store = Store::connect(location, &options).await.expect("a database");
    store.migrate().await.expect("migrated");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let hand = Arc::clone(time);
    let clock = Clock::of(move || hand.load(Ordering::SeqCst));
    let flags = Flags { data_dir: Some("/nowhere".into()), ..Flags::default() };
    // Time stands still, and so buckets do not fill.
    let unlimited = ["REQUESTS_PER_SECOND", "CLIENT_REQUESTS_PER_SECOND", "FAILURES_PER_MINUTE"];
    let settings = Settings::load(&flags, &ServerFlags::default(), |name| {
        let given = environment.iter().find(|(own, _)| *own == name).map(|(_, value)| value.into());
        let is_limit = name.strip_prefix("CAURLAIDE_").is_some_and(|name| unlimited.contains(&name));
        given.or(is_limit.then(|| "0".into()))
    })
    .expect("settings");
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
        let (app, node) = launch(&database.location, &time, &[]).await;
        let (store, url) = (app.store.clone(), app.public_url.clone());
        store.create_tenant("riga", "Rīga", START).await.expect("a tenant");
        let ids = Ids::new(Clock::of(|| START - 1));
        Self { database, store, url, app, time, ids, node, others: Vec::new() }
    }

    /// On which database.
    pub(crate) fn kind(&self) -> Kind {
        match self.database.location {
            Location::Sqlite(_) => Kind::Sqlite,
            Location::Postgres(_) => Kind::Postgres,
        }
    }

    /// Another node on the same database: what its requests share.
    pub(crate) async fn beside(&mut self) -> App {
        let (app, node) = launch(&self.database.location, &self.time, &[]).await;
        self.others.push(node);
        app
    }

    /// Another node on the same database, with these variables in its environment: what its requests share.
    pub(crate) async fn beside_with(&mut self, environment: &[(&str, String)]) -> App {
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (app, node) = launch(&self.database.location, &self.time, &environment).await;
        self.others.push(node);
        app
    }

    /// Goes on at another node with these variables in its environment.
    pub(crate) async fn move_to(&mut self, environment: &[(&str, String)]) {
        self.app = self.beside_with(environment).await;
        (self.store, self.url) = (self.app.store.clone(), self.app.public_url.clone());
    }

    /// Another node on the same database. Says what clients know it by.
    pub(crate) async fn node(&mut self) -> String {
        self.another_node(&[]).await
    }

    /// Another node on the same database, with these variables in its environment. Says its address.
    pub(crate) async fn another_node(&mut self, environment: &[(&str, &str)]) -> String {
        let (app, node) = launch(&self.database.location, &self.time, environment).await;
        self.others.push(node);
        app.public_url
    }

    /// The directory of `riga`, as its operator sees it.
    pub(crate) async fn directory(&self) -> Directory {
        let riga = self.find("riga").await;
        self.app.directory_of(riga.id, "riga", Cause::operator()).await.expect("a directory")
    }

    /// Changes the settings of `riga`.
    pub(crate) async fn set(&self, change: impl FnOnce(&mut TenantSettings)) {
        let directory = self.directory().await;
        let mut settings = directory.service.settings.clone();
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

    /// The tenant of a slug.
    pub(crate) async fn find(&self, slug: &str) -> Tenant {
        self.store.find_tenant(slug).await.expect("a database").expect("a tenant")
    }

    /// A token of a tenant, with its id.
    pub(crate) async fn token(&self, slug: &str, scopes: &[&str], expires: i64) -> (Uuid, String) {
        let (_, id, secret) = self.token_of(slug, "a client", &[], scopes, expires).await;
        (id, secret)
    }

    /// A token of a client of that name that calls from those networks: the client's id, the token's, and the token.
    pub(crate) async fn token_of(
        &self,
        slug: &str,
        name: &str,
        networks: &[&str],
        scopes: &[&str],
        expires: i64,
    ) -> (Uuid, Uuid, String) {
        let tenant = self.store.tenant(self.find(slug).await.id);
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let work = tenant.begin(&Cause::operator(), || START).await.expect("work");
        let client = match work.lock_client_named(name).await.expect("a look") {
            Some(client) => client.id,
            None => {
                let new = NewClient { id: self.ids.next(), name, networks: &texts(networks), application: None };
                work.create_client(&new).await.expect("a client").id
            }
        };
        let (id, secret) = (self.ids.next(), auth::generate());
        let secret = secret.expose_secret();
        let new = store::NewToken { id, client, secret, scopes: &texts(scopes), expires };
        work.create_token(&new).await.expect("a token");
        work.commit().await.expect("committed");
        (client, id, secret.to_owned())
    }

    /// Revokes a token at the command line, so to speak.
    pub(crate) async fn revoke(&self, slug: &str, token: Uuid) {
        let administration =
            Administration::at_the_command_line(&self.store, &self.find(slug).await, &Clock::of(|| START));
        administration.revoke(None, token).await.expect("revoked");
    }

    /// The platform, as an operator at the command line looks after it.
    pub(crate) fn platform(&self) -> Platform {
        Platform::at_the_command_line(&self.store, &Clock::of(|| START))
    }

    pub(crate) async fn suspend(&self, slug: &str) {
        let reason = Reason { reason: "a test".into() };
        self.platform().suspend(slug, &reason).await.expect("suspended");
    }

    pub(crate) async fn resume(&self, slug: &str) {
        self.platform().resume(slug).await.expect("resumed");
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

    /// An administrator of a tenant, who may do nothing else.
    pub(crate) async fn administrator(&self, slug: &str) -> Client {
        let (_, _, token) =
            self.token_of(slug, "an administrator", &[], &["tenant.admin"], START + 31_000_000_000).await;
        Client::new(&self.url, slug, &token).at(&format!("{}/t/{slug}/api/v1", self.url))
    }

    /// An application with those groups, to which these attributes of users are released, and its client.
    pub(crate) async fn application(
        &self,
        slug: &str,
        code: &str,
        released: &[&str],
        groups: &[&str],
    ) -> (Uuid, Client) {
        let administrator = self.administrator(slug).await;
        let new = json!({ "code": code, "name": code, "released": released });
        let id = administrator.json("POST", "/applications", &new).await.expect(201).id();
        for group in groups {
            administrator.ask("PUT", &format!("/applications/{id}/groups/{group}")).await.expect(204);
        }
        let client = json!({ "name": format!("client of {code}"), "applicationId": id });
        let client = administrator.json("POST", "/clients", &client).await.expect(201).id();
        let scopes = json!({ "scopes": ["app.read"] });
        let token = administrator.json("POST", &format!("/clients/{client}/tokens"), &scopes).await.expect(201).body;
        (id.parse().expect("an id"), Client::new(&self.url, slug, token["secret"].as_str().expect("a token")))
    }

    /// Somebody who runs the platform.
    pub(crate) async fn operator(&self) -> Client {
        let platform = self.store.platform().await.expect("the platform");
        let administration = Administration::at_the_command_line(&self.store, &platform, &Clock::of(|| START));
        let new = NewToken::of(&auth::Scope::OF_OPERATORS);
        let token = administration.create_token_for("an operator", &new).await.expect("a token");
        Client::new(&self.url, "", token.secret.expose_secret()).at(&format!("{}/api/v1", self.url))
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
